import { OptionsError } from '../../../core/errors.ts';
import { type ReadFeed, readFeedFile } from './content.ts';
import { FeedFiles, type FeedRecord } from './files.ts';
import type { FeedKind, FeedState } from './kinds.ts';
import type { ResolvedFeed } from './options.ts';

/** How a feed stands, for people. Times are milliseconds since the epoch. */
export interface FeedStatus {
  readonly name: string;
  readonly kind: FeedKind;
  /** Address without query and credentials, or path; null where the file is put in place by hand. */
  readonly source: string | null;
  readonly state: FeedState;
  /** Entries in use; null for databases. */
  readonly entries: number | null;
  readonly bytes: number | null;
  /** When its data was made, as the source says. */
  readonly builtAtMs: number | null;
  /** When it was last found to be up to date. */
  readonly checkedAtMs: number | null;
  /** When what is in use came. */
  readonly updatedAtMs: number | null;
  readonly everyMs: number | null;
  readonly staleAfterMs: number;
  /** When it is asked for next by itself; null where it is not. */
  readonly nextAtMs: number | null;
  /** Why the last try failed, in words that name the remedy. */
  readonly error: string | null;
  readonly terms: string | null;
}

/** What is seen of a feed's files. */
export interface FeedFacts {
  readonly record: FeedRecord;
  /** When the file in use was written; undefined where there is none. */
  readonly writtenAtMs: number | undefined;
  readonly size: number | undefined;
  readonly nextAtMs: number | null;
  /** What the file holds, where it was read and nothing is kept of it: it was put there by hand. */
  readonly read?: Pick<ReadFeed, 'entries' | 'builtAtMs'> | undefined;
}

/**
 * How a feed stands. A file counts as old since it was last found to be up to date; a database also since it was built,
 * for a source that builds no more goes on saying that nothing has changed.
 */
export function feedStatus(feed: ResolvedFeed, facts: FeedFacts, nowMs: number): FeedStatus {
  const { record, writtenAtMs, size, nextAtMs } = facts;
  // What was put there by hand is as old as its file.
  const isKnown = record.sha256 !== null && size === record.bytes;
  const checkedAtMs = (feed.from === undefined ? writtenAtMs : undefined) ?? record.checkedAtMs;
  const seenAtMs = checkedAtMs ?? writtenAtMs ?? null;
  const found = isKnown ? record : facts.read;
  const builtAtMs = found?.builtAtMs ?? null;
  const isOld = (atMs: number | null): boolean => atMs !== null && nowMs - atMs > feed.staleAfterMs;
  const isStale = isOld(seenAtMs) || (feed.kind === 'mmdb' && isOld(builtAtMs));
  const state: FeedState =
    writtenAtMs === undefined ? 'missing' : isStale ? 'stale' : record.error === null ? 'current' : 'failed';
  return {
    name: feed.name,
    kind: feed.kind,
    source: sourceOf(feed),
    state,
    entries: found?.entries ?? null,
    bytes: size ?? null,
    builtAtMs,
    checkedAtMs,
    updatedAtMs: (isKnown ? record.updatedAtMs : undefined) ?? writtenAtMs ?? null,
    everyMs: feed.everyMs ?? null,
    staleAfterMs: feed.staleAfterMs,
    nextAtMs,
    error: record.error,
    terms: feed.terms ?? null,
  };
}

/** How a feed stands as its files in a folder tell; nobody there knows when it is asked for by itself. */
export function feedStatusIn(folder: string, feed: ResolvedFeed, nowMs: number): FeedStatus {
  const files = new FeedFiles(folder, feed);
  const record = files.read();
  const size = files.size();
  const isHandMade = size !== undefined && (record.sha256 === null || record.bytes !== size);
  const facts = {
    record,
    writtenAtMs: files.writtenAtMs(),
    size,
    nextAtMs: null,
    read: isHandMade ? tryRead(feed, files.current) : undefined,
  };
  return feedStatus(feed, facts, nowMs);
}

function tryRead({ kind }: ResolvedFeed, path: string): ReadFeed | undefined {
  try {
    return readFeedFile(kind, path);
  } catch (error) {
    if (error instanceof OptionsError) return undefined;
    throw error;
  }
}

/** Queries may hold keys; what stands in braces in a path does not. */
function sourceOf({ from, remote }: ResolvedFeed): string | null {
  if (from === undefined) return null;
  return remote ? (from.split(/[?#]/, 1)[0] as string) : from;
}

const SPREAD_MS = 300_000;
const FIRST_MS = 10_000;
const RETRY_MS = 300_000;

/**
 * When a feed is asked for next by itself, milliseconds since the epoch; null where it is not. After a failure it is tried
 * again after five minutes, then after twice as long each time, at most its own interval.
 * @param spread 0 to 1, drawn once for each feed and process: nodes that start together do not ask together
 */
export function dueAt(
  feed: ResolvedFeed,
  { record, isThere }: { readonly record: FeedRecord; readonly isThere: boolean },
  startedAtMs: number,
  spread: number,
): number | null {
  if (feed.everyMs === undefined) return null;
  const firstAtMs = Math.round(startedAtMs + FIRST_MS + spread * SPREAD_MS);
  if (record.failures > 0 && record.triedAtMs !== null) {
    const waitMs = Math.min(feed.everyMs, RETRY_MS * 2 ** Math.min(20, record.failures - 1));
    return Math.max(firstAtMs, record.triedAtMs + Math.round(waitMs * (1 + spread / 10)));
  }
  if (record.checkedAtMs === null || !isThere) return firstAtMs;
  return Math.max(firstAtMs, record.checkedAtMs + Math.round(feed.everyMs * (1 + spread / 10)));
}
