import type {
  Credential,
  NewSession,
  SessionEnd,
  SessionGrant,
  Sessions,
  SessionState,
  SessionView,
} from '../contract.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import { KeyRing } from '../token/index.ts';
import { SessionCache, storeUnavailable } from './cache.ts';
import { endAllSessions, endSessions, endSessionsOfDevice, listSessions, pruneSessions } from './end.ts';
import { RevocationFeed } from './feed.ts';
import type { SessionHouse, SessionPorts } from './house.ts';
import { Identifier } from './identify.ts';
import { openSession, renewSession, type SessionChange } from './open.ts';
import { readSessionOptions, type SessionOptions } from './options.ts';
import { refreshSession } from './refresh.ts';
import { Refusals } from './refusals.ts';
import { isAlive, sessionById, stateOf } from './rows.ts';

/** `Sessions` with what the house does now and then. */
export interface ManagedSessions extends Sessions {
  /**
   * Makes a new signing key, which signs two seconds later; tokens of the one before are good until they end.
   * @returns its `kid`
   */
  rotateKeys(): Promise<string>;
  /**
   * Deletes sessions that ended more than a day ago, at most `limit`, by an index.
   * @returns how many; the same as `limit` means that there may be more
   */
  prune(nowMs: number, limit: number): Promise<number>;
  /** Resolves once everything that runs in the background has been written. */
  settled(): Promise<void>;
}

/**
 * Makes the sessions of a house. `start` must have resolved before the first `open`.
 * @throws OptionsError
 */
export function createSessions(options: SessionOptions, ports: SessionPorts): ManagedSessions {
  return new SqlSessions(options, ports);
}

class SqlSessions implements ManagedSessions {
  readonly #house: SessionHouse;
  readonly #identifier: Identifier;
  readonly #running = new Set<Promise<void>>();

  constructor(options: SessionOptions, ports: SessionPorts) {
    const settings = readSessionOptions('session', options);
    const ring = new KeyRing(settings.algorithm, settings.accessTtl, ports);
    const cache = new SessionCache(ports, settings);
    this.#house = {
      ports,
      settings,
      ring,
      cache,
      feed: new RevocationFeed(
        ports,
        settings.maxStale,
        cache.target(() => ring.reload()),
      ),
      refusals: new Refusals(ports.events, ports.clock),
      background: (what, work) => this.#background(what, work),
    };
    this.#identifier = new Identifier(this.#house);
  }

  open(tx: IdentityTransaction, given: NewSession): Promise<SessionGrant> {
    return openSession(this.#house, tx, given);
  }

  identify(
    credential: Credential,
    facts: ClientFacts,
  ): SessionState | undefined | Promise<SessionState | undefined> {
    return this.#identifier.identify(credential, facts);
  }

  async fresh(id: string): Promise<SessionState | undefined> {
    const { ports, settings } = this.#house;
    const row = await sessionById(ports.sql, id).catch((error: unknown) => {
      throw storeUnavailable(error);
    });
    return row !== undefined && isAlive(row, settings, ports.clock.now())
      ? stateOf(row, settings)
      : undefined;
  }

  refresh(token: string, facts: ClientFacts): Promise<SessionGrant | undefined> {
    return refreshSession(this.#house, token, facts);
  }

  renew(
    tx: IdentityTransaction,
    id: string,
    change: SessionChange,
    facts: ClientFacts,
  ): Promise<SessionGrant> {
    return renewSession(this.#house, tx, id, change, facts);
  }

  list(account: string, current: string | null): Promise<readonly SessionView[]> {
    return listSessions(this.#house, account, current);
  }

  async end(tx: IdentityTransaction, account: string, id: string, why: SessionEnd): Promise<boolean> {
    return (await endSessions(this.#house, tx, account, [id], why)) === 1;
  }

  endAll(tx: IdentityTransaction, account: string, why: SessionEnd, except?: string): Promise<number> {
    return endAllSessions(this.#house, tx, account, why, except);
  }

  endOfDevice(tx: IdentityTransaction, account: string, device: string, except: string): Promise<number> {
    return endSessionsOfDevice(this.#house, tx, account, device, except);
  }

  changed(tx: SqlRunner, account: string): Promise<void> {
    return this.#house.feed.write(tx, { kind: 'account', id: account });
  }

  jwks(): { readonly keys: readonly object[] } {
    return this.#house.ring.jwks();
  }

  rotateKeys(): Promise<string> {
    return this.#house.ring.rotate((tx) => this.#house.feed.write(tx, { kind: 'keys' }));
  }

  prune(nowMs: number, limit: number): Promise<number> {
    return pruneSessions(this.#house.ports.sql, nowMs, limit);
  }

  async start(): Promise<void> {
    // The feed first: a key that is made while the keys are read is told.
    await this.#house.feed.start();
    await this.#house.ring.start();
  }

  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async close(): Promise<void> {
    await this.#house.feed.close();
    await this.settled();
  }

  #background(what: string, work: () => Promise<unknown>): void {
    const run = work()
      .then(() => undefined)
      .catch((error: unknown) => this.#house.ports.log.error(`Sessions: ${what} failed.`, { error }))
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }
}
