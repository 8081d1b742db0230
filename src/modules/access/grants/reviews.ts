import { newId } from '../../../core/id.ts';
import { endAssignment } from './assignments.ts';
import { invalidField, noSuch, ownDecision, stateConflict } from './errors.ts';
import { revokeKey } from './keys.ts';
import { act, type Act, by, type Kit, type Page, read } from './kit.ts';
import { OVERDUE_REVIEWS, type OverdueReview, tellOverdue } from './overdue.ts';
import type { GrantActor } from './ports.ts';

/** A look at who holds what, with a day by which it must be done (ISO/IEC 27001 A.5.18, SOC 2 CC6.3). */
export interface AccessReview {
  readonly id: string;
  readonly name: string;
  /** Id of the principal who answers for it. */
  readonly reviewer: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly dueAtMs: number;
  readonly closedAtMs: number | null;
  readonly closedBy: string | null;
  /** Lines in all, and those that wait for a decision. */
  readonly items: number;
  readonly open: number;
}

/** One line of a review: an assignment or a key as it stood when the review was opened. */
export interface ReviewItem {
  readonly kind: 'assignment' | 'key';
  /** Id of the assignment or key. */
  readonly target: string;
  readonly subject: string;
  /** The role, or the key's name and scopes. */
  readonly what: string;
  /** Of keys; null: never, or an assignment. */
  readonly lastUsedAtMs: number | null;
  readonly decision: 'keep' | 'revoke' | null;
  readonly decidedBy: string | null;
  readonly decidedAtMs: number | null;
  readonly note: string | null;
}

/** What a new one is made of. */
export interface NewReview {
  readonly name: string;
  readonly reviewer: string;
  readonly dueAtMs: number;
}

/** A decision on a line. */
export interface ReviewDecision {
  readonly kind: ReviewItem['kind'];
  readonly target: string;
  readonly decision: 'keep' | 'revoke';
  readonly note: string;
}

const SELECT = `SELECT r.id, r.name, r.reviewer, r.created_by AS "createdBy", r.created_at_ms AS "createdAtMs",
  r.due_at_ms AS "dueAtMs", r.closed_at_ms AS "closedAtMs", r.closed_by AS "closedBy",
  (SELECT count(*)::int FROM rampart.access_review_items i WHERE i.review = r.id) AS items,
  (SELECT count(*)::int FROM rampart.access_review_items i WHERE i.review = r.id AND i.decision IS NULL) AS open
  FROM rampart.access_reviews r`;
const ITEM = `kind, target, subject, what, last_used_at_ms AS "lastUsedAtMs", decision,
  decided_by AS "decidedBy", decided_at_ms AS "decidedAtMs", note`;
/** Lines of one review. */
const MAX_ITEMS = 5_000;

/** Reviews of assignments and keys. */
export class AccessReviews {
  readonly #kit: Kit;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  /** Newest first. */
  list(query: Page): Promise<readonly AccessReview[]> {
    return read<AccessReview>(
      this.#kit.ports.sql,
      `${SELECT} WHERE ($1::text IS NULL OR r.id < $1) ORDER BY r.id DESC LIMIT $2`,
      [query.before ?? null, query.limit],
    );
  }

  /** A review with its lines, undecided ones first. @throws AppError 404 */
  async get(id: string): Promise<{ readonly review: AccessReview; readonly items: readonly ReviewItem[] }> {
    const { sql } = this.#kit.ports;
    const [review] = await read<AccessReview>(sql, `${SELECT} WHERE r.id = $1`, [id]);
    if (!review) throw noSuch('review');
    const items = await read<ReviewItem>(
      sql,
      `SELECT ${ITEM} FROM rampart.access_review_items WHERE review = $1
       ORDER BY decision IS NOT NULL, kind, subject, target`,
      [id],
    );
    return { review, items };
  }

  /**
   * Opens a review of every assignment and key that stands now.
   * @throws AppError 400 for a day that is over; 409 when more stands than one review holds (5,000 lines)
   */
  open(given: NewReview, actor: GrantActor): Promise<AccessReview> {
    return act(this.#kit, async (tx) => {
      if (given.dueAtMs <= tx.nowMs) throw invalidField('dueAtMs', 'past', 'This time is over.');
      const id = newId('rev', tx.nowMs);
      await tx.query(
        `INSERT INTO rampart.access_reviews (id, name, reviewer, created_by, created_at_ms, due_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [id, given.name, given.reviewer, actor.id, tx.nowMs, given.dueAtMs],
      );
      const { affected: items } = await tx.query(
        `INSERT INTO rampart.access_review_items (review, kind, target, subject, what, last_used_at_ms)
         SELECT $1, 'assignment', id, subject, role, NULL::bigint FROM rampart.access_assignments
         WHERE ended_at_ms IS NULL AND (expires_at_ms IS NULL OR expires_at_ms > $2)
         UNION ALL
         SELECT $1, 'key', id, 'service:' || service, name || ': ' || array_to_string(scopes, ' '), last_used_at_ms
         FROM rampart.access_keys WHERE revoked_at_ms IS NULL AND expires_at_ms > $2
         LIMIT ${MAX_ITEMS + 1}`,
        [id, tx.nowMs],
      );
      if (items > MAX_ITEMS) throw stateConflict(`More than ${MAX_ITEMS} assignments and keys stand.`);
      const details = { reviewer: given.reviewer, dueAtMs: given.dueAtMs, items };
      await tx.audit('ACCESS_REVIEW_OPENED', by(actor, id, details));
      return {
        ...given,
        id,
        createdBy: actor.id,
        createdAtMs: tx.nowMs,
        closedAtMs: null,
        closedBy: null,
        items,
        open: items,
      };
    });
  }

  /**
   * Keeps or revokes what a line names; revoking ends it in the same transaction.
   * @throws AppError 403 on an own line; 404; 409 when the review is closed or the line was decided
   */
  decide(id: string, given: ReviewDecision, actor: GrantActor): Promise<ReviewItem> {
    return act(this.#kit, async (tx) => {
      const review = await openReview(tx, id);
      const item = await undecided(tx, id, given);
      if (item.subject === actor.id) throw ownDecision('access');
      if (given.decision === 'revoke') await revoke(tx, review.id, given, actor);
      await tx.query(
        `UPDATE rampart.access_review_items SET decision = $4, decided_by = $5, decided_at_ms = $6, note = $7
         WHERE review = $1 AND kind = $2 AND target = $3`,
        [id, given.kind, given.target, given.decision, actor.id, tx.nowMs, given.note],
      );
      const { kind, target, decision, note } = given;
      const details = { review: id, kind, target, what: item.what, decision, note };
      await tx.audit('ACCESS_REVIEW_DECIDED', by(actor, item.subject, details));
      return { ...item, decision, decidedBy: actor.id, decidedAtMs: tx.nowMs, note };
    });
  }

  /** Reviews whose day is over, the longest overdue first. */
  overdue(limit: number): Promise<readonly OverdueReview[]> {
    const { sql, clock } = this.#kit.ports;
    return read<OverdueReview>(sql, OVERDUE_REVIEWS, [clock.now(), limit]);
  }

  /** Writes an event for each review that has become overdue, once. @returns how many; 100 at most, then call again */
  tellOverdue(): Promise<number> {
    return tellOverdue(this.#kit);
  }

  /** Closes a review. @throws AppError 404; 409 while a line waits, or when it is closed */
  close(id: string, actor: GrantActor): Promise<AccessReview> {
    return act(this.#kit, async (tx) => {
      const review = await openReview(tx, id);
      if (review.open > 0) throw stateConflict(`${review.open} lines wait for a decision.`);
      const [counts] = await read<{ kept: number; revoked: number }>(
        tx,
        `SELECT count(*) FILTER (WHERE decision = 'keep')::int AS kept,
           count(*) FILTER (WHERE decision = 'revoke')::int AS revoked
         FROM rampart.access_review_items WHERE review = $1`,
        [id],
      );
      await tx.query('UPDATE rampart.access_reviews SET closed_at_ms = $2, closed_by = $3 WHERE id = $1', [
        id,
        tx.nowMs,
        actor.id,
      ]);
      const details = {
        kept: counts?.kept ?? 0,
        revoked: counts?.revoked ?? 0,
        late: tx.nowMs > review.dueAtMs,
      };
      await tx.audit('ACCESS_REVIEW_CLOSED', by(actor, id, details));
      return { ...review, closedAtMs: tx.nowMs, closedBy: actor.id };
    });
  }
}

async function openReview(tx: Act, id: string): Promise<AccessReview> {
  const [review] = await read<AccessReview>(tx, `${SELECT} WHERE r.id = $1`, [id]);
  if (!review) throw noSuch('review');
  if (review.closedAtMs !== null) throw stateConflict('This review is closed.');
  return review;
}

async function undecided(tx: Act, id: string, given: ReviewDecision): Promise<ReviewItem> {
  const [item] = await read<ReviewItem>(
    tx,
    `SELECT ${ITEM} FROM rampart.access_review_items WHERE review = $1 AND kind = $2 AND target = $3`,
    [id, given.kind, given.target],
  );
  if (!item) throw noSuch('line');
  if (item.decision !== null) throw stateConflict('This line was decided.');
  return item;
}

/** What ended by itself since the review was opened needs no end. */
async function revoke(tx: Act, review: string, given: ReviewDecision, actor: GrantActor): Promise<void> {
  const table = given.kind === 'key' ? 'access_keys' : 'access_assignments';
  const ended =
    given.kind === 'key' ? 'revoked_at_ms IS NOT NULL' : 'ended_at_ms IS NOT NULL OR expires_at_ms <= $2';
  const over = await read(
    tx,
    `SELECT 1 FROM rampart.${table} WHERE id = $1 AND ($2::bigint IS NULL OR ${ended})`,
    [given.target, tx.nowMs],
  );
  if (over.length > 0) return;
  if (given.kind === 'key') await revokeKey(tx, given.target, actor, { review });
  else await endAssignment(tx, given.target, actor, { review });
}
