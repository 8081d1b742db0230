import { newId } from '../../../core/id.ts';
import { invalidField, noSuch, stateConflict } from './errors.ts';
import { keyHash, makeKey, readKey } from './key-text.ts';
import { act, type Act, by, type Kit, type Page, read } from './kit.ts';
import type { GrantActor } from './ports.ts';

/** A key of a program, without what it opens doors with. */
export interface ApiKey {
  readonly id: string;
  /** Service account that it speaks for. */
  readonly service: string;
  readonly name: string;
  /** Beginning of the key, to recognise it. */
  readonly hint: string;
  /** Permissions that it is limited to: it never has more than its service account, and never more than these. */
  readonly scopes: readonly string[];
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** To the minute; null: never. */
  readonly lastUsedAtMs: number | null;
  /** Key that takes its place. */
  readonly replacedBy: string | null;
  readonly revokedAtMs: number | null;
  readonly revokedBy: string | null;
}

/** A key at the moment when it is made: its text is shown once and never again. */
export interface MadeKey {
  readonly key: ApiKey;
  /** `rk_live_…`: 256 random bits. */
  readonly text: string;
}

/** What a new key is made of. */
export interface NewKey {
  readonly service: string;
  readonly name: string;
  /** 1 to 50 of the policy's permissions; `*` for all that the service account has. */
  readonly scopes: readonly string[];
  /** Absent: as long as keys may live here. */
  readonly expiresAtMs?: number | undefined;
}

/** Which keys to list. */
export interface KeyQuery extends Page {
  readonly service?: string | undefined;
}

const COLUMNS = `id, service, name, hint, scopes, created_by AS "createdBy", created_at_ms AS "createdAtMs",
  expires_at_ms AS "expiresAtMs", last_used_at_ms AS "lastUsedAtMs", replaced_by AS "replacedBy",
  revoked_at_ms AS "revokedAtMs", revoked_by AS "revokedBy"`;
const MAX_SCOPES = 50;

/** Keys of programs: made, rotated with an overlap, and revoked. */
export class ApiKeys {
  readonly #kit: Kit;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  /** Newest first. */
  list(query: KeyQuery): Promise<readonly ApiKey[]> {
    return read<ApiKey>(
      this.#kit.ports.sql,
      // Ids of keys are random, so that the page goes by time.
      `SELECT ${COLUMNS} FROM rampart.access_keys
       WHERE ($1::text IS NULL OR service = $1)
         AND ($2::text IS NULL OR (created_at_ms, id) <
           (SELECT k.created_at_ms, k.id FROM rampart.access_keys k WHERE k.id = $2))
       ORDER BY created_at_ms DESC, id DESC LIMIT $3`,
      [query.service ?? null, query.before ?? null, query.limit],
    );
  }

  /** @throws AppError 400 for scopes or a time that cannot be; 404 for an unknown service account; 409 for a disabled one */
  create(given: NewKey, actor: GrantActor): Promise<MadeKey> {
    return act(this.#kit, async (tx) => {
      const made = await this.#insert(tx, given, actor);
      const { id, service, scopes, expiresAtMs } = made.key;
      const details = { key: id, name: given.name, scopes: scopes.join(' '), expiresAtMs };
      await tx.audit('API_KEY_CREATED', by(actor, `service:${service}`, details));
      return made;
    });
  }

  /**
   * Makes a successor with the same name and scopes, which lives as long as the old one was to. The old one goes on for
   * the overlap, so that programs can be changed one after the other.
   * @param overlapMs default as configured; 0 ends the old one at once
   * @throws AppError 404; 409 for one that was revoked, replaced, or has run out
   */
  rotate(id: string, overlapMs: number | undefined, actor: GrantActor): Promise<MadeKey> {
    return act(this.#kit, async (tx) => {
      const old = await liveKey(tx, id);
      if (old.replacedBy !== null) throw stateConflict('This key has a successor already.');
      const lifeMs = Math.min(old.expiresAtMs - old.createdAtMs, this.#kit.settings.maxKeyLifeMs);
      const made = await this.#insert(tx, { ...old, expiresAtMs: tx.nowMs + lifeMs }, actor);
      const overlap = overlapMs ?? this.#kit.settings.keyOverlapMs;
      const endsAtMs = Math.min(old.expiresAtMs, tx.nowMs + overlap);
      await tx.query('UPDATE rampart.access_keys SET expires_at_ms = $2, replaced_by = $3 WHERE id = $1', [
        id,
        endsAtMs,
        made.key.id,
      ]);
      tx.touch(`key:${id}`);
      const details = { before: id, after: made.key.id, oldEndsAtMs: endsAtMs };
      await tx.audit('API_KEY_ROTATED', by(actor, `service:${old.service}`, details));
      return made;
    });
  }

  /** Ends a key at once. @throws AppError 404; 409 for one that was revoked already */
  revoke(id: string, actor: GrantActor): Promise<ApiKey> {
    return act(this.#kit, (tx) => revokeKey(tx, id, actor, {}));
  }

  async #insert(tx: Act, given: NewKey, actor: GrantActor): Promise<MadeKey> {
    const { ports, settings } = this.#kit;
    const latestMs = tx.nowMs + settings.maxKeyLifeMs;
    const expiresAtMs = given.expiresAtMs ?? latestMs;
    if (expiresAtMs <= tx.nowMs || expiresAtMs > latestMs)
      throw invalidField('expiresAtMs', 'range', 'This time is over, or later than keys may live here.');
    this.#checkScopes(given.scopes);
    await requireService(tx, given.service);
    const id = newId('', tx.nowMs).slice(-16);
    const text = makeKey(ports.environment, id);
    const key: ApiKey = {
      id,
      service: given.service,
      name: given.name,
      hint: readKey(text)?.hint as string,
      scopes: [...new Set(given.scopes)].toSorted(),
      createdBy: actor.id,
      createdAtMs: tx.nowMs,
      expiresAtMs,
      lastUsedAtMs: null,
      replacedBy: null,
      revokedAtMs: null,
      revokedBy: null,
    };
    await tx.query(
      `INSERT INTO rampart.access_keys
         (id, service, name, hash, hint, scopes, created_by, created_at_ms, expires_at_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        id,
        key.service,
        key.name,
        keyHash(ports.secret, text),
        key.hint,
        key.scopes,
        key.createdBy,
        key.createdAtMs,
        expiresAtMs,
      ],
    );
    tx.touch(`key:${id}`);
    return { key, text };
  }

  #checkScopes(scopes: readonly string[]): void {
    if (scopes.length === 0 || scopes.length > MAX_SCOPES)
      throw invalidField('scopes', 'length', `1 to ${MAX_SCOPES} scopes.`);
    if (!scopes.every((scope) => this.#kit.ports.policy.isScope(scope)))
      throw invalidField('scopes', 'unknown', 'A scope names nothing of the policy.');
  }
}

/** Revokes in a change. @throws AppError 404; 409 for one that was revoked already */
export async function revokeKey(
  tx: Act,
  id: string,
  actor: GrantActor,
  details: Readonly<Record<string, string>>,
): Promise<ApiKey> {
  const found = await keyOf(tx, id);
  if (found.revokedAtMs !== null) throw stateConflict('This key was revoked.');
  await tx.query('UPDATE rampart.access_keys SET revoked_at_ms = $2, revoked_by = $3 WHERE id = $1', [
    id,
    tx.nowMs,
    actor.id,
  ]);
  tx.touch(`key:${id}`);
  await tx.audit(
    'API_KEY_REVOKED',
    by(actor, `service:${found.service}`, { key: id, name: found.name, ...details }),
  );
  return { ...found, revokedAtMs: tx.nowMs, revokedBy: actor.id };
}

async function keyOf(tx: Act, id: string): Promise<ApiKey> {
  const [found] = await read<ApiKey>(tx, `SELECT ${COLUMNS} FROM rampart.access_keys WHERE id = $1`, [id]);
  if (!found) throw noSuch('API key');
  return found;
}

async function liveKey(tx: Act, id: string): Promise<ApiKey> {
  const found = await keyOf(tx, id);
  if (found.revokedAtMs !== null || found.expiresAtMs <= tx.nowMs)
    throw stateConflict('This key was revoked or has run out.');
  return found;
}

async function requireService(tx: Act, id: string): Promise<void> {
  const [found] = await read<{ off: boolean }>(
    tx,
    'SELECT disabled_at_ms IS NOT NULL AS off FROM rampart.access_services WHERE id = $1',
    [id],
  );
  if (!found) throw noSuch('service account');
  if (found.off) throw stateConflict('The service account is disabled.');
}
