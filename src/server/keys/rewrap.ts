import { keyCheck, type KeyWrapper } from '../../base/secrets/index.ts';
import { RampartError } from '../../core/errors.ts';
import type { EventFields, EventType } from '../../core/events.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import type { KeyRow } from './rows.ts';

/** What came of it. Keys are named `fields/k2`. */
export interface Rewrapped {
  /** What wraps all of them now. */
  readonly wrapper: string;
  readonly done: readonly string[];
  /** Wrapped by it already. */
  readonly same: number;
  /** Cannot be unwrapped here, with the reason; they are left as they are. */
  readonly failed: readonly { readonly key: string; readonly reason: string }[];
}

/** What it works with. */
export interface RewrapParts {
  readonly sql: SqlStore;
  readonly wrapper: KeyWrapper;
  /** What unwraps a row. */
  readonly wrapperOf: (row: KeyRow) => KeyWrapper;
  readonly audit: (tx: SqlRunner, type: EventType, fields: EventFields) => Promise<void>;
  readonly by: string;
}

/**
 * Wraps every key anew that another wrapper has wrapped, retired ones too: what it seals stays as it is. Each in a
 * transaction of its own, and written only once the new text was opened again and gave the same key: stopped anywhere, it
 * goes on where it was. Keys that are derived are wrapped by nothing.
 */
export async function rewrapKeys(rows: readonly KeyRow[], parts: RewrapParts): Promise<Rewrapped> {
  const { wrapper } = parts;
  const wrapped = rows.filter((row) => row.wrapped !== null);
  const done: string[] = [];
  const failed: { key: string; reason: string }[] = [];
  let same = 0;
  for (const row of wrapped) {
    const key = `${row.purpose}/${row.id}`;
    try {
      if (row.wrapper !== wrapper.name) {
        if (await rewrap(row, parts)) done.push(key);
        continue;
      }
      // Two keys may have gone by one name: only what opens is wrapped by this one.
      await opened(row, wrapper);
      same += 1;
    } catch (error) {
      // One key service that is away stops nothing that another one holds.
      if (!(error instanceof RampartError)) throw error;
      failed.push({ key, reason: error.message });
    }
  }
  return { wrapper: wrapper.name, done, same, failed };
}

/** @returns false where somebody else has changed the row meanwhile */
async function rewrap(row: KeyRow, { sql, wrapper, wrapperOf, audit, by }: RewrapParts): Promise<boolean> {
  const { purpose, id } = row;
  const context = { purpose, id };
  const key = await opened(row, wrapperOf(row));
  const text = await wrapper.wrap(key, context);
  await opened({ ...row, wrapped: text }, wrapper);
  return sql.transaction(async (tx) => {
    const { affected } = await tx.query(
      'UPDATE rampart.keys SET wrapper = $4, wrapped = $5 WHERE purpose = $1 AND id = $2 AND wrapped = $3',
      [purpose, id, row.wrapped, wrapper.name, text],
    );
    if (affected === 0) return false;
    const details = { from: row.wrapper, to: wrapper.name };
    await audit(tx, 'KEY_REWRAPPED', { actor: by, subject: `${purpose}/${id}`, details });
    return true;
  });
}

/** @throws RampartError `KEY_UNWRAP_FAILED` when it is not the key that it should be */
async function opened({ purpose, id, wrapped, key_check }: KeyRow, wrapper: KeyWrapper): Promise<Uint8Array> {
  const key = await wrapper.unwrap(wrapped as string, { purpose, id });
  if (keyCheck(key, purpose, id) === key_check) return key;
  throw new RampartError(
    'KEY_UNWRAP_FAILED',
    `The key '${id}' for '${purpose}' is not the one it should be.`,
  );
}
