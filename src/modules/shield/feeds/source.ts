import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Timers } from '../../../core/clock.ts';
import type { OnBytes } from '../sinks/answer-body.ts';
import { SsrfError, UpstreamError } from '../sinks/errors.ts';
import type { HostResolver } from '../sinks/resolve.ts';
import { safeFetcher } from '../sinks/safe-fetch.ts';
import { databaseOf, isTar } from './archive.ts';
import type { FeedKind } from './kinds.ts';
import type { ResolvedFeed } from './options.ts';
import { FeedRefusal } from './refusal.ts';

/** What a source is asked with. */
export interface SourcePorts {
  /** The value of a variable, or of the file that `NAME_FILE` names. @throws OptionsError */
  readonly secret: (name: string) => string | undefined;
  readonly timers?: Timers;
  /** Default the machine's name servers. */
  readonly resolve?: HostResolver;
  /** Breaks a download off. */
  readonly signal?: AbortSignal;
  /** Told of what has come of a download. */
  readonly onBytes?: OnBytes;
}

/** What a source said the last time; null for what it did not. */
export interface Validators {
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/** What came from a source. */
export interface Taken extends Validators {
  /** As it came. */
  readonly sent: Uint8Array;
  /** As it is used: unpacked. */
  readonly bytes: Uint8Array;
}

const MAX_SENT: Readonly<Record<FeedKind, number>> = {
  list: 64_000_000,
  mmdb: 268_435_456,
  bots: 5_000_000,
  disposable: 32_000_000,
};
const MAX_UNPACKED: Readonly<Record<FeedKind, number>> = { ...MAX_SENT, mmdb: 512_000_000 };
const unpack = promisify(gunzip);

/**
 * Takes a feed from where it comes from.
 * @param known what the source said of the file in use
 * @returns null where it has nothing newer
 * @throws FeedRefusal in words that name the remedy; OptionsError of a key that cannot be read
 */
export async function takeFeed(
  feed: ResolvedFeed,
  known: Validators,
  nowMs: number,
  ports: SourcePorts,
): Promise<Taken | null> {
  if (feed.from === undefined)
    throw new FeedRefusal('It has no source: put the file in place by hand, or set from.');
  const sent = feed.remote
    ? await download(feed, feed.from, known, nowMs, ports)
    : await copy(feed, filled(feed.from, nowMs), known);
  if (sent === null) return null;
  return { ...sent, bytes: await unpacked(sent.sent, feed.kind) };
}

/** Year and month of now, UTC. */
function filled(from: string, nowMs: number): string {
  const day = new Date(nowMs).toISOString();
  return from.replaceAll('{yyyy}', day.slice(0, 4)).replaceAll('{mm}', day.slice(5, 7));
}

type Sent = Omit<Taken, 'bytes'>;

async function copy({ kind }: ResolvedFeed, path: string, known: Validators): Promise<Sent | null> {
  try {
    const { size, mtimeMs, ino } = await stat(path);
    const etag = `file-${size}-${mtimeMs}-${ino}`;
    if (etag === known.etag) return null;
    if (size > MAX_SENT[kind]) throw new FeedRefusal(`The file is larger than ${MAX_SENT[kind]} bytes.`);
    return { sent: await readFile(path), etag, lastModified: new Date(mtimeMs).toUTCString() };
  } catch (error) {
    if (error instanceof FeedRefusal) throw error;
    const code = (error as { readonly code?: unknown }).code;
    throw new FeedRefusal(
      `The file cannot be read (${typeof code === 'string' ? code : 'unknown error'}). Mend the path in from, or the rights of the file.`,
    );
  }
}

async function download(
  feed: ResolvedFeed,
  from: string,
  known: Validators,
  nowMs: number,
  ports: SourcePorts,
): Promise<Sent | null> {
  const { timers, resolve, onBytes } = ports;
  const fetch = safeFetcher(
    {
      timeout: feed.kind === 'mmdb' ? '10m' : '2m',
      ...feed.fetch,
      maxBodyBytes: MAX_SENT[feed.kind],
    },
    {
      ...(timers === undefined ? {} : { timers }),
      ...(resolve === undefined ? {} : { resolve }),
      ...(onBytes === undefined ? {} : { onBytes }),
    },
  );
  const headers = new Headers({ 'user-agent': 'rampart-feeds', accept: '*/*' });
  if (known.etag !== null) headers.set('if-none-match', known.etag);
  if (known.lastModified !== null) headers.set('if-modified-since', known.lastModified);
  let url = filled(from, nowMs);
  const key = keyOf(feed, ports);
  if (key !== undefined && url.includes('{key}'))
    url = url.replaceAll('{key}', () => encodeURIComponent(key));
  else if (key !== undefined)
    headers.set(
      'authorization',
      key.includes(':') ? `Basic ${Buffer.from(key).toString('base64')}` : `Bearer ${key}`,
    );
  let response: Response;
  try {
    response = await fetch(url, { headers, redirect: 'follow', signal: ports.signal ?? null });
  } catch (error) {
    throw new FeedRefusal(wordsOf(error, feed));
  }
  if (response.status === 304) return null;
  if (response.status !== 200) throw new FeedRefusal(statusWords(response.status, feed));
  return {
    sent: new Uint8Array(await response.arrayBuffer()),
    etag: bounded(response.headers.get('etag')),
    lastModified: bounded(response.headers.get('last-modified')),
  };
}

function keyOf({ key }: ResolvedFeed, { secret }: SourcePorts): string | undefined {
  if (key === undefined) return undefined;
  const value = secret(key);
  if (value === undefined || !/^[\x21-\x7e]+$/.test(value))
    throw new FeedRefusal(`The source needs a key: put it into the variable ${key} or ${key}_FILE.`);
  return value;
}

function bounded(header: string | null): string | null {
  return header !== null && header.length <= 500 ? header : null;
}

/** @throws FeedRefusal */
async function unpacked(sent: Uint8Array, kind: FeedKind): Promise<Uint8Array> {
  const bytes = await inflated(sent, kind);
  if (!isTar(bytes)) return bytes;
  if (kind === 'mmdb') return databaseOf(bytes);
  throw new FeedRefusal(
    'The source sends a tar archive, which only databases may come in. Name the file itself in from.',
  );
}

/** @throws FeedRefusal */
async function inflated(sent: Uint8Array, kind: FeedKind): Promise<Uint8Array> {
  if (sent[0] !== 0x1f || sent[1] !== 0x8b) return sent;
  try {
    return await unpack(sent, { maxOutputLength: MAX_UNPACKED[kind] });
  } catch {
    throw new FeedRefusal(
      `The gzip file is broken, or unpacks to more than ${MAX_UNPACKED[kind]} bytes. Nothing of it was taken.`,
    );
  }
}

function wordsOf(error: unknown, { name }: ResolvedFeed): string {
  if (error instanceof SsrfError)
    return `The source is no public server, or not one that may be called (${error.reason}). Mend from; a server in one's own network is let through by fetch.allowRanges, fetch.hosts and fetch.ports.`;
  if (!(error instanceof UpstreamError)) throw error;
  switch (error.code) {
    case 'UPSTREAM_TIMEOUT':
      return `The source took too long. Try again with rampart feeds update ${name}, or raise fetch.timeout.`;
    case 'UPSTREAM_TOO_LARGE':
      return 'The source sends more than a feed of this kind may hold. See whether from leads to the right file.';
    case 'UPSTREAM_REDIRECT':
      return 'The source sends us from one address to the next. Name the last one in from.';
    default:
      return `The source cannot be reached${causeOf(error)}. See whether this machine may call it: outgoing https, name servers, certificates.`;
  }
}

/** The short word of the system: ENOTFOUND, ECONNREFUSED, CERT_HAS_EXPIRED. */
function causeOf({ cause }: UpstreamError): string {
  const code = (cause as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'string' && /^[A-Z_0-9]{3,50}$/.test(code) ? ` (${code})` : '';
}

function statusWords(status: number, { key, name }: ResolvedFeed): string {
  if (status === 401 || status === 403)
    return key === undefined
      ? `The source refuses us (${status}). Where it needs a key, name its variable in key.`
      : `The source refuses our key (${status}). See whether ${key} holds the right one.`;
  if (status === 404 || status === 410)
    return `The source has no such file (${status}). See whether from is still right.`;
  if (status === 429) return 'The source was asked too often (429). Raise every.';
  return `The source answered ${status}. Try again later with rampart feeds update ${name}.`;
}
