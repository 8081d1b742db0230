import type { ReceivedFile } from '../../core/intake.ts';
import type { UploadRefused } from './errors.ts';
import type { Infected, Judged } from './judge.ts';
import type { UploadRow } from './ports.ts';
import { TYPES } from './types.ts';

/** Who sent it, and how. */
export interface Sender {
  /** Principal's id; null for nobody. */
  readonly owner: string | null;
  readonly address?: string | undefined;
  readonly route?: string | undefined;
  /** The decision that this is a part of. */
  readonly decision?: string | undefined;
}

type Base = Pick<
  UploadRow,
  'id' | 'upload' | 'owner' | 'address' | 'decision' | 'atMs' | 'changedBy' | 'changedAtMs'
>;

/** What every row begins with. */
export function baseOf(id: string, upload: string, sender: Sender, atMs: number): Base {
  return {
    id,
    upload,
    owner: sender.owner,
    address: sender.address ?? null,
    decision: sender.decision ?? null,
    atMs,
    changedBy: null,
    changedAtMs: null,
  };
}

/** Extension that is given to files of a type. */
export function extensionOf(type: string): string {
  return TYPES[type]?.extensions[0] ?? 'bin';
}

/** The row of a file that is kept or held. */
export function judgedRow(base: Base, { arrived, look, zone, bytes, sha256 }: Judged): UploadRow {
  const { extension } = arrived.name;
  const known = TYPES[look.type]?.extensions ?? [];
  return {
    ...base,
    state: zone,
    reason: zone === 'held' ? 'upload.scanner' : null,
    signature: null,
    type: look.type,
    // A .csv stays one; a JPEG that was called .png does not.
    extension: known.includes(extension) ? extension : extensionOf(look.type),
    displayName: arrived.name.display,
    bytes,
    sha256,
    flags: look.flags ?? [],
    width: look.width ?? null,
    height: look.height ?? null,
  };
}

/** The row of an infected file. */
export function infectedRow(base: Base, { arrived, look, signature, reason }: Infected): UploadRow {
  return {
    ...base,
    state: 'infected',
    reason,
    signature,
    type: look.type,
    extension: extensionOf(look.type),
    displayName: arrived.name.display,
    bytes: arrived.bytes,
    sha256: arrived.sha256,
    flags: look.flags ?? [],
    width: null,
    height: null,
  };
}

/** The row of an upload that was refused: nothing of it is left but what was said about it. */
export function refusedRow(base: Base, refused: UploadRefused, bytes: number): UploadRow {
  const found = refused.values['found'];
  return {
    ...base,
    state: 'refused',
    reason: refused.reason,
    signature: null,
    type: typeof found === 'string' ? found : null,
    extension: '',
    displayName: '',
    bytes,
    sha256: null,
    flags: [],
    width: null,
    height: null,
  };
}

/** What the application is told of a file. */
export function receivedFile(row: UploadRow, field: string): ReceivedFile {
  return {
    id: row.id,
    field,
    displayName: row.displayName,
    type: row.type as string,
    extension: row.extension,
    bytes: row.bytes,
    sha256: row.sha256 as string,
    state: row.state as 'kept' | 'held',
    ...(row.width === null || row.height === null ? {} : { width: row.width, height: row.height }),
    flags: row.flags,
  };
}
