import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Timers } from '../../core/clock.ts';
import type { RequestContext } from '../../core/context.ts';
import { NotFoundError } from '../../core/errors.ts';
import type { Gate } from '../../core/gate.ts';
import { isDisconnect } from '../../core/http/body.ts';
import { BODY_HEADERS } from '../../core/http/headers.ts';
import { admit, contextOfMessage, type NodeWay } from '../../core/http/node-exchange.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the corridor learnt of this request; `null` before the guard's onRequest hook. */
    rampart: RequestContext | null;
  }
}

/** What the guard takes over beside the requests. */
export interface FastifyGuardOptions {
  /** Answer what handlers throw in the house's envelope; default true. */
  readonly errors?: boolean;
  /** Answer unknown routes in the house's envelope; default true. */
  readonly notFound?: boolean;
  /** Timer of the wait for a refused request's body; default the process's own. */
  readonly timers?: Timers;
}

/** The guard of a Fastify application: `app.register(guard)`, before everything else. */
export interface FastifyGuard {
  (app: FastifyInstance, options: unknown, done: (error?: Error) => void): void;
  /** `fastify({ frameworkErrors: guard.frameworkErrors })`: Fastify refuses unreadable addresses before any hook. */
  readonly frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;
}

/**
 * Stands before a Fastify application. The plugin is not encapsulated: it covers every route, whoever registers it.
 * Headers of the house are on the raw response, so that hijacked replies carry them, too; one of the reply replaces ours.
 */
export function guardFastify(gate: Gate, options: FastifyGuardOptions = {}): FastifyGuard {
  const way: NodeWay = { headers: 'late', ...(options.timers ? { timers: options.timers } : {}) };
  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    if (reply.raw.destroyed && isDisconnect(error)) {
      void reply.hijack();
      return;
    }
    const { status, headers, body } = gate.fail(error, request.rampart ?? undefined);
    if (reply.sent) return;
    for (const name of BODY_HEADERS) reply.removeHeader(name);
    void reply.code(status);
    for (let i = 0; i < headers.length; i += 2) void reply.header(headers[i] as string, headers[i + 1]);
    // As bytes: Fastify would add a charset to the type of a text.
    void reply.send(body === null ? undefined : Buffer.from(body));
  };
  function plugin(app: FastifyInstance, _options: unknown, done: (error?: Error) => void): void {
    app.decorateRequest('rampart', null);
    app.addHook('onRequest', (request, reply, next) => {
      // A request that was refused is answered on the raw response, and `next` is never called.
      admit(gate, way, request.raw, reply.raw, request.originalUrl, ({ context }) => {
        request.rampart = context;
        context.routeLabel = request.routeOptions.url ?? null;
        next();
      });
    });
    if (options.errors ?? true) app.setErrorHandler(fail);
    if (options.notFound ?? true) {
      app.setNotFoundHandler((request, reply) => fail(new NotFoundError(), request, reply));
    }
    done();
  }
  return Object.assign(plugin, {
    frameworkErrors: fail,
    // Fastify's sign that a plugin's hooks belong to its parent.
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'rampart',
  });
}

/** What the corridor learnt of a request: facts, client address, decision id. */
export function contextOf(request: FastifyRequest): RequestContext | undefined {
  return contextOfMessage(request.raw);
}
