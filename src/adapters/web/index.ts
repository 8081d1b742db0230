import type { RequestContext } from '../../core/context.ts';
import { demandOf, type RequireOptions } from '../../core/demand.ts';
import { RampartError } from '../../core/errors.ts';
import type { Gate } from '../../core/gate.ts';
import { webBody } from '../../core/http/body-source.ts';
import { bytesOfRequest } from '../../core/http/read-body.ts';
import { admitWeb, contextOfWebRequest } from '../../core/http/web-exchange.ts';
import { WebView } from '../../core/http/web-view.ts';
import { intakeOf, type ReceivedUpload } from '../../core/intake.ts';
import type { RequestView } from '../../core/request.ts';
import { type Schemas, type Valid, type ValidateOptions, validationOf } from '../../core/validation.ts';

/** What a runtime knows of a request beside the Request itself. */
export interface WebInfo {
  /** Remote address of the connection; without it all callers count as one. */
  readonly peer?: string;
}

/** An application that turns a Request into a Response. */
export type WebHandler = (request: Request, info?: WebInfo) => Response | Promise<Response>;

/**
 * Stands before an application of the Web standard (Deno, Bun, workers, route handlers). The body of its response is
 * passed on chunk by chunk; the request is over at its end, or when `request.signal` aborts.
 */
export function guardWeb(
  gate: Gate,
  handler: WebHandler,
): (request: Request, info?: WebInfo) => Promise<Response> {
  return function guardedHandler(request, info) {
    return admitWeb(gate, request, info?.peer, (_context, given) => handler(given, info));
  };
}

/** An application's handler behind `require`: it is given the row that was loaded. */
export type WebRowHandler<Row> = (
  request: Request,
  row: Row | undefined,
  info?: WebInfo,
) => Response | Promise<Response>;

/** Puts a permission before a handler. */
export type RequireWeb = <Row>(
  permission: string,
  options: RequireOptions<Request, Row>,
  handler: WebRowHandler<Row>,
) => WebHandler;

/**
 * Permissions for handlers that stand behind `guardWeb`: `require('orders:read', { load }, show)`. 401 for nobody, 403 for
 * who may not, 404 where there is no such row.
 * @throws (the function) OptionsError where no policy is configured, or it does not know the permission
 */
export function requireWeb(gate: Gate): RequireWeb {
  return function require(permission, options, handler) {
    const ask = demandOf(gate, permission, options);
    return async function rampartRequire(request, info) {
      const context = contextOf(request);
      if (context === undefined)
        throw new RampartError('GUARD_MISSING', 'A handler behind require stands before guardWeb.');
      return handler(request, await ask(context, request), info);
    };
  };
}

/** Receives the files of a Request that went through a guard. */
export type UploadWeb = (name: string, request: Request) => Promise<ReceivedUpload>;

/**
 * Uploads for handlers that stand behind `guardWeb`: `const { files } = await upload('avatar', request)`: all, or none.
 * @throws (the function rejects) OptionsError for a name that `uploads` does not configure
 */
export function uploadWeb(gate: Gate): UploadWeb {
  return async (name, request) => intakeOf(gate, name, contextOf(request), () => webBody(request));
}

/** Puts a check before a handler, which is given what the schemas gave. */
export type ValidateWeb = <S extends Schemas>(
  schemas: S,
  options: WebValidateOptions,
  handler: (request: Request, valid: Valid<S>, info?: WebInfo) => Response | Promise<Response>,
) => WebHandler;

/** How a check reads a Request. */
export interface WebValidateOptions extends ValidateOptions {
  /** What the application's router found in the path; needed for a schema of `params`. */
  readonly params?: (request: Request) => Readonly<Record<string, unknown>>;
}

/**
 * Checks for handlers that stand behind `guardWeb`: `validate({ body: Order }, {}, add)`. 400 where something does not fit.
 * @throws (the function) OptionsError for a part without schema, or an option out of bounds
 */
export function validateWeb(gate: Gate): ValidateWeb {
  return function validate(schemas, { params, ...options }, handler) {
    const input = validationOf(gate, schemas, options);
    return async function rampartValidate(request, info) {
      const valid = await input.check(contextOf(request), {
        params: params?.(request),
        read: (maxBytes) => bytesOfRequest(request, maxBytes),
      });
      return handler(request, valid, info);
    };
  };
}

/** What guards see of a Request. */
export function webView(request: Request, info?: WebInfo): RequestView {
  return new WebView(request, info?.peer);
}

/** What the corridor learnt of a Request: facts, client address, decision id. A clone of it has none. */
export function contextOf(request: Request): RequestContext | undefined {
  return contextOfWebRequest(request);
}
