import { createHash } from 'node:crypto';
import { RampartError } from '../../core/errors.ts';
import type { SqlStore } from '../../ports/sql.ts';

/** One step of the schema, applied once and never changed afterwards. */
export interface Migration {
  /** Four digits and a name: `0001-events`. Applied in this order. */
  readonly id: string;
  /** Statements that run in one transaction. No BEGIN or COMMIT of their own. */
  readonly sql: string;
}

/** How migrations are applied. */
export interface MigrateOptions {
  /** Whose migrations: each set keeps its own list. 1 to 40 of `a-z 0-9 _ -`; default `rampart`. */
  readonly set?: string;
}

const TABLE = `CREATE TABLE IF NOT EXISTS rampart_migrations (
  set_name text NOT NULL,
  id text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (set_name, id)
)`;

/**
 * Brings the database's schema to that of the code. Forward only, one process at a time, each step with its note in one
 * transaction: a step that fails leaves nothing behind, and those before it stand.
 * @returns the ids that were applied now
 * @throws TypeError on ids out of order; RampartError `MIGRATION_CHANGED` when a step differs from what was applied,
 *   `DATABASE_NEWER` when the database knows a step that the code does not, `MIGRATION_FAILED` (the cause kept)
 */
export async function migrate(
  store: SqlStore,
  migrations: readonly Migration[],
  options: MigrateOptions = {},
): Promise<readonly string[]> {
  const set = options.set ?? 'rampart';
  if (!/^[a-z0-9_-]{1,40}$/.test(set)) throw new TypeError('set: 1 to 40 of a-z 0-9 _ -');
  checkOrder(migrations);
  // Not the name alone: `CREATE TABLE IF NOT EXISTS` of two sets at the same time would collide too.
  return store.withLock('migrations', async () => {
    await store.script(TABLE);
    const known = await applied(store, set);
    const missing = compare(migrations, known);
    for (const migration of missing) await apply(store, set, migration);
    return missing.map(({ id }) => id);
  });
}

function checkOrder(migrations: readonly Migration[]): void {
  migrations.forEach(({ id }, i) => {
    if (!/^\d{4}-[a-z0-9-]{1,80}$/.test(id))
      throw new TypeError(`migration '${id}': expected an id such as 0001-events`);
    const before = migrations[i - 1];
    if (before && before.id.slice(0, 4) >= id.slice(0, 4))
      throw new TypeError(`migration '${id}' must come before '${before.id}'`);
  });
}

async function applied(store: SqlStore, set: string): Promise<readonly { id: string; checksum: string }[]> {
  const { rows } = await store.query(
    'SELECT id, checksum FROM rampart_migrations WHERE set_name = $1 ORDER BY id',
    [set],
  );
  return rows.map((row) => ({ id: String(row['id']), checksum: String(row['checksum']) }));
}

/** What is still to be done; refuses a past that is not the code's own. */
function compare(
  migrations: readonly Migration[],
  known: readonly { id: string; checksum: string }[],
): readonly Migration[] {
  const byId = new Map(migrations.map((migration) => [migration.id, migration]));
  for (const { id, checksum } of known) {
    const migration = byId.get(id);
    if (!migration) {
      throw new RampartError(
        'DATABASE_NEWER',
        `The database holds migration '${id}', which this version does not know. Run the newer version, or restore a backup.`,
      );
    }
    if (checksumOf(migration) !== checksum) {
      throw new RampartError(
        'MIGRATION_CHANGED',
        `Migration '${id}' was changed after it had been applied. Put it back and write a new one.`,
      );
    }
  }
  const done = new Set(known.map(({ id }) => id));
  const last = known.at(-1)?.id ?? '';
  const missing = migrations.filter(({ id }) => !done.has(id));
  const late = missing.find(({ id }) => id < last);
  if (late) {
    throw new RampartError(
      'MIGRATION_CHANGED',
      `Migration '${late.id}' was put before '${last}', which had been applied already. Give it a later number.`,
    );
  }
  return missing;
}

/** Line ends differ between check-outs; they are no change. */
function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.sql.replaceAll('\r\n', '\n')).digest('hex');
}

async function apply(store: SqlStore, set: string, migration: Migration): Promise<void> {
  // A script cannot carry parameters; all three were checked to hold nothing but letters, digits, `_` and `-`.
  const note = `INSERT INTO rampart_migrations (set_name, id, checksum)
    VALUES ('${set}', '${migration.id}', '${checksumOf(migration)}')`;
  try {
    await store.script(`BEGIN;\n${migration.sql}\n;\n${note};\nCOMMIT;`);
  } catch (error) {
    if (error instanceof RampartError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new RampartError('MIGRATION_FAILED', `Migration '${migration.id}' failed: ${reason}`, {
      cause: error,
    });
  }
}
