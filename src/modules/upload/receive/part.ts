import { hasControl } from '../control.ts';
import { refusedAs } from '../errors.ts';
import { readExtended, readHeaderValue, utf8 } from './headers.ts';

/** What a part says about itself. */
export interface PartHead {
  /** Name of the field. */
  readonly field: string;
  /** What the sender calls the file; `undefined` for a field that is none. */
  readonly fileName: string | undefined;
  /** Media type that the sender claims; empty for none. */
  readonly declared: string;
}

const MAX_HEADERS = 16;
const MAX_FIELD_NAME = 200;

/**
 * Reads the headers of a part (RFC 7578). Whatever could be read in two ways is refused: folded lines, repeated headers,
 * two names that differ, transfer encodings.
 * @throws UploadRefused
 */
export function readPartHead(bytes: Uint8Array): PartHead {
  const headers = new Map<string, string>();
  for (const line of utf8(bytes, 'A header').split('\r\n')) {
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}):(.*)$/.exec(line);
    if (!match || hasControl(line, true))
      throw refusedAs('malformed', 'header', 'A line among the headers of a part is no header.');
    const name = (match[1] as string).toLowerCase();
    if (headers.has(name) || headers.size >= MAX_HEADERS)
      throw refusedAs('malformed', 'header', 'A part repeats a header, or has too many.');
    headers.set(name, (match[2] as string).trim());
  }
  const encoding = headers.get('content-transfer-encoding') ?? 'binary';
  if (!/^(binary|8bit|7bit)$/i.test(encoding))
    throw refusedAs('malformed', 'transfer_encoding', 'Forms have had no transfer encodings since RFC 7578.');
  return named(headers.get('content-disposition') ?? '', headers.get('content-type') ?? '');
}

function named(disposition: string, declared: string): PartHead {
  const { value, parameters } = readHeaderValue(disposition);
  const field = parameters.get('name');
  if (value !== 'form-data' || field === undefined || field === '' || field.length > MAX_FIELD_NAME)
    throw refusedAs('malformed', 'disposition', 'A part does not say which field of the form it is.');
  if (hasControl(field))
    throw refusedAs('malformed', 'field_name', 'The name of a field holds a control character.');
  if (declared.length > 200) throw refusedAs('malformed', 'header', 'A content type is too long.');
  return { field, fileName: fileNameOf(parameters), declared };
}

function fileNameOf(parameters: ReadonlyMap<string, string>): string | undefined {
  const plain = parameters.get('filename');
  const star = parameters.get('filename*');
  if ([...parameters.keys()].some((name) => /^filename\*\d/.test(name)))
    throw refusedAs(
      'malformed',
      'filename_star',
      'A name that is sent in pieces can be put together in many ways.',
    );
  if (star === undefined) return plain;
  const extended = readExtended(star);
  // Senders give a plain stand-in beside it; its extension is what others would go by.
  if (plain !== undefined && extensionOf(plain) !== extensionOf(extended))
    throw refusedAs('name', 'filename_star', 'filename and filename* name files of two kinds.');
  return extended;
}

function extensionOf(name: string): string {
  return /\.([^.]*)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}
