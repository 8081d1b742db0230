import { decodePercent } from '../forms/percent.ts';
import { readParameters } from './parameters.ts';

/** What the head of a part says. */
export interface PartHead {
  readonly name: string;
  /** Each name that a file was given, as `filename` and as `filename*`; none for a field. */
  readonly filenames: readonly string[];
  /**
   * Whether every parser takes the part for a file. One whose name is empty is a file to `Request.formData` and a field to
   * busboy, and so to multer and @fastify/multipart.
   */
  readonly isFile: boolean;
  /** Content type in lower case; empty for none. */
  readonly type: string;
}

// oxlint-disable-next-line no-control-regex -- what no header may hold is what is looked for
const LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\r\n\0]*)$/;
const BOUNDARY = /^[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]$/;

/**
 * Reads the header lines of a part.
 * @returns undefined for what parsers read in several ways: repeated headers, folded lines, lines that are no header,
 *   repeated or broken parameters, fields with a transfer encoding
 */
export function readPartHead(text: string): PartHead | undefined {
  const headers = headersOf(text);
  if (headers === undefined) return undefined;
  const parameters = readParameters(headers.get('content-disposition') ?? '');
  if (parameters === undefined || ![...parameters.keys()].every(isPlain)) return undefined;
  const filenames: string[] = [];
  const plain = parameters.get('filename');
  if (plain !== undefined) filenames.push(plain);
  const extended = parameters.get('filename*');
  if (extended !== undefined)
    filenames.push(decodePercent(extended.slice(extended.lastIndexOf("'") + 1), false));
  const encoding = headers.get('content-transfer-encoding') ?? 'binary';
  // Some parsers decode it, most do not; of files nothing is read.
  const isFile = filenames.length > 0 && !filenames.includes('');
  if (!isFile && !/^(?:binary|8bit|7bit)$/i.test(encoding)) return undefined;
  const type = (headers.get('content-type') ?? '').toLowerCase();
  return { name: parameters.get('name') ?? '', filenames, isFile, type };
}

function headersOf(text: string): ReadonlyMap<string, string> | undefined {
  const headers = new Map<string, string>();
  if (text === '') return headers;
  for (const line of text.split('\r\n')) {
    const match = LINE.exec(line);
    if (match === null) return undefined;
    const name = (match[1] as string).toLowerCase();
    if (headers.has(name)) return undefined;
    headers.set(name, (match[2] as string).trim());
  }
  return headers;
}

/** Names in pieces (`filename*0`) and other extended ones (`name*`) are read by few parsers. */
function isPlain(parameter: string): boolean {
  return parameter === 'filename*' || !parameter.includes('*');
}

/** The boundary that a content type names; null where it names none, or where it can be read in two ways. */
export function boundaryOf(contentType: string): string | null {
  const parameters = readParameters(contentType);
  if (parameters === undefined || [...parameters.keys()].some((name) => name.startsWith('boundary*')))
    return null;
  // Behind a comma stands a second content type.
  if (/^[^;]*,/.test(contentType)) return null;
  const boundary = parameters.get('boundary');
  return boundary !== undefined && BOUNDARY.test(boundary) ? boundary : null;
}
