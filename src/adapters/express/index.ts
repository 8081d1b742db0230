import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Timers } from '../../core/clock.ts';
import type { RequestContext } from '../../core/context.ts';
import { demandOf, LoadedRow, type RequireOptions } from '../../core/demand.ts';
import { NotFoundError, RampartError } from '../../core/errors.ts';
import type { Gate } from '../../core/gate.ts';
import { nodeBody } from '../../core/http/body-source.ts';
import { admit, contextOfMessage, failMessage, type NodeWay } from '../../core/http/node-exchange.ts';
import { intakeOf, type ReceivedUpload } from '../../core/intake.ts';
import { bytesOfMessage } from '../../core/http/read-body.ts';
import { type Schemas, type Valid, type ValidateOptions, validationOf } from '../../core/validation.ts';
import { labelReader } from './label.ts';

declare global {
  // The place where Express's own types invite others to add to its Request.
  namespace Express {
    interface Request {
      /** What the corridor learnt of this request; absent before the guard. */
      rampart?: RequestContext;
    }
  }
}

/** What is used of Express's request. */
export interface ExpressRequest extends IncomingMessage {
  readonly originalUrl: string;
  rampart?: RequestContext;
  readonly body?: unknown;
}
type Next = (error?: unknown) => void;

/** A request whose route has been found. */
export interface ExpressRouted extends ExpressRequest {
  readonly params: Readonly<Record<string, string | string[]>>;
}

/** The guard of an Express application (4 or 5). */
export interface ExpressGuard {
  /** `app.use(guard)`, before everything else. */
  (request: ExpressRequest, response: ServerResponse, next: Next): void;
  /** `app.use(guard.errors)`, last of all. */
  readonly errors: (error: unknown, request: ExpressRequest, response: ServerResponse, next: Next) => void;
  /** `app.use(guard.notFound)`, after the routes. */
  readonly notFound: (request: ExpressRequest, response: ServerResponse) => void;
  /**
   * `app.get('/orders/:id', guard.require('orders:read', { load }), show)`: 401 for nobody, 403 for who may not, 404 where
   * there is no such row; `rowOf(request)` is the row.
   * @throws OptionsError where no policy is configured, or it does not know the permission
   */
  readonly require: <Row>(
    permission: string,
    options?: RequireOptions<ExpressRouted, Row>,
  ) => (request: ExpressRouted, response: ServerResponse, next: Next) => void;
  /**
   * `const { files } = await guard.upload('avatar', request)`, in a handler with no body parser before it: all files, or
   * none. Rejects with an AppError of 400, 408, 413, 415, 422 or 503.
   * @throws (rejects) OptionsError for a name that `uploads` does not configure
   */
  readonly upload: (name: string, request: IncomingMessage) => Promise<ReceivedUpload>;
  /**
   * `const input = guard.validate({ body: Order })` and `app.post('/orders', input, add)`: 400 where something does not fit;
   * `input.of(request).body` is typed by the schema, and `request.body` is the same. Reads the body itself: with
   * `express.json()` before it, doubled keys can't be told any more.
   * @throws OptionsError for a part without schema, or an option out of bounds
   */
  readonly validate: <S extends Schemas>(schemas: S, options?: ValidateOptions) => ExpressValidate<S>;
}

/** A route's check: a middleware, and the way to what it found. */
export interface ExpressValidate<S extends Schemas> {
  (request: ExpressRouted, response: ServerResponse, next: Next): void;
  /** What the schemas gave. @throws RampartError `NOT_VALIDATED` where this check does not stand before the handler */
  readonly of: (request: IncomingMessage) => Valid<S>;
}

/** What a test may hand in. */
export interface ExpressGuardOptions {
  /** Timer of the wait for a refused request's body; default the process's own. */
  readonly timers?: Timers;
}

/**
 * Stands before an Express application. Express's `trust proxy` has no part in it: the client's address is found by the
 * house's own `trustProxy`. Headers are set before the application runs, so that it may read, replace and remove them.
 */
export function guardExpress(gate: Gate, options: ExpressGuardOptions = {}): ExpressGuard {
  const label = labelReader();
  const way: NodeWay = { headers: 'early', label, ...options };
  function guard(request: ExpressRequest, response: ServerResponse, next: Next): void {
    // Mounted twice, or in a router of a guarded application: the request has been judged.
    if (contextOfMessage(request) !== undefined) {
      next();
      return;
    }
    admit(gate, way, request, response, request.originalUrl, (exchange) => {
      request.rampart = exchange.context;
      exchange.parsedBody = () => request.body;
      next();
    });
  }
  // Express knows an error handler by its four parameters.
  function errors(error: unknown, request: ExpressRequest, response: ServerResponse, _next: Next): void {
    failMessage(gate, request, response, error);
  }
  function notFound(request: ExpressRequest, response: ServerResponse): void {
    failMessage(gate, request, response, new NotFoundError());
  }
  const require: ExpressGuard['require'] = (permission, wish = {}) => {
    const ask = demandOf(gate, permission, wish);
    return function rampartRequire(request, _response, next) {
      const context = contextOf(request);
      if (context === undefined) {
        next(new RampartError('GUARD_MISSING', 'guard.require stands before app.use(guard).'));
        return;
      }
      context.routeLabel ??= label(request);
      ask(context, request).then(() => next(), next);
    };
  };
  const upload: ExpressGuard['upload'] = async (name, request) => {
    const context = contextOf(request);
    if (context !== undefined) context.routeLabel ??= label(request);
    return intakeOf(gate, name, context, () => nodeBody(request));
  };
  const validate: ExpressGuard['validate'] = (schemas, wish) => validateExpress(gate, schemas, wish);
  return Object.assign(guard, { errors, notFound, require, upload, validate });
}

function validateExpress<S extends Schemas>(
  gate: Gate,
  schemas: S,
  options: ValidateOptions | undefined,
): ExpressValidate<S> {
  const input = validationOf(gate, schemas, options);
  function rampartValidate(request: ExpressRouted, _response: ServerResponse, next: Next): void {
    const checking = input.check(contextOf(request), {
      params: request.params,
      // Whoever has read the stream has left what it made of it.
      parsed: request.readableDidRead ? { value: request.body } : undefined,
      read: (maxBytes) => bytesOfMessage(request, maxBytes),
    });
    checking.then((valid) => {
      // Express 5 has no setter for the query.
      for (const [part, value] of Object.entries(valid)) {
        if (part !== 'headers')
          Object.defineProperty(request, part, {
            value,
            writable: true,
            enumerable: true,
            configurable: true,
          });
      }
      next();
    }, next);
  }
  return Object.assign(rampartValidate, { of: (request: IncomingMessage) => input.of(contextOf(request)) });
}

/** What the corridor learnt of a request: facts, client address, decision id. */
export function contextOf(request: IncomingMessage): RequestContext | undefined {
  return contextOfMessage(request);
}

/** The row that `guard.require` loaded; undefined where it loaded none. */
export function rowOf(request: IncomingMessage): unknown {
  return contextOf(request)?.get(LoadedRow);
}
