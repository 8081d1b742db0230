import { newId } from '../../../core/id.ts';
import {
  approvalRequired,
  invalidField,
  noSuch,
  ownDecision,
  separationRefused,
  stateConflict,
} from './errors.ts';
import { heldIn } from './held.ts';
import { act, type Act, by, type Kit, type Page, read } from './kit.ts';
import type { GrantActor } from './ports.ts';
import { conflictOf } from './separation.ts';

/** A role that somebody holds, held or was to hold. */
export interface Assignment {
  readonly id: string;
  /** Id of a principal: `user:…`, `service:…`. */
  readonly subject: string;
  readonly role: string;
  readonly reason: string;
  readonly grantedBy: string;
  readonly grantedAtMs: number;
  /** Null: until somebody ends it. */
  readonly expiresAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly endedBy: string | null;
}

/** What is to be assigned. */
export interface NewAssignment {
  readonly subject: string;
  readonly role: string;
  /** Why; 1 to 500 characters. */
  readonly reason: string;
  /** Milliseconds since the epoch, in the future; absent: until somebody ends it. */
  readonly expiresAtMs?: number | undefined;
}

/** Which assignments to list. */
export interface AssignmentQuery extends Page {
  readonly subject?: string | undefined;
  readonly role?: string | undefined;
  /** Also those that have ended or run out; default only those that stand. */
  readonly all?: boolean | undefined;
}

const COLUMNS = `id, subject, role, reason, granted_by AS "grantedBy", granted_at_ms AS "grantedAtMs",
  expires_at_ms AS "expiresAtMs", ended_at_ms AS "endedAtMs", ended_by AS "endedBy"`;
const MAX_SUBJECT = 200;

/** Assigns roles, changes how long they are held, and ends them. */
export class Assignments {
  readonly #kit: Kit;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  /** Newest first. */
  list(query: AssignmentQuery): Promise<readonly Assignment[]> {
    const { ports } = this.#kit;
    return read<Assignment>(
      ports.sql,
      `SELECT ${COLUMNS} FROM rampart.access_assignments
       WHERE ($1::text IS NULL OR subject = $1) AND ($2::text IS NULL OR role = $2)
         AND ($3 OR (ended_at_ms IS NULL AND (expires_at_ms IS NULL OR expires_at_ms > $4)))
         AND ($5::text IS NULL OR id < $5)
       ORDER BY id DESC LIMIT $6`,
      [
        query.subject ?? null,
        query.role ?? null,
        query.all ?? false,
        ports.clock.now(),
        query.before ?? null,
        query.limit,
      ],
    );
  }

  /**
   * Assigns a role.
   * @throws AppError 400 for an unknown role or a time that is over; 403 to oneself; 404 for an unknown subject; 409
   * when it is held already, needs a second person, or may not stand beside what is held
   */
  grant(given: NewAssignment, actor: GrantActor): Promise<Assignment> {
    return act(this.#kit, async (tx) => {
      checkNew(this.#kit, given, tx.nowMs);
      if (given.subject === actor.id) throw ownDecision('roles');
      if (this.#kit.settings.approval.includes(given.role)) throw approvalRequired(given.role);
      return assign(this.#kit, tx, given, actor, {});
    });
  }

  /**
   * Changes when an assignment runs out. @param expiresAtMs null: until somebody ends it
   * @throws AppError 404; 403 on an own one; 409 for one that has ended, or to lengthen one that needs two people
   */
  change(id: string, expiresAtMs: number | null, actor: GrantActor): Promise<Assignment> {
    return act(this.#kit, async (tx) => {
      checkEnd(expiresAtMs, tx.nowMs);
      const found = await standingOne(tx, id);
      if (found.subject === actor.id) throw ownDecision('roles');
      const longer = found.expiresAtMs !== null && (expiresAtMs === null || expiresAtMs > found.expiresAtMs);
      if (longer && this.#kit.settings.approval.includes(found.role)) throw approvalRequired(found.role);
      await tx.query('UPDATE rampart.access_assignments SET expires_at_ms = $2 WHERE id = $1', [
        id,
        expiresAtMs,
      ]);
      tx.touch(found.subject);
      const details = { role: found.role, before: found.expiresAtMs, after: expiresAtMs };
      await tx.audit('ROLE_ASSIGNMENT_CHANGED', by(actor, found.subject, details));
      return { ...found, expiresAtMs };
    });
  }

  /** Ends an assignment. @throws AppError 404; 409 for one that has ended */
  end(id: string, actor: GrantActor): Promise<Assignment> {
    return act(this.#kit, (tx) => endAssignment(tx, id, actor, {}));
  }

  /** Refuses roles that nobody may hold together. @param subject whose assignments count too; undefined for a new one */
  async check(subject: string | undefined, roles: readonly string[]): Promise<void> {
    const { ports } = this.#kit;
    const held = subject === undefined ? [] : await heldIn(ports.sql, subject, ports.clock.now(), false);
    refuseConflict(this.#kit, [...roles, ...held]);
  }
}

/** Assigns in a change that has been checked. @param details what the audit trail says beside before and after */
export async function assign(
  kit: Kit,
  tx: Act,
  given: NewAssignment,
  actor: GrantActor,
  details: Readonly<Record<string, string>>,
): Promise<Assignment> {
  const { subject, role } = given;
  const kept = await kit.ports.subjects.rolesOf(tx, subject, true);
  if (kept === undefined) throw noSuch('subject');
  const own = kept === 'elsewhere' ? [] : kept;
  const held = await heldIn(tx, subject, tx.nowMs, false);
  if (held.includes(role)) throw stateConflict('This role is held already.');
  refuseConflict(kit, [...own, ...held, role]);
  // One that has run out makes room for the new one.
  await tx.query(
    `UPDATE rampart.access_assignments SET ended_at_ms = expires_at_ms, ended_by = 'expiry'
     WHERE subject = $1 AND role = $2 AND ended_at_ms IS NULL`,
    [subject, role],
  );
  const made: Assignment = {
    id: newId('asg', tx.nowMs),
    subject,
    role,
    reason: given.reason,
    grantedBy: actor.id,
    grantedAtMs: tx.nowMs,
    expiresAtMs: given.expiresAtMs ?? null,
    endedAtMs: null,
    endedBy: null,
  };
  await tx.query(
    `INSERT INTO rampart.access_assignments
       (id, subject, role, reason, granted_by, granted_at_ms, expires_at_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [made.id, subject, role, made.reason, made.grantedBy, made.grantedAtMs, made.expiresAtMs],
  );
  tx.touch(subject);
  const before = [...own, ...held];
  await tx.audit(
    'ROLE_ASSIGNED',
    by(actor, subject, {
      role,
      reason: given.reason,
      expiresAtMs: made.expiresAtMs,
      before: before.join(' '),
      after: [...before, role].join(' '),
      ...details,
    }),
  );
  return made;
}

/** Ends an assignment in a change. @throws AppError 404; 409 for one that has ended */
export async function endAssignment(
  tx: Act,
  id: string,
  actor: GrantActor,
  details: Readonly<Record<string, string>>,
): Promise<Assignment> {
  const found = await standingOne(tx, id);
  const before = await heldIn(tx, found.subject, tx.nowMs, false);
  await tx.query('UPDATE rampart.access_assignments SET ended_at_ms = $2, ended_by = $3 WHERE id = $1', [
    id,
    tx.nowMs,
    actor.id,
  ]);
  tx.touch(found.subject);
  await tx.audit(
    'ROLE_ASSIGNMENT_ENDED',
    by(actor, found.subject, {
      role: found.role,
      before: before.join(' '),
      after: before.filter((role) => role !== found.role).join(' '),
      ...details,
    }),
  );
  return { ...found, endedAtMs: tx.nowMs, endedBy: actor.id };
}

async function standingOne(tx: Act, id: string): Promise<Assignment> {
  const [found] = await read<Assignment>(
    tx,
    `SELECT ${COLUMNS} FROM rampart.access_assignments WHERE id = $1`,
    [id],
  );
  if (!found) throw noSuch('assignment');
  const over = found.expiresAtMs !== null && found.expiresAtMs <= tx.nowMs;
  if (found.endedAtMs !== null || over) throw stateConflict('This assignment has ended.');
  return found;
}

function refuseConflict(kit: Kit, roles: readonly string[]): void {
  const { policy } = kit.ports;
  const conflict = conflictOf(kit.settings.separate, roles, (role) => policy.closure(role));
  if (conflict) throw separationRefused(conflict);
}

/** What is checked before anything is looked up. @throws ValidationError */
export function checkNew(kit: Kit, given: NewAssignment, nowMs: number): void {
  if (given.subject.length === 0 || given.subject.length > MAX_SUBJECT)
    throw invalidField('subject', 'too_big', `1 to ${MAX_SUBJECT} characters.`);
  if (!kit.ports.policy.roles.includes(given.role))
    throw invalidField('role', 'unknown', 'The policy has no such role that may be assigned.');
  checkEnd(given.expiresAtMs ?? null, nowMs);
}

function checkEnd(expiresAtMs: number | null, nowMs: number): void {
  if (expiresAtMs !== null && expiresAtMs <= nowMs)
    throw invalidField('expiresAtMs', 'past', 'This time is over.');
}
