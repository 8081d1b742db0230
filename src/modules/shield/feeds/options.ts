import type { Duration } from '../../../core/duration.ts';
import { OptionsError } from '../../../core/errors.ts';
import {
  custom,
  duration,
  type Field,
  type Fields,
  flag,
  object,
  oneOf,
  optional,
  readOptions,
  text,
} from '../../../core/options.ts';
import { GOOD_BOTS } from '../bots/table.ts';
import { LIST_ACTIONS, type ListAction, type ListRule, ruleOf, scoreField } from '../place/options.ts';
import { readFetchOptions, type SafeFetchOptions } from '../sinks/fetch-options.ts';
import { FEED_KINDS, type FeedKind } from './kinds.ts';
import { FEED_PRESETS, type FeedPreset } from './presets.ts';

/** What the download of a feed may do beyond calling a public server over https. */
export type FeedFetchOptions = Pick<
  SafeFetchOptions,
  'allowHttp' | 'ports' | 'hosts' | 'allowRanges' | 'timeout'
>;

/** A file that is brought up to date from somewhere. Of a preset's name (`tor`, `googlebot` …) every member may be left out. */
export interface FeedOptions {
  /** What reads it: `list` of addresses, `mmdb` of places, ranges of `bots`, `disposable` mail domains. */
  readonly kind?: FeedKind;
  /**
   * https address, or path of a file; `{yyyy}` and `{mm}` are year and month (UTC), `{key}` the key. Absent: the file is
   * put in place by hand.
   */
  readonly from?: string;
  /** How often it is asked for, 15m to 90d, default 1d; `false`: only by `rampart feeds update`. */
  readonly every?: Duration | false;
  /** From which age on it is called stale, 1h to 400d; default 7d, of databases 45d. */
  readonly staleAfter?: Duration;
  /** Of a `list`: what is done about callers who stand on it; default `note`. */
  readonly do?: ListAction;
  /** Risk that `do: 'score'` adds, 0.01 to 1; default 0.6. */
  readonly score?: number;
  /** Of a `list`: its addresses do not say where their users are; default: where its name says Tor, VPN, hosting … */
  readonly hides?: boolean;
  /**
   * Name of the variable (or of `NAME_FILE`) that holds the source's key. Sent as `Authorization: Bearer`, of
   * `account:key` as `Basic`; or put where `from` says `{key}`.
   */
  readonly key?: string;
  /** SHA-256 of the file, 64 hexadecimal digits: nothing else is taken. */
  readonly sha256?: string;
  /** Licence or terms, shown on the console; at most 300 characters. */
  readonly terms?: string;
  /** For sources in one's own network: `{ allowHttp, ports, hosts, allowRanges, timeout }` as of safeFetcher. */
  readonly fetch?: FeedFetchOptions;
}

/** Feeds by name; `true` takes a preset as it is. */
export type FeedsOptions = Readonly<Record<string, FeedOptions | true>>;

/** A feed with every default filled in. */
export interface ResolvedFeed {
  readonly name: string;
  readonly kind: FeedKind;
  /** Absent where the file is put in place by hand. */
  readonly from: string | undefined;
  /** Whether `from` is an address, and not a path. */
  readonly remote: boolean;
  readonly everyMs: number | undefined;
  readonly staleAfterMs: number;
  /** Of a list: what is done about callers on it. */
  readonly rule: ListRule;
  readonly key: string | undefined;
  readonly sha256: string | undefined;
  readonly terms: string | undefined;
  readonly fetch: FeedFetchOptions;
}

const MAX_FEEDS = 50;
/** Names become file names. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/;
const URL_LIKE = /^[a-z][a-z0-9+.-]*:\/\//i;

const every: Field<number | false | undefined> = custom(
  'duration 15m to 90d, or false; default 1d',
  (value, path) =>
    value === undefined || value === false ? value : duration({ min: '15m', max: '90d' }).parse(value, path),
  true,
);
const fetching: Field<FeedFetchOptions | undefined> = custom(
  'allowHttp, ports, hosts, allowRanges, timeout',
  (value, path) => {
    if (value === undefined) return undefined;
    readOptions<object>(path, value, ANY_FETCH);
    try {
      readFetchOptions(value as SafeFetchOptions);
    } catch (error) {
      if (!(error instanceof OptionsError)) throw error;
      throw new OptionsError(error.path.replace(/^safeFetch/, path), error.reason);
    }
    return value as FeedFetchOptions;
  },
  true,
);
const anything = custom('', (value) => value, true);
const ANY_FETCH = {
  allowHttp: anything,
  ports: anything,
  hosts: anything,
  allowRanges: anything,
  timeout: anything,
} as Fields<object>;

interface Raw {
  kind: FeedKind | undefined;
  from: string | undefined;
  every: number | false | undefined;
  staleAfter: number | undefined;
  do: ListAction | undefined;
  score: number | undefined;
  hides: boolean | undefined;
  key: string | undefined;
  sha256: string | undefined;
  terms: string | undefined;
  fetch: FeedFetchOptions | undefined;
}

const FIELDS: Fields<Raw> = {
  kind: optional(oneOf(FEED_KINDS)),
  from: optional(text({ max: 2_000 })),
  every,
  staleAfter: optional(duration({ min: '1h', max: '400d' })),
  do: optional(oneOf(LIST_ACTIONS)),
  score: scoreField,
  hides: optional(flag(false)),
  key: optional(text({ max: 100, pattern: /^[A-Z_][A-Z0-9_]*$/, about: 'the name of a variable' })),
  sha256: optional(text({ max: 64, pattern: /^[0-9a-f]{64}$/i, about: '64 hexadecimal digits' })),
  terms: optional(text({ max: 300 })),
  fetch: fetching,
};

/**
 * Reads the feeds of a configuration.
 * @throws OptionsError naming the path and the reason
 */
export function readFeedsOptions(path: string, given: unknown): readonly ResolvedFeed[] {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new OptionsError(path, 'expected feeds by name');
  const entries = Object.entries(given as FeedsOptions);
  if (entries.length > MAX_FEEDS) throw new OptionsError(path, `more than ${MAX_FEEDS} feeds`);
  return entries.map(([name, one]) => readFeed(`${path}.${name}`, name, one));
}

function readFeed(path: string, name: string, given: unknown): ResolvedFeed {
  if (!NAME.test(name)) throw new OptionsError(path, 'a name is 1 to 50 small letters, digits and hyphens');
  const preset = Object.hasOwn(FEED_PRESETS, name) ? FEED_PRESETS[name] : undefined;
  if (given === true && preset === undefined)
    throw new OptionsError(path, `is no preset; say kind and from, or take one of ${presetNames()}`);
  if (given !== true && (typeof given !== 'object' || given === null || Array.isArray(given)))
    throw new OptionsError(path, 'expected an object, or true for a preset as it is');
  const raw = object(FIELDS).parse(withPreset(preset, given === true ? {} : given), path);
  const { kind, from } = raw;
  if (kind === undefined) throw new OptionsError(`${path}.kind`, `expected one of ${FEED_KINDS.join(', ')}`);
  if (kind === 'bots' && !GOOD_BOTS.some(({ id }) => id === name))
    throw new OptionsError(
      path,
      `a feed of bots bears the name of its bot: ${GOOD_BOTS.map(({ id }) => id).join(', ')}`,
    );
  if (raw.do !== undefined && kind !== 'list')
    throw new OptionsError(`${path}.do`, 'is for feeds of kind list');
  const remote = from !== undefined && URL_LIKE.test(from);
  if (from !== undefined) checkSource(path, from, remote, raw);
  if (raw.key !== undefined && !remote) throw new OptionsError(`${path}.key`, 'needs an address in from');
  return {
    name,
    kind,
    from,
    remote,
    everyMs: from === undefined || raw.every === false ? undefined : (raw.every ?? 86_400_000),
    staleAfterMs: raw.staleAfter ?? (kind === 'mmdb' ? 45 : 7) * 86_400_000,
    rule: ruleOf(path, name, { do: raw.do ?? 'note', score: raw.score, hides: raw.hides }),
    key: raw.key,
    sha256: raw.sha256?.toLowerCase(),
    terms: raw.terms,
    fetch: raw.fetch ?? {},
  };
}

/** The key of a preset is for its own source: no other is shown it. */
function withPreset(preset: FeedPreset | undefined, given: FeedOptions): FeedOptions {
  if (preset === undefined || given.from === undefined) return { ...preset, ...given };
  const { key: _key, ...rest } = preset;
  return { ...rest, ...given };
}

function checkSource(path: string, from: string, remote: boolean, { key, fetch }: Raw): void {
  if (!remote) {
    if (from.includes('\0') || from.trim() === '')
      throw new OptionsError(`${path}.from`, 'expected an https address or the path of a file');
    return;
  }
  const filled = from.replace('{yyyy}', '2000').replace('{mm}', '01').replace('{key}', 'key');
  if (!URL.canParse(filled)) throw new OptionsError(`${path}.from`, 'is no address');
  const { protocol, username, password } = new URL(filled);
  if (protocol !== 'https:' && !(protocol === 'http:' && fetch?.allowHttp === true))
    throw new OptionsError(`${path}.from`, 'must begin with https:// (or set fetch.allowHttp)');
  if (username !== '' || password !== '')
    throw new OptionsError(`${path}.from`, 'must hold no password; name a variable in key');
  if (from.includes('{key}') && key === undefined)
    throw new OptionsError(`${path}.key`, 'from asks for a key: name the variable that holds it');
}

function presetNames(): string {
  return Object.keys(FEED_PRESETS).join(', ');
}
