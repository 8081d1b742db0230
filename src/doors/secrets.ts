import { resolve } from 'node:path';
import {
  type EncryptedTable,
  type KeyPurpose,
  type KeyRing,
  type Signer,
  signer,
} from '../base/secrets/index.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import { OptionsError } from '../core/errors.ts';
import { migrate, openServer, postgresBus } from '../stores/postgres/index.ts';
import { openDataDir } from '../server/data-dir.ts';
import { readEnvironment } from '../server/environment.ts';
import { type EncryptedOptions, readEncrypted } from '../server/keys/options.ts';
import type { KeyLog } from '../server/keys/ports.ts';
import { wrappersOf } from '../server/keys/wrapper.ts';

export {
  type AwsCredentials,
  type AwsKmsOptions,
  awsKmsWrapper,
  type BlindIndex,
  blindIndex,
  type BlindIndexOptions,
  type EncryptedColumn,
  EncryptedTable,
  type EncryptedTableOptions,
  type FieldCipher,
  type FileKeys,
  fieldCipher,
  type FieldOptions,
  type FieldType,
  fixedRing,
  isPan,
  type KeyPurpose,
  KeyRing,
  type KeyWrapper,
  localWrapper,
  makeToken,
  maskPan,
  maskPans,
  readToken,
  ringFromEnvironment,
  sealedFiles,
  type SealedFileParts,
  type SecretBox,
  secretBox,
  type Signer,
  signer,
  type SignatureVerdict,
  type SignerOptions,
  tokenHash,
  type TokenText,
  type VaultOptions,
  vaultWrapper,
} from '../base/secrets/index.ts';
export type { EncryptedOptions } from '../server/keys/options.ts';

/** Where the keys are; what is left out comes from the environment, as for `rampart start`. */
export interface SecretsOptions {
  /** PostgreSQL server that holds the keys; default DATABASE_URL. */
  readonly databaseUrl?: string;
  /** Folder of the secret where RAMPART_SECRET is not set; default RAMPART_DATA_DIR, else .rampart. */
  readonly dataDir?: string;
  /** Told of keys that cannot be used; default standard error. */
  readonly log?: KeyLog;
}

/** Keys and encrypted tables of an application, kept up to date while they are rotated. */
export interface Secrets {
  /** A table that the configuration declares under `encrypted`. @throws OptionsError on any other */
  table(name: string): EncryptedTable;
  /** Signs messages and checks signatures. @param about what they are, such as `webhook` */
  signer(about: string): Signer;
  ring(purpose: KeyPurpose): KeyRing;
  close(): Promise<void>;
}

/**
 * Opens the keys of the house inside an application. All its nodes share those of the database.
 * @param config the one file's default export; only `encrypted` is read
 * @throws OptionsError without a database; RampartError of a store that cannot be opened
 */
export async function openSecrets(
  config: { readonly encrypted?: Readonly<Record<string, EncryptedOptions>> },
  options: SecretsOptions = {},
): Promise<Secrets> {
  const encrypted = readEncrypted('encrypted', config.encrypted ?? {});
  const environment = readEnvironment(process.env, false);
  const url = options.databaseUrl ?? environment.databaseUrl;
  if (url === undefined)
    throw new OptionsError(
      'DATABASE_URL',
      'needed: keys are kept in it; without one use ringFromEnvironment()',
    );
  const { secret } = openDataDir(resolve(options.dataDir ?? environment.dataDir), environment.secret);
  const sql = await openServer({ url, max: 4, applicationName: 'rampart secrets' });
  try {
    // Loaded when keys are opened: they bring packages along.
    const { createStores, migrations } = await import('../server/data/index.ts');
    const { openKeys } = await import('../server/keys/open.ts');
    await migrate(sql, migrations);
    const stores = createStores(sql);
    const bus = postgresBus(sql);
    const { store, tables } = await openKeys({
      sql,
      clock: systemClock,
      timers: systemTimers,
      bus,
      secret,
      wrappers: wrappersOf(environment.wrapping, secret),
      encrypted,
      node: 'application',
      log: options.log ?? { warn: complain, error: complain },
      write: (tx, event) => stores.events.write(tx, event),
    });
    return {
      table(name) {
        const found = tables.get(name);
        if (found === undefined) throw new OptionsError(`encrypted.${name}`, 'is not declared');
        return found;
      },
      signer: (about) => signer({ ring: store.ring('hmac'), about }),
      ring: (purpose) => store.ring(purpose),
      async close() {
        await store.close();
        await bus.close();
        await sql.close();
      },
    };
  } catch (error) {
    await sql.close();
    throw error;
  }
}

function complain(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  process.stderr.write(`${JSON.stringify({ level: 'warn', message, ...fields })}\n`);
}
