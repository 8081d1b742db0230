import { type Kit, read } from './kit.ts';

/** A review whose day is over and that nobody has closed. */
export interface OverdueReview {
  readonly id: string;
  readonly name: string;
  readonly reviewer: string;
  readonly dueAtMs: number;
  /** Lines that wait for a decision. */
  readonly open: number;
}

/** Which of them; a batch, so that no transaction lasts for ever. */
const BATCH = 100;
const COLUMNS = `r.id, r.name, r.reviewer, r.due_at_ms AS "dueAtMs",
  (SELECT count(*)::int FROM rampart.access_review_items i WHERE i.review = r.id AND i.decision IS NULL) AS open`;

/** Statement for the reviews that are overdue at `$1`, the longest overdue first, at most `$2`. */
export const OVERDUE_REVIEWS = `SELECT ${COLUMNS} FROM rampart.access_reviews r
  WHERE r.closed_at_ms IS NULL AND r.due_at_ms <= $1 ORDER BY r.due_at_ms, r.id LIMIT $2`;

/**
 * Writes an event for each review whose day is over, once for each, whichever node looks first.
 * @returns how many were told now
 */
export function tellOverdue({ ports }: Kit): Promise<number> {
  const nowMs = ports.clock.now();
  return ports.transaction(async (tx) => {
    const found = await read<OverdueReview>(
      tx,
      `UPDATE rampart.access_reviews r SET overdue_told_at_ms = $1 WHERE r.id IN (
         SELECT id FROM rampart.access_reviews
         WHERE closed_at_ms IS NULL AND due_at_ms <= $1 AND overdue_told_at_ms IS NULL
         ORDER BY id LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
       RETURNING ${COLUMNS}`,
      [nowMs],
    );
    for (const { id, name, reviewer, dueAtMs, open } of found)
      await tx.audit('ACCESS_REVIEW_OVERDUE', { subject: id, details: { name, reviewer, dueAtMs, open } });
    return found.length;
  });
}
