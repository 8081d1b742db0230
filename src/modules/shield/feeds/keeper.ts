import { randomInt } from 'node:crypto';
import type { Clock, Timers } from '../../../core/clock.ts';
import { OptionsError } from '../../../core/errors.ts';
import type { EventSink } from '../../../core/events.ts';
import { type FeedContent, type ReadFeed, readFeedFile } from './content.ts';
import { FeedFiles, NO_RECORD } from './files.ts';
import type { ResolvedFeed } from './options.ts';
import type { SourcePorts } from './source.ts';
import { dueAt, feedStatus, type FeedStatus } from './status.ts';
import { updateFeed } from './update.ts';

/** What feeds stand on. */
export interface FeedKeeperPorts extends Pick<SourcePorts, 'secret' | 'resolve'> {
  /** Where the files are; absent: there are none, and nothing is fetched. */
  readonly folder?: string;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Takes FEED_UPDATED, FEED_FAILED, FEED_STALE and FEED_CURRENT. */
  readonly events: EventSink;
  readonly log: {
    warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
    info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  };
  /** 0 to 1, drawn once for each feed; default from the system. */
  readonly random?: () => number;
}

/** Who brought what is new. */
export type FeedOrigin = 'schedule' | 'console' | 'files';

/** The feeds of a house: what is in use of them, and what keeps them current. */
export interface Feeds {
  readonly feeds: readonly ResolvedFeed[];
  /** What is in use; undefined where there is no file yet. */
  content(name: string): FeedContent | undefined;
  /** How they stand, in the order of the configuration. */
  status(): readonly FeedStatus[];
  /** Brings one up to date now. @returns undefined where there is none of that name */
  update(name: string): Promise<FeedStatus | undefined>;
  /** Calls back when something new is in use; must not throw. */
  onChange(listener: (feed: ResolvedFeed) => void): void;
  /** Begins to look: every minute for new files, and at sources when they are due. */
  start(): void;
  /** Resolves when nothing is being looked at or fetched. */
  idle(): Promise<void>;
  /** Ends it; a download that runs is broken off. */
  close(): Promise<void>;
}

interface Shelved {
  /** Of the file that was read last, fit or not. */
  readonly stamp: string | undefined;
  readonly content: FeedContent | undefined;
  readonly read: Pick<ReadFeed, 'entries' | 'builtAtMs'> | undefined;
  /** Why the file there cannot be used. */
  readonly unfit: string | null;
}

const LOOK_MS = 60_000;
const DAY_MS = 86_400_000;
const fraction = (): number => randomInt(2 ** 32) / 2 ** 32;

/** Reads what there is of some feeds. Files that cannot be read are told and left out: nothing is thrown. */
export function openFeeds(feeds: readonly ResolvedFeed[], ports: FeedKeeperPorts): Feeds {
  return new Keeper(feeds, ports);
}

class Keeper implements Feeds {
  readonly feeds: readonly ResolvedFeed[];
  readonly #ports: FeedKeeperPorts;
  readonly #files: ReadonlyMap<string, FeedFiles>;
  readonly #spread: ReadonlyMap<string, number>;
  readonly #shelf = new Map<string, Shelved>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #told = new Map<string, number>();
  readonly #stale = new Map<string, number>();
  readonly #listeners: ((feed: ResolvedFeed) => void)[] = [];
  readonly #abort = new AbortController();
  readonly #startedAtMs: number;
  #cancel: (() => void) | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(feeds: readonly ResolvedFeed[], ports: FeedKeeperPorts) {
    this.feeds = feeds;
    this.#ports = ports;
    this.#startedAtMs = ports.clock.now();
    const { folder, random = fraction } = ports;
    this.#spread = new Map(feeds.map(({ name }) => [name, random()]));
    this.#files = new Map(
      folder === undefined ? [] : feeds.map((feed) => [feed.name, new FeedFiles(folder, feed)]),
    );
    for (const feed of feeds) this.#load(feed);
  }

  content(name: string): FeedContent | undefined {
    return this.#shelf.get(name)?.content;
  }

  status(): readonly FeedStatus[] {
    return this.feeds.map((feed) => this.#statusOf(feed));
  }

  async update(name: string): Promise<FeedStatus | undefined> {
    const feed = this.feeds.find((one) => one.name === name);
    if (feed === undefined) return undefined;
    await this.#bring(feed, 'console');
    return this.#statusOf(feed);
  }

  onChange(listener: (feed: ResolvedFeed) => void): void {
    this.#listeners.push(listener);
  }

  start(): void {
    if (this.#files.size > 0 && this.#cancel === undefined) this.#later();
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#cancel?.();
    await this.idle();
  }

  async idle(): Promise<void> {
    await this.#looking;
    await Promise.all(this.#running.values());
  }

  #later(): void {
    if (this.#abort.signal.aborted) return;
    this.#cancel = this.#ports.timers.after(LOOK_MS, () => {
      this.#looking = this.#look().finally(() => this.#later());
    });
  }

  /** One after the other: nothing here is in a hurry. */
  async #look(): Promise<void> {
    for (const feed of this.feeds) {
      if (this.#abort.signal.aborted) return;
      if (this.#load(feed)) this.#tellNew(feed, 'files');
      const dueMs = this.#nextAtMs(feed);
      if (dueMs !== null && dueMs <= this.#ports.clock.now()) await this.#bring(feed, 'schedule');
      this.#tellAge(feed);
    }
  }

  /** Of two who ask for the same feed the second waits for the first. */
  #bring(feed: ResolvedFeed, by: FeedOrigin): Promise<void> {
    const running = this.#running.get(feed.name);
    if (running !== undefined) return running;
    const work = this.#update(feed, by).finally(() => this.#running.delete(feed.name));
    this.#running.set(feed.name, work);
    return work;
  }

  async #update(feed: ResolvedFeed, by: FeedOrigin): Promise<void> {
    const { folder, clock, timers, secret, resolve } = this.#ports;
    if (folder === undefined) return;
    const { signal } = this.#abort;
    const ports = { folder, clock, timers, secret, signal, ...(resolve === undefined ? {} : { resolve }) };
    const { outcome, record, read } = await updateFeed(feed, ports);
    if (signal.aborted) return;
    if (outcome === 'failed') this.#tellFailed(feed, record.error, record.failures);
    else if (this.#told.delete(feed.name)) this.#tellCurrent(feed);
    // What another process has put there meanwhile is read by itself.
    const isOurs = this.#files.get(feed.name)?.read().sha256 === record.sha256;
    if (this.#load(feed, isOurs ? read : undefined)) this.#tellNew(feed, by);
  }

  /**
   * Takes over the file where it is another than before.
   * @param known what was read of it already
   * @returns whether something new is in use
   */
  #load(feed: ResolvedFeed, known?: ReadFeed): boolean {
    const files = this.#files.get(feed.name);
    const before = this.#shelf.get(feed.name);
    const stamp = files?.stamp();
    // A file that is gone takes nothing away from a running process.
    if (files === undefined || stamp === undefined || stamp === before?.stamp) return false;
    try {
      const { content, ...read } = known ?? readFeedFile(feed.kind, files.current);
      this.#shelf.set(feed.name, { stamp, content, read, unfit: null });
      return true;
    } catch (error) {
      if (!(error instanceof OptionsError)) throw error;
      const unfit = `The file there cannot be used (${error.reason}). rampart feeds rollback ${feed.name} goes back to the one before, rampart feeds update ${feed.name} fetches it anew.`;
      const content = before?.content ?? this.#previous(feed, files);
      this.#shelf.set(feed.name, { stamp, content, read: before?.read, unfit });
      this.#ports.log.warn('A feed cannot be used; what was read before holds.', {
        feed: feed.name,
        reason: error.reason,
      });
      return content !== before?.content;
    }
  }

  #previous(feed: ResolvedFeed, files: FeedFiles): FeedContent | undefined {
    if (!files.hasPrevious()) return undefined;
    try {
      return readFeedFile(feed.kind, files.previous).content;
    } catch (error) {
      if (!(error instanceof OptionsError)) throw error;
      return undefined;
    }
  }

  #tellNew(feed: ResolvedFeed, by: FeedOrigin): void {
    const { entries, bytes } = this.#statusOf(feed);
    const { name, kind } = feed;
    this.#ports.log.info('A feed was updated.', { feed: name, entries, bytes, by });
    this.#ports.events.emit('FEED_UPDATED', {
      subject: name,
      outcome: 'success',
      details: { kind, entries, bytes, by },
    });
    for (const listener of this.#listeners) listener(feed);
  }

  /** Once when it begins to fail, and once a day while it goes on. */
  #tellFailed({ name, kind }: ResolvedFeed, error: string | null, failures: number): void {
    const nowMs = this.#ports.clock.now();
    if (nowMs - (this.#told.get(name) ?? -Infinity) < DAY_MS) return;
    this.#told.set(name, nowMs);
    this.#ports.log.warn('A feed could not be updated; what is in use stays.', { feed: name, reason: error });
    this.#ports.events.emit('FEED_FAILED', {
      subject: name,
      outcome: 'failure',
      details: { kind, error: error?.slice(0, 300) ?? null, failures },
    });
  }

  /** Once a day while it is too old and nothing else says so, and once when it no longer is. */
  #tellAge(feed: ResolvedFeed): void {
    const { name, kind } = feed;
    const { state, checkedAtMs, updatedAtMs, builtAtMs, staleAfterMs } = this.#statusOf(feed);
    if (state !== 'stale') {
      if (state === 'current' && this.#stale.delete(name)) this.#tellCurrent(feed);
      return;
    }
    const nowMs = this.#ports.clock.now();
    // One that cannot be fetched is told as that.
    if (this.#told.has(name) || nowMs - (this.#stale.get(name) ?? -Infinity) < DAY_MS) return;
    this.#stale.set(name, nowMs);
    const seenAtMs = checkedAtMs ?? updatedAtMs ?? builtAtMs;
    this.#ports.log.warn('A feed is stale; it stays in use.', { feed: name });
    this.#ports.events.emit('FEED_STALE', {
      subject: name,
      outcome: 'failure',
      details: { kind, seenAtMs, builtAtMs, staleAfterMs },
    });
  }

  #tellCurrent({ name, kind }: ResolvedFeed): void {
    this.#ports.events.emit('FEED_CURRENT', { subject: name, outcome: 'success', details: { kind } });
  }

  #nextAtMs(feed: ResolvedFeed): number | null {
    const files = this.#files.get(feed.name);
    if (files === undefined) return null;
    const facts = { record: files.read(), isThere: files.stamp() !== undefined };
    return dueAt(feed, facts, this.#startedAtMs, this.#spread.get(feed.name) ?? 0);
  }

  #statusOf(feed: ResolvedFeed): FeedStatus {
    const files = this.#files.get(feed.name);
    const shelved = this.#shelf.get(feed.name);
    const facts = {
      record: files?.read() ?? NO_RECORD,
      writtenAtMs: files?.writtenAtMs(),
      size: files?.size(),
      nextAtMs: this.#nextAtMs(feed),
      read: shelved?.read,
    };
    const status = feedStatus(feed, facts, this.#ports.clock.now());
    const unfit = shelved?.unfit ?? null;
    return unfit === null ? status : { ...status, state: 'failed', error: unfit };
  }
}
