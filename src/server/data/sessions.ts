import { createHash } from 'node:crypto';
import { newSecret } from '../../core/id.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { affected, db, firstRow } from './query.ts';

/** How long a set-up link can be used, unless said otherwise: 1 hour. */
export const SETUP_LINK_MS = 3_600_000;
/** A session ends after an hour without a request, and after a day whatever happens. */
export const SESSION_IDLE_MS = 3_600_000;
export const SESSION_ABSOLUTE_MS = 86_400_000;
/** A session's last use is written at most once in this time. */
const TOUCH_MS = 60_000;

/**
 * Tokens are kept as their SHA-256: who reads the table cannot sign in. Looking one up by its hash gives no timing to
 * work with, since nobody can steer the digits of a hash, and 256 random bits need no slow one.
 */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Single-use sign-in links. */
export class SetupStore {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /**
   * Makes a token. Links that were used or have run out are forgotten by the way.
   * @param name who signs in with it, shown in the audit trail
   */
  async create(
    name: string,
    nowMs: number,
    lifeMs = SETUP_LINK_MS,
    runner: SqlRunner = this.#sql,
  ): Promise<{ readonly token: string; readonly expiresAtMs: number }> {
    const token = newSecret();
    const expiresAtMs = nowMs + lifeMs;
    await affected(
      runner,
      db.deleteFrom('rampart.setup_tokens').where('expires_at_ms', '<=', nowMs - SESSION_ABSOLUTE_MS),
    );
    await affected(
      runner,
      db.insertInto('rampart.setup_tokens').values({
        token_hash: hashOf(token),
        name,
        created_at_ms: nowMs,
        expires_at_ms: expiresAtMs,
        used_at_ms: null,
      }),
    );
    return { token, expiresAtMs };
  }

  /**
   * Uses a token up. One statement decides, so that of any number of simultaneous uses exactly one wins.
   * @returns the name it was made for, or `undefined` when it is wrong, used or too old
   */
  async consume(runner: SqlRunner, token: string, nowMs: number): Promise<string | undefined> {
    const row = await firstRow(
      runner,
      db
        .updateTable('rampart.setup_tokens')
        .set({ used_at_ms: nowMs })
        .where('token_hash', '=', hashOf(token))
        .where('used_at_ms', 'is', null)
        .where('expires_at_ms', '>', nowMs)
        .returning('name'),
    );
    return row?.name;
  }
}

/** A console session in force. */
export interface ConsoleSession {
  readonly name: string;
  /** Milliseconds since the epoch: the earlier of its idle and its absolute end. */
  readonly expiresAtMs: number;
}

/** Sessions of administrators at the console. */
export class SessionStore {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /** Opens a session. @returns its token, for the cookie */
  async create(
    runner: SqlRunner,
    name: string,
    nowMs: number,
  ): Promise<ConsoleSession & { readonly token: string }> {
    const token = newSecret();
    await affected(runner, db.deleteFrom('rampart.console_sessions').where('expires_at_ms', '<=', nowMs));
    await affected(
      runner,
      db.insertInto('rampart.console_sessions').values({
        token_hash: hashOf(token),
        name,
        created_at_ms: nowMs,
        seen_at_ms: nowMs,
        expires_at_ms: nowMs + SESSION_ABSOLUTE_MS,
      }),
    );
    return { token, name, expiresAtMs: nowMs + SESSION_IDLE_MS };
  }

  /**
   * Finds a session that is still in force.
   * @param touch whether this use keeps it from ending idle; written at most once a minute
   */
  async find(token: string, nowMs: number, touch: boolean): Promise<ConsoleSession | undefined> {
    const row = await firstRow(
      this.#sql,
      db
        .selectFrom('rampart.console_sessions')
        .select(['name', 'seen_at_ms', 'expires_at_ms'])
        .where('token_hash', '=', hashOf(token))
        .where('expires_at_ms', '>', nowMs)
        .where('seen_at_ms', '>', nowMs - SESSION_IDLE_MS),
    );
    if (!row) return undefined;
    let seenMs = row.seen_at_ms;
    if (touch && nowMs - seenMs >= TOUCH_MS) {
      seenMs = nowMs;
      await affected(
        this.#sql,
        db
          .updateTable('rampart.console_sessions')
          .set({ seen_at_ms: nowMs })
          .where('token_hash', '=', hashOf(token)),
      );
    }
    return { name: row.name, expiresAtMs: Math.min(row.expires_at_ms, seenMs + SESSION_IDLE_MS) };
  }

  /** Ends a session. @returns whether there was one */
  async remove(token: string, runner: SqlRunner = this.#sql): Promise<boolean> {
    const removed = await affected(
      runner,
      db.deleteFrom('rampart.console_sessions').where('token_hash', '=', hashOf(token)),
    );
    return removed > 0;
  }

  /** Ends all sessions of a name. @returns how many there were */
  removeAll(name: string, runner: SqlRunner = this.#sql): Promise<number> {
    return affected(runner, db.deleteFrom('rampart.console_sessions').where('name', '=', name));
  }
}
