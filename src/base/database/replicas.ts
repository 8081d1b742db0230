import type { Clock, Timers } from '../../core/clock.ts';
import type { Duration } from '../../core/duration.ts';
import type { EventSink } from '../../core/events.ts';
import { duration, type Fields, readOptions } from '../../core/options.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { currentRequest } from './request-scope.ts';

/** How replicas are chosen. */
export interface ReplicaOptions {
  /** A replica that is further behind answers no reads: 10ms to 1h. Default 5s. */
  readonly maxLag?: Duration;
  /** How often positions are compared: 10ms to 1m. Default 1s. */
  readonly probeEvery?: Duration;
  /** A replica that does not answer a probe within this time is left out: 10ms to 1m. Default 2s. */
  readonly probeLimit?: Duration;
}

/** Readers of {@link ReplicaOptions}. */
export const replicaFields: Fields<{ maxLag: number; probeEvery: number; probeLimit: number }> = {
  maxLag: duration({ min: '10ms', max: '1h', default: '5s' }),
  probeEvery: duration({ min: '10ms', max: '1m', default: '1s' }),
  probeLimit: duration({ min: '10ms', max: '1m', default: '2s' }),
};

/** A copy of the primary that answers reads. */
export interface Replica {
  /** For people; never the URL, which may hold a password. */
  readonly name: string;
  readonly sql: SqlStore;
}

/** A replica at this moment. */
export interface ReplicaState {
  readonly name: string;
  /** `up` answers reads; `behind` by more than the bound; `down` does not answer, or is no replica. */
  readonly state: 'up' | 'behind' | 'down';
  /** Age of the newest position of the primary that it has replayed; null while it is down. */
  readonly lagMs: number | null;
  /** Bytes of WAL that it has still to replay; null while it is down. */
  readonly lagBytes: number | null;
  /** Reads that it was given. */
  readonly reads: number;
}

interface Held extends Replica {
  state: ReplicaState['state'];
  replayed: bigint;
  lagMs: number | null;
  lagBytes: number | null;
  reads: number;
  inFlight: number;
}

/** Where the primary was. */
interface Sample {
  readonly number: number;
  /** Monotonic milliseconds at its begin. */
  readonly startedMs: number;
  /** All that was written before the begin lies below. */
  readonly inserted: bigint;
  /** What replicas can have been sent. */
  readonly flushed: bigint;
}

const MAX_SAMPLES = 600;

/**
 * Knows how far each replica is and which of them may answer a read. Positions are compared by a probe, never per
 * statement: who has written reads from the primary until a position of later than his write is known to be replayed.
 */
export class ReplicaSet {
  readonly #primary: SqlStore;
  readonly #replicas: readonly Held[];
  readonly #limits: { readonly maxLag: number; readonly probeEvery: number; readonly probeLimit: number };
  readonly #ports: {
    readonly clock: Clock;
    readonly timers: Timers;
    readonly events?: EventSink | undefined;
  };
  #samples: Sample[] = [];
  #started = 0;
  #cancel: (() => void) | undefined;
  #stopped = false;
  #probing: Promise<void> | undefined;

  /** @throws OptionsError */
  constructor(
    primary: SqlStore,
    replicas: readonly Replica[],
    options: ReplicaOptions,
    ports: { readonly clock: Clock; readonly timers: Timers; readonly events?: EventSink | undefined },
  ) {
    this.#primary = primary;
    this.#limits = readOptions('database.replicas', options, replicaFields);
    this.#ports = ports;
    this.#replicas = replicas.map((one) => ({
      ...one,
      state: 'down',
      replayed: 0n,
      lagMs: null,
      lagBytes: null,
      reads: 0,
      inFlight: 0,
    }));
  }

  /** Compares positions now and from then on. */
  async start(): Promise<void> {
    await this.probe();
    this.#again();
  }

  #again(): void {
    if (this.#stopped) return;
    this.#cancel = this.#ports.timers.after(this.#limits.probeEvery, () => {
      void this.probe().finally(() => this.#again());
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  states(): readonly ReplicaState[] {
    return this.#replicas.map(({ name, state, lagMs, lagBytes, reads }) => ({
      name,
      state,
      lagMs,
      lagBytes,
      reads,
    }));
  }

  /** Compares all positions once. Never rejects. */
  probe(): Promise<void> {
    this.#probing ??= this.#probe().finally(() => (this.#probing = undefined));
    return this.#probing;
  }

  async #probe(): Promise<void> {
    await this.#samplePrimary();
    await Promise.all(this.#replicas.map((one) => this.#probeOne(one)));
  }

  /** A primary that does not answer leaves the replicas as they are: what they have is the newest there is. */
  async #samplePrimary(): Promise<void> {
    const number = (this.#started += 1);
    const startedMs = this.#ports.clock.monotonic();
    const row = await this.#ask(
      this.#primary,
      'SELECT pg_current_wal_insert_lsn()::text AS inserted, pg_current_wal_flush_lsn()::text AS flushed',
    );
    const [inserted, flushed] = [readPosition(row?.['inserted']), readPosition(row?.['flushed'])];
    if (inserted === undefined || flushed === undefined) return;
    this.#samples = [...this.#samples, { number, startedMs, inserted, flushed }].slice(-MAX_SAMPLES);
  }

  async #probeOne(held: Held): Promise<void> {
    const row = await this.#ask(
      held.sql,
      'SELECT pg_is_in_recovery() AS standby, pg_last_wal_replay_lsn()::text AS replayed',
    );
    const replayed = readPosition(row?.['replayed']);
    // One that was promoted writes for itself: it is a copy no more.
    if (row?.['standby'] !== true || replayed === undefined) return this.#turn(held, 'down');
    held.replayed = replayed;
    const newest = this.#samples.at(-1);
    const seen = this.#samples.findLast(({ flushed }) => flushed <= replayed);
    const caughtUp = newest === undefined || newest.flushed <= replayed;
    held.lagBytes = caughtUp ? 0 : Number(newest.flushed - replayed);
    const oldest = this.#samples[0];
    const sinceMs = (seen ?? oldest)?.startedMs ?? 0;
    held.lagMs = caughtUp ? 0 : this.#ports.clock.monotonic() - sinceMs;
    // Behind everything that is known, and nothing says since when.
    const unknown = !caughtUp && seen === undefined;
    this.#turn(held, unknown || held.lagMs > this.#limits.maxLag ? 'behind' : 'up');
  }

  #turn(held: Held, state: ReplicaState['state']): void {
    const before = held.state;
    held.state = state;
    if (state === 'down') held.lagMs = held.lagBytes = null;
    if ((before === 'up') === (state === 'up')) return;
    this.#ports.events?.emit(state === 'up' ? 'DATABASE_REPLICA_BACK' : 'DATABASE_REPLICA_LEFT_OUT', {
      subject: held.name,
      details: { state, ...(held.lagMs === null ? {} : { lagMs: Math.round(held.lagMs) }) },
    });
  }

  /** @returns the row; `undefined` when there was no answer in time */
  async #ask(sql: SqlStore, text: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const cancel = this.#ports.timers.after(this.#limits.probeLimit, () => resolve(undefined));
    try {
      return await Promise.race([sql.query(text).then(({ rows }) => rows[0]), promise]);
    } catch {
      return undefined;
    } finally {
      cancel();
    }
  }

  /** The caller's request and session have written just now. */
  wrote(): void {
    for (const mark of currentRequest()?.marks ?? []) mark.sample = this.#started + 1;
  }

  /** Runs a read on the replica that has least to do; `undefined` where none may answer the caller. */
  reader(except: ReadonlySet<string>): Lent | undefined {
    const needed = this.#needed();
    if (needed === undefined) return undefined;
    const fit = this.#replicas.filter(
      ({ name, state, replayed }) => state === 'up' && replayed >= needed && !except.has(name),
    );
    const held = fit.toSorted((a, b) => a.inFlight - b.inFlight || a.reads - b.reads)[0];
    if (!held) return undefined;
    return {
      name: held.name,
      async run(work) {
        held.reads += 1;
        held.inFlight += 1;
        try {
          return await work(held.sql);
        } finally {
          held.inFlight -= 1;
        }
      },
      lost: () => this.#turn(held, 'down'),
    };
  }

  /** The position that the caller must be able to see; `undefined` while it is not known. */
  #needed(): bigint | undefined {
    let needed = 0n;
    for (const { sample, position } of currentRequest()?.marks ?? []) {
      if (position !== undefined && position > needed) needed = position;
      if (sample === 0) continue;
      const after = this.#samples.find(({ number }) => number >= sample);
      if (after === undefined) return undefined;
      if (after.inserted > needed) needed = after.inserted;
    }
    return needed;
  }

  /** The primary's position now, for {@link WriteMark.position} on another node. @throws what the primary throws */
  async position(): Promise<string> {
    const { rows } = await this.#primary.query('SELECT pg_current_wal_insert_lsn()::text AS position');
    return String(rows[0]?.['position']);
  }
}

/** A replica for one read. */
export interface Lent {
  readonly name: string;
  run<T>(work: (sql: SqlStore) => Promise<T>): Promise<T>;
  /** It did not answer: no reads until a probe finds it again. */
  lost(): void;
}

/** `16/B374D848`: two halves of 32 bits in hexadecimal (pg_lsn). @returns `undefined` for anything else */
export function readPosition(text: unknown): bigint | undefined {
  const found = typeof text === 'string' ? /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text) : null;
  return found ? (BigInt(`0x${found[1]}`) << 32n) | BigInt(`0x${found[2]}`) : undefined;
}
