import type { KeyPurpose } from '../../base/secrets/index.ts';
import type { Clock, Timers } from '../../core/clock.ts';
import type { EventFields, EventType } from '../../core/events.ts';
import { newId } from '../../core/id.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { type BatchResult, columnsOf, keyTypeOf, quoted, runBatch, statementsOf } from './batch.ts';
import type { SealedTable } from './sealed.ts';
import type { KeyStore } from './store.ts';

/** What a rotation stands on. */
export interface RotationPorts {
  readonly sql: SqlStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly store: KeyStore;
  /** All tables that keys of any purpose seal. */
  readonly tables: readonly SealedTable[];
  readonly audit: (tx: SqlRunner, type: EventType, fields: EventFields) => Promise<void>;
}

/** How far a rotation is. */
export interface RotationProgress {
  readonly id: string;
  readonly purpose: KeyPurpose;
  readonly keyId: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly tables: readonly {
    readonly table: string;
    readonly rowsTotal: number;
    readonly rowsDone: number;
    /** Fields that could not be opened, and were left as they are. */
    readonly unreadable: number;
  }[];
}

/** How one run is carried out. */
export interface RunOptions {
  /** Who asks, for the audit trail. */
  readonly by: string;
  /** Rows of one transaction: 1 to 10,000, default 1,000. Fewer while rows are locked by others. */
  readonly batchRows?: number;
  /** Told after every batch, which waits for it. */
  readonly onProgress?: (progress: RotationProgress) => void | Promise<void>;
  /** Ends the run after the batch at hand; the rotation goes on with the next run. */
  readonly signal?: AbortSignal;
}

const DEFAULT_ROWS = 1_000;
const MAX_PASSES = 20;
const BUSY_MS = 250;
/** lock_not_available, deadlock_detected, serialization_failure. */
const BUSY = new Set(['55P03', '40P01', '40001']);

/**
 * Brings everything that keys of a purpose have sealed under the newest one. A rotation that was interrupted goes on where
 * it was: its place is written in the transaction of each batch. Applications go on reading and writing meanwhile.
 */
export class Rotation {
  readonly #ports: RotationPorts;

  constructor(ports: RotationPorts) {
    this.#ports = ports;
  }

  /**
   * Adds a key and begins a rotation to it, or finds the one that is not finished.
   * @returns whether it was begun now
   */
  async begin(purpose: KeyPurpose, by: string): Promise<boolean> {
    if (await this.#running(purpose)) return false;
    const { store, clock } = this.#ports;
    await store.add(purpose, by, async (tx, id) => {
      await tx.query(
        'INSERT INTO rampart.key_rotations (id, purpose, key_id, started_at_ms, started_by) VALUES ($1, $2, $3, $4, $5)',
        [newId('rot', clock.now()), purpose, id, clock.now(), by],
      );
    });
    return true;
  }

  /**
   * Carries out the rotation that has begun, until nothing is left under an older key. One process at a time does so;
   * another waits, and then finds it done.
   * @returns its last state; undefined when there is none to carry out
   */
  async run(purpose: KeyPurpose, options: RunOptions): Promise<RotationProgress | undefined> {
    return this.#ports.sql.withLock(`rampart keys rotation ${purpose}`, async () => {
      const rotation = await this.#running(purpose);
      if (rotation === undefined) return undefined;
      await this.#untilItSeals(purpose, options.signal);
      for (const table of this.#tablesOf(purpose)) {
        await this.#rotateTable(rotation, table, purpose, options);
        if (options.signal?.aborted === true) return this.progress(purpose);
      }
      await this.#finish(rotation, purpose, options.by);
      return this.progress(purpose);
    });
  }

  /** The newest rotation of a purpose. */
  async progress(purpose: KeyPurpose): Promise<RotationProgress | undefined> {
    const { rows } = await this.#ports.sql.query(
      'SELECT * FROM rampart.key_rotations WHERE purpose = $1 ORDER BY id DESC LIMIT 1',
      [purpose],
    );
    const row = rows[0];
    if (row === undefined) return undefined;
    const tables = await this.#ports.sql.query(
      'SELECT * FROM rampart.key_rotation_tables WHERE rotation = $1 ORDER BY table_name',
      [row['id'] as string],
    );
    return {
      id: row['id'] as string,
      purpose,
      keyId: row['key_id'] as string,
      startedAtMs: row['started_at_ms'] as number,
      endedAtMs: row['ended_at_ms'] as number | null,
      tables: tables.rows.map((one) => ({
        table: one['table_name'] as string,
        rowsTotal: one['rows_total'] as number,
        rowsDone: one['rows_done'] as number,
        unreadable: one['unreadable'] as number,
      })),
    };
  }

  /** Fields under each key of a purpose, by key id; what no key of ours has made counts under an empty id. Reads all rows. */
  async counts(purpose: KeyPurpose): Promise<ReadonlyMap<string, number>> {
    const counts = new Map<string, number>();
    for (const table of this.#tablesOf(purpose)) {
      for (const column of columnsOf(table, purpose)) {
        const [head] = column.prefix('\0').split('\0');
        const at = (head ?? '').split('.').length;
        const { rows } = await this.#ports.sql.query(
          `SELECT CASE WHEN starts_with(v, $1) THEN split_part(v, '.', $2::int) ELSE '' END AS kid, count(*) AS n
           FROM (SELECT ${quoted(column.name)} AS v FROM ${quoted(table.table)}) AS f WHERE v IS NOT NULL GROUP BY 1`,
          [head ?? '', at],
        );
        for (const row of rows) {
          const kid = row['kid'] as string;
          counts.set(kid, (counts.get(kid) ?? 0) + (row['n'] as number));
        }
      }
    }
    return counts;
  }

  /**
   * Retires every older key that seals nothing any more. Looks again afterwards, and brings back a key whose text a slow
   * node has written in between. Where no table is declared for the purpose (signatures lie with whoever was sent them), no
   * scan can prove a key unused: all are kept, unless a person says otherwise.
   * @param undeclared `retire`: a person knows that nothing is signed or sealed by them any more
   * @returns the ids that were retired, and those that still seal something
   */
  async retireUnused(
    purpose: KeyPurpose,
    by: string,
    undeclared: 'keep' | 'retire' = 'keep',
  ): Promise<{ readonly retired: string[]; readonly kept: string[] }> {
    const { store } = this.#ports;
    const isProvable = undeclared === 'retire' || this.#tablesOf(purpose).length > 0;
    const before = await this.counts(purpose);
    const retired: string[] = [];
    const kept: string[] = [];
    for (const key of await store.list()) {
      if (key.purpose !== purpose || key.state !== 'decrypt-only') continue;
      if (!isProvable || (before.get(key.id) ?? 0) > 0) kept.push(key.id);
      else {
        await store.retire(purpose, key.id, by);
        retired.push(key.id);
      }
    }
    if (retired.length === 0) return { retired, kept };
    const after = await this.counts(purpose);
    for (const id of retired.filter((one) => (after.get(one) ?? 0) > 0)) {
      await store.restore(purpose, id, by);
      kept.push(...retired.splice(retired.indexOf(id), 1));
    }
    return { retired, kept };
  }

  #tablesOf(purpose: KeyPurpose): readonly SealedTable[] {
    return this.#ports.tables.filter((table) => columnsOf(table, purpose).length > 0);
  }

  async #running(purpose: KeyPurpose): Promise<string | undefined> {
    const { rows } = await this.#ports.sql.query(
      'SELECT id FROM rampart.key_rotations WHERE purpose = $1 AND ended_at_ms IS NULL',
      [purpose],
    );
    return rows[0]?.['id'] as string | undefined;
  }

  /** Two phases: the key is read everywhere before anything is sealed by it. */
  async #untilItSeals(purpose: KeyPurpose, signal: AbortSignal | undefined): Promise<void> {
    const { store, clock } = this.#ports;
    for (;;) {
      const pending = (await store.list()).find((key) => key.purpose === purpose && key.state === 'pending');
      if (pending === undefined || signal?.aborted === true) break;
      await this.#pause(Math.max(1, pending.writesFromMs - clock.now()));
    }
    await store.refresh();
  }

  async #rotateTable(
    rotation: string,
    table: SealedTable,
    purpose: KeyPurpose,
    options: RunOptions,
  ): Promise<void> {
    const { sql, store, clock } = this.#ports;
    const type = await keyTypeOf(sql, table);
    const own = columnsOf(table, purpose);
    for (let pass = 0; pass < MAX_PASSES; pass += 1) {
      const statements = statementsOf(table, purpose, store.ring(purpose).sealing().id, type);
      const place = await this.#placeOf(rotation, table, statements.count);
      if (place.done) return;
      let afterKey = place.lastKey;
      let limit = options.batchRows ?? DEFAULT_ROWS;
      let unreadable = 0;
      for (;;) {
        if (options.signal?.aborted === true) return;
        const note = (tx: SqlRunner, result: BatchResult): Promise<void> =>
          advance(tx, rotation, table, result);
        try {
          const result = await runBatch(sql, table, own, statements, { afterKey, limit, note });
          unreadable += result.unreadable;
          if (result.lastKey !== null) afterKey = result.lastKey;
          await this.#tell(purpose, options);
          if (result.rows < limit) break;
          limit = options.batchRows ?? DEFAULT_ROWS;
        } catch (error) {
          if (!BUSY.has(String((error as { code?: unknown }).code))) throw error;
          // A row is held by an application: fewer rows get past it sooner, and hold fewer themselves.
          limit = Math.max(1, Math.floor(limit / 4));
          await this.#pause(BUSY_MS);
        }
      }
      // What an application has written under the old key behind our back, or while we wrote, is left for another pass.
      const { rows } = await sql.query(statements.count);
      const left = rows[0]?.['n'] as number;
      const isDone = left <= unreadable;
      await sql.query(
        `UPDATE rampart.key_rotation_tables SET last_key = NULL, unreadable = $3, done_at_ms = $4
         WHERE rotation = $1 AND table_name = $2`,
        [rotation, table.table, isDone ? left : 0, isDone ? clock.now() : null],
      );
      if (isDone) return;
    }
  }

  async #placeOf(
    rotation: string,
    table: SealedTable,
    count: string,
  ): Promise<{ readonly lastKey: string | null; readonly done: boolean }> {
    const { sql } = this.#ports;
    const find = async (): Promise<Readonly<Record<string, unknown>> | undefined> => {
      const { rows } = await sql.query(
        'SELECT last_key, done_at_ms FROM rampart.key_rotation_tables WHERE rotation = $1 AND table_name = $2',
        [rotation, table.table],
      );
      return rows[0];
    };
    const found = await find();
    if (found !== undefined)
      return { lastKey: found['last_key'] as string | null, done: found['done_at_ms'] !== null };
    const { rows } = await sql.query(count);
    await sql.query(
      'INSERT INTO rampart.key_rotation_tables (rotation, table_name, rows_total) VALUES ($1, $2, $3)',
      [rotation, table.table, rows[0]?.['n'] as number],
    );
    return { lastKey: null, done: false };
  }

  async #finish(rotation: string, purpose: KeyPurpose, by: string): Promise<void> {
    const { sql, clock, audit, store } = this.#ports;
    await sql.transaction(async (tx) => {
      await tx.query('UPDATE rampart.key_rotations SET ended_at_ms = $2 WHERE id = $1', [
        rotation,
        clock.now(),
      ]);
      await audit(tx, 'KEY_ROTATED', {
        actor: by,
        subject: `${purpose}/${store.ring(purpose).sealing().id}`,
      });
    });
  }

  async #tell(purpose: KeyPurpose, { onProgress }: RunOptions): Promise<void> {
    if (onProgress === undefined) return;
    const progress = await this.progress(purpose);
    if (progress !== undefined) await onProgress(progress);
  }

  #pause(ms: number): Promise<void> {
    // Held on to: a process that does nothing else must not end here.
    const keepAlive = setInterval(() => undefined, 60_000);
    return new Promise<void>((resolve) => void this.#ports.timers.after(ms, resolve)).finally(() =>
      clearInterval(keepAlive),
    );
  }
}

async function advance(
  tx: SqlRunner,
  rotation: string,
  table: SealedTable,
  result: BatchResult,
): Promise<void> {
  await tx.query(
    `UPDATE rampart.key_rotation_tables
     SET last_key = coalesce($3, last_key), rows_done = rows_done + $4, unreadable = unreadable + $5
     WHERE rotation = $1 AND table_name = $2`,
    [rotation, table.table, result.lastKey, result.rows, result.unreadable],
  );
}
