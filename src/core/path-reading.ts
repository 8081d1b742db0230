/** The other way in which a path can be read: as routers read it that fold nothing. */
export interface PathReading {
  /**
   * Lower case and decoded, but for what would cut or end a segment: `%2f`, `%5c` and `;` stay within theirs. A slash at the
   * end stays, too.
   */
  readonly literal: string;
  /** What no honest client sends: `dots` where a segment is `.` or `..` once it is decoded, `backslash` for a bare one. */
  readonly fault: 'dots' | 'backslash' | null;
}

/** Path without scheme, host, query and fragment. */
const PATH = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)/i;
const ASCII = /%([0-7][0-9a-f])/gi;
/** Those that end a segment, or a segment's name. */
const KEPT = '/\\;';

/**
 * Reads a path as routers do that keep an encoded slash, an encoded backslash and what stands after `;` within their segment
 * (those of Express, Fastify and Hono), and tells of dot segments and bare backslashes, which servers, proxies and routers
 * resolve each in their own way. Clients resolve both before they send (WHATWG URL, RFC 3986 6.2.2.3).
 *
 * @param target path and query as received
 * @param canonical what `canonicalPath` made of it
 * @returns null where the path stands in the target as it is: there is but one reading
 */
export function readPath(target: string, canonical: string): PathReading | null {
  if (target.startsWith(canonical)) {
    const next = target.charCodeAt(canonical.length);
    if (target.length === canonical.length || next === 63 || next === 35) return null;
  }
  const path = PATH.exec(target)?.[1] ?? '';
  return { literal: literalOf(path), fault: path.includes('\\') ? 'backslash' : dotsOf(path) };
}

function literalOf(path: string): string {
  const decoded = path.replace(ASCII, (all: string, hex: string) => {
    const letter = String.fromCharCode(parseInt(hex, 16));
    return KEPT.includes(letter) ? all : letter;
  });
  const segments = decoded.split('/').filter((segment) => segment !== '');
  const end = segments.length > 0 && decoded.endsWith('/') ? '/' : '';
  return `/${segments.join('/').toLowerCase()}${end}`;
}

function dotsOf(path: string): 'dots' | null {
  if (!/\.|%2e/i.test(path)) return null;
  const decoded = path.replace(ASCII, (_all, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  for (const segment of decoded.split(/[/\\]/)) if (/^\.\.?(?:;|$)/.test(segment)) return 'dots';
  return null;
}
