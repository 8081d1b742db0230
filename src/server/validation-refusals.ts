import type { RequestContext } from '../core/context.ts';
import { AppError, ValidationError } from '../core/errors.ts';
import { type Deny, deny, type Reason } from '../core/verdict.ts';

/** Name under which the checks of `guard.validate` stand in decision records. */
export const VALIDATE_GUARD = 'validate';

const MAX_FAULTS = 20;
const MAX_NAME = 80;
const WINDOW_MS = 60_000;
/** Honest people mistype; whoever tries out what a route takes is refused more often. */
const MANY = 20;
const MAX_CLIENTS = 5_000;

/**
 * What a check that refused says in its decision: each field with its code, never a value.
 * @returns undefined for what is no refusal of a check
 */
export function validationVerdict(error: unknown): Deny | undefined {
  if (!(error instanceof AppError) || ![400, 413, 415].includes(error.status)) return undefined;
  const { status, code, message } = error;
  const faults = error instanceof ValidationError ? faultsOf(error.details) : [];
  return deny(
    { status, code, message },
    {
      code: `validate.${code.toLowerCase()}`,
      text: faults.length === 0 ? message : 'Fields of the request do not fit their schema.',
      values: { faults: faults.length },
      remedy: { do: 'change', what: 'the fields that are named' },
      ...(faults.length === 0 ? {} : { because: faults }),
    },
  );
}

function faultsOf(details: unknown): readonly Reason[] {
  if (!Array.isArray(details)) return [];
  return (details as readonly { readonly field?: unknown; readonly code?: unknown }[])
    .slice(0, MAX_FAULTS)
    .map(({ field, code }) => ({
      code: 'validate.field',
      text: 'This field does not fit.',
      values: { field: shown(field), fault: shown(code) },
    }));
}

/** Names of keys are the sender's. */
function shown(name: unknown): string {
  return String(name)
    .slice(0, MAX_NAME)
    .replaceAll(/[^\x20-\x7e]/g, '?');
}

/** Tells apart who is refused again and again: what honest people mistype is on record and no event. */
export class ManyRefusals {
  readonly #clients = new Map<string, { sinceMs: number; count: number }>();

  /** Counts a refusal. @returns whether it is one of many of this client within a minute */
  isMany({ client, nowMs }: RequestContext): boolean {
    let known = this.#clients.get(client.group);
    if (known === undefined || nowMs - known.sinceMs >= WINDOW_MS) {
      known = { sinceMs: nowMs, count: 0 };
      this.#clients.delete(client.group);
      // The oldest makes room: a map keeps the order in which its keys came.
      if (this.#clients.size >= MAX_CLIENTS)
        this.#clients.delete(this.#clients.keys().next().value as string);
      this.#clients.set(client.group, known);
    }
    known.count += 1;
    return known.count >= MANY;
  }
}
