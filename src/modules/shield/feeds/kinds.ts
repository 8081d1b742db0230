/** What a feed is read by. */
export const FEED_KINDS = ['list', 'mmdb', 'bots', 'disposable'] as const;
export type FeedKind = (typeof FEED_KINDS)[number];

/** How a feed stands: current, older than it may be, without a file, or failed the last time. */
export const FEED_STATES = ['current', 'stale', 'missing', 'failed'] as const;
export type FeedState = (typeof FEED_STATES)[number];
