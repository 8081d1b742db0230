import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Timers } from '../../core/clock.ts';
import type { RequestContext } from '../../core/context.ts';
import { demandOf, type RequireOptions } from '../../core/demand.ts';
import { RampartError } from '../../core/errors.ts';
import type { Gate } from '../../core/gate.ts';
import { nodeBody } from '../../core/http/body-source.ts';
import { admit, contextOfMessage, type NodeExchange, type NodeWay } from '../../core/http/node-exchange.ts';
import { NodeView } from '../../core/http/node-view.ts';
import { intakeOf, type ReceivedUpload } from '../../core/intake.ts';
import { bytesOfMessage } from '../../core/http/read-body.ts';
import { type Schemas, type Valid, type ValidateOptions, validationOf } from '../../core/validation.ts';
import type { RequestView } from '../../core/request.ts';

export { guardUpgrades } from './upgrades.ts';
export { type ClientErrorHandler, onClientError } from './client-error.ts';
export {
  type CutReason,
  type Hardened,
  type HardenOptions,
  type HardenPorts,
  hardenServer,
} from './harden/index.ts';

/** An application on node:http. What it throws, or rejects with, is answered in the house's envelope. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** The listener of a guarded server. */
export interface GuardedListener extends RequestListener {
  /**
   * For `server.on('checkContinue', …)`: a request with `Expect: 100-continue` is then judged before its body is asked
   * for. Without it node:http asks for the body first, and the request is judged like any other.
   */
  readonly onContinue: RequestListener;
}

/** What a test may hand in. */
export interface NodeGuardOptions {
  /** Timer of the wait for a refused request's body; default the process's own. */
  readonly timers?: Timers;
}

/**
 * Stands before an application on node:http: `createServer(guardNode(gate)(handler))`. The handler finds the house's headers
 * on its response and may read, replace and remove them; on HTTP/2 they are added when it writes the head, and one that it
 * sets itself replaces ours.
 */
export function guardNode(
  gate: Gate,
  options: NodeGuardOptions = {},
): (handler: NodeHandler) => GuardedListener {
  const way: NodeWay = { headers: 'late', ...options };
  return function guardHandler(handler) {
    const listener: RequestListener = (request, response) => {
      admit(gate, way, request, response, request.url, (exchange) => run(handler, exchange));
    };
    const onContinue: RequestListener = (request, response) => {
      let asked = false;
      const ask = (): void => {
        if (!asked) response.writeContinue();
        asked = true;
      };
      const proceed = (exchange: NodeExchange): void => {
        ask();
        run(handler, exchange);
      };
      admit(gate, way, request, response, request.url, proceed, ask);
    };
    return Object.assign(listener, { onContinue });
  };
}

/** A handler behind `require`: it is given the row that was loaded. */
export type NodeRowHandler<Row> = (
  request: IncomingMessage,
  response: ServerResponse,
  row: Row | undefined,
) => void | Promise<void>;

/** Puts a permission before a handler. */
export type RequireNode = <Row>(
  permission: string,
  options: RequireOptions<IncomingMessage, Row>,
  handler: NodeRowHandler<Row>,
) => NodeHandler;

/**
 * Permissions for handlers that stand behind `guardNode`: `require('orders:read', { load }, show)`. 401 for nobody, 403 for
 * who may not, 404 where there is no such row.
 * @throws (the function) OptionsError where no policy is configured, or it does not know the permission
 */
export function requireNode(gate: Gate): RequireNode {
  return function require(permission, options, handler) {
    const ask = demandOf(gate, permission, options);
    return async function rampartRequire(request, response) {
      const context = contextOf(request);
      if (context === undefined)
        throw new RampartError('GUARD_MISSING', 'A handler behind require stands before guardNode.');
      await handler(request, response, await ask(context, request));
    };
  };
}

/** Receives the files of a request that went through a guard. */
export type UploadNode = (name: string, request: IncomingMessage) => Promise<ReceivedUpload>;

/**
 * Uploads for handlers that stand behind `guardNode`: `const { files } = await upload('avatar', request)`: all, or none.
 * @throws (the function rejects) OptionsError for a name that `uploads` does not configure
 */
export function uploadNode(gate: Gate): UploadNode {
  return async (name, request) => intakeOf(gate, name, contextOf(request), () => nodeBody(request));
}

/** Puts a check before a handler, which is given what the schemas gave. */
export type ValidateNode = <S extends Schemas>(
  schemas: S,
  options: NodeValidateOptions,
  handler: (request: IncomingMessage, response: ServerResponse, valid: Valid<S>) => void | Promise<void>,
) => NodeHandler;

/** How a check reads a request of node:http. */
export interface NodeValidateOptions extends ValidateOptions {
  /** What the application's router found in the path; needed for a schema of `params`. */
  readonly params?: (request: IncomingMessage) => Readonly<Record<string, unknown>>;
}

/**
 * Checks for handlers that stand behind `guardNode`: `validate({ body: Order }, {}, add)`. 400 where something does not fit.
 * @throws (the function) OptionsError for a part without schema, or an option out of bounds
 */
export function validateNode(gate: Gate): ValidateNode {
  return function validate(schemas, { params, ...options }, handler) {
    const input = validationOf(gate, schemas, options);
    return async function rampartValidate(request, response) {
      const valid = await input.check(contextOf(request), {
        params: params?.(request),
        read: (maxBytes) => bytesOfMessage(request, maxBytes),
      });
      await handler(request, response, valid);
    };
  };
}

/** What guards see of a request. */
export function nodeView(request: IncomingMessage): RequestView {
  return new NodeView(request);
}

/** What the corridor learnt of a request: facts, client address, decision id. */
export function contextOf(request: IncomingMessage): RequestContext | undefined {
  return contextOfMessage(request);
}

/** A handler that throws is answered by whoever called this. */
function run(handler: NodeHandler, exchange: NodeExchange): void {
  const waiting = handler(exchange.request, exchange.response);
  if (waiting instanceof Promise) waiting.catch((error: unknown) => exchange.fail(error));
}
