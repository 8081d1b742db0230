import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { EventFields, EventType, Severity } from '../../../core/events.ts';
import { newId } from '../../../core/id.ts';
import type { SqlStore } from '../../../ports/sql.ts';
import { openEmbedded } from '../../../stores/postgres/embedded.ts';
import { openServer } from '../../../stores/postgres/server.ts';
import { ManualClock } from '../../../testing/clock.ts';
import { databaseTemplate } from '../../../testing/database.ts';
import { postgresService, temporaryDatabase } from '../../../testing/services.ts';
import { type AlertPorts, type Alerts, openAlerts } from './alerts.ts';
import { type AlertOptions, readAlertOptions } from './options.ts';
import { alertTables } from './tables.ts';
import type { Occurrence } from './types.ts';

const service = await postgresService();
const TABLES = ['alerts', 'alert_notes', 'alert_seen', 'alert_deliveries', 'alert_channels'];

/** A database with the tables of alerts: on a server where there is one, else embedded; empty before each test. */
export function alertDatabase(): () => SqlStore {
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
    await sql.script(`CREATE SCHEMA rampart; ${alertTables}`);
  });
  beforeEach(async () => {
    await sql.script(
      `TRUNCATE ${TABLES.map((name) => `rampart.${name}`).join(', ')};
       UPDATE rampart.alert_storm SET window_start_ms = 0, told = 0, critical = 0, held = 0, raging = false, digest_at_ms = NULL`,
    );
  });
  afterAll(async () => {
    await sql.close();
    await drop();
  });
  return () => sql;
}

/** An occurrence; what is not said is about one address and HIGH. */
export function occurrence(atMs: number, fields: Partial<Occurrence> = {}): Occurrence {
  const event = fields.event ?? newId('evt', atMs);
  return {
    event,
    rule: 'brute_force',
    group: 'address=203.0.113.7',
    title: 'Passwords are being guessed',
    description: '20 sign-ins failed within 10 minutes.',
    severity: 'HIGH',
    count: 1,
    part: null,
    firstAtMs: atMs,
    lastAtMs: atMs,
    events: [event],
    recommended: [{ do: 'block', text: 'Block the address.', target: '203.0.113.7' }],
    ...fields,
  };
}

/** What a node did to the outside. */
export interface Outside {
  readonly posts: { url: string; headers: Readonly<Record<string, string>>; body: string }[];
  readonly mails: { to: string; subject: string; text: string; html: string }[];
  readonly lines: { severity: Severity; subject: string }[];
  readonly events: { type: EventType; fields: EventFields }[];
}

/** A node with alerts, whose clock stands still. */
export interface Node extends Outside {
  readonly alerts: Alerts;
  readonly clock: ManualClock;
  /** Takes in what happened, and tells at once. */
  happen(...occurrences: readonly Occurrence[]): Promise<void>;
}

/** Opens a node. */
export function nodeOf(
  sql: SqlStore,
  options: AlertOptions = { channels: { log: { kind: 'log', least: 'LOW' } } },
  ports: Partial<Omit<AlertPorts, 'channels' | 'clock'>> & {
    readonly clock?: ManualClock;
    readonly channels?: Partial<AlertPorts['channels']>;
  } = {},
): Node {
  const { channels: over, ...given } = ports;
  const clock = ports.clock ?? new ManualClock();
  const outside: Outside = { posts: [], mails: [], lines: [], events: [] };
  const alerts = openAlerts(readAlertOptions(options), {
    sql,
    timers: clock,
    random: () => 0,
    events: { emit: (type, fields = {}) => void outside.events.push({ type, fields }) },
    channels: {
      post: (url, headers, body) => {
        outside.posts.push({ url, headers, body });
        return Promise.resolve({ status: 202, retryAfter: null });
      },
      mail: (mail) => Promise.resolve(void outside.mails.push(mail)),
      log: (severity, subject) => void outside.lines.push({ severity, subject }),
      secret: (name) => `secret of ${name}`,
      source: 'rampart.example',
      ...over,
    },
    publicUrl: () => 'https://rampart.example',
    changed: () => {},
    failed: (error) => {
      throw error;
    },
    missed: () => Promise.resolve([]),
    ...given,
    clock,
  });
  return {
    ...outside,
    alerts,
    clock,
    async happen(...occurrences) {
      alerts.take(occurrences.map((one) => ({ kind: 'occurrence', one })));
      await alerts.round();
      clock.advance(1);
    },
  };
}
