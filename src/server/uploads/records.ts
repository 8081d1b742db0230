import { sql } from 'kysely';
import { toJsonText } from '../../base/database/index.ts';
import type { UploadQuery, UploadRecords, UploadRow, UploadState } from '../../modules/upload/index.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { affected, db, firstRow, rows } from '../data/query.ts';
import type { UploadsTable } from '../data/tables.ts';

const TABLE = 'rampart.uploads';

/** Rows of uploads in the database. */
export class UploadStore implements UploadRecords {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /** All or none. */
  async add(added: readonly UploadRow[]): Promise<void> {
    if (added.length === 0) return;
    await affected(this.#sql, db.insertInto(TABLE).values(added.map(tableRow)));
  }

  /** The row, whatever became of the file. */
  async get(id: string): Promise<UploadRow | undefined> {
    const row = await firstRow(this.#sql, db.selectFrom(TABLE).selectAll().where('id', '=', id));
    return row && uploadRow(row);
  }

  /** A page of rows. */
  async list({ upload, owner, states, before, limit, order }: UploadQuery): Promise<readonly UploadRow[]> {
    let select = db
      .selectFrom(TABLE)
      .selectAll()
      .orderBy('id', order === 'oldest' ? 'asc' : 'desc')
      .limit(limit);
    if (upload !== undefined) select = select.where('upload', '=', upload);
    if (owner !== undefined) select = select.where('owner', '=', owner);
    if (states !== undefined) select = select.where('state', 'in', [...states]);
    if (before !== undefined) select = select.where('id', '<', before);
    return (await rows(this.#sql, select)).map(uploadRow);
  }

  /** Changes a row that is still in that state. */
  async change(
    id: string,
    from: UploadState,
    change: Pick<UploadRow, 'state' | 'reason' | 'signature' | 'changedBy'>,
    nowMs: number,
  ): Promise<boolean> {
    const { changedBy, ...rest } = change;
    const update = db
      .updateTable(TABLE)
      .set({ ...rest, changed_by: changedBy, changed_at_ms: nowMs })
      .where('id', '=', id)
      .where('state', '=', from);
    return (await affected(this.#sql, update)) > 0;
  }

  /** @returns whether there was one of these states */
  async remove(id: string, states: readonly UploadState[]): Promise<boolean> {
    const remove = db
      .deleteFrom(TABLE)
      .where('id', '=', id)
      .where('state', 'in', [...states]);
    return (await affected(this.#sql, remove)) > 0;
  }

  /** How many there are of each state. */
  async counts(): Promise<Readonly<Record<UploadState, number>>> {
    const found = await rows(
      this.#sql,
      db
        .selectFrom(TABLE)
        .select(['state', (eb) => eb.fn.countAll<number>().as('count')])
        .groupBy('state'),
    );
    const counts = { kept: 0, held: 0, infected: 0, refused: 0 };
    for (const { state, count } of found) counts[state] = count;
    return counts;
  }
}

function tableRow(row: UploadRow) {
  return {
    id: row.id,
    upload: row.upload,
    owner: row.owner,
    state: row.state,
    reason: row.reason,
    signature: row.signature,
    type: row.type,
    extension: row.extension,
    display_name: row.displayName,
    bytes: row.bytes,
    sha256: row.sha256,
    flags: sql<readonly string[]>`${toJsonText(row.flags)}::text::jsonb`,
    width: row.width,
    height: row.height,
    address: row.address,
    decision: row.decision,
    at_ms: row.atMs,
    changed_by: row.changedBy,
    changed_at_ms: row.changedAtMs,
  };
}

function uploadRow(row: UploadsTable): UploadRow {
  return {
    id: row.id,
    upload: row.upload,
    owner: row.owner,
    state: row.state,
    reason: row.reason,
    signature: row.signature,
    type: row.type,
    extension: row.extension,
    displayName: row.display_name,
    bytes: row.bytes,
    sha256: row.sha256,
    flags: row.flags,
    width: row.width,
    height: row.height,
    address: row.address,
    decision: row.decision,
    atMs: row.at_ms,
    changedBy: row.changed_by,
    changedAtMs: row.changed_at_ms,
  };
}
