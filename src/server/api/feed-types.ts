/** What a feed is read by. */
export const FEED_KINDS = ['list', 'mmdb', 'bots', 'disposable'] as const;
export type FeedKind = (typeof FEED_KINDS)[number];

/** `missing`: no file yet. `stale`: older than it may be. `failed`: the last try failed, and what was there before holds. */
export const FEED_STATES = ['current', 'stale', 'missing', 'failed'] as const;
export type FeedState = (typeof FEED_STATES)[number];

/** A feed: a file that is brought up to date from somewhere. */
export interface FeedEntry {
  readonly name: string;
  readonly kind: FeedKind;
  /** Address without query and credentials, or path; null where the file is put in place by hand. */
  readonly source: string | null;
  readonly state: FeedState;
  /** Entries in use (lines, ranges, domains); null for databases. */
  readonly entries: number | null;
  readonly bytes: number | null;
  /** When its data was made, as the source says; null where it does not. */
  readonly builtAtMs: number | null;
  /** When it was last found to be up to date; null before the first time. */
  readonly checkedAtMs: number | null;
  /** When what is in use came. */
  readonly updatedAtMs: number | null;
  readonly everyMs: number | null;
  readonly staleAfterMs: number;
  /** When it is asked for next by itself; null where it is not. */
  readonly nextAtMs: number | null;
  /** Why the last try failed, in words that name the remedy. */
  readonly error: string | null;
  /** Licence or terms, where they are configured. */
  readonly terms: string | null;
}

/** Answer of GET /admin/feeds; POST /admin/feeds/{name}/update answers one entry. */
export interface FeedsAnswer {
  readonly feeds: readonly FeedEntry[];
}
