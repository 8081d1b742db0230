import { type EncryptedColumn, EncryptedTable, fixedRing } from '../../base/secrets/index.ts';
import { OptionsError } from '../../core/errors.ts';
import { quoted } from './batch.ts';

/** Encrypted columns of a table, as the one file declares them. */
export interface EncryptedOptions {
  /** Primary key: one column. */
  readonly key: string;
  /** Column of the tenant, where there is one. */
  readonly tenant?: string;
  /** By name; each is of type `text` in the database. */
  readonly columns: Readonly<Record<string, EncryptedColumn>>;
}

/**
 * Checks what the configuration says of encrypted tables, as far as it can be known without the database.
 * @param given by name of the table, with its schema
 * @throws OptionsError naming the path
 */
export function readEncrypted(
  path: string,
  given: Readonly<Record<string, EncryptedOptions>>,
): Readonly<Record<string, EncryptedOptions>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new OptionsError(path, 'expected tables by name');
  for (const [table, options] of Object.entries(given)) {
    const at = `${path}.${table}`;
    try {
      quoted(table);
      for (const name of [options.key, options.tenant ?? 'tenant', ...Object.keys(options.columns)])
        quoted(name);
      const made = new EncryptedTable({ table, ...options }, { ring: (purpose) => PROBE[purpose] });
      for (const column of made.columns) quoted(column);
    } catch (error) {
      throw new OptionsError(
        at,
        error instanceof OptionsError ? `${error.path}: ${error.reason}` : 'expected key and columns',
      );
    }
  }
  return given;
}

const probeKey = { id: 'probe', key: new Uint8Array(32) };
/** Rings for looking at declarations: nothing is sealed by them. */
const PROBE = {
  fields: fixedRing('fields', [probeKey]),
  payment: fixedRing('payment', [probeKey]),
  index: fixedRing('index', [probeKey]),
};
