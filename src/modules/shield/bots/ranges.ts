import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Cidr, parseAddress, parseCidr } from '../../../core/address.ts';
import { OptionsError } from '../../../core/errors.ts';
import { RangeIndex } from '../ranges.ts';
import { GOOD_BOTS } from './table.ts';

/** Ranges of one bot, as operators publish them: `{ "prefixes": [{ "ipv4Prefix": "66.249.64.0/27" }, …] }`. */
export interface PublishedRanges {
  readonly creationTime?: string;
  readonly prefixes: readonly { readonly ipv4Prefix?: string; readonly ipv6Prefix?: string }[];
}

const MAX_FILE_BYTES = 5_000_000;
const MAX_PREFIXES = 20_000;
/** No crawler's operator publishes wider ones; a file that does is broken or forged. */
const WIDEST = { 4: 8, 6: 24 } as const;

/** Ranges of one bot. */
export type BotIndex = RangeIndex<{ readonly range: Cidr }>;

/** A file of ranges that was read. */
export interface ReadBotFile {
  readonly index: BotIndex;
  readonly prefixes: number;
  /** When its operator made it, milliseconds since the epoch; null where it does not say. */
  readonly builtAtMs: number | null;
}

/** The published ranges of good bots. */
export class BotRanges {
  #byBot: ReadonlyMap<string, BotIndex>;

  constructor(byBot: ReadonlyMap<string, BotIndex> = new Map()) {
    this.#byBot = byBot;
  }

  /** Whether ranges of a bot are known at all. */
  has(bot: string): boolean {
    return this.#byBot.has(bot);
  }

  /** Whether an address lies in a bot's ranges. */
  contains(bot: string, address: string): boolean {
    const index = this.#byBot.get(bot);
    const parsed = index && parseAddress(address);
    return parsed !== undefined && index?.find(parsed, () => true) !== undefined;
  }

  /** Takes over what was read anew. */
  replace(other: BotRanges): void {
    this.#byBot = other.#byBot;
  }
}

/**
 * Reads the files of a folder, one per bot: `googlebot.json`, `bingbot.json` … What is not there is left out.
 * @param published ranges that were read elsewhere; they count more
 * @throws OptionsError naming the file that cannot be read, holds no ranges, or ranges that are too wide
 */
export function readBotRanges(
  folder: string,
  published: ReadonlyMap<string, BotIndex> = new Map(),
): BotRanges {
  const found = new Map<string, BotIndex>();
  for (const { id } of GOOD_BOTS) {
    const file = join(folder, `${id}.json`);
    if (!published.has(id) && existsSync(file)) found.set(id, readBotFile(file).index);
  }
  return new BotRanges(new Map([...found, ...published]));
}

/** Reads the file of one bot. @throws OptionsError as of `readBotRanges` */
export function readBotFile(file: string): ReadBotFile {
  const published = readPublished(file);
  const index = indexOf(file, published);
  const builtAtMs = Date.parse(String(published.creationTime));
  return {
    index,
    prefixes: published.prefixes.length,
    builtAtMs: Number.isFinite(builtAtMs) ? builtAtMs : null,
  };
}

function readPublished(file: string): PublishedRanges {
  try {
    if (statSync(file).size > MAX_FILE_BYTES) throw new RangeError(`larger than ${MAX_FILE_BYTES} bytes`);
    return JSON.parse(readFileSync(file, 'utf8')) as PublishedRanges;
  } catch (error) {
    throw new OptionsError(
      file,
      `cannot be read: ${error instanceof Error ? error.message.slice(0, 100) : 'unknown'}`,
    );
  }
}

function indexOf(file: string, published: PublishedRanges): BotIndex {
  const prefixes: unknown = (published as Partial<PublishedRanges> | null)?.prefixes;
  if (!Array.isArray(prefixes) || prefixes.length === 0 || prefixes.length > MAX_PREFIXES)
    throw new OptionsError(file, `expected { "prefixes": [ … ] } with 1 to ${MAX_PREFIXES} entries`);
  const index: BotIndex = new RangeIndex();
  (prefixes as PublishedRanges['prefixes']).forEach((entry, i) => {
    const text: unknown = entry?.ipv4Prefix ?? entry?.ipv6Prefix;
    const range = typeof text === 'string' ? parseCidr(text) : undefined;
    if (range === undefined || range.bits < WIDEST[range.network.version])
      throw new OptionsError(file, `prefixes[${i}] is no range, or one that is too wide`);
    index.add({ range });
  });
  return index;
}
