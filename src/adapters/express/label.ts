import type { IncomingMessage } from 'node:http';

/** Mount points that are told apart; the rest count as one, so that labels stay few whatever is asked for. */
export const MAX_BASES = 200;
const MAX_LABEL = 200;

type RoutePath = string | RegExp | readonly (string | RegExp)[];
interface Routed {
  readonly baseUrl?: string;
  readonly originalUrl?: string;
  readonly route?: { readonly path?: RoutePath };
}

/** What is worked out once per route. */
interface Known {
  readonly path: string;
  /** How many segments a matching address has; -1 where that varies. */
  readonly segments: number;
  /** The last mount point that it was met under, and the label that came of it. */
  base: string;
  label: string;
}

/** Makes the reader of labels. Each guard has its own, with its own memory of mount points. */
export function labelReader(): (request: IncomingMessage) => string | null {
  const bases = new Set<string>();
  const known = new WeakMap<object, Known>();
  const few = (base: string): string => {
    if (base === '' || bases.has(base)) return base;
    if (bases.size >= MAX_BASES) return '/*';
    bases.add(base);
    return base;
  };
  const write = (path: string, mounted: string): string => {
    const base = few(withoutValues(mounted));
    return `${base}${path === '/' && base !== '' ? '' : path}`.slice(0, MAX_LABEL);
  };
  /** The matched route with its mount point: `/orders/:id`. `null` when no route was matched. */
  return function labelOf(request) {
    const { route, baseUrl = '', originalUrl = '' } = request as Routed;
    if (route?.path === undefined) return null;
    let one = known.get(route);
    if (one === undefined) {
      const path = [route.path].flat().join('|');
      const fixed = path.startsWith('/') && !/[*{}()|?]/.test(path);
      one = { path, segments: fixed ? segmentsOf(path) : -1, base: '', label: write(path, '') };
      known.set(route, one);
    }
    const base = baseUrl === '' ? lostBase(originalUrl, one.segments) : baseUrl;
    if (base !== one.base) {
      one.label = write(one.path, base);
      one.base = base;
    }
    return one.label;
  };
}

/**
 * Express forgets a router's mount point when an error leaves the router, before the response ends. It is what the address
 * has before as many segments as the route has; a route of variable length (-1) does not tell.
 */
function lostBase(originalUrl: string, segments: number): string {
  if (segments < 0) return '';
  const lost = segmentsOf(originalUrl) - segments;
  if (lost <= 0) return '';
  const asked = originalUrl.split(/[?#]/, 1)[0] as string;
  return `/${asked.split('/').filter(Boolean).slice(0, lost).join('/')}`;
}

/** How many segments a path has, up to its query; empty ones do not count. */
function segmentsOf(url: string): number {
  let count = 0;
  let previous = 47;
  for (let i = 0; i < url.length; i++) {
    const code = url.charCodeAt(i);
    if (code === 63 || code === 35) break;
    if (previous === 47 && code !== 47) count++;
    previous = code;
  }
  return count;
}

/** A router that is mounted under a parameter (`/users/:id`) shows the very value: what looks like one is `:value`. */
function withoutValues(base: string): string {
  if (base === '') return base;
  return base
    .split('/')
    .map((part) => (looksLikeValue(part) ? ':value' : part.toLowerCase()))
    .join('/');
}

function looksLikeValue(part: string): boolean {
  return part.length > 32 || part.includes('%') || (/\d/.test(part) && !/^v\d{1,3}$/i.test(part));
}
