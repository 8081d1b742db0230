import { createHash, hkdfSync, randomFillSync } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RampartError } from '../core/errors.ts';
import { newSecret } from '../core/id.ts';

/** What a node keeps on its own disk. */
export interface DataDir {
  /** Absolute path. */
  readonly path: string;
  /** Folder of the embedded database. */
  readonly database: string;
  /** Folder of the journal. */
  readonly journal: string;
  /** Folder of the checkpoints of the audit log. */
  readonly checkpoints: string;
  /** Bearer key by which the command line on this machine speaks to the server; new at every start. */
  readonly operatorKey: string;
  /** Key of this installation (32 bytes) from which others are derived; made once. */
  readonly secret: Uint8Array;
}

/** A key of its own for each use (HKDF-SHA-256, RFC 5869): what one leaks says nothing of the others. */
export function deriveKey(secret: Uint8Array, purpose: string, bytes = 32): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), `rampart ${purpose}`, bytes));
}

const OPERATOR_FILE = 'operator.json';

/** How the command line finds the running server. */
export interface OperatorFile {
  readonly url: string;
  readonly key: string;
  readonly pid: number;
}

/**
 * Opens the data folder, making it (mode 0700) and its secret (mode 0600) when they are not there.
 * @param shared secret of all nodes, used instead of the folder's own
 * @throws RampartError `DATA_DIR_UNUSABLE` when it cannot be written
 */
export function openDataDir(path: string, shared?: string): DataDir {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const secretFile = join(path, 'secret.key');
    if (!existsSync(secretFile)) {
      writeFileSync(secretFile, randomFillSync(new Uint8Array(32)), { mode: 0o600, flag: 'wx' });
    }
    const secret = new Uint8Array(readFileSync(secretFile));
    if (secret.length !== 32) {
      throw new RampartError(
        'DATA_DIR_UNUSABLE',
        `${secretFile} is damaged: expected 32 bytes. Restore it from a backup, or move it away to start with a new secret.`,
      );
    }
    return {
      path,
      database: join(path, 'database'),
      journal: join(path, 'journal'),
      checkpoints: join(path, 'checkpoints'),
      operatorKey: newSecret(),
      secret: shared === undefined ? secret : new Uint8Array(createHash('sha256').update(shared).digest()),
    };
  } catch (error) {
    if (error instanceof RampartError) throw error;
    throw new RampartError(
      'DATA_DIR_UNUSABLE',
      `The data folder ${path} cannot be used. Make it writable, or name another in RAMPART_DATA_DIR.`,
      { cause: error },
    );
  }
}

/** Tells the command line where the server is; readable by the owner alone. */
export function writeOperatorFile(dataDir: string, file: OperatorFile): void {
  const path = join(dataDir, OPERATOR_FILE);
  writeFileSync(path, `${JSON.stringify(file)}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
}

/** @returns where the server of this data folder is, or `undefined` when none has been started */
export function readOperatorFile(dataDir: string): OperatorFile | undefined {
  try {
    return JSON.parse(readFileSync(join(dataDir, OPERATOR_FILE), 'utf8')) as OperatorFile;
  } catch {
    return undefined;
  }
}
