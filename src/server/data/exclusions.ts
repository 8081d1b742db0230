import { sql } from 'kysely';
import { toJsonText } from '../../base/database/index.ts';
import { ConflictError } from '../../core/errors.ts';
import { newId } from '../../core/id.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import type { ExclusionReplay, ExclusionState, ShieldExclusion } from '../api/shield-types.ts';
import { affected, db, firstRow, rows } from './query.ts';
import type { ShieldExclusionsTable } from './tables.ts';

/** What an exclusion says. */
export type ExclusionContent = Pick<ShieldExclusion, 'route' | 'field' | 'rules' | 'reason'>;

/** Drafts, and live exclusions, at most. */
export const MAX_DRAFTS = 200;
/** See `MAX_DRAFTS`. */
export const MAX_LIVE = 500;
/** Withdrawn ones that are remembered. */
export const MAX_WITHDRAWN = 200;

const TABLE = 'rampart.shield_exclusions';

/** Exclusions of inspection. Every change takes the runner of the transaction in which its audit event is written. */
export class ExclusionStore {
  readonly #sql: SqlRunner;

  constructor(runner: SqlRunner) {
    this.#sql = runner;
  }

  /** Drafts first, then live ones, then withdrawn ones; newest first. */
  async list(): Promise<readonly ShieldExclusion[]> {
    const found = await rows(
      this.#sql,
      db
        .selectFrom(TABLE)
        .selectAll()
        .orderBy(
          (eb) =>
            eb.case().when('state', '=', 'draft').then(0).when('state', '=', 'live').then(1).else(2).end(),
          'asc',
        )
        .orderBy('id', 'desc')
        .limit(MAX_DRAFTS + MAX_LIVE + MAX_WITHDRAWN),
    );
    return found.map(exclusionOf);
  }

  /** Those that act, oldest first. */
  async live(runner: SqlRunner = this.#sql): Promise<readonly ShieldExclusion[]> {
    const select = db.selectFrom(TABLE).selectAll().where('state', '=', 'live').orderBy('id').limit(MAX_LIVE);
    return (await rows(runner, select)).map(exclusionOf);
  }

  /** @returns `undefined` where there is none of that id */
  async get(id: string, runner: SqlRunner = this.#sql): Promise<ShieldExclusion | undefined> {
    const row = await firstRow(runner, db.selectFrom(TABLE).selectAll().where('id', '=', id));
    return row && exclusionOf(row);
  }

  /** Adds a draft. @throws ConflictError when there are too many */
  async add(
    runner: SqlRunner,
    content: ExclusionContent,
    by: string,
    nowMs: number,
  ): Promise<ShieldExclusion> {
    await refuseBeyond(runner, 'draft', MAX_DRAFTS);
    const row = await firstRow(
      runner,
      db
        .insertInto(TABLE)
        .values({
          id: newId('exc', nowMs),
          state: 'draft',
          ...columnsOf(content),
          created_by: by,
          created_at_ms: nowMs,
          changed_by: null,
          changed_at_ms: null,
          replay: null,
        })
        .returningAll(),
    );
    if (!row) throw new Error('The draft was not added.');
    return exclusionOf(row);
  }

  /** Changes a draft, and forgets its replay. @returns `undefined` where there is no draft of that id */
  async change(
    runner: SqlRunner,
    id: string,
    content: ExclusionContent,
    by: string,
    nowMs: number,
  ): Promise<ShieldExclusion | undefined> {
    const row = await firstRow(
      runner,
      db
        .updateTable(TABLE)
        .set({ ...columnsOf(content), changed_by: by, changed_at_ms: nowMs, replay: null })
        .where('id', '=', id)
        .where('state', '=', 'draft')
        .returningAll(),
    );
    return row && exclusionOf(row);
  }

  /** Keeps what a replay said. @returns `undefined` where the draft was changed or published since it was read */
  async keepReplay(
    { id, changedAtMs }: ShieldExclusion,
    replay: ExclusionReplay,
  ): Promise<ShieldExclusion | undefined> {
    const row = await firstRow(
      this.#sql,
      db
        .updateTable(TABLE)
        .set({ replay: sql<ExclusionReplay>`${toJsonText(replay)}::text::jsonb` })
        .where('id', '=', id)
        .where('state', '=', 'draft')
        .where('changed_at_ms', 'is not distinct from', changedAtMs)
        .returningAll(),
    );
    return row && exclusionOf(row);
  }

  /** Lets no other change of exclusions pass before the transaction has ended. */
  async hold(runner: SqlRunner): Promise<void> {
    await runner.query('LOCK TABLE rampart.shield_exclusions IN SHARE ROW EXCLUSIVE MODE');
  }

  /**
   * Moves an exclusion on.
   * @returns `undefined` where there is none of that id in that state
   * @throws ConflictError when there are too many live ones
   */
  async move(
    runner: SqlRunner,
    id: string,
    [from, to]: readonly [ExclusionState, ExclusionState],
    by: string,
    nowMs: number,
  ): Promise<ShieldExclusion | undefined> {
    if (to === 'live') await refuseBeyond(runner, 'live', MAX_LIVE);
    const row = await firstRow(
      runner,
      db
        .updateTable(TABLE)
        .set({ state: to, changed_by: by, changed_at_ms: nowMs })
        .where('id', '=', id)
        .where('state', '=', from)
        .returningAll(),
    );
    if (row && to === 'withdrawn') await forgetOldest(runner);
    return row && exclusionOf(row);
  }

  /** Deletes a draft. @returns what it was */
  async remove(runner: SqlRunner, id: string): Promise<ShieldExclusion | undefined> {
    const row = await firstRow(
      runner,
      db.deleteFrom(TABLE).where('id', '=', id).where('state', '=', 'draft').returningAll(),
    );
    return row && exclusionOf(row);
  }
}

async function refuseBeyond(runner: SqlRunner, state: 'draft' | 'live', most: number): Promise<void> {
  const counted = await firstRow(
    runner,
    db
      .selectFrom(TABLE)
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('state', '=', state),
  );
  if (Number(counted?.count) < most) return;
  const words = state === 'draft' ? 'drafts; delete some first' : 'live exclusions; withdraw some first';
  throw new ConflictError(`There are ${most} ${words}.`);
}

/** The audit log goes on telling of them. */
async function forgetOldest(runner: SqlRunner): Promise<void> {
  const surplus = db
    .selectFrom(TABLE)
    .select('id')
    .where('state', '=', 'withdrawn')
    .orderBy('changed_at_ms', 'desc')
    .orderBy('id', 'desc')
    .offset(MAX_WITHDRAWN);
  await affected(runner, db.deleteFrom(TABLE).where('id', 'in', surplus));
}

function columnsOf({ route, field, rules, reason }: ExclusionContent) {
  return { route, field, reason, rules: sql<readonly string[]>`${toJsonText(rules)}::text::jsonb` };
}

function exclusionOf(row: ShieldExclusionsTable): ShieldExclusion {
  return {
    id: row.id,
    state: row.state,
    route: row.route,
    field: row.field,
    rules: row.rules,
    reason: row.reason,
    createdBy: row.created_by,
    createdAtMs: row.created_at_ms,
    changedBy: row.changed_by,
    changedAtMs: row.changed_at_ms,
    replay: row.replay,
  };
}
