import type { RampartEvent } from '../../core/events.ts';

/** What a receiver took. */
export interface Sent {
  /** Events that it will never take, by their place in what was sent, with the reason. */
  readonly refused: ReadonlyMap<number, string>;
  /** Events that it wants again, later; null: none. */
  readonly again: {
    readonly places: ReadonlySet<number>;
    readonly reason: string;
    readonly afterMs: number | null;
  } | null;
  /** How many it refused without saying which. */
  readonly unnamed: number;
}

/** All was taken. */
export const ALL_SENT: Sent = { refused: new Map(), again: null, unnamed: 0 };

/** Brings events to one receiver. */
export interface SinkDriver {
  /** Sends events in one go. Events may come again: their ids are the same then. @throws SinkError */
  send(events: readonly RampartEvent[]): Promise<Sent>;
  /** Gives back connections. */
  close(): Promise<void>;
}

/**
 * Why sending failed. `refused`: what was sent will never be taken. `down`: it may be taken later, or once somebody has
 * mended something.
 */
export type SinkErrorKind = 'down' | 'refused';

/** A failed send. Its message is shown: never with an address, a secret, or what was sent. */
export class SinkError extends Error {
  override readonly name = 'SinkError';
  readonly kind: SinkErrorKind;
  /** How long the receiver wants not to be asked, in milliseconds. */
  readonly afterMs: number | null;

  constructor(kind: SinkErrorKind, message: string, afterMs: number | null = null) {
    super(message);
    this.kind = kind;
    this.afterMs = afterMs;
  }
}
