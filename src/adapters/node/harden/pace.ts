import type { ResolvedHardenOptions } from './options.ts';

/** A connection at one moment. */
export interface Glance {
  readonly atMs: number;
  /** Requests that are being answered. */
  readonly requests: number;
  /** Bytes received so far. */
  readonly received: number;
  /** Bytes handed to the network so far. */
  readonly sent: number;
  /** Bytes of answers that the other side has not taken yet. */
  readonly unsent: number;
  /** The application waits for more of a body. */
  readonly wantsBody: boolean;
}

/** What is remembered of a connection from glance to glance. */
export interface Pace {
  /** Since when a head is being sent; `undefined` while nothing has come. */
  headSinceMs: number | undefined;
  /** Bytes received when the last request had been read. */
  idleBytes: number;
  /** Where the window of a body began, of an answer likewise. */
  upload: Mark | undefined;
  download: Mark | undefined;
}

interface Mark {
  readonly atMs: number;
  readonly bytes: number;
}

/** Why a connection is closed. */
export type TooSlow = 'head' | 'upload' | 'download';

type Limits = Pick<
  ResolvedHardenOptions,
  'headersTimeout' | 'minBytesPerSecond' | 'uploadWindow' | 'downloadWindow'
>;

/** A connection that has just been opened owes a head at once. */
export function newPace(atMs: number): Pace {
  return { headSinceMs: atMs, idleBytes: 0, upload: undefined, download: undefined };
}

/** A head has come, or its answer has gone: between two glances nobody would see it. @param received bytes so far */
export function headRead(pace: Pace, received: number): void {
  pace.headSinceMs = undefined;
  pace.idleBytes = Math.max(pace.idleBytes, received);
}

/** Judges a connection. A window counts only while the other side alone is what is waited for. */
export function tooSlow(pace: Pace, now: Glance, limits: Limits): TooSlow | undefined {
  if (now.requests > 0) {
    headRead(pace, now.received);
  } else if (pace.headSinceMs === undefined) {
    if (now.received > pace.idleBytes) pace.headSinceMs = now.atMs;
  } else if (now.atMs - pace.headSinceMs >= limits.headersTimeout) return 'head';
  const { minBytesPerSecond: rate } = limits;
  const up = window(pace.upload, now.wantsBody, now.atMs, now.received, limits.uploadWindow, rate);
  pace.upload = up.mark;
  if (up.slow) return 'upload';
  const down = window(pace.download, now.unsent > 0, now.atMs, now.sent, limits.downloadWindow, rate);
  pace.download = down.mark;
  return down.slow ? 'download' : undefined;
}

function window(
  mark: Mark | undefined,
  counts: boolean,
  atMs: number,
  bytes: number,
  windowMs: number,
  bytesPerSecond: number,
): { readonly mark: Mark | undefined; readonly slow: boolean } {
  if (!counts) return { mark: undefined, slow: false };
  if (mark === undefined) return { mark: { atMs, bytes }, slow: false };
  const elapsed = atMs - mark.atMs;
  if (elapsed < windowMs) return { mark, slow: false };
  return { mark: { atMs, bytes }, slow: bytes - mark.bytes < (bytesPerSecond * elapsed) / 1_000 };
}
