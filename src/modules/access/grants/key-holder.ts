import type { SqlRunner } from '../../../ports/sql.ts';
import { keyHash, readKey, sameHash } from './key-text.ts';
import { type Kit, read } from './kit.ts';
import { type Loaded, Remembered } from './remembered.ts';

/** Why a key is not accepted: for the operator alone, since callers are told the same whatever it is. */
export type KeyFault = 'form' | 'environment' | 'unknown' | 'secret' | 'revoked' | 'expired' | 'disabled';

/** What a request's key proves. */
export type KeyProof =
  | { readonly ok: true; readonly id: string; readonly service: string; readonly scopes: readonly string[] }
  | { readonly ok: false; readonly fault: KeyFault; readonly id: string | null };

interface KeyRow {
  readonly service: string;
  readonly hash: string;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
  readonly revoked: boolean;
  readonly disabled: boolean;
  lastUsedAtMs: number | null;
}

/** The use of a key is written at most this often. */
const USED_EVERY_MS = 60_000;
const MAX_KEYS = 10_000;
/** Compared with where there is no such key, so that this takes as long. */
const NOBODY = '-'.repeat(43);

/** Recognises API keys; what it knows of them is remembered until it changes. */
export class KeyHolder {
  readonly #kit: Kit;
  readonly #rows: Remembered<KeyRow | null>;
  readonly #writing = new Set<Promise<void>>();

  constructor(kit: Kit) {
    this.#kit = kit;
    this.#rows = new Remembered<KeyRow | null>({
      max: MAX_KEYS,
      load: (id) => loadKey(kit.ports.sql, id),
      // What nobody made is not remembered: invented ids must not drive out real ones.
      keeps: (row) => row !== null,
      trusted: () => kit.feed.trusted(),
      version: () => kit.feed.version,
    });
  }

  /** Looks at a key; waits only when it is not in memory. The text is never kept. */
  prove(text: string): KeyProof | Promise<KeyProof> {
    const form = readKey(text);
    if (form === undefined) return { ok: false, fault: 'form', id: null };
    if (form.environment !== this.#kit.ports.environment)
      return { ok: false, fault: 'environment', id: form.id };
    const row = this.#rows.get(form.id);
    return row instanceof Promise
      ? row.then((found) => this.#judge(text, form.id, found))
      : this.#judge(text, form.id, row);
  }

  forget(ids: readonly string[]): void {
    this.#rows.forget(ids);
  }

  forgetAll(): void {
    this.#rows.forgetAll();
  }

  /** Waits for what is being written of the use of keys. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing);
  }

  #judge(text: string, id: string, row: KeyRow | null): KeyProof {
    const same = sameHash(keyHash(this.#kit.ports.secret, text), row?.hash ?? NOBODY);
    const nowMs = this.#kit.ports.clock.now();
    const fault =
      row === null
        ? 'unknown'
        : !same
          ? 'secret'
          : row.revoked
            ? 'revoked'
            : row.disabled
              ? 'disabled'
              : row.expiresAtMs <= nowMs
                ? 'expired'
                : undefined;
    if (row === null || fault !== undefined) return { ok: false, fault: fault ?? 'unknown', id };
    this.#noteUse(id, row, nowMs);
    return { ok: true, id, service: row.service, scopes: row.scopes };
  }

  #noteUse(id: string, row: KeyRow, nowMs: number): void {
    if (row.lastUsedAtMs !== null && nowMs - row.lastUsedAtMs < USED_EVERY_MS) return;
    row.lastUsedAtMs = nowMs;
    const { sql, log } = this.#kit.ports;
    // Not awaited: the request need not wait for a note about it.
    const writing: Promise<void> = sql
      .query(
        `UPDATE rampart.access_keys SET last_used_at_ms = $2
         WHERE id = $1 AND (last_used_at_ms IS NULL OR last_used_at_ms < $2)`,
        [id, nowMs],
      )
      .then(
        () => undefined,
        (error: unknown) => log.warn('The use of an API key could not be noted.', { key: id, error }),
      )
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }
}

async function loadKey(sql: SqlRunner, id: string): Promise<Loaded<KeyRow | null>> {
  const [found] = await read<KeyRow & { version: number; hash: string | null }>(
    sql,
    `SELECT s.version, k.service, k.hash, k.scopes, k.expires_at_ms AS "expiresAtMs",
       k.revoked_at_ms IS NOT NULL AS revoked, o.disabled_at_ms IS NOT NULL AS disabled,
       k.last_used_at_ms AS "lastUsedAtMs"
     FROM rampart.access_state s
     LEFT JOIN rampart.access_keys k ON k.id = $1
     LEFT JOIN rampart.access_services o ON o.id = k.service`,
    [id],
  );
  const version = found?.version ?? 0;
  if (found === undefined || found.hash === null) return { version, value: null };
  const { service, hash, scopes, expiresAtMs, revoked, disabled, lastUsedAtMs } = found;
  return { version, value: { service, hash, scopes, expiresAtMs, revoked, disabled, lastUsedAtMs } };
}
