/** How a body is read; `none` for files, streams and binary formats, which are looked at for what they begin with. */
export type BodyKind = 'json' | 'form' | 'multipart' | 'xml' | 'graphql' | 'text' | 'unknown' | 'none';

const MAX_KNOWN = 200;
const KINDS = new Map<string, BodyKind>();

/** The media type of a Content-Type header, in lower case. */
export function mediaType(header: string): string {
  const end = header.search(/[;,]/);
  return (end < 0 ? header : header.slice(0, end)).trim().toLowerCase();
}

/** How a body of this Content-Type is read. */
export function bodyKind(header: string | undefined): BodyKind {
  if (header === undefined) return 'unknown';
  const known = KINDS.get(header);
  if (known !== undefined) return known;
  const kind = namesSeveral(header) ? 'unknown' : kindOf(mediaType(header));
  if (KINDS.size < MAX_KNOWN && header.length <= 100 && kind !== 'multipart') KINDS.set(header, kind);
  return kind;
}

/** Whether there are two types in one header, of which applications may take either. */
function namesSeveral(header: string): boolean {
  const comma = header.indexOf(',');
  if (comma < 0) return false;
  const parameters = header.indexOf(';');
  // Clients write commas into boundaries.
  return parameters < 0 || comma < parameters || !mediaType(header).startsWith('multipart/');
}

const LINES = new Set([
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/x-jsonlines',
  'application/jsonlines',
  'application/json-seq',
  'application/stream+json',
]);
const CALLS = /^application\/(?:grpc|connect)(?:[+-]|$)/;

/**
 * Types whose bodies are streams that are answered while they come: `lines` of JSON, `events` as servers send them, `binary`
 * messages; undefined for all others, and where a header names several types.
 */
export function streamKind(header: string): 'lines' | 'events' | 'binary' | undefined {
  if (namesSeveral(header)) return undefined;
  const type = mediaType(header);
  if (LINES.has(type)) return 'lines';
  if (type === 'text/event-stream') return 'events';
  return CALLS.test(type) ? 'binary' : undefined;
}

function kindOf(type: string): BodyKind {
  if (type === 'application/x-www-form-urlencoded') return 'form';
  if (type.startsWith('multipart/')) return 'multipart';
  if (type === 'application/graphql') return 'graphql';
  // What browsers report quotes what was attempted, and must not be lost for that.
  if (type === 'application/csp-report' || type === 'application/reports+json') return 'none';
  if (type.endsWith('/json') || type.endsWith('+json') || type.endsWith('ndjson')) return 'json';
  if (type.endsWith('/xml') || type.endsWith('+xml')) return type === 'image/svg+xml' ? 'none' : 'xml';
  if (type === 'text/csv' || type === 'text/calendar' || type === 'text/vcard') return 'none';
  if (type.startsWith('text/')) return 'text';
  return type === '' || !type.includes('/') ? 'unknown' : 'none';
}

/** Every framework reads these as UTF-8, or as a superset of ASCII. */
const AS_UTF8 = new Set(['', 'utf-8', 'utf8', 'us-ascii', 'ascii']);
const AS_LATIN1 = new Set(['iso-8859-1', 'latin1', 'windows-1252']);

/**
 * Every reading that an application may make of a body. Most frameworks read UTF-8 whatever the label says, and some
 * follow it, so that labels under which the two differ in more than letters are not accepted.
 * @returns undefined for a charset that is not accepted
 */
export function readTexts(bytes: Buffer, contentType: string | undefined): readonly string[] | undefined {
  const charsets = contentType === undefined ? [] : charsetsOf(contentType);
  if (!charsets.every((one) => AS_UTF8.has(one) || AS_LATIN1.has(one))) return undefined;
  const text = bytes.toString('utf8');
  const both = charsets.some((one) => AS_LATIN1.has(one)) && bytes.some((byte) => byte > 127);
  return both ? [text, bytes.toString('latin1')] : [text];
}

/** Whether a content type may name a charset. */
export function namesCharset(contentType: string | undefined): boolean {
  return contentType !== undefined && /charset/i.test(contentType);
}

/** Each charset that a content type names: of two, applications may take either. */
function charsetsOf(contentType: string): readonly string[] {
  if (!namesCharset(contentType)) return [];
  const found: string[] = [];
  for (const parameter of splitUnquoted(contentType).slice(1)) {
    const equals = parameter.indexOf('=');
    if (parameter.slice(0, Math.max(0, equals)).trim().toLowerCase() !== 'charset') continue;
    const value = parameter.slice(equals + 1).trim();
    const bare = /^"(.*)"$/s.exec(value)?.[1]?.replaceAll(/\\(.)/gs, '$1') ?? value;
    found.push(bare.trim().toLowerCase());
  }
  return found;
}

/** Cuts a content type at semicolons and commas that stand in no quotes. */
function splitUnquoted(text: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') quoted = !quoted;
    else if (char === '\\' && quoted) i++;
    else if (!quoted && (char === ';' || char === ',')) {
      parts.push(text.slice(from, i));
      from = i + 1;
    }
  }
  parts.push(text.slice(from));
  return parts;
}

/** How a text is read whose type nobody told, or whose type says nothing. */
export function guessKind(text: string): 'json' | 'form' | 'xml' | 'text' {
  const start = text.trimStart();
  if (start.startsWith('{') || start.startsWith('[')) return 'json';
  if (start.startsWith('<?xml') || start.startsWith('<!DOCTYPE')) return 'xml';
  const equals = start.indexOf('=');
  return equals > 0 && equals < 64 && /^[\w.[\]%-]+$/.test(start.slice(0, equals)) ? 'form' : 'text';
}
