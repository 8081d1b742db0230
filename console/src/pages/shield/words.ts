import type {
  ExclusionDraft,
  FalseAlarm,
  FeedEntry,
  FindingFacts,
  ShieldAnswer,
  ShieldExclusion,
} from '../../api/shield.ts';
import { percent, plural, whole } from '../../format/number.ts';
import { ago } from '../../format/time.ts';

type Posture = NonNullable<ShieldAnswer['posture']>;

/** The posture in a word. */
export const POSTURE_NAME: Readonly<Record<Posture['level'], string>> = {
  normal: 'Usual traffic',
  elevated: 'Elevated',
  attack: 'Under attack',
};

/** How the own rate stands to what is usual: `912 requests a second on this node, 6.2 times the usual 148`. */
export function rateWords({ rate, usual, bound }: Posture): string {
  const now = `${amount(rate)} requests a second on this node`;
  if (usual === null) return `${now}; what is usual is still being learnt`;
  const times = usual > 0 ? rate / usual : 0;
  const beside =
    times >= 2
      ? `${times >= 10 ? whole(times) : times.toFixed(1)} times the usual ${amount(usual)}`
      : `usual are ${amount(usual)}`;
  return bound === null ? `${now}, ${beside}` : `${now}, ${beside}; pressed from ${amount(bound)} on`;
}

/** A rate with as many places as it needs. */
function amount(rate: number): string {
  return rate >= 10 || Number.isInteger(rate) ? whole(rate) : rate.toFixed(1);
}

/** Parts of the shield as a reader sees them. */
const PART_NAME: Readonly<Record<string, string>> = {
  traffic: 'Traffic patterns',
  place: 'Places and lists',
  headers: 'Header sanity',
  bots: 'Bots',
  challenge: 'Challenge',
  demand: 'Challenge of a route',
  inspection: 'Inspection',
  blocks: 'Block list',
  'block-list': 'Block list',
};
/** A part, or the guard that stands for it: records name it with `shield.` before it. */
export function partName(guard: string): string {
  const name = guard.replace(/^shield\./, '');
  return PART_NAME[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ');
}
export const MODE_NAME = { enforce: 'refuses', shadow: 'only records', off: 'off' } as const;

/** Share of challenges that were solved, or null before the first. */
export function solvedShare(challenges: ShieldAnswer['challenges']): number | null {
  return challenges === null || challenges.shown === 0 ? null : challenges.solved / challenges.shown;
}

/** Places of a request whose names are not words by themselves. */
const PLACE_NAME: Readonly<Record<string, string>> = {
  json: 'JSON',
  xml: 'XML',
  graphql: 'GraphQL',
  multipart: 'form',
  filename: 'file name',
};

/** `query ‘page’`, or the place alone where it has no names. */
export function placeWords(given: string | null, name: string | null): string {
  const place = given === null ? null : (PLACE_NAME[given] ?? given);
  if (place === null) return name === null || name === '' ? 'anywhere' : `‘${name}’`;
  return name === null || name === '' ? place : `${place} ‘${name}’`;
}

/** What an exclusion leaves out, and where. */
export function scopeWords({ route, field }: Pick<ExclusionDraft, 'route' | 'field'>): string {
  const where = route === null ? 'on every route' : `on ${route}`;
  return field === null ? `in any field ${where}` : `in ‘${field}’ ${where}`;
}

/** Whether an exclusion could let such a request pass: inspection refused it, for what it found in it. */
export function isExcludable({ guard, findings }: Pick<FalseAlarm, 'guard' | 'findings'>): boolean {
  return findings.length > 0 && (guard === null || guard === 'inspection');
}

/** A draft as narrow as what was found allows, and the rules that it does not cover. */
export interface Proposal {
  readonly route: string | null;
  readonly field: string | null;
  readonly rules: readonly string[];
  readonly elsewhere: readonly string[];
}

/**
 * Proposes what to exclude so that a request like this one passes: the rules of the field that weighed most, on this route
 * alone. What other fields hold stays excluded from nothing.
 */
export function proposalFor(route: string | null, findings: readonly FindingFacts[]): Proposal {
  const weights = new Map<string, number>();
  for (const { name, weight } of findings) weights.set(name, (weights.get(name) ?? 0) + weight);
  const [field = ''] = [...weights].reduce<readonly [string?, number?]>(
    (best, one) => (one[1] > (best[1] ?? -1) ? one : best),
    [],
  );
  const rulesOf = (isHere: boolean): readonly string[] => [
    ...new Set(
      findings
        .filter(({ name }) => (name === field) === isHere)
        .toSorted((a, b) => b.weight - a.weight)
        .map(({ rule }) => rule),
    ),
  ];
  const rules = rulesOf(true);
  return {
    route,
    field: field === '' ? null : field,
    rules,
    elsewhere: rulesOf(false).filter((rule) => !rules.includes(rule)),
  };
}

/** Reads rules that were typed: separated by commas or spaces, each once, in lower case. */
export function readRules(typed: string): readonly string[] {
  return [
    ...new Set(
      typed
        .toLowerCase()
        .split(/[\s,;]+/)
        .filter((rule) => rule !== ''),
    ),
  ];
}

/** After this long a replay no longer tells of the traffic as it is; the server takes none that is older. */
const REPLAY_LIFE_MS = 86_400_000;

/** Why an exclusion can't be published as it stands; null where it can. */
export function notYetWords({ replay }: Pick<ShieldExclusion, 'replay'>, nowMs: number): string | null {
  if (replay === null) return 'Replay it first: what it lets through has to be seen.';
  return nowMs - replay.atMs > REPLAY_LIFE_MS ? 'Its replay is older than a day. Replay it again.' : null;
}

/** What a replay found, in one sentence. */
export function replaySentence({
  refused,
  replayed,
  wouldPass,
}: {
  readonly refused: number;
  readonly replayed: number;
  readonly wouldPass: number;
}): string {
  if (refused === 0) return 'Inspection refused nothing in that time: there was nothing to try it on.';
  const of =
    replayed < refused
      ? `the newest ${whole(replayed)} of ${whole(refused)} refused requests`
      : plural(refused, 'refused request');
  if (wouldPass === 0) return `None of ${of} would pass.`;
  return `Up to ${whole(wouldPass)} of ${of} would pass (${percent(wouldPass / Math.max(1, replayed)).replace(' ', '\u00a0')}).`;
}

/** How old a feed is, in words: when its data was made, and when it was last looked at. */
export function ageWords(
  { state, builtAtMs, checkedAtMs, updatedAtMs, everyMs }: FeedEntry,
  nowMs: number,
): string {
  // The server's clock may be a little ahead: nothing is said to come from the future.
  const age = (atMs: number): string => ago(Math.min(atMs, nowMs), nowMs);
  if (state === 'missing')
    return everyMs === null ? 'no file yet; put one in its place' : 'no file yet; update it once to begin';
  const parts = [];
  if (builtAtMs !== null) parts.push(`built ${age(builtAtMs)}`);
  else if (updatedAtMs !== null) parts.push(`fetched ${age(updatedAtMs)}`);
  const isSaid = builtAtMs === null && checkedAtMs === updatedAtMs;
  if (checkedAtMs !== null && !isSaid)
    parts.push(`${state === 'failed' ? 'last good check' : 'checked'} ${age(checkedAtMs)}`);
  return parts.length === 0 ? 'age unknown' : parts.join(', ');
}

/** What an update changed, in one sentence. */
export function updateWords(before: FeedEntry, after: FeedEntry): string {
  if (after.error !== null) return `${after.name} could not be updated; it says why`;
  if (after.updatedAtMs === before.updatedAtMs) return `${after.name} was up to date already`;
  if (after.entries === null || before.entries === null || after.entries === before.entries)
    return `${after.name} is up to date`;
  const more = after.entries - before.entries;
  return `${after.name} is up to date: ${whole(Math.abs(more))} ${more > 0 ? 'more' : 'fewer'} entries, ${whole(after.entries)} in all`;
}
