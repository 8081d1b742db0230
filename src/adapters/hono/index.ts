import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context, ErrorHandler, MiddlewareHandler, Next, NotFoundHandler } from 'hono';
import type { RequestContext } from '../../core/context.ts';
import { demandOf, LoadedRow, type RequireOptions } from '../../core/demand.ts';
import { NotFoundError, RampartError } from '../../core/errors.ts';
import type { Gate } from '../../core/gate.ts';
import { handlersAreWatched, inHandler } from '../../core/handler-scope.ts';
import { isDisconnect } from '../../core/http/body.ts';
import { nodeBody, webBody } from '../../core/http/body-source.ts';
import { bytesOfRequest } from '../../core/http/read-body.ts';
import { NodeExchange, type NodeWay } from '../../core/http/node-exchange.ts';
import { NodeView } from '../../core/http/node-view.ts';
import { admitWeb, goneResponse, responseOf } from '../../core/http/web-exchange.ts';
import { intakeOf, type ReceivedUpload } from '../../core/intake.ts';
import { type Schemas, type Valid, type ValidateOptions, validationOf } from '../../core/validation.ts';

declare module 'hono' {
  interface ContextVariableMap {
    /** What the corridor learnt of this request. */
    rampart: RequestContext;
  }
}

/** The guard of a Hono application: `app.use(guard)`, before everything else. */
export interface HonoGuard extends MiddlewareHandler {
  /** `app.onError(guard.onError)`. */
  readonly onError: ErrorHandler;
  /** `app.notFound(guard.notFound)`. */
  readonly notFound: NotFoundHandler;
  /**
   * `app.get('/orders/:id', guard.require('orders:read', { load }), show)`: 401 for nobody, 403 for who may not, 404 where
   * there is no such row; `rowOf(c)` is the row.
   * @throws OptionsError where no policy is configured, or it does not know the permission
   */
  readonly require: <Row>(permission: string, options?: RequireOptions<Context, Row>) => MiddlewareHandler;
  /**
   * `const { files } = await guard.upload('avatar', c)`: all files, or none.
   * @throws (rejects) OptionsError for a name that `uploads` does not configure
   */
  readonly upload: (name: string, c: Context) => Promise<ReceivedUpload>;
  /**
   * `const input = guard.validate({ body: Order })` and `app.post('/orders', input, add)`: 400 where something does not fit;
   * `input.of(c).body` is typed by the schema.
   * @throws OptionsError for a part without schema, or an option out of bounds
   */
  readonly validate: <S extends Schemas>(schemas: S, options?: ValidateOptions) => HonoValidate<S>;
}

/** A route's check: a middleware, and the way to what it found. */
export interface HonoValidate<S extends Schemas> extends MiddlewareHandler {
  /** What the schemas gave. @throws RampartError `NOT_VALIDATED` where this check does not stand before the handler */
  readonly of: (c: Context) => Valid<S>;
}

/** How the guard learns what the runtime knows. */
export interface HonoGuardOptions {
  /** Remote address of the connection, on runtimes other than @hono/node-server, where it is read from the socket. */
  readonly peer?: (c: Context) => string | undefined;
}

const WAY: NodeWay = { headers: 'late' };

/**
 * Stands before a Hono application. On @hono/node-server it works on the socket's own request and response, which is
 * cheaper and sees the client go; elsewhere on Request and Response.
 */
export function guardHono(gate: Gate, options: HonoGuardOptions = {}): HonoGuard {
  const guard: MiddlewareHandler = async function rampart(c, next) {
    if (c.get('rampart') !== undefined) return next();
    const node = nodeOf(c);
    if (node !== undefined) return admitNode(gate, c, next, node);
    const response = await admitWeb(gate, c.req.raw, options.peer?.(c), async (context, given) => {
      c.set('rampart', context);
      c.req.raw = given;
      await next();
      context.routeLabel = labelOf(c);
      return c.res;
    });
    // Hono would carry headers of the old response over, even those that were taken away.
    c.res = undefined;
    c.res = response;
    if ((contextOf(c)?.reply ?? null) !== null) keepResponse(c, response);
    return undefined;
  };
  const onError: ErrorHandler = (error, c) => {
    const gone = nodeOf(c)?.outgoing.destroyed ?? c.req.raw.signal.aborted;
    if (gone && isDisconnect(error)) return goneResponse();
    return responseOf(gate.fail(error, c.get('rampart')), c.req.method);
  };
  const notFound: NotFoundHandler = (c) =>
    responseOf(gate.fail(new NotFoundError(), c.get('rampart')), c.req.method);
  const require: HonoGuard['require'] = (permission, wish = {}) => {
    const ask = demandOf(gate, permission, wish);
    return async function rampartRequire(c, next) {
      const context = contextOf(c);
      if (context === undefined)
        throw new RampartError('GUARD_MISSING', 'guard.require stands before app.use(guard).');
      context.routeLabel ??= labelOf(c);
      await ask(context, c);
      return next();
    };
  };
  const upload: HonoGuard['upload'] = async (name, c) => {
    const context = contextOf(c);
    if (context !== undefined) context.routeLabel ??= labelOf(c);
    const node = nodeOf(c);
    return intakeOf(gate, name, context, () => (node ? nodeBody(node.incoming) : webBody(c.req.raw)));
  };
  const validate: HonoGuard['validate'] = (schemas, wish) => validateHono(gate, schemas, wish);
  return Object.assign(guard, { onError, notFound, require, upload, validate });
}

function validateHono<S extends Schemas>(
  gate: Gate,
  schemas: S,
  options: ValidateOptions | undefined,
): HonoValidate<S> {
  const input = validationOf(gate, schemas, options);
  const middleware: MiddlewareHandler = async function rampartValidate(c, next) {
    await input.check(contextOf(c), {
      params: c.req.param(),
      // Hono keeps what it has read, so that handlers can read it again.
      read: (maxBytes) => bytesOfRequest(c.req.raw, maxBytes, () => c.req.arrayBuffer()),
    });
    return next();
  };
  return Object.assign(middleware, { of: (c: Context) => input.of(contextOf(c)) });
}

/** What the corridor learnt of a request: facts, client address, decision id. The same as `c.get('rampart')`. */
export function contextOf(c: Context): RequestContext | undefined {
  return c.get('rampart') as RequestContext | undefined;
}

/** The row that `guard.require` loaded; undefined where it loaded none. */
export function rowOf(c: Context): unknown {
  return contextOf(c)?.get(LoadedRow);
}

/** A handler whose request was refused while it read may still be at work: what it answers is not to be sent. */
function keepResponse(c: Context, response: Response): void {
  const ignore = (_later: unknown): void => {};
  Object.defineProperty(c, 'res', { get: () => response, set: ignore, configurable: true });
}

interface NodeBindings {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** What @hono/node-server hands in beside the Request. */
function nodeOf(c: Context): NodeBindings | undefined {
  const env = c.env as Partial<NodeBindings> & { readonly server?: Partial<NodeBindings> };
  const { incoming, outgoing } = env?.server ?? env ?? {};
  return incoming && outgoing ? { incoming, outgoing } : undefined;
}

async function admitNode(gate: Gate, c: Context, next: Next, node: NodeBindings): Promise<Response | void> {
  const entered = gate.enter(new NodeView(node.incoming));
  const context = entered instanceof Promise ? await entered : entered;
  c.set('rampart', context);
  const exchange = new NodeExchange(gate, WAY, node.incoming, node.outgoing, context);
  await new Promise<void>((resolve) => exchange.afterBody(resolve));
  if (!exchange.begin()) return goneResponse();
  if (context.reply !== null) return responseOf(context.reply, c.req.method);
  await (handlersAreWatched() ? inHandler(exchange.follow(), next) : next());
  context.routeLabel = labelOf(c);
}

/** The route that answered: the last one that Hono entered, unless that is a middleware's pattern. */
function labelOf(c: Context): string | null {
  const { req } = c as unknown as { req: { routeIndex: number; matchedRoutes: readonly { path: string }[] } };
  const path = req.matchedRoutes[req.routeIndex]?.path;
  return path === undefined || path.endsWith('*') ? null : path;
}
