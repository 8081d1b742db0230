import { OptionsError } from '../../../core/errors.ts';
import {
  custom,
  type Field,
  list,
  number,
  object,
  oneOf,
  optional,
  readOptions,
  text,
  duration,
} from '../../../core/options.ts';
import type { Peppers } from './compute.ts';
import type { ArgonParameters } from './stored.ts';

/** Profiles of the policy, see `policyWarnings`. */
export const PASSWORD_PROFILES = ['nist-800-63b-4', 'composition', 'pci-4.0.1'] as const;
export type PasswordProfile = (typeof PASSWORD_PROFILES)[number];

/** A key of the pepper. */
export interface PepperKey {
  /** Stands in every hash: 1 to 40 letters, digits, `-` and `_`. */
  readonly id: string;
  /** 32 to 64 random bytes, kept outside of the database. */
  readonly key: Uint8Array;
}

/** How passwords are judged and hashed. */
export interface PasswordOptions {
  /** Default `nist-800-63b-4`. */
  readonly profile?: PasswordProfile;
  /** Product, company and other words that must not be the password; at most 50 of 1 to 100 characters. */
  readonly names?: readonly string[];
  /** Argon2id; below OWASP's floors (1 pass: 46 MiB, 2: 19 MiB, 3 and more: 12 MiB) it is refused. */
  readonly hash?: {
    /** KiB, 12,288 to 1,048,576; default 19,456. */
    readonly memoryKib?: number;
    /** 1 to 20, default 2. */
    readonly passes?: number;
    /** 1 to 4, default 1. */
    readonly lanes?: number;
  };
  /** Hashes that are made at once, 1 to 16; default one less than the number of cores, at most 4. Node's own pool has 4 threads. */
  readonly parallel?: number;
  /** At most 8 keys: the first is taken for new hashes, all of them verify. Default none. */
  readonly pepper?: readonly PepperKey[];
  /** Asks a list of breached passwords (Have I Been Pwned, range API); default off. Open when it does not answer. */
  readonly breached?: {
    /** Up to the five characters of the hash; default `https://api.pwnedpasswords.com/range/`. */
    readonly url?: string;
    /** `100ms` to `10s`, default `1s`. */
    readonly timeout?: string;
  };
}

/** Checked options. */
export interface PasswordSettings {
  readonly profile: PasswordProfile;
  readonly names: readonly string[];
  readonly hash: ArgonParameters;
  /** Undefined: by the number of cores. */
  readonly parallel: number | undefined;
  readonly peppers: Peppers;
  readonly breached: { readonly url: string; readonly timeoutMs: number } | undefined;
}

const ARGON = object<ArgonParameters>(
  {
    memoryKib: number({ min: 12_288, max: 1_048_576, default: 19_456 }),
    passes: number({ min: 1, max: 20, default: 2 }),
    lanes: number({ min: 1, max: 4, default: 1 }),
  },
  {},
);

const PEPPER: Field<PepperKey> = object<PepperKey>({
  id: text({ max: 40, pattern: /^[A-Za-z0-9_-]+$/, about: '1 to 40 letters, digits, - and _' }),
  key: custom('32 to 64 bytes', (value, path) => {
    const fits = value instanceof Uint8Array && value.byteLength >= 32 && value.byteLength <= 64;
    if (!fits) throw new OptionsError(path, 'expected 32 to 64 bytes');
    return Uint8Array.from(value);
  }),
});

const BREACHED = object<{ url: string; timeout: number }>(
  {
    url: custom('URL, default https://api.pwnedpasswords.com/range/', readUrl, true),
    timeout: duration({ min: '100ms', max: '10s', default: '1s' }),
  },
  {},
);

/**
 * Reads the options of passwords.
 * @param path where they stand, such as `identity.passwords`
 * @throws OptionsError naming the path and the reason
 */
export function readPasswordOptions(path: string, given: unknown): PasswordSettings {
  const read = readOptions<{
    profile: PasswordProfile;
    names: readonly string[];
    hash: ArgonParameters;
    parallel: number | undefined;
    pepper: readonly PepperKey[];
    breached: { url: string; timeout: number } | undefined;
  }>(path, given ?? {}, {
    profile: oneOf(PASSWORD_PROFILES, 'nist-800-63b-4'),
    names: list(text({ max: 100 }), { atMost: 50, default: [] }),
    hash: ARGON,
    parallel: optional(number({ min: 1, max: 16 })),
    pepper: list(PEPPER, { atMost: 8, default: [] }),
    breached: optional(BREACHED),
  });
  refuseBelowFloor(`${path}.hash`, read.hash);
  const peppers = new Map(read.pepper.map(({ id, key }) => [id, key]));
  if (peppers.size < read.pepper.length) throw new OptionsError(`${path}.pepper`, 'an id is given twice');
  return {
    profile: read.profile,
    names: read.names,
    hash: read.hash,
    parallel: read.parallel,
    peppers,
    breached: read.breached && { url: read.breached.url, timeoutMs: read.breached.timeout },
  };
}

/** Least memory in KiB for a number of passes (OWASP Password Storage Cheat Sheet, ASVS 5.0 appendix C). */
export function leastMemoryKib(passes: number): number {
  if (passes === 1) return 47_104;
  return passes === 2 ? 19_456 : 12_288;
}

function refuseBelowFloor(path: string, { memoryKib, passes }: ArgonParameters): void {
  const least = leastMemoryKib(passes);
  if (memoryKib >= least) return;
  throw new OptionsError(`${path}.memoryKib`, `with ${passes} passes at least ${least} KiB are needed`);
}

/** HTTPS only, but for this machine itself: who answers decides whether a password passes. */
function readUrl(value: unknown, path: string): string {
  const found = value === undefined ? 'https://api.pwnedpasswords.com/range/' : value;
  const url = typeof found === 'string' && found.length <= 300 ? URL.parse(found) : null;
  const local = url?.protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url === null || (url.protocol !== 'https:' && !local))
    throw new OptionsError(path, 'expected an https:// URL');
  if (url.search !== '' || url.hash !== '')
    throw new OptionsError(path, 'expected a URL without query and fragment');
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}
