import { join } from 'node:path';
import { readSecretVariable } from '../base/secrets/index.ts';
import {
  type BotIndex,
  type FeedContent,
  type FeedKeeperPorts,
  type FeedKind,
  type Feeds,
  type FeedsOptions,
  openFeeds,
  type PlaceFeeds,
  readFeedsOptions,
  type ResolvedFeed,
} from '../modules/shield/index.ts';
import { useDisposableDomains } from '../modules/validate/index.ts';
import type { ReadConfig } from './config.ts';

/** The feeds that a configuration names. @throws OptionsError naming the path and the reason */
export function feedsOf({ shield }: Pick<ReadConfig, 'shield'>): readonly ResolvedFeed[] {
  return shield === false ? [] : readFeedsOptions('shield.feeds', shield.feeds ?? {});
}

/** Where the files of feeds are. */
export function feedFolder(dataDir: string): string {
  return join(dataDir, 'feeds');
}

/** Keys of sources. @throws OptionsError of a file that cannot be read */
export function feedSecret(name: string): string | undefined {
  return readSecretVariable(process.env, name);
}

/**
 * Opens the feeds of a house and begins to look after them.
 * @param dataDir absent: nothing is read and nothing fetched
 * @throws OptionsError naming the path and the reason
 */
export function keepFeeds(
  options: FeedsOptions,
  { dataDir, ...ports }: Omit<FeedKeeperPorts, 'folder' | 'secret'> & { readonly dataDir?: string },
): Feeds {
  const folder = dataDir === undefined ? {} : { folder: feedFolder(dataDir) };
  const feeds = openFeeds(readFeedsOptions('shield.feeds', options), {
    ...ports,
    ...folder,
    secret: feedSecret,
  });
  feeds.start();
  return feeds;
}

/** What of the feeds is for places and lists; undefined where there is nothing of the kind. */
export function placeFeeds(feeds: Feeds | null, dataDir: string | undefined): PlaceFeeds | undefined {
  const lists = ofKind(feeds, 'list');
  const databases = ofKind(feeds, 'mmdb').map(({ name }) => name);
  if (feeds === null || lists.length + databases.length === 0) return undefined;
  return {
    lists: Object.fromEntries(lists.map((feed) => [feed.name, feed.rule])),
    databases,
    missing: () =>
      dataDir === undefined ? [] : databases.filter((name) => feeds.content(name) === undefined),
    tables: () => ({
      files: contents(feeds, 'mmdb').map(([, { file }]) => file),
      lists: new Map(contents(feeds, 'list').map(([name, { ranges }]) => [name, ranges])),
    }),
  };
}

/** Published ranges by bot; undefined where no feed brings any. */
export function publishedRanges(feeds: Feeds | null): (() => ReadonlyMap<string, BotIndex>) | undefined {
  if (feeds === null || ofKind(feeds, 'bots').length === 0) return undefined;
  return () => new Map(contents(feeds, 'bots').map(([name, { index }]) => [name, index]));
}

/**
 * Lets the fields of forms ask the feeds about throw-away mail domains, as soon as one is there.
 * @returns what ends it
 */
export function lendDomains(feeds: Feeds | null): () => void {
  if (feeds === null || ofKind(feeds, 'disposable').length === 0) return () => undefined;
  return useDisposableDomains((domain) => {
    const sets = contents(feeds, 'disposable');
    return sets.length === 0 ? undefined : sets.some(([, { domains }]) => domains.has(domain));
  });
}

function ofKind(feeds: Feeds | null, kind: FeedKind): readonly ResolvedFeed[] {
  return feeds?.feeds.filter((feed) => feed.kind === kind) ?? [];
}

function contents<K extends FeedKind>(
  feeds: Feeds,
  kind: K,
): readonly (readonly [string, Extract<FeedContent, { readonly kind: K }>])[] {
  return ofKind(feeds, kind).flatMap(({ name }) => {
    const content = feeds.content(name);
    return content === undefined
      ? []
      : [[name, content as Extract<FeedContent, { readonly kind: K }>] as const];
  });
}
