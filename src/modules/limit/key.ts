import { createHash } from 'node:crypto';
import type { RequestContext } from '../../core/context.ts';
import { AccountName, ApiKeyId, Principal } from '../../core/fact.ts';
import type { KeySource } from './options.ts';

/** Longest part that stands in a key as it is. */
const MAX_PART = 64;
/** What stands before the address of a caller who lacks what is counted by. */
const INSTEAD = '~';

/** Reads one part of a key; `undefined` where the request does not have it. */
type Reader = (context: RequestContext) => string | undefined;

const READERS: Readonly<Record<string, Reader>> = {
  ip: (context) => context.client.group,
  user: (context) => context.get(Principal)?.id,
  session: (context) => {
    const session = context.get(Principal)?.session;
    return session === undefined ? undefined : hashed(session);
  },
  role: (context) => context.get(Principal)?.roles.join(',') ?? 'anonymous',
  route: (context) => context.plan.route.name,
  apiKey: (context) => context.get(ApiKeyId),
  tenant: (context) => context.get(Principal)?.tenant,
  account: (context) => context.get(AccountName)?.trim().normalize('NFKC').toLowerCase(),
};

/** Sources that are known before anybody is identified. */
const EARLY: ReadonlySet<unknown> = new Set(['ip', 'route']);

/** Whether a source can be read in the admit phase. */
export function isEarly(source: KeySource): boolean {
  return EARLY.has(source) || (typeof source === 'string' && source.startsWith('header:'));
}

/** How a source is shown: its name, or `function`. */
export function sourceName(source: KeySource): string {
  return typeof source === 'string' ? source : 'function';
}

/**
 * Makes the reader of a policy's keys. A key is the policy's name and one part per source, separated by `|`. Parts are
 * at most 64 printable ASCII characters; header values, session ids and whatever else does not fit are hashed (SHA-256,
 * 132 bits), so that a key is bounded, cannot be forged by a separator, and shows no secret.
 */
export function keyReader(policy: string, by: readonly KeySource[]): (context: RequestContext) => string {
  const prefix = `${policy}|`;
  const readers = by.map(readerOf);
  const [first] = readers;
  if (by.length === 1 && by[0] === 'ip') return remembered((context) => prefix + context.client.group);
  if (readers.length === 1 && first) return (context) => prefix + partOf(first, context);
  const whole = (context: RequestContext): string => {
    let key = policy;
    for (const reader of readers) key += `|${partOf(reader, context)}`;
    // What is added to keys later has its place in the 200 characters that a store takes.
    return key.length <= 190 ? key : prefix + hashed(key);
  };
  return by.every((one) => one === 'ip' || one === 'route') ? rememberedByRoute(whole) : whole;
}

/** Keys of callers by address that are remembered: as strings whose hashes are known already. */
const REMEMBERED = 4_096;

/** Spares putting a key together again for the callers of late. `build` must look at nothing but the client's group. */
function remembered(build: (context: RequestContext) => string): (context: RequestContext) => string {
  const keys = new Map<string, string>();
  return (context) => {
    const { group } = context.client;
    let key = keys.get(group);
    if (key === undefined) {
      key = build(context);
      if (keys.size >= REMEMBERED) keys.clear();
      keys.set(group, key);
    }
    return key;
  };
}

/** The same for keys that also hold the route; there are as many of those as the configuration names. */
function rememberedByRoute(build: (context: RequestContext) => string): (context: RequestContext) => string {
  const readers = new Map<string, (context: RequestContext) => string>();
  return (context) => {
    const { name } = context.plan.route;
    let reader = readers.get(name);
    if (reader === undefined) readers.set(name, (reader = remembered(build)));
    return reader(context);
  };
}

function readerOf(source: KeySource): Reader {
  if (typeof source === 'function') return source;
  if (!source.startsWith('header:')) return READERS[source] as Reader;
  const name = source.slice(7).toLowerCase();
  return (context) => {
    const value = context.request.header(name);
    return value === undefined || value === '' ? undefined : hashed(value);
  };
}

function partOf(reader: Reader, context: RequestContext): string {
  let part: unknown;
  try {
    part = reader(context);
  } catch {
    // A reader that breaks down must not open the gate: its callers count by address.
  }
  if (typeof part !== 'string' || part === '') return INSTEAD + context.client.group;
  return safePart(part);
}

/** A part as it is where it is short and plain, else its hash. */
export function safePart(part: string): string {
  const first = part.charCodeAt(0);
  if (part.length > MAX_PART || part.length === 0 || first === 35 || first === 126) return hashed(part);
  for (let i = 0; i < part.length; i++) {
    const code = part.charCodeAt(i);
    if (code < 32 || code > 126 || code === 124) return hashed(part);
  }
  return part;
}

/** A key for a store of this process, where it needs only be bounded and hold no separator. */
export function separatorless(key: string): string {
  const first = key.charCodeAt(0);
  const plain = key.length <= MAX_PART && first !== 35 && first !== 126 && !key.includes('|');
  return plain ? key : hashed(key);
}

function hashed(text: string): string {
  return `#${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
}
