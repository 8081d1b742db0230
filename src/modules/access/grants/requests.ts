import { newId } from '../../../core/id.ts';
import { assign, type Assignment, checkNew, type NewAssignment } from './assignments.ts';
import { noSuch, ownDecision, stateConflict } from './errors.ts';
import { act, type Act, by, type Kit, type Page, read } from './kit.ts';
import type { GrantActor } from './ports.ts';

/** Somebody's wish for a role, and what became of it. */
export interface RoleRequest {
  readonly id: string;
  readonly subject: string;
  readonly role: string;
  readonly reason: string;
  readonly expiresAtMs: number | null;
  readonly requestedBy: string;
  readonly requestedAtMs: number;
  readonly state: 'open' | 'approved' | 'refused';
  readonly decidedBy: string | null;
  readonly decidedAtMs: number | null;
  readonly note: string | null;
}

const COLUMNS = `id, subject, role, reason, expires_at_ms AS "expiresAtMs", requested_by AS "requestedBy",
  requested_at_ms AS "requestedAtMs", state, decided_by AS "decidedBy", decided_at_ms AS "decidedAtMs", note`;

/** Roles that one person asks for and another approves (ASVS 2.3.5). */
export class RoleRequests {
  readonly #kit: Kit;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  /** Newest first. */
  list(query: Page & { readonly state?: RoleRequest['state'] | undefined }): Promise<readonly RoleRequest[]> {
    return read<RoleRequest>(
      this.#kit.ports.sql,
      `SELECT ${COLUMNS} FROM rampart.access_requests
       WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [query.state ?? null, query.before ?? null, query.limit],
    );
  }

  /** Asks for a role, for oneself or somebody else. @throws AppError 400; 404; 409 when that is asked for already */
  ask(given: NewAssignment, actor: GrantActor): Promise<RoleRequest> {
    return act(this.#kit, async (tx) => {
      checkNew(this.#kit, given, tx.nowMs);
      const { subject, role } = given;
      if ((await this.#kit.ports.subjects.rolesOf(tx, subject, false)) === undefined) throw noSuch('subject');
      const open = await read(
        tx,
        `SELECT 1 FROM rampart.access_requests WHERE subject = $1 AND role = $2 AND state = 'open'`,
        [subject, role],
      );
      if (open.length > 0) throw stateConflict('This role is asked for already.');
      const made: RoleRequest = {
        id: newId('arq', tx.nowMs),
        subject,
        role,
        reason: given.reason,
        expiresAtMs: given.expiresAtMs ?? null,
        requestedBy: actor.id,
        requestedAtMs: tx.nowMs,
        state: 'open',
        decidedBy: null,
        decidedAtMs: null,
        note: null,
      };
      await tx.query(
        `INSERT INTO rampart.access_requests
           (id, subject, role, reason, expires_at_ms, requested_by, requested_at_ms, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 'open')`,
        [made.id, subject, role, made.reason, made.expiresAtMs, actor.id, tx.nowMs],
      );
      await tx.audit('ROLE_REQUESTED', by(actor, subject, { request: made.id, role, reason: given.reason }));
      return made;
    });
  }

  /**
   * Approves: the role is assigned in the same transaction.
   * @throws AppError 403 for whoever asked or would get it; 404; 409 when decided, or roles may not stand together
   */
  approve(id: string, note: string, actor: GrantActor): Promise<Assignment> {
    return act(this.#kit, async (tx) => {
      const asked = await this.#open(tx, id, actor);
      const given = { ...asked, expiresAtMs: asked.expiresAtMs ?? undefined };
      checkNew(this.#kit, given, tx.nowMs);
      const made = await assign(this.#kit, tx, given, actor, {
        request: id,
        requestedBy: asked.requestedBy,
      });
      await decide(tx, id, 'approved', note, actor);
      return made;
    });
  }

  /** @throws AppError as `approve` does */
  refuse(id: string, note: string, actor: GrantActor): Promise<RoleRequest> {
    return act(this.#kit, async (tx) => {
      const asked = await this.#open(tx, id, actor);
      await decide(tx, id, 'refused', note, actor);
      await tx.audit(
        'ROLE_REQUEST_REFUSED',
        by(actor, asked.subject, { request: id, role: asked.role, requestedBy: asked.requestedBy, note }),
      );
      return { ...asked, state: 'refused', decidedBy: actor.id, decidedAtMs: tx.nowMs, note };
    });
  }

  async #open(tx: Act, id: string, actor: GrantActor): Promise<RoleRequest> {
    const [asked] = await read<RoleRequest>(
      tx,
      `SELECT ${COLUMNS} FROM rampart.access_requests WHERE id = $1`,
      [id],
    );
    if (!asked) throw noSuch('request');
    if (asked.state !== 'open') throw stateConflict('This request was decided.');
    if (actor.id === asked.requestedBy || actor.id === asked.subject) throw ownDecision('a request');
    return asked;
  }
}

async function decide(
  tx: Act,
  id: string,
  state: 'approved' | 'refused',
  note: string,
  actor: GrantActor,
): Promise<void> {
  await tx.query(
    'UPDATE rampart.access_requests SET state = $2, decided_by = $3, decided_at_ms = $4, note = $5 WHERE id = $1',
    [id, state, actor.id, tx.nowMs, note],
  );
}
