import type { RequestContext } from './context.ts';
import { OptionsError } from './errors.ts';
import { fact } from './fact.ts';
import type { Gate } from './gate.ts';

/** What a loader may give: a row, or nothing where there is none. */
export type Loading<Row> = Row | null | undefined | Promise<Row | null | undefined>;

/** How `guard.require` asks. */
export interface RequireOptions<Source, Row> {
  /** Finds the row that the request is about; where there is none, the answer is 404. */
  readonly load?: (source: Source) => Loading<Row>;
  /** Enough that some row is allowed: for lists, whose handler keeps to `accessible()`. Default false. */
  readonly any?: boolean;
  /** Answers 404 where the row is there but not for this caller, so that nobody learns which there are. Default false. */
  readonly hide?: boolean;
}

/** What the house must know of a demand before the first request. */
export type DemandSpec = Pick<RequireOptions<never, never>, 'any' | 'hide'> & {
  /** Whether a row is loaded. */
  readonly loads: boolean;
};

/**
 * Asks whether the caller may. Resolves with the loaded row.
 * Rejects with AppError 401 UNAUTHORIZED, 403 FORBIDDEN, 404 NOT_FOUND; and with what the loader rejects with.
 */
export type Demand = <Row>(context: RequestContext, load?: () => Loading<Row>) => Promise<Row | undefined>;

/** The row that `guard.require` loaded, for the handler. */
export const LoadedRow = fact<unknown>('loadedRow');

/**
 * What an adapter's `guard.require` runs.
 * @throws OptionsError where no policy is configured, or the policy could never allow it
 */
export function demandOf<Source, Row>(
  gate: Gate,
  permission: string,
  options: RequireOptions<Source, Row>,
): (context: RequestContext, source: Source) => Promise<Row | undefined> {
  if (gate.demand === undefined)
    throw new OptionsError('access', `needed for guard.require('${permission}'): no policy is configured`);
  const { load, any = false, hide = false } = options;
  const demand = gate.demand(permission, { any, hide, loads: load !== undefined });
  return async function ask(context, source) {
    const row = await demand<Row>(context, load && (() => load(source)));
    context.set(LoadedRow, row);
    return row;
  };
}
