import type { SqlRunner } from '../../ports/sql.ts';
import { type BundleEntry, readCheckpoints, readEntries } from './read.ts';
import { readState } from './rows.ts';
import { type AuditReport, AuditVerifier } from './verifier.ts';

/** Events of one page of a bundle. */
export const BUNDLE_PAGE = 1_000;

/** How a page of a bundle is read. */
export interface BundleQuery {
  /** Place of its first event; the page of 0 begins with the head of the bundle. */
  readonly from: number;
  /** Personal data too. */
  readonly payloads: boolean;
}

/** A page of a bundle. */
export interface BundlePage {
  /** JSON, one a line. */
  readonly lines: readonly string[];
  /** Events among them. */
  readonly events: number;
  /** Place that the next page is read from; null: the bundle is whole. */
  readonly next: number | null;
}

/** Reads a page: the checkpoints that end within it, and then its events. The pages one after the other are the bundle. */
export async function readBundlePage(sql: SqlRunner, { from, payloads }: BundleQuery): Promise<BundlePage> {
  const state = await readState(sql);
  const origin = state?.origin ?? null;
  const head = { rampart: 'audit-bundle', version: 1, origin, size: state?.tree.size ?? 0, payloads };
  const lines = from === 0 ? [JSON.stringify(head)] : [];
  if (origin === null) return { lines, events: 0, next: null };
  // In this order: every checkpoint that is read is of events that are there.
  const checkpoints = await readCheckpoints(sql, origin, from, BUNDLE_PAGE);
  const entries = await readEntries(sql, { limit: BUNDLE_PAGE, from });
  const last = entries.at(-1);
  for (const { note, size } of checkpoints)
    // Behind the last event of all too: a checkpoint of what is gone must be seen.
    if (last === undefined || entries.length < BUNDLE_PAGE || size <= last.seq + 1)
      lines.push(JSON.stringify({ note }));
  for (const entry of entries)
    lines.push(JSON.stringify(payloads ? entry : { ...entry, who: null, what: null }));
  return { lines, events: entries.length, next: nextPlace(entries) };
}

/**
 * By the place of the last event, never by how many there were: a leaf far behind the others would be met for ever. A page
 * that is not full is the last one, else what reading itself writes to the log would be read for ever.
 */
function nextPlace(entries: readonly BundleEntry[]): number | null {
  const next = (entries.at(-1)?.seq ?? 0) + 1;
  return entries.length === BUNDLE_PAGE && Number.isSafeInteger(next) ? next : null;
}

/** Where pages of a bundle come from. */
export type PageSource = (from: number) => Promise<BundlePage>;

/** Told how far a verification or an export is. */
export type OnAuditProgress = (events: number) => void;

/** All lines of a bundle, or of the proof of a range, whose first page is read from `start`. */
export async function* bundleLines(
  pages: PageSource,
  onProgress?: OnAuditProgress,
  start = 0,
): AsyncIterable<string> {
  let done = 0;
  for (let from: number | null = start; from !== null;) {
    const page: BundlePage = await pages(from);
    yield* page.lines;
    done += page.events;
    onProgress?.(done);
    from = page.next;
  }
}

/** Verifies a bundle against the public keys and against what was kept outside of the database. */
export async function verifyBundle(
  bundle: AsyncIterable<string> | Iterable<string>,
  keys: readonly string[],
  witnesses: readonly (AsyncIterable<string> | Iterable<string>)[] = [],
): Promise<AuditReport> {
  const verifier = new AuditVerifier(keys);
  for (const lines of witnesses) for await (const line of lines) await verifier.witness(line);
  for await (const line of bundle) await verifier.push(line);
  return verifier.finish();
}
