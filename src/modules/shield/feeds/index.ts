/** Feeds: files of the shield that are brought up to date. */
export { type FeedContent, type ReadFeed, readFeedFile } from './content.ts';
export { readDomains } from './domains.ts';
export { FeedFiles, type FeedRecord } from './files.ts';
export { type FeedKeeperPorts, type FeedOrigin, type Feeds, openFeeds } from './keeper.ts';
export { FEED_KINDS, FEED_STATES, type FeedKind, type FeedState } from './kinds.ts';
export {
  type FeedFetchOptions,
  type FeedOptions,
  type FeedsOptions,
  readFeedsOptions,
  type ResolvedFeed,
} from './options.ts';
export { FEED_PRESETS, type FeedPreset } from './presets.ts';
export { FeedRefusal } from './refusal.ts';
export { dueAt, feedStatus, feedStatusIn, type FeedFacts, type FeedStatus } from './status.ts';
export { rollbackFeed, updateFeed, type UpdatePorts, type UpdateResult } from './update.ts';
