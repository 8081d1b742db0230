/** Made-up feeds for building the console. */
import type { FeedEntry, FeedsAnswer } from '../../src/server/api/feed-types.ts';
import { fail, ok } from './call.ts';
import type { Answer, Call } from './call.ts';
import { proofAsked } from './users.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const start = Date.now();

const feed = (name: string, kind: FeedEntry['kind'], rest: Partial<FeedEntry>): FeedEntry => ({
  name,
  kind,
  source: null,
  state: 'current',
  entries: null,
  bytes: null,
  builtAtMs: null,
  checkedAtMs: start - 20 * MINUTE,
  updatedAtMs: start - 20 * MINUTE,
  everyMs: DAY,
  staleAfterMs: 7 * DAY,
  nextAtMs: start + 5 * HOUR,
  error: null,
  terms: null,
  ...rest,
});

let feeds: readonly FeedEntry[] = [
  feed('tor', 'list', {
    source: 'https://check.torproject.org/torbulkexitlist',
    entries: 1_204,
    bytes: 17_402,
    everyMs: HOUR,
    nextAtMs: start + 38 * MINUTE,
    staleAfterMs: DAY,
  }),
  feed('spamhaus-drop', 'list', {
    source: 'https://www.spamhaus.org/drop/drop_v4.json',
    state: 'failed',
    entries: 1_391,
    bytes: 98_240,
    updatedAtMs: start - 31 * HOUR,
    checkedAtMs: start - 7 * HOUR,
    error:
      'The answer is an HTML page and not a list; what was there before holds. Look whether the address has moved.',
    terms: 'Free for use by anyone, with the date and copyright kept',
  }),
  feed('city', 'mmdb', {
    source: 'https://download.maxmind.com/app/geoip_download',
    bytes: 62_114_820,
    builtAtMs: start - 3 * DAY,
    terms: 'GeoLite2 End User License Agreement',
  }),
  feed('asn', 'mmdb', {
    source: '/var/lib/rampart/asn.mmdb',
    state: 'stale',
    bytes: 9_204_110,
    builtAtMs: start - 41 * DAY,
    updatedAtMs: start - 40 * DAY,
    staleAfterMs: 30 * DAY,
  }),
  feed('googlebot', 'bots', {
    source: 'https://developers.google.com/static/search/apis/ipranges/googlebot.json',
    entries: 318,
    bytes: 21_330,
    builtAtMs: start - 2 * DAY,
  }),
  feed('disposable-domains', 'disposable', {
    source: 'https://raw.githubusercontent.com/disposable-email-domains/disposable-email-domains/main/list',
    entries: 4_811,
    bytes: 68_112,
    everyMs: 7 * DAY,
    staleAfterMs: 30 * DAY,
    nextAtMs: start + 3 * DAY,
    checkedAtMs: start - 4 * DAY,
    updatedAtMs: start - 4 * DAY,
    terms: 'CC0',
  }),
  feed('office-networks', 'list', {
    state: 'missing',
    checkedAtMs: null,
    updatedAtMs: null,
    everyMs: null,
    nextAtMs: null,
  }),
];

/** GET /admin/feeds, POST /admin/feeds/{name}/update. */
export function feedCall({ parts, method, mode }: Call): Answer {
  if (method === 'GET') return ok({ feeds: mode === 'empty' ? [] : feeds } satisfies FeedsAnswer);
  const asked = proofAsked();
  if (asked) return asked;
  const found = feeds.find((one) => one.name === decodeURIComponent(parts[1] ?? ''));
  if (!found) return fail(404, 'NOT_FOUND', 'There is no such feed.');
  if (found.state === 'failed') return ok({ ...found, checkedAtMs: found.checkedAtMs });
  const now = Date.now();
  const updated: FeedEntry = {
    ...found,
    state: 'current',
    checkedAtMs: now,
    updatedAtMs: now,
    entries: found.entries === null ? null : found.entries + 12,
    ...(found.builtAtMs === null ? {} : { builtAtMs: now - DAY }),
  };
  feeds = feeds.map((one) => (one === found ? updated : one));
  return ok(updated);
}
