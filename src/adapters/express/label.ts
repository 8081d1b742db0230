import type { IncomingMessage } from 'node:http';

/** Mount points that are told apart; the rest count as one, so that labels stay few whatever is asked for. */
const MAX_BASES = 200;
const MATCHED = Symbol('rampart.matched');
const bases = new Set<string>();

type RoutePath = string | RegExp | readonly (string | RegExp)[];

interface Matched {
  readonly base: string;
  readonly path: RoutePath | undefined;
}
interface Routed {
  readonly baseUrl?: string;
  readonly app?: { readonly request?: object };
  [MATCHED]?: Matched;
}

/**
 * Express forgets a router's mount point when an error leaves the router, long before the response ends. So the route is
 * taken down when it is matched: `route` becomes an accessor on the application's request prototype, which Express means
 * to be extended.
 */
export function rememberRoutes(request: IncomingMessage): void {
  const prototype = (request as Routed).app?.request;
  if (prototype === undefined || Object.hasOwn(prototype, MATCHED)) return;
  Object.defineProperty(prototype, MATCHED, { value: undefined, writable: true });
  Object.defineProperty(prototype, 'route', {
    configurable: true,
    get(this: Routed & { [ROUTE]?: unknown }) {
      return this[ROUTE];
    },
    set(this: Routed & { [ROUTE]?: unknown }, route: { path?: RoutePath } | undefined) {
      this[ROUTE] = route;
      this[MATCHED] = { base: this.baseUrl ?? '', path: route?.path };
    },
  });
}
const ROUTE = Symbol('rampart.route');

/** The matched route with its mount point: `/orders/:id`. `null` when no route was matched. */
export function labelOf(request: IncomingMessage): string | null {
  const matched = (request as Routed)[MATCHED];
  if (matched === undefined || matched.path === undefined) return null;
  const path = [matched.path].flat().join('|');
  const label = `${baseOf(matched.base)}${path === '/' && matched.base !== '' ? '' : path}`;
  return label.slice(0, 200);
}

/**
 * A router that is mounted under a parameter (`/users/:id`) shows the very value in its base, so parts that look like
 * values are written `:value`, and no more than `MAX_BASES` bases are told apart.
 */
function baseOf(base: string): string {
  if (base === '') return '';
  const plain = base
    .split('/')
    .map((part) => (looksLikeValue(part) ? ':value' : part.toLowerCase()))
    .join('/');
  if (bases.has(plain)) return plain;
  if (bases.size >= MAX_BASES) return '/*';
  bases.add(plain);
  return plain;
}

function looksLikeValue(part: string): boolean {
  return part.length > 32 || part.includes('%') || (/\d/.test(part) && !/^v\d{1,3}$/i.test(part));
}
