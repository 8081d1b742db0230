import type { Duration } from '../../../core/duration.ts';
import { GOOD_BOTS } from '../bots/table.ts';
import type { ListAction } from '../place/options.ts';
import type { FeedKind } from './kinds.ts';

/** A source that its publisher documents; what a configuration says of the same name counts more. */
export interface FeedPreset {
  readonly kind: FeedKind;
  readonly from: string;
  readonly every: Duration;
  readonly staleAfter: Duration;
  readonly terms: string;
  readonly do?: ListAction;
  /** Variable that holds the key of the source, where it wants one. */
  readonly key?: string;
}

const DROP_TERMS =
  'Spamhaus DROP: free to use, also commercially, with credit to The Spamhaus Project; no more than one download an hour (spamhaus.org).';
const DBIP_TERMS = 'DB-IP Lite, CC BY 4.0: pages that show it must link to db-ip.com.';

/** New every month. */
function dbip(edition: string): FeedPreset {
  return {
    kind: 'mmdb',
    from: `https://download.db-ip.com/free/dbip-${edition}-lite-{yyyy}-{mm}.mmdb.gz`,
    every: '1d',
    staleAfter: '45d',
    terms: DBIP_TERMS,
  };
}

/** New twice a week; for whoever has an account, whose number and licence key are `account:key`. */
function geolite2(edition: string): FeedPreset {
  return {
    kind: 'mmdb',
    from: `https://download.maxmind.com/geoip/databases/GeoLite2-${edition}/download?suffix=tar.gz`,
    every: '1d',
    staleAfter: '30d',
    terms:
      'GeoLite2 by MaxMind, under its End User License Agreement: no copy older than 30 days may be used.',
    key: 'GEOLITE2_KEY',
  };
}

const BOTS = GOOD_BOTS.flatMap(({ id, name, rangesUrl }): [string, FeedPreset][] =>
  rangesUrl === undefined
    ? []
    : [
        [
          id,
          {
            kind: 'bots',
            from: rangesUrl,
            every: '1d',
            staleAfter: '14d',
            terms: `Published by ${name} so that its crawlers can be told from impostors.`,
          },
        ],
      ],
);

/** Sources by name. Nothing is fetched until a configuration names it under `shield.feeds`. */
export const FEED_PRESETS: Readonly<Record<string, FeedPreset>> = {
  tor: {
    kind: 'list',
    from: 'https://check.torproject.org/torbulkexitlist',
    every: '6h',
    staleAfter: '3d',
    terms: 'Published by the Tor Project for whoever runs a service.',
  },
  'spamhaus-drop': {
    kind: 'list',
    from: 'https://www.spamhaus.org/drop/drop_v4.json',
    every: '1d',
    staleAfter: '7d',
    terms: DROP_TERMS,
  },
  'spamhaus-drop-v6': {
    kind: 'list',
    from: 'https://www.spamhaus.org/drop/drop_v6.json',
    every: '1d',
    staleAfter: '7d',
    terms: DROP_TERMS,
  },
  'disposable-domains': {
    kind: 'disposable',
    from: 'https://raw.githubusercontent.com/disposable-email-domains/disposable-email-domains/main/disposable_email_blocklist.conf',
    every: '1d',
    staleAfter: '30d',
    terms: 'github.com/disposable-email-domains/disposable-email-domains, CC0.',
  },
  'dbip-country': dbip('country'),
  'dbip-city': dbip('city'),
  'dbip-asn': dbip('asn'),
  'geolite2-country': geolite2('Country'),
  'geolite2-city': geolite2('City'),
  'geolite2-asn': geolite2('ASN'),
  ...Object.fromEntries(BOTS),
};
