/**
 * Writes a path in the one form by which routes are matched and counted, so that `//Login/`, `/login;x=1` and `/%6cogin`
 * share one bucket: percent-decoded once where that gives plain ASCII, lower case, no empty segments, no parameters
 * after `;`, no dot segments, no trailing slash. Used for matching only; the application sees what was sent.
 *
 * @param target path and query as received
 */
export function canonicalPath(target: string): string {
  const end = pathEnd(target);
  if (isCanonical(target, end)) return end === target.length ? target : target.slice(0, end);
  let path = target.slice(0, end);
  const scheme = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(path);
  if (scheme) path = path.slice(scheme[0].length);
  const decoded = path.replace(/%([0-7][0-9a-f])/gi, (_all, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  const segments: string[] = [];
  for (const raw of decoded.replaceAll('\\', '/').split('/')) {
    const semicolon = raw.indexOf(';');
    const segment = (semicolon < 0 ? raw : raw.slice(0, semicolon)).toLowerCase();
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

function pathEnd(target: string): number {
  for (let i = 0; i < target.length; i++) {
    const code = target.charCodeAt(i);
    if (code === 63 || code === 35) return i;
  }
  return target.length;
}

/** One pass over the characters, true for the form that nearly every request already has. */
function isCanonical(target: string, end: number): boolean {
  if (end === 0 || target.charCodeAt(0) !== 47) return false;
  let previous = 47;
  for (let i = 1; i < end; i++) {
    const code = target.charCodeAt(i);
    if (code === 47 ? previous === 47 : code === 46 ? previous === 47 : !PLAIN[code]) return false;
    previous = code;
  }
  return end === 1 || previous !== 47;
}

/** a-z 0-9 - _ ~ and other characters that mean the same to everybody; not upper case, `%`, `;`, `\`. */
const PLAIN = new Uint8Array(65_536);
for (const letter of "abcdefghijklmnopqrstuvwxyz0123456789-_~!$'()*+,=:@.") PLAIN[letter.charCodeAt(0)] = 1;

/** Which requests a rule is about. */
export interface RoutePattern {
  /** Upper case; `undefined` for all. */
  readonly method: string | undefined;
  /** Canonical path with `:name` for one segment and a closing `*` for any rest. */
  readonly path: string;
}

/** Reads `'POST /auth/*'` or `'/orders/:id'`. @returns `undefined` when it is no pattern */
export function parsePattern(text: string): RoutePattern | undefined {
  const match = /^(?:([A-Z]+) )?(\/[^\s?#]*)$/.exec(text);
  if (!match) return undefined;
  const path = (match[2] as string).toLowerCase();
  const star = path.indexOf('*');
  if (star >= 0 && (star !== path.length - 1 || path[star - 1] !== '/')) return undefined;
  return { method: match[1], path: path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path };
}

interface Node<T> {
  readonly fixed: Map<string, Node<T>>;
  parameter: Node<T> | undefined;
  ends: Entry<T>[];
  rest: Entry<T>[];
}
interface Entry<T> {
  readonly method: string | undefined;
  readonly order: number;
  readonly value: T;
}

/**
 * Finds the most specific pattern for a request: fixed segments before parameters before `*`, named methods before any
 * method, earlier before later. HEAD takes the patterns of GET where none names HEAD.
 */
export class RouteTable<T> {
  readonly #root: Node<T> = emptyNode();
  #count = 0;

  /** Adds a pattern. */
  add(pattern: RoutePattern, value: T): void {
    const segments = pattern.path.split('/').slice(1);
    let node = this.#root;
    const entry = { method: pattern.method, order: this.#count++, value };
    if (pattern.path === '/') {
      node.ends.push(entry);
      return;
    }
    for (const segment of segments) {
      if (segment === '*') {
        node.rest.push(entry);
        return;
      }
      if (segment.startsWith(':')) node = node.parameter ??= emptyNode();
      else {
        let next = node.fixed.get(segment);
        if (!next) node.fixed.set(segment, (next = emptyNode()));
        node = next;
      }
    }
    node.ends.push(entry);
  }

  /** @param path a canonical path, or one with a slash at its end @returns `undefined` where no pattern fits */
  find(method: string, path: string): T | undefined {
    return walk(this.#root, method, path, 1);
  }
}

function emptyNode<T>(): Node<T> {
  return { fixed: new Map(), parameter: undefined, ends: [], rest: [] };
}

function walk<T>(node: Node<T>, method: string, path: string, at: number): T | undefined {
  if (at >= path.length) return atEnd(node, method, at > 1 && path.endsWith('/'));
  const slash = path.indexOf('/', at);
  const end = slash < 0 ? path.length : slash;
  const next = node.fixed.get(path.slice(at, end));
  const found = next && walk(next, method, path, end + 1);
  if (found !== undefined) return found;
  const through = node.parameter && walk(node.parameter, method, path, end + 1);
  if (through !== undefined) return through;
  return pick(node.rest, method);
}

/** Fastify takes `/orders/` for `/orders/:id` with an empty id. Canonical paths end in no slash. */
function atEnd<T>(node: Node<T>, method: string, slash: boolean): T | undefined {
  const through = slash && node.parameter !== undefined ? pick(node.parameter.ends, method) : undefined;
  return pick(node.ends, method) ?? through ?? pick(node.rest, method);
}

function pick<T>(entries: readonly Entry<T>[], method: string): T | undefined {
  let any: T | undefined;
  let get: T | undefined;
  for (const entry of entries) {
    if (entry.method === method) return entry.value;
    if (entry.method === undefined) any ??= entry.value;
    // Frameworks answer HEAD with the handler of GET (RFC 9110 9.3.2): its rules hold for both.
    else if (method === 'HEAD' && entry.method === 'GET') get ??= entry.value;
  }
  return get ?? any;
}
