import { EncryptedTable, type SecretBox, secretBox } from '../../base/secrets/index.ts';
import type { Clock, Timers } from '../../core/clock.ts';
import type { EventFields, EventType, RampartEvent } from '../../core/events.ts';
import { makeEvent } from '../../core/make-event.ts';
import { SEALED_COLUMNS } from '../../modules/identity/index.ts';
import type { Bus } from '../../ports/bus.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import { deriveKey } from '../data-dir.ts';
import { FILE_KEY_COLUMN } from '../uploads/file-keys.ts';
import type { EncryptedOptions } from './options.ts';
import { Rotation } from './rotation.ts';
import { boxedTable, sealedTable } from './sealed.ts';
import type { KeyLog } from './ports.ts';
import { KeyStore } from './store.ts';
import type { Wrappers } from './wrapper.ts';

/** What keys are opened on. */
export interface KeyParts {
  readonly sql: SqlStore;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Absent where other nodes are left to look by themselves. */
  readonly bus?: Bus;
  /** The house's secret, 32 bytes. */
  readonly secret: Uint8Array;
  readonly wrappers: Wrappers;
  /** Encrypted tables of the application, by name. */
  readonly encrypted: Readonly<Record<string, EncryptedOptions>>;
  readonly node: string;
  readonly log: KeyLog;
  /** Writes an audit event in a running transaction. */
  readonly write: (tx: SqlRunner, event: RampartEvent) => Promise<void>;
}

/** Keys, opened. */
export interface OpenedKeys {
  readonly store: KeyStore;
  readonly rotation: Rotation;
  /** Encrypted tables by name. */
  readonly tables: ReadonlyMap<string, EncryptedTable>;
  /** What identity seals with, and the keys of files that are held. */
  readonly box: SecretBox;
}

/** Composes keys without touching the database: `store.start()` does, `store.refresh()` only reads. */
export function composeKeys(parts: KeyParts): OpenedKeys {
  const { sql, clock, timers, bus, secret, log } = parts;
  const audit = async (tx: SqlRunner, type: EventType, fields: EventFields): Promise<void> =>
    parts.write(tx, makeEvent(type, parts.node, clock.now(), { outcome: 'success', ...fields }));
  const store = new KeyStore({
    sql,
    clock,
    timers,
    ...parts.wrappers,
    // Accounts sealed with this key before there was a table of keys.
    derive: (purpose) => (purpose === 'identity' ? deriveKey(secret, 'identity secrets') : undefined),
    ...(bus === undefined ? {} : { bus }),
    log,
    audit,
  });
  const box = secretBox(store.ring('identity'));
  const tables = new Map(
    Object.entries(parts.encrypted).map(([table, options]) => [
      table,
      new EncryptedTable({ table, ...options }, store),
    ]),
  );
  const rotation = new Rotation({
    sql,
    clock,
    timers,
    store,
    tables: [
      ...[...tables.values()].map(sealedTable),
      ...[...SEALED_COLUMNS, FILE_KEY_COLUMN].map((column) => boxedTable(column, box)),
    ],
    audit,
  });
  return { store, rotation, tables, box };
}

/** Opens keys on a database that was migrated; makes the first ones. */
export async function openKeys(parts: KeyParts): Promise<OpenedKeys> {
  const opened = composeKeys(parts);
  await opened.store.start();
  return opened;
}
