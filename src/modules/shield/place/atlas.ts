import { parseAddress } from '../../../core/address.ts';
import { OptionsError } from '../../../core/errors.ts';
import { readListFile } from './list-file.ts';
import { openPlaceFile, type PlaceFile, type PlaceValue } from './mmdb.ts';
import type { ListRule, ResolvedPlace } from './options.ts';
import type { RangeSet } from './ranges.ts';

/** Lists and databases by which is decided. */
export interface Tables {
  readonly files: readonly PlaceFile[];
  readonly lists: ReadonlyMap<string, RangeSet>;
}

/** What feeds bring beside the files of the options. */
export interface PlaceFeeds {
  /** What is done about callers on each of their lists, whether it is there yet or not. */
  readonly lists: Readonly<Record<string, ListRule>>;
  /** Names of the feeds of databases. */
  readonly databases: readonly string[];
  /** Those of them that are not there yet; none where nobody can tell. */
  missing(): readonly string[];
  /** What is there now. */
  tables(): Tables;
}

/** What is known of an address. */
export interface Known {
  readonly place: PlaceValue | undefined;
  /** Names of the lists on which it stands. */
  readonly lists: readonly string[];
}

const CACHED_ADDRESSES = 4_096;
const NOWHERE: Known = { place: undefined, lists: [] };

/** What the files say of addresses. A reload replaces everything at once, or nothing. */
export class Atlas {
  readonly #options: ResolvedPlace;
  readonly #feeds: PlaceFeeds | undefined;
  /** Of the options alone. */
  #own: Tables;
  #tables: Tables;
  #seen = new Map<string, Known>();

  constructor(options: ResolvedPlace, feeds?: PlaceFeeds) {
    this.#options = options;
    this.#feeds = feeds;
    this.#own = readTables(options);
    this.#tables = this.#together();
  }

  /** Reads the files of the options again. @throws OptionsError; what was known before stays */
  reload(): void {
    this.#own = readTables(this.#options);
    this.refresh();
  }

  /** Takes over what feeds have brought. */
  refresh(): void {
    this.#tables = this.#together();
    this.#seen = new Map();
  }

  /**
   * Without a database nobody's country is known, and rules of countries would let in everybody or nobody.
   * @throws OptionsError saying which feed is to be fetched first
   */
  assertPlaces(path: string): void {
    const missing = this.#feeds?.missing() ?? [];
    if (this.hasDatabases() || missing.length === 0) return;
    throw new OptionsError(
      path,
      `needs a database that is not there yet; fetch it first: rampart feeds update ${missing.join(' ')}`,
    );
  }

  /** Whether there is a database of places now. */
  hasDatabases(): boolean {
    return this.#tables.files.length > 0;
  }

  /** Where an address is, and on which lists it stands. */
  know(address: string): Known {
    const hit = this.#seen.get(address);
    if (hit !== undefined) return hit;
    const known = this.#look(address);
    if (this.#seen.size >= CACHED_ADDRESSES) this.#seen.clear();
    this.#seen.set(address, known);
    return known;
  }

  /** What the files hold. */
  sizes() {
    const { files, lists } = this.#tables;
    return {
      files: files.map(({ builtAtMs }) => ({ builtAtMs })),
      lists: Object.fromEntries([...lists].map(([name, list]) => [name, list.size])),
    };
  }

  /** Files of the options count more than those of feeds. */
  #together(): Tables {
    const fed = this.#feeds?.tables();
    if (fed === undefined) return this.#own;
    return {
      files: [...this.#own.files, ...fed.files],
      lists: new Map([...this.#own.lists, ...fed.lists]),
    };
  }

  #look(text: string): Known {
    const address = parseAddress(text);
    if (address === undefined) return NOWHERE;
    const lists = [...this.#tables.lists].filter(([, list]) => list.contains(address)).map(([name]) => name);
    // Earlier files count more: they are laid over later ones.
    const place: PlaceValue = Object.assign(
      {},
      ...this.#tables.files.map((file) => file.find(text)).toReversed(),
    ) as PlaceValue;
    const isKnown = Object.keys(place).length > 0;
    return isKnown || lists.length > 0 ? { place: isKnown ? place : undefined, lists } : NOWHERE;
  }
}

function readTables({ files, lists }: ResolvedPlace): Tables {
  return {
    files: files.map(openPlaceFile),
    lists: new Map(Object.entries(lists).map(([name, { file }]) => [name, readListFile(file)])),
  };
}
