import { ConflictError } from '../../core/errors.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { BUNDLE_PAGE, type BundlePage } from './bundle.ts';
import { believedCheckpoint } from './checkpoints.ts';
import { type BundleEntry, readCheckpoints, readEntries } from './read.ts';
import { readSubtrees } from './receipt.ts';
import { readState } from './rows.ts';

/** Whose data of a range are opened. Everything that is given must fit; the others stay provable and closed. */
export interface RangeFilter {
  readonly type?: string | undefined;
  readonly actor?: string | undefined;
  readonly subject?: string | undefined;
}

/** Which events of the log are proven. */
export interface RangeQuery extends RangeFilter {
  /** Places of the first and of the last event; both belong to it. */
  readonly from: number;
  readonly to: number;
  /** Place that this page begins with; the page of `from` begins with the head of the proof. */
  readonly at?: number;
  /** Personal data too, of those that the filter is fit by. */
  readonly payloads: boolean;
}

/**
 * Reads a page of the proof of a range: in its head the tree on both sides of it and the newest checkpoint that one of the
 * keys has signed, then what was signed within it, then its events. The pages one after the other are what `rampart audit
 * verify` takes. All events of the range are there, so that nobody can leave one out; `who` and `what` of those that do not
 * fit the filter are null.
 * @throws ConflictError while no checkpoint covers the range
 */
export async function readRangePage(
  sql: SqlRunner,
  query: RangeQuery,
  keys: readonly Uint8Array[],
): Promise<BundlePage> {
  const { from, to, at = from } = query;
  const state = await readState(sql);
  const checkpoint = state && (await believedCheckpoint(sql, state, keys));
  if (state === undefined || checkpoint === undefined || checkpoint.size <= to) throw notCovered();
  const lines: string[] = [];
  if (at === from) lines.push(JSON.stringify(await headOf(sql, query, state.origin, checkpoint)));
  const limit = Math.min(BUNDLE_PAGE, to - at + 1);
  const read = await readEntries(sql, { limit, from: at });
  const entries = read.filter(({ seq }) => seq <= to);
  const last = entries.at(-1);
  // Those of the events of this page: what stands behind them would be a checkpoint after its events.
  for (const { note, size } of await readCheckpoints(sql, state.origin, at, BUNDLE_PAGE))
    if (last !== undefined && size <= last.seq + 1) lines.push(JSON.stringify({ note }));
  for (const entry of entries)
    lines.push(JSON.stringify(query.payloads ? opened(entry, query) : closed(entry)));
  const isWhole = last === undefined || entries.length < limit || last.seq >= to;
  return { lines, events: entries.length, next: isWhole ? null : last.seq + 1 };
}

async function headOf(
  sql: SqlRunner,
  { from, to, payloads, type, actor, subject }: RangeQuery,
  origin: string,
  { size, note }: { readonly size: number; readonly note: string },
): Promise<object> {
  const isFiltered = [type, actor, subject].some((one) => one !== undefined);
  return {
    rampart: 'audit-range',
    version: 1,
    origin,
    from,
    to,
    payloads: payloads && !isFiltered,
    left: await readSubtrees(sql, { from: 0, to: from }),
    right: await readSubtrees(sql, { from: to + 1, to: size }),
    note,
  };
}

function opened(entry: BundleEntry, { type, actor, subject }: RangeFilter): BundleEntry {
  const fits =
    (type ?? entry.entry.type) === entry.entry.type &&
    isNamed(entry.who?.data, 'actor', actor) &&
    isNamed(entry.what?.data, 'subject', subject);
  return fits ? entry : closed(entry);
}

function isNamed(data: unknown, name: string, wanted: string | undefined): boolean {
  return wanted === undefined || (data as Readonly<Record<string, unknown>> | undefined)?.[name] === wanted;
}

function closed(entry: BundleEntry): BundleEntry {
  return { ...entry, who: null, what: null };
}

function notCovered(): ConflictError {
  return new ConflictError('No checkpoint covers these events yet. Ask again in a minute.');
}
