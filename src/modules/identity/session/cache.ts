import { AppError } from '../../../core/errors.ts';
import type { SessionState } from '../contract.ts';
import type { IdentityPorts } from '../ports.ts';
import type { FeedTarget, RevocationFeed } from './feed.ts';
import type { SessionSettings } from './options.ts';
import { Recent } from './recent.ts';
import { endOf, sessionById, stateOf, type SessionRow } from './rows.ts';

/** A session in memory. Credentials that were seen point to it; once it is no longer `live`, they look again. */
export interface Held {
  /** Replaced when the idle end moves. */
  state: SessionState;
  live: boolean;
  /** From then on the database is asked: another node may have seen the session later. */
  deadlineMs: number;
  seenAtMs: number;
  readonly row: SessionRow;
  readonly idleMs: number;
  /** Signals that were compared last and fit. */
  fits: { readonly userAgent: string | undefined; readonly platform: string | undefined } | undefined;
  /** For a client that does not fit: the same with nothing freshly proven. */
  lowered: SessionState | undefined;
}

/** 503: neither memory nor the database can say who is signed in. */
export function storeUnavailable(cause: unknown): AppError {
  return new AppError('Sessions cannot be checked at the moment.', 503, 'SESSION_STORE_UNAVAILABLE', {
    cause,
  });
}

/** Makes the form that is kept in memory. */
export function heldOf(row: SessionRow, settings: SessionSettings): Held {
  return {
    state: stateOf(row, settings),
    live: true,
    deadlineMs: endOf(row, settings),
    seenAtMs: row.seen_at_ms,
    row,
    idleMs: settings.lifetime[row.aal].idle,
    fits: undefined,
    lowered: undefined,
  };
}

/** Sessions in memory by id, with a ceiling. */
export class SessionCache {
  readonly #ports: IdentityPorts;
  readonly #settings: SessionSettings;
  readonly #held: Recent<Held>;
  /** Sessions that have ended for good: an old token costs the database one look, not one each time. */
  readonly #gone: Recent<true>;
  readonly #flights = new Map<
    string,
    { readonly mark: number; readonly row: Promise<SessionRow | undefined> }
  >();
  #mark = 0;

  constructor(ports: IdentityPorts, settings: SessionSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#held = new Recent(settings.cacheSize);
    this.#gone = new Recent(settings.cacheSize);
  }

  /** Grows with everything that is forgotten: what was read before must not be kept after. */
  get mark(): number {
    return this.#mark;
  }

  /** The feed's other end. */
  target(keysChanged: () => Promise<void>): FeedTarget {
    return {
      forget: (sessions, accounts) => this.forget(sessions, accounts),
      forgetAll: () => {
        this.#mark++;
        for (const held of this.#held.values()) held.live = false;
        this.#held.clear();
      },
      keysChanged,
    };
  }

  forget(sessions: ReadonlySet<string>, accounts: ReadonlySet<string>): void {
    this.#mark++;
    for (const id of sessions) {
      const held = this.#held.get(id);
      if (held !== undefined) held.live = false;
      this.#held.delete(id);
    }
    if (accounts.size === 0) return;
    for (const held of this.#held.values()) {
      if (!accounts.has(held.state.account)) continue;
      held.live = false;
      this.#held.delete(held.state.id);
    }
  }

  /** The session as memory has it, if that may be believed. */
  peek(id: string, feed: RevocationFeed): Held | undefined {
    const held = this.#held.get(id);
    if (held === undefined || !held.live) return undefined;
    return this.#ports.clock.now() < held.deadlineMs && feed.trusted() ? held : undefined;
  }

  /**
   * The session as the database has it, kept for the next time.
   * @returns `undefined` when it has ended or never was
   * @throws AppError 503 `SESSION_STORE_UNAVAILABLE`
   */
  async load(id: string, feed: RevocationFeed): Promise<Held | undefined> {
    const now = this.#ports.clock.now();
    if (this.#gone.get(id) === true) return undefined;
    const mark = this.#mark;
    const row = await this.#read(id, mark);
    if (row === undefined || row.ended_at_ms !== null || row.expires_at_ms <= now) {
      this.#gone.set(id, true);
      return undefined;
    }
    return this.keep(row, mark, feed);
  }

  /** Keeps what was read unless something has changed since `mark`; what is not kept serves once. */
  keep(row: SessionRow, mark: number, feed: RevocationFeed): Held {
    const held = heldOf(row, this.#settings);
    if (this.#mark !== mark || !feed.trusted() || feed.inDoubt(row.id, row.account)) {
      held.live = false;
      return held;
    }
    // Several credentials of one session share one form of it, so that all of them see it end.
    const other = this.#held.get(row.id);
    if (other !== undefined && other.live) {
      if (other.seenAtMs >= held.seenAtMs && this.#ports.clock.now() < other.deadlineMs) return other;
      other.live = false;
    }
    this.#held.set(row.id, held);
    return held;
  }

  /** How many are held: at most the ceiling. */
  get size(): number {
    return this.#held.size;
  }

  /** Simultaneous questions for one session share one look, unless something was forgotten since it began. */
  #read(id: string, mark: number): Promise<SessionRow | undefined> {
    const running = this.#flights.get(id);
    if (running !== undefined && running.mark === mark) return running.row;
    const row = sessionById(this.#ports.sql, id)
      .catch((error: unknown) => {
        throw storeUnavailable(error);
      })
      .finally(() => {
        if (this.#flights.get(id)?.row === row) this.#flights.delete(id);
      });
    this.#flights.set(id, { mark, row });
    return row;
  }
}
