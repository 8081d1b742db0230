import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { Clock } from '../../../core/clock.ts';
import { OptionsError } from '../../../core/errors.ts';
import { type ReadFeed, readFeedFile } from './content.ts';
import { FeedFiles, type FeedRecord } from './files.ts';
import type { ResolvedFeed } from './options.ts';
import { FeedRefusal } from './refusal.ts';
import { type SourcePorts, type Taken, takeFeed } from './source.ts';

/** What an update stands on. */
export interface UpdatePorts extends SourcePorts {
  /** Where the files are; made (mode 0700) where it is not there. */
  readonly folder: string;
  readonly clock: Clock;
}

/** What became of it. */
export interface UpdateResult {
  /** `same`: what is in use is what the source has. */
  readonly outcome: 'updated' | 'same' | 'failed';
  readonly record: FeedRecord;
  /** What was read of a new file, so that nobody has to read it twice. */
  readonly read?: ReadFeed;
}

/** Shorter lists than this may shrink as they like. */
const SMALL = 10;

/**
 * Brings one feed up to date. Never throws for what a source does: what is in use stays, and the record says why.
 * @param force takes also what has shrunk by more than half, or was taken back before
 */
export async function updateFeed(
  feed: ResolvedFeed,
  ports: UpdatePorts,
  { force = false }: { readonly force?: boolean } = {},
): Promise<UpdateResult> {
  const files = new FeedFiles(ports.folder, feed);
  const before = files.read();
  const nowMs = ports.clock.now();
  try {
    const { record, ...done } = await bring(feed, files, before, nowMs, ports, force);
    const settled: FeedRecord = { ...record, checkedAtMs: nowMs, triedAtMs: nowMs, failures: 0, error: null };
    await files.write(settled);
    return { ...done, record: settled };
  } catch (error) {
    // Broken off: that says nothing of the source.
    if (ports.signal?.aborted === true) return { outcome: 'failed', record: before };
    const record: FeedRecord = {
      ...before,
      triedAtMs: nowMs,
      failures: before.failures + 1,
      error: wordsOf(error),
    };
    // A full disk, or a folder that is not ours: it was told already.
    await files.write(record).catch(() => undefined);
    return { outcome: 'failed', record };
  }
}

/**
 * Goes back to the file before: the two change their places. What is taken back does not come again by itself.
 * @throws FeedRefusal where there is none, or it cannot be read
 */
export async function rollbackFeed(
  feed: ResolvedFeed,
  { folder, clock }: Pick<UpdatePorts, 'folder' | 'clock'>,
): Promise<FeedRecord> {
  const files = new FeedFiles(folder, feed);
  if (!files.hasPrevious()) throw new FeedRefusal('There is no file before this one to go back to.');
  const read = readOrRefuse(feed, files.previous);
  const before = files.read();
  const rejected = (await files.hash(files.current)) ?? null;
  await files.swap();
  const record: FeedRecord = {
    ...before,
    // The source is asked for all of it again, so that it is seen when it has something else.
    etag: null,
    lastModified: null,
    sha256: (await files.hash(files.current)) ?? null,
    ...factsOf(read, files.size() ?? 0),
    updatedAtMs: clock.now(),
    rejected,
  };
  await files.write(record);
  return record;
}

async function bring(
  feed: ResolvedFeed,
  files: FeedFiles,
  before: FeedRecord,
  nowMs: number,
  ports: UpdatePorts,
  force: boolean,
): Promise<UpdateResult> {
  await files.sweep(nowMs);
  const inUse = await files.hash(files.current);
  if (feed.from === undefined) return lookedAt(feed, files, before, inUse);
  const source = digest(Buffer.from(feed.from)).slice(0, 16);
  // A file that somebody else has put there is not the one of which the source spoke.
  const isKnown = inUse !== undefined && inUse === before.sha256 && source === before.source;
  const known = isKnown && !force ? before : { etag: null, lastModified: null };
  const taken = await takeFeed(feed, known, nowMs, ports);
  if (taken === null) return { outcome: 'same', record: before };
  const sha256 = digest(taken.bytes);
  assertPinned(feed, taken, sha256);
  const said = { source, etag: taken.etag, lastModified: taken.lastModified };
  if (sha256 === inUse && before.sha256 === inUse) return { outcome: 'same', record: { ...before, ...said } };
  if (sha256 === before.rejected && !force)
    throw new FeedRefusal(
      `The source still has the file that was taken back. rampart feeds update ${feed.name} --force takes it again.`,
    );
  const staged = await files.stage(taken.bytes);
  try {
    const read = readOrRefuse(feed, staged);
    const facts = factsOf(read, taken.bytes.byteLength, taken.lastModified);
    if (!force && inUse === before.sha256) assertNotShrunk(feed, before, facts);
    if (sha256 !== inUse) await files.take(staged);
    const record = { ...before, ...said, ...facts, sha256, updatedAtMs: nowMs, rejected: null };
    return { outcome: 'updated', record, read };
  } finally {
    await rm(staged, { force: true });
  }
}

/** A file that is put in place by hand is only read. */
function lookedAt(
  feed: ResolvedFeed,
  files: FeedFiles,
  before: FeedRecord,
  sha256: string | undefined,
): Pick<UpdateResult, 'outcome' | 'record'> {
  if (sha256 === undefined)
    throw new FeedRefusal(`Put the file in place as ${files.current}, or say in from where it comes from.`);
  const facts = factsOf(readOrRefuse(feed, files.current), files.size() ?? 0);
  const updatedAtMs = files.writtenAtMs() ?? null;
  return {
    outcome: sha256 === before.sha256 ? 'same' : 'updated',
    record: { ...before, ...facts, source: null, sha256, updatedAtMs },
  };
}

function factsOf(
  { entries, builtAtMs }: ReadFeed,
  bytes: number,
  lastModified: string | null = null,
): Pick<FeedRecord, 'entries' | 'bytes' | 'builtAtMs'> {
  const said = lastModified === null ? Number.NaN : Date.parse(lastModified);
  return { entries, bytes, builtAtMs: builtAtMs ?? (Number.isFinite(said) ? said : null) };
}

function assertPinned(feed: ResolvedFeed, { sent }: Taken, sha256: string): void {
  if (feed.sha256 === undefined || feed.sha256 === sha256 || feed.sha256 === digest(sent)) return;
  throw new FeedRefusal(
    'The source has another file than sha256 says. Look at what has changed, and write down the new sum.',
  );
}

function assertNotShrunk(
  { name }: ResolvedFeed,
  before: FeedRecord,
  now: Pick<FeedRecord, 'entries' | 'bytes'>,
): void {
  const [was, is] = before.entries === null ? [before.bytes, now.bytes] : [before.entries, now.entries];
  if (was === null || is === null || was < SMALL || is * 2 >= was) return;
  throw new FeedRefusal(
    `It has shrunk from ${was} to ${is} ${before.entries === null ? 'bytes' : 'entries'}, which a cut download does too. Where that is right: rampart feeds update ${name} --force.`,
  );
}

/** @throws FeedRefusal */
function readOrRefuse({ kind }: ResolvedFeed, path: string): ReadFeed {
  try {
    return readFeedFile(kind, path);
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    throw new FeedRefusal(
      error.reason.startsWith('needs the package')
        ? `It ${error.reason}.`
        : `What came is not taken (${error.reason}). See what the source sends.`,
    );
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function wordsOf(error: unknown): string {
  if (error instanceof FeedRefusal) return error.message;
  if (error instanceof OptionsError) return `${error.path}: ${error.reason}`;
  const code = (error as { readonly code?: unknown } | null)?.code;
  return `The file cannot be written (${typeof code === 'string' ? code : 'unknown error'}). Make room, or mend the rights of the folder.`;
}
