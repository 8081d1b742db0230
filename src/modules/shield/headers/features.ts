import type { RequestView } from '../../../core/request.ts';

/** What is looked at: counts and sizes, never a value. */
export interface HeaderFeatures {
  /** How many headers came; repeated ones count each where the runtime tells them apart. */
  readonly headers: number;
  /** Bytes of the longest header, name and value. */
  readonly longestBytes: number;
  readonly totalBytes: number;
  readonly userAgent: boolean;
  readonly accept: boolean;
  /** The path is one where neither is asked for. */
  readonly probe: boolean;
  readonly hosts: number;
  /** Host and `:authority` name different hosts. */
  readonly hostConflict: boolean;
  readonly contentLengths: number;
  readonly transferEncodings: number;
  /** A Content-Length that is no number, or a Transfer-Encoding other than `chunked`. */
  readonly oddFraming: boolean;
  /** A control byte in a value, or a name that is no token. */
  readonly controlBytes: boolean;
}

/** Characters of a name (RFC 9110 5.6.2); HTTP/2 names its own by a colon, which stands first and nowhere else. */
const TOKEN = new Uint8Array(128);
for (const one of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
  TOKEN[one.charCodeAt(0)] = 1;

/** By hand: this is asked for every header of every request, and a regular expression takes twice as long. */
function isToken(name: string): boolean {
  const from = name.charCodeAt(0) === 58 ? 1 : 0;
  if (name.length === from) return false;
  for (let i = from; i < name.length; i++) if (TOKEN[name.charCodeAt(i)] !== 1) return false;
  return true;
}

/** Everything below space but the tab, and DEL. What lies above 0x7f is odd, but harms nobody (RFC 9110 5.5). */
function hasControl(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === 127 || (code < 32 && code !== 9)) return true;
  }
  return false;
}

const DIGITS = /^\d{1,16}$/;

/** Reads a request's headers in one pass. */
export function readHeaderFeatures(request: RequestView, probe: boolean): HeaderFeatures {
  const raw = request.rawHeaders?.();
  return raw === undefined ? readFew(request, probe) : readAll(raw, probe);
}

interface Found {
  longestBytes: number;
  totalBytes: number;
  userAgent: boolean;
  accept: boolean;
  probe: boolean;
  headers: number;
  hosts: number;
  hostConflict: boolean;
  contentLengths: number;
  transferEncodings: number;
  oddFraming: boolean;
  controlBytes: boolean;
}

function nothing(probe: boolean): Found {
  return {
    headers: 0,
    longestBytes: 0,
    totalBytes: 0,
    userAgent: false,
    accept: false,
    probe,
    hosts: 0,
    hostConflict: false,
    contentLengths: 0,
    transferEncodings: 0,
    oddFraming: false,
    controlBytes: false,
  };
}

function readAll(raw: readonly string[], probe: boolean): HeaderFeatures {
  const found = nothing(probe);
  let host: string | undefined;
  let authority: string | undefined;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i] as string;
    const value = raw[i + 1] as string;
    if (!isToken(name) || hasControl(value)) found.controlBytes = true;
    // Pseudo-headers of HTTP/2 are the request line.
    if (name.charCodeAt(0) === 58) {
      if (name === ':authority') authority = value;
      continue;
    }
    const bytes = name.length + value.length;
    found.headers++;
    found.totalBytes += bytes;
    if (bytes > found.longestBytes) found.longestBytes = bytes;
    if (name.length === 4 && isNamed(name, 'host')) host = value;
    take(found, name, value);
  }
  found.hostConflict =
    host !== undefined && authority !== undefined && host.toLowerCase() !== authority.toLowerCase();
  return found;
}

/** Whether a name is that one, whatever its case; the first letter tells most of them apart for nothing. */
function isNamed(name: string, lower: string): boolean {
  return (name.charCodeAt(0) | 32) === lower.charCodeAt(0) && name.toLowerCase() === lower;
}

/** Only names of these lengths matter; most headers end here. */
function take(found: Found, name: string, value: string): void {
  switch (name.length) {
    case 4:
      if (isNamed(name, 'host')) found.hosts += countOf(value);
      break;
    case 6:
      if (isNamed(name, 'accept')) found.accept ||= value !== '';
      break;
    case 7:
      // A browser that opens a WebSocket sends no Accept.
      if (isNamed(name, 'upgrade')) found.accept = true;
      break;
    case 12:
      // Nor does it when it sends reports (Reporting API).
      if (value.startsWith('application/reports+json')) found.accept ||= isNamed(name, 'content-type');
      break;
    case 10:
      if (isNamed(name, 'user-agent')) found.userAgent ||= value.trim() !== '';
      break;
    case 14:
      if (!isNamed(name, 'content-length')) break;
      found.contentLengths += countOf(value);
      if (!DIGITS.test(value)) found.oddFraming = true;
      break;
    case 17:
      if (!isNamed(name, 'transfer-encoding')) break;
      found.transferEncodings += countOf(value);
      if (value.toLowerCase() !== 'chunked') found.oddFraming = true;
      break;
    default:
  }
}

/** Runtimes that join repeated headers do it with a comma, which none of these may hold. */
function countOf(value: string): number {
  return value.includes(',') ? value.split(',', 10).length : 1;
}

const KNOWN = [
  'host',
  'accept',
  'user-agent',
  'content-length',
  'transfer-encoding',
  'content-type',
  'upgrade',
];

/** Where the runtime tells only by name, sizes and counts of the rest are not known. */
function readFew(request: RequestView, probe: boolean): HeaderFeatures {
  const found = nothing(probe);
  for (const name of KNOWN) {
    const value = request.header(name);
    if (value === undefined) continue;
    if (hasControl(value)) found.controlBytes = true;
    found.headers++;
    found.totalBytes += name.length + value.length;
    found.longestBytes = Math.max(found.longestBytes, name.length + value.length);
    take(found, name, value);
  }
  return found;
}
