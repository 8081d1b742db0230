import { newId } from '../../../core/id.ts';
import { noSuch, stateConflict } from './errors.ts';
import { act, by, type Kit, type Page, read } from './kit.ts';
import type { GrantActor } from './ports.ts';

/** An account of a program. Its principal is `service:` and this id; it gets roles by assignment, as people do. */
export interface ServiceAccount {
  /** `svc_…` */
  readonly id: string;
  readonly name: string;
  readonly about: string;
  /** Id of the person who answers for it. */
  readonly responsible: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
  /** While it is disabled none of its keys is accepted. */
  readonly disabledAtMs: number | null;
  readonly disabledBy: string | null;
  /** Keys that have neither been revoked nor run out. */
  readonly keys: number;
}

/** What a new one is made of. */
export type NewServiceAccount = Pick<ServiceAccount, 'name' | 'about' | 'responsible'>;

const SELECT = `SELECT s.id, s.name, s.about, s.responsible, s.created_by AS "createdBy",
  s.created_at_ms AS "createdAtMs", s.disabled_at_ms AS "disabledAtMs", s.disabled_by AS "disabledBy",
  (SELECT count(*)::int FROM rampart.access_keys k
   WHERE k.service = s.id AND k.revoked_at_ms IS NULL AND k.expires_at_ms > $1) AS keys
  FROM rampart.access_services s`;

/** Accounts of programs. */
export class ServiceAccounts {
  readonly #kit: Kit;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  /** Newest first. */
  list(query: Page): Promise<readonly ServiceAccount[]> {
    const { sql, clock } = this.#kit.ports;
    return read<ServiceAccount>(
      sql,
      `${SELECT} WHERE ($2::text IS NULL OR s.id < $2) ORDER BY s.id DESC LIMIT $3`,
      [clock.now(), query.before ?? null, query.limit],
    );
  }

  /** Makes one, without roles and keys. */
  create(given: NewServiceAccount, actor: GrantActor): Promise<ServiceAccount> {
    return act(this.#kit, async (tx) => {
      const id = newId('svc', tx.nowMs);
      await tx.query(
        `INSERT INTO rampart.access_services (id, name, about, responsible, created_by, created_at_ms)
         VALUES ($1, $2, $3, $4, $5, $6)`,
        [id, given.name, given.about, given.responsible, actor.id, tx.nowMs],
      );
      const details = { name: given.name, responsible: given.responsible };
      await tx.audit('SERVICE_ACCOUNT_CREATED', by(actor, `service:${id}`, details));
      return {
        ...given,
        id,
        createdBy: actor.id,
        createdAtMs: tx.nowMs,
        disabledAtMs: null,
        disabledBy: null,
        keys: 0,
      };
    });
  }

  /** Disables or enables one, with all its keys. @throws AppError 404; 409 when it is so already */
  setDisabled(id: string, disabled: boolean, actor: GrantActor): Promise<ServiceAccount> {
    return act(this.#kit, async (tx) => {
      const [found] = await read<ServiceAccount>(tx, `${SELECT} WHERE s.id = $2`, [tx.nowMs, id]);
      if (!found) throw noSuch('service account');
      if ((found.disabledAtMs !== null) === disabled)
        throw stateConflict(disabled ? 'It is disabled already.' : 'It is not disabled.');
      const disabledAtMs = disabled ? tx.nowMs : null;
      const disabledBy = disabled ? actor.id : null;
      await tx.query(
        'UPDATE rampart.access_services SET disabled_at_ms = $2, disabled_by = $3 WHERE id = $1',
        [id, disabledAtMs, disabledBy],
      );
      const keys = await read<{ id: string }>(tx, 'SELECT id FROM rampart.access_keys WHERE service = $1', [
        id,
      ]);
      for (const key of keys) tx.touch(`key:${key.id}`);
      const word = (off: boolean): string => (off ? 'disabled' : 'enabled');
      const details = { before: word(!disabled), after: word(disabled) };
      await tx.audit('SERVICE_ACCOUNT_CHANGED', by(actor, `service:${id}`, details));
      return { ...found, disabledAtMs, disabledBy };
    });
  }
}
