import { OptionsError } from '../../../core/errors.ts';
import { type BotIndex, readBotFile } from '../bots/ranges.ts';
import { readListFile } from '../place/list-file.ts';
import { openPlaceFile, type PlaceFile } from '../place/mmdb.ts';
import type { RangeSet } from '../place/ranges.ts';
import { readDomainFile } from './domains.ts';
import type { FeedKind } from './kinds.ts';

/** What a feed's file holds, ready for use. */
export type FeedContent =
  | { readonly kind: 'list'; readonly ranges: RangeSet }
  | { readonly kind: 'mmdb'; readonly file: PlaceFile }
  | { readonly kind: 'bots'; readonly index: BotIndex }
  | { readonly kind: 'disposable'; readonly domains: ReadonlySet<string> };

/** A file that was read by what will use it. */
export interface ReadFeed {
  readonly content: FeedContent;
  /** Ranges, prefixes or domains; null for databases. */
  readonly entries: number | null;
  /** When its maker built it, milliseconds since the epoch; null where the file does not say. */
  readonly builtAtMs: number | null;
}

/** No honest list covers a quarter of all addresses. */
const MAX_SHARE4 = 0.25;

/**
 * Reads a feed's file with the reader that will use it.
 * @throws OptionsError saying why all of it is refused
 */
export function readFeedFile(kind: FeedKind, path: string): ReadFeed {
  switch (kind) {
    case 'list': {
      const ranges = readListFile(path);
      if (ranges.share4 > MAX_SHARE4)
        throw new OptionsError(path, 'covers more than a quarter of all IPv4 addresses: broken or forged');
      return { content: { kind, ranges }, entries: ranges.size, builtAtMs: null };
    }
    case 'mmdb': {
      const file = openPlaceFile(path);
      return { content: { kind, file }, entries: null, builtAtMs: file.builtAtMs };
    }
    case 'bots': {
      const { index, prefixes, builtAtMs } = readBotFile(path);
      return { content: { kind, index }, entries: prefixes, builtAtMs };
    }
    case 'disposable': {
      const domains = readDomainFile(path);
      return { content: { kind, domains }, entries: domains.size, builtAtMs: null };
    }
  }
}
