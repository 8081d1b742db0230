import { createHash, type Hash } from 'node:crypto';
import { RampartError } from '../../core/errors.ts';
import type { AppliedMigration, BackupSequence, BackupTable } from './tables.ts';

/**
 * A backup is lines of JSON, compressed with Zstandard, encrypted in the format of age: a header, batches of rows table by
 * table, sequences, and a manifest that counts and hashes all that came before it. Encryption proves every 64 KiB and the
 * end (age's STREAM); the manifest proves that what was written is what had been read.
 */
export const FORMAT = 'rampart-backup';
/** Raised when older programs can't read it any more. */
export const FORMAT_VERSION = 1;

/** First line. */
export interface BackupHeader {
  readonly kind: 'header';
  readonly format: typeof FORMAT;
  readonly version: typeof FORMAT_VERSION;
  readonly createdAtMs: number;
  /** What the database was marked for; null where it was not. */
  readonly stage: string | null;
  readonly schemas: readonly string[];
  readonly migrations: readonly AppliedMigration[];
  readonly tables: readonly BackupTable[];
}

/** Rows of one table: each the texts of its columns, null for NULL. */
export interface RowsLine {
  readonly kind: 'rows';
  /** Index in the header's tables. */
  readonly table: number;
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Where the sequences stand. */
export interface SequencesLine {
  readonly kind: 'sequences';
  readonly values: readonly BackupSequence[];
}

/** Last line. */
export interface BackupManifest {
  readonly kind: 'manifest';
  readonly tables: readonly { readonly schema: string; readonly name: string; readonly rows: number }[];
  readonly lines: number;
  /** SHA-256 of all lines before this one, line feeds included; hexadecimal. */
  readonly sha256: string;
}

/** Any of the lines. */
export type BackupLine = BackupHeader | RowsLine | SequencesLine | BackupManifest;

/** Counts and hashes lines as they pass. */
export class Tally {
  readonly rows: number[] = [];
  lines = 0;
  readonly #hash: Hash = createHash('sha256');

  add(text: string): void {
    this.#hash.update(text).update('\n');
    this.lines++;
  }

  addRows(table: number, count: number): void {
    this.rows[table] = (this.rows[table] ?? 0) + count;
  }

  /** Ends the tally. */
  manifest(tables: readonly BackupTable[]): BackupManifest {
    return {
      kind: 'manifest',
      tables: tables.map(({ schema, name }, i) => ({ schema, name, rows: this.rows[i] ?? 0 })),
      lines: this.lines,
      sha256: this.#hash.digest('hex'),
    };
  }
}

/** The one error for everything that is wrong with a file. */
export function unreadable(reason: string, cause?: unknown): RampartError {
  return new RampartError('BACKUP_UNREADABLE', `The backup cannot be used: ${reason}. Nothing was written.`, {
    cause,
  });
}
