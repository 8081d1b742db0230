import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'hono';
import type { z } from 'zod';
import type { RequestContext } from '../../core/context.ts';
import type { StandardSchema } from '../../core/standard-schema.ts';
import { checker } from '../../modules/validate/index.ts';
import type { Caller } from './caller.ts';
import { readJson } from './body.ts';
import { check, queryOf } from './validate.ts';

/** What the Node.js server hands to every request; absent in tests that call the app directly. */
export interface ApiBindings {
  readonly incoming?: IncomingMessage;
  readonly outgoing?: ServerResponse;
  /** The request's way through the corridor. */
  readonly context?: RequestContext;
}

/** Hono's environment of this application. */
export interface ApiEnv {
  Bindings: ApiBindings;
}
/** A request on its way through this application. */
export type ApiContext = Context<ApiEnv>;

/**
 * Who may call a route. There is no default: a route that does not say cannot be written.
 * - `public`: everybody
 * - `session`: any account that is signed in; `partial`: also one whose sign-in lacks a step
 * - `viewer`, `analyst`, `admin`: an account with that role of the console or a higher one, and two factors; whoever came
 *   by a set-up link; or the operator key. Writes with a cookie need the CSRF token
 * - `operator`: the operator key alone
 * - `metrics`: as `viewer`, or anybody on this machine itself
 * - `sample`: a demo customer, any account, or an administrator
 */
export type Access =
  'public' | 'session' | 'partial' | 'viewer' | 'analyst' | 'admin' | 'operator' | 'metrics' | 'sample';

/** Methods of routes; HEAD follows GET. */
export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** What a route answers when all is well. */
export interface AnswerSpec {
  readonly status: number;
  readonly about: string;
  /** Absent for an empty body. */
  readonly schema?: z.ZodType;
  /** Default `application/json`. */
  readonly type?: string;
}

/** What a handler is given: everything checked. */
export interface Input<P, Q, B> {
  readonly c: ApiContext;
  readonly caller: Caller;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
}

/** How a route is written down: the router, the checks and the OpenAPI document all come from this. */
export interface RouteSpec<P, Q, B> {
  readonly method: Method;
  /** `/admin/blocks/:id`; a closing `/*` takes any rest. */
  readonly path: string;
  readonly access: Access;
  readonly tag: string;
  /** A few words in the imperative. */
  readonly summary: string;
  readonly about?: string;
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  /** Query parameters that may be repeated. */
  readonly lists?: readonly string[];
  /** A schema of zod, or a form of ready fields; both refuse keys that they do not name. */
  readonly body?: z.ZodType<B> | StandardSchema<unknown, B>;
  /** Media types of a body that the handler reads itself. */
  readonly rawBody?: readonly string[];
  /** What such a body looks like, for the document, where it is JSON and may be left out. */
  readonly optionalBody?: z.ZodType;
  readonly answer: AnswerSpec;
  /** Statuses of refusals beyond 401, 403 and those of validation. */
  readonly refusals?: readonly number[];
  /** Signs in itself, so that no session is asked for. Only the sign-in route says so. */
  readonly signsIn?: boolean;
  readonly handle: (input: Input<P, Q, B>) => Response | Promise<Response>;
}

/** A route with its types folded in. */
export interface Route {
  readonly spec: Omit<RouteSpec<unknown, unknown, unknown>, 'handle'>;
  /** Checks the input and calls the handler; the caller has been let in already. */
  run(c: ApiContext, caller: Caller): Promise<Response>;
}

/** Writes down a route. */
export function route<P = undefined, Q = undefined, B = undefined>(spec: RouteSpec<P, Q, B>): Route {
  const { handle, ...shown } = spec;
  const checkBody = bodyCheck(spec.body);
  return {
    spec: shown,
    async run(c, caller) {
      const params = spec.params ? check(spec.params, c.req.param(), 'path') : undefined;
      const query = spec.query
        ? check(spec.query, queryOf(new URL(c.req.url).searchParams, spec.lists ?? []), 'query')
        : undefined;
      const body = checkBody && (await checkBody(await readJson(c.req.raw)));
      return handle({ c, caller, params: params as P, query: query as Q, body: body as B });
    },
  };
}

function bodyCheck<B>(
  schema: RouteSpec<unknown, unknown, B>['body'],
): ((value: unknown) => B | Promise<B>) | undefined {
  if (schema === undefined) return undefined;
  if (isZod(schema)) return (value) => check(schema, value, 'body');
  return checker(schema, { unknown: 'refuse' });
}

/** Whether a schema is one of zod itself. */
export function isZod<T>(schema: z.ZodType<T> | StandardSchema<unknown, T>): schema is z.ZodType<T> {
  return schema['~standard'].vendor === 'zod';
}

/** A JSON answer that no cache keeps. */
export function json(value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  });
}

/** An answer without a body. */
export function empty(headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status: 204, headers: { 'cache-control': 'no-store', ...headers } });
}
