import { sql } from 'kysely';
import type { SqlRunner } from '../../ports/sql.ts';
import { toJsonText } from '../../base/database/index.ts';
import { affected, db, firstRow } from './query.ts';

/** Configurations by their hash, so that an old decision can be computed again under what decided it. */
export class PolicyStore {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /** Keeps a configuration (plain data, no secrets); does nothing when its hash is known. */
  async save(hash: string, configuration: unknown, nowMs: number): Promise<void> {
    await affected(
      this.#sql,
      db
        .insertInto('rampart.policies')
        .values({
          hash,
          configuration: sql`${toJsonText(configuration)}::text::jsonb`,
          first_seen_ms: nowMs,
        })
        .onConflict((on) => on.column('hash').doNothing()),
    );
  }

  /** @returns the configuration, or `undefined` when the hash is not known */
  async find(
    hash: string,
  ): Promise<{ readonly configuration: unknown; readonly firstSeenMs: number } | undefined> {
    const row = await firstRow(
      this.#sql,
      db.selectFrom('rampart.policies').selectAll().where('hash', '=', hash),
    );
    return row && { configuration: row.configuration, firstSeenMs: row.first_seen_ms };
  }
}

/** Settings that are changed while the server runs. */
export class SettingStore {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /** @returns the value, or `undefined` when it was never set */
  async get(name: string): Promise<unknown> {
    const row = await firstRow(
      this.#sql,
      db.selectFrom('rampart.settings').select('value').where('name', '=', name),
    );
    return row?.value;
  }

  /** Sets a value (plain data). Takes the runner of the transaction in which the audit event is written. */
  async set(runner: SqlRunner, name: string, value: unknown, by: string, nowMs: number): Promise<void> {
    const json = sql<string>`${toJsonText(value)}::text::jsonb`;
    await affected(
      runner,
      db
        .insertInto('rampart.settings')
        .values({ name, value: json, changed_at_ms: nowMs, changed_by: by })
        .onConflict((on) =>
          on.column('name').doUpdateSet({ value: json, changed_at_ms: nowMs, changed_by: by }),
        ),
    );
  }
}
