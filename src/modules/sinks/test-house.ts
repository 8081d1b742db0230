import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { EventFields, EventType, RampartEvent } from '../../core/events.ts';
import { makeEvent } from '../../core/make-event.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { createStores, migrations } from '../../server/data/index.ts';
import { eventOfRow } from '../../server/data/detections.ts';
import { migrate } from '../../stores/postgres/migrate.ts';
import { openEmbedded } from '../../stores/postgres/embedded.ts';
import { openServer } from '../../stores/postgres/server.ts';
import { ManualClock } from '../../testing/clock.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import { SinkBook, type SinkState } from './book.ts';
import { ALL_SENT, type Sent, type SinkDriver } from './driver.ts';
import { SinkFeed } from './feed.ts';
import type { SinkOptions } from './options.ts';
import { readSinks } from './read-options.ts';
import { SinkSender } from './sender.ts';

const service = await postgresService();

/** A database with all tables: on a server where there is one, else embedded; without events and sinks before each test. */
export function sinkDatabase(): () => SqlStore {
  let sql: SqlStore;
  let drop: () => Promise<void> = () => Promise.resolve();
  beforeAll(async () => {
    if (service.url === undefined)
      sql = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
    else {
      const database = await temporaryDatabase(service.url);
      drop = () => database.drop();
      sql = await openServer({ url: database.url });
    }
    await migrate(sql, migrations);
  });
  beforeEach(() => emptied(sql));
  afterAll(async () => {
    await sql.close();
    await drop();
  });
  return () => sql;
}

/** Takes away events and sinks. */
export async function emptied(sql: SqlStore): Promise<void> {
  await sql.script(
    'TRUNCATE rampart.events, rampart.sinks, rampart.sink_arrivals, rampart.sink_feed RESTART IDENTITY',
  );
}

/** An event of a time. */
export function eventAt(
  atMs: number,
  fields: EventFields = {},
  type: EventType = 'SIGN_IN_FAILED',
): RampartEvent {
  return makeEvent(type, 'node-1', atMs, fields);
}

/** Writes events as the server does. */
export async function happen(sql: SqlStore, events: readonly RampartEvent[]): Promise<void> {
  await createStores(sql).events.insertMany(events);
}

/** A receiver of the test's own: takes everything unless it is told otherwise. */
export class Receiver implements SinkDriver {
  /** Ids, in the order in which they were taken; those that came again stand again. */
  readonly taken: string[] = [];
  /** Sizes of what was sent. */
  readonly sends: number[] = [];
  /** What it does; throws where it takes nothing. */
  answer: (events: readonly RampartEvent[]) => Sent | Promise<Sent> = () => ALL_SENT;
  closed = false;

  async send(events: readonly RampartEvent[]): Promise<Sent> {
    this.sends.push(events.length);
    const sent = await this.answer(events);
    events.forEach(({ id }, i) => {
      if (!sent.refused.has(i) && sent.again?.places.has(i) !== true) this.taken.push(id);
    });
    return sent;
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

/** A node that sends to one sink. */
export interface SinkNode {
  readonly sender: SinkSender;
  readonly book: SinkBook;
  readonly clock: ManualClock;
  readonly receiver: Receiver;
  readonly told: { readonly type: EventType; readonly fields: EventFields }[];
  /** Rounds until nothing more is to be done now. @returns how the last one ended */
  drain(): Promise<string>;
  state(): Promise<SinkState>;
}

/** Opens a node, which makes its sink known. */
export async function nodeOf(
  sql: SqlStore,
  parts: {
    readonly options?: SinkOptions;
    readonly receiver?: Receiver;
    readonly clock?: ManualClock;
    readonly me?: string;
  } = {},
): Promise<SinkNode> {
  const { options = { kind: 'log' }, receiver = new Receiver(), clock = new ManualClock() } = parts;
  const [sink] = readSinks({ siem: options });
  if (sink === undefined) throw new Error('no sink');
  const book = new SinkBook(sql);
  const told: SinkNode['told'] = [];
  const sender = new SinkSender(sink, receiver, parts.me ?? 'node-1', {
    book,
    feed: new SinkFeed({ sql, eventOf: eventOfRow }),
    clock,
    timers: clock,
    events: { emit: (type, fields = {}) => void told.push({ type, fields }) },
    node: 'node-1',
    random: () => 0,
    failed: (error) => {
      throw error;
    },
  });
  await book.register([sink], clock.now());
  return {
    sender,
    book,
    clock,
    receiver,
    told,
    async drain() {
      for (let i = 0; i < 10_000; i += 1) {
        const { state } = await sender.round();
        if (state !== 'more') return state;
      }
      throw new Error('it does not end');
    },
    async state() {
      return (await book.states())[0] as SinkState;
    },
  };
}
