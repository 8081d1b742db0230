import type { RequestContext } from './context.ts';
import { OptionsError, RampartError } from './errors.ts';
import type { Gate } from './gate.ts';
import type { OutputOf, StandardSchema } from './standard-schema.ts';

/** Schemas for the parts of a request; a part without one is not read. */
export interface Schemas {
  readonly body?: StandardSchema;
  /** Of the address. Each value is text, or a list of texts where `lists` names it. */
  readonly query?: StandardSchema;
  /** Of the route's path, as the framework found them. */
  readonly params?: StandardSchema;
  /** By lower-case names. Those that the schema does not name are left out. */
  readonly headers?: StandardSchema;
}

/** What the schemas gave, typed by them. */
export type Valid<S extends Schemas> = {
  readonly [Part in keyof S & keyof Schemas]: S[Part] extends StandardSchema ? OutputOf<S[Part]> : never;
};

/** How a route's input is read. */
export interface ValidateOptions {
  /**
   * Keys that the schema does not name: `strip` (default) them, `refuse` them, or leave them to the `schema`. Needs a schema
   * that tells its shape (zod, valibot, arktype); a schema that is strict or loose by its own words stays so.
   */
  readonly unknown?: 'strip' | 'refuse' | 'schema';
  /**
   * Where this check stands, as `POST /orders/:id`, or several such: request inspection is then told at once, before any
   * request, what the fields of query and body hold, so that it leaves numbers, ids, dates, closed lists and mail addresses
   * to the schema, and neither HTML nor code nor secrets are refused for their characters alone. At most 100; default none.
   */
  readonly route?: string | readonly string[];
  /** A query parameter or form field that comes twice: `refuse` (default), or take the `first`, the `last`, or a `list`. */
  readonly duplicates?: 'refuse' | 'first' | 'last' | 'list';
  /** Names that are lists, written `id=1&id=2` or `id[]=1&id[]=2`; at most 100. Default none. */
  readonly lists?: readonly string[];
  /** A name that stands both in the query and in the body or the path: `refuse` (default) or `allow`. */
  readonly clash?: 'refuse' | 'allow';
  /** Take `application/x-www-form-urlencoded` beside JSON; default false. */
  readonly forms?: boolean;
  /** Bytes of the body at most, 1 to 16 MiB; default 102,400. */
  readonly maxBodyBytes?: number;
  /** Levels of lists and objects at most, 1 to 200; default 32. */
  readonly maxDepth?: number;
  /** Keys of one object at most, 1 to 10,000; default 1,000. */
  readonly maxKeys?: number;
  /** Items of one list at most, 1 to 1,000,000; default 10,000. */
  readonly maxItems?: number;
  /** Keys and items of the whole body at most, 1 to 1,000,000; default 20,000. */
  readonly maxValues?: number;
  /** Characters of one text at most, 1 to 16 Mi; default 65,536. */
  readonly maxTextLength?: number;
}

/** What an adapter knows of a request beside its context. */
export interface RawInput {
  /** What the framework's router found; absent where there is none. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** A body that the framework has parsed before: what it made of doubled keys can't be told any more. */
  readonly parsed?: { readonly value: unknown } | undefined;
  /** Reads the body. Rejects with AppError 413 beyond `maxBytes`, 400 when it breaks off. */
  readonly read?: ((maxBytes: number) => Promise<Uint8Array>) | undefined;
}

/** The check of a route. */
export interface Validation<S extends Schemas> {
  /** Bytes of the body at most. */
  readonly maxBodyBytes: number;
  /** Checks a request. Rejects with ValidationError 400, AppError 413 and 415. */
  check(context: RequestContext, raw: RawInput): Promise<Valid<S>>;
}

/**
 * Prepares the check of a route.
 * @throws OptionsError naming the option
 */
export type MakeValidation = <S extends Schemas>(schemas: S, options?: ValidateOptions) => Validation<S>;

/** What a route's check found, for its handler. */
export interface ValidInput<S extends Schemas> {
  /** Bytes of the body at most. */
  readonly maxBodyBytes: number;
  /** What the schemas gave. @throws RampartError `NOT_VALIDATED` where the request did not pass this check */
  of(context: RequestContext | undefined): Valid<S>;
  /** Checks, and keeps what was found. */
  check(context: RequestContext | undefined, raw: RawInput): Promise<Valid<S>>;
}

/**
 * What an adapter's `guard.validate` runs.
 * @throws OptionsError where the gate brings no validation, or an option is wrong
 */
export function validationOf<S extends Schemas>(
  gate: Gate,
  schemas: S,
  options: ValidateOptions | undefined,
): ValidInput<S> {
  if (gate.validation === undefined)
    throw new OptionsError('validate', 'needed for guard.validate: hand `validation` of rampart/validate in');
  const validation = gate.validation(schemas, options);
  const found = new WeakMap<RequestContext, Valid<S>>();
  return {
    maxBodyBytes: validation.maxBodyBytes,
    of(context) {
      const valid = context && found.get(context);
      if (valid === undefined)
        throw new RampartError('NOT_VALIDATED', 'The handler of this route does not stand behind its check.');
      return valid;
    },
    async check(context, raw) {
      if (context === undefined)
        throw new RampartError('GUARD_MISSING', 'guard.validate stands before the guard.');
      const valid = await validation.check(context, raw);
      found.set(context, valid);
      return valid;
    },
  };
}
