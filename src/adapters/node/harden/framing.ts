import type { IncomingMessage } from 'node:http';

/** What is looked at. */
export type Framed = Pick<IncomingMessage, 'httpVersionMajor' | 'httpVersionMinor' | 'rawHeaders'>;
/** Why a request is not read further. */
export type FramingFault = 'version' | 'host' | 'length' | 'encoding' | 'headers';

/**
 * What in a request's head a proxy and we could read differently (RFC 9112, 3.2, 6.1, 6.3). node:http refuses most of it
 * itself; this holds for what it lets pass, and for parsers that were told to be lenient.
 */
export function framingFault(request: Framed, maxHeaders: number): FramingFault | undefined {
  const { httpVersionMajor: major, httpVersionMinor: minor, rawHeaders } = request;
  // A line without a version is taken for HTTP/0.9, and what follows it for headers.
  if (major !== 1 || minor > 1) return 'version';
  if (rawHeaders.length / 2 > maxHeaders) return 'headers';
  let hosts = 0;
  let lengths = 0;
  let encodings = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string;
    // Names of these lengths only: almost every header is passed over without being written small.
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
    else if (name.length === 14 && name.toLowerCase() === 'content-length') {
      lengths += 1;
      if (!/^\d{1,15}$/.test(rawHeaders[i + 1] as string)) return 'length';
    } else if (name.length === 17 && name.toLowerCase() === 'transfer-encoding') {
      encodings += 1;
      if ((rawHeaders[i + 1] as string).toLowerCase() !== 'chunked') return 'encoding';
    }
  }
  if (hosts > 1 || (hosts === 0 && minor === 1)) return 'host';
  if (lengths > 1 || (lengths === 1 && encodings > 0)) return 'length';
  return encodings > 1 || (encodings === 1 && minor === 0) ? 'encoding' : undefined;
}
