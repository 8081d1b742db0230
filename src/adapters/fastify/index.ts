import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Timers } from '../../core/clock.ts';
import type { RequestContext } from '../../core/context.ts';
import { demandOf, LoadedRow, type RequireOptions } from '../../core/demand.ts';
import { NotFoundError, RampartError } from '../../core/errors.ts';
import type { Gate } from '../../core/gate.ts';
import { isDisconnect } from '../../core/http/body.ts';
import { nodeBody } from '../../core/http/body-source.ts';
import { BODY_HEADERS } from '../../core/http/headers.ts';
import { admit, contextOfMessage, type NodeWay } from '../../core/http/node-exchange.ts';
import { intakeOf, type ReceivedUpload } from '../../core/intake.ts';
import { type Schemas, type ValidateOptions, validationOf } from '../../core/validation.ts';
import { type FastifyValidate, validateFastify } from './validate.ts';

export type { FastifyValidate } from './validate.ts';

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
  /**
   * `app.get('/orders/:id', { preHandler: guard.require('orders:read', { load }) }, show)`: 401 for nobody, 403 for who may
   * not, 404 where there is no such row; `rowOf(request)` is the row.
   * @throws OptionsError where no policy is configured, or it does not know the permission
   */
  readonly require: <Row>(
    permission: string,
    options?: RequireOptions<FastifyRequest, Row>,
  ) => (request: FastifyRequest) => Promise<void>;
  /**
   * `const { files } = await guard.upload('avatar', request)`: all files, or none. Forms are left unread for it, unless
   * another plugin has taken them; other types need a content type parser that does nothing.
   * @throws (rejects) OptionsError for a name that `uploads` does not configure
   */
  readonly upload: (name: string, request: FastifyRequest) => Promise<ReceivedUpload>;
  /**
   * `const input = guard.validate({ body: Order })` and `app.post('/orders', input, add)`: 400 where something does not fit;
   * `input.of(request).body` is typed by the schema, and `request.body` is the same. The body is read before Fastify
   * parses it, which then sees an empty one. Beside other hooks: `{ ...input, preHandler: [require, input.preHandler] }`.
   * @throws OptionsError for a part without schema, or an option out of bounds
   */
  readonly validate: <S extends Schemas>(schemas: S, options?: ValidateOptions) => FastifyValidate<S>;
}

const FORM = 'multipart/form-data';

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
      // A handshake that was judged before Fastify heard of it (@fastify/websocket routes it like a request).
      const known = contextOfMessage(request.raw);
      if (known !== undefined) {
        request.rampart = known;
        known.routeLabel = request.routeOptions.url ?? null;
        next();
        return;
      }
      // A request that was refused is answered on the raw response, and `next` is never called.
      admit(gate, way, request.raw, reply.raw, request.originalUrl, (exchange) => {
        const { context } = exchange;
        exchange.parsedBody = () => request.body;
        request.rampart = context;
        context.routeLabel = request.routeOptions.url ?? null;
        next();
      });
    });
    if (gate.upload !== undefined && !app.hasContentTypeParser(FORM)) {
      app.addContentTypeParser(FORM, (_request, _payload, parsed) => parsed(null));
    }
    if (options.errors ?? true) app.setErrorHandler(fail);
    if (options.notFound ?? true) {
      app.setNotFoundHandler((request, reply) => fail(new NotFoundError(), request, reply));
    }
    done();
  }
  const require: FastifyGuard['require'] = (permission, wish = {}) => {
    const ask = demandOf(gate, permission, wish);
    return async function rampartRequire(request) {
      const context = contextOf(request);
      if (context === undefined)
        throw new RampartError('GUARD_MISSING', 'guard.require stands before app.register(guard).');
      await ask(context, request);
    };
  };
  const upload: FastifyGuard['upload'] = async (name, request) =>
    intakeOf(gate, name, contextOf(request), () => nodeBody(request.raw));
  return Object.assign(plugin, {
    frameworkErrors: fail,
    require,
    upload,
    validate: <S extends Schemas>(schemas: S, wish?: ValidateOptions) =>
      validateFastify(validationOf(gate, schemas, wish)),
    // Fastify's sign that a plugin's hooks belong to its parent.
    [Symbol.for('skip-override')]: true,
    [Symbol.for('fastify.display-name')]: 'rampart',
  });
}

/** What the corridor learnt of a request: facts, client address, decision id. */
export function contextOf(request: FastifyRequest): RequestContext | undefined {
  return contextOfMessage(request.raw);
}

/** The row that `guard.require` loaded; undefined where it loaded none. */
export function rowOf(request: FastifyRequest): unknown {
  return contextOf(request)?.get(LoadedRow);
}
