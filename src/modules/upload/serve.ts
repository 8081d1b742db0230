import type { FileReading } from '../../ports/files.ts';
import type { UploadPorts, UploadRow } from './ports.ts';

/** A file that is handed out; `file` is to be closed. */
export interface Opened {
  readonly row: UploadRow;
  readonly file: FileReading;
  /** Headers of the response: flat names and values. */
  readonly headers: readonly string[];
}

/**
 * Opens a file that is kept; one that is held or in quarantine is not there. Whether the caller may have it is for the
 * application to say, by the row's `owner`.
 */
export async function openUpload(
  { store, records }: Pick<UploadPorts, 'store' | 'records'>,
  id: string,
): Promise<Opened | undefined> {
  const row = await records.get(id);
  if (row?.state !== 'kept') return undefined;
  const file = await store.open('kept', id);
  return file && { row, file, headers: serveHeaders(row, file.bytes) };
}

/**
 * Headers with which a file that somebody else sent is handed out: it is saved and never shown as a page of ours, its type
 * is the one that was found, and where a browser shows it all the same it may do nothing.
 */
export function serveHeaders(
  row: Pick<UploadRow, 'type' | 'displayName' | 'extension'>,
  bytes: number,
): readonly string[] {
  const type = row.type ?? 'application/octet-stream';
  return [
    'content-type',
    type.startsWith('text/') ? `${type}; charset=utf-8` : type,
    'content-length',
    String(bytes),
    'content-disposition',
    disposition(row.displayName, row.extension),
    'x-content-type-options',
    'nosniff',
    'content-security-policy',
    "default-src 'none'; sandbox",
    'cross-origin-resource-policy',
    'same-origin',
    'cache-control',
    'private, no-store',
  ];
}

/** The name in both forms of RFC 6266, always with the extension of what the file is. */
function disposition(displayName: string, extension: string): string {
  const dot = displayName.lastIndexOf('.');
  const stem = dot > 0 ? displayName.slice(0, dot) : displayName;
  const name = `${stem}.${extension}`;
  const plain = name.replaceAll(/[^ -~]/g, '_').replaceAll(/["\\%]/g, '_');
  const extended = encodeURIComponent(name).replaceAll(
    /['()*!]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${extended}`;
}
