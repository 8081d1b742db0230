import { RampartError } from '../../../core/errors.ts';
import { openServer } from '../../../stores/postgres/index.ts';
import type { AlertsAnswer } from '../../api/alert-types.ts';
import type { DetectorsAnswer } from '../../api/detect-types.ts';
import type { ReadConfig } from '../../config.ts';
import { SHADOWED } from '../../data/responses.ts';
import type { ServerEnvironment } from '../../environment.ts';
import { type WatchFacts, watchFindings } from '../../watch-findings.ts';
import { askServer } from '../operator.ts';
import type { Examined } from './finding.ts';

type Stored = Pick<WatchFacts, 'shadow' | 'aloneSinceMs'> & {
  /** By the name of their channel. */
  readonly errors: ReadonlyMap<string, { readonly error: string | null; readonly waiting: number }>;
};
const UNKNOWN: Stored = { shadow: null, aloneSinceMs: null, errors: new Map() };

/** Who is told of alerts, and whether detectors and responses do what is wanted of them. */
export async function examineWatch(
  environment: ServerEnvironment,
  config: ReadConfig | undefined,
  isRunning: boolean,
  nowMs: number,
): Promise<readonly Examined[]> {
  if (config === undefined) return [];
  const { errors, ...stored } = await gather(environment, isRunning);
  const { alerts, responses, detect } = config;
  const named = Object.entries(alerts.channels ?? { log: { kind: 'log' } });
  const channels = named.map(([name, { kind }]) => ({
    name,
    kind,
    ...(errors.get(name) ?? { error: null, waiting: 0 }),
  }));
  const facts: WatchFacts = {
    ...stored,
    production: environment.production,
    channels: alerts.enabled === false ? null : channels,
    mode: responses.mode,
  };
  const told = channels.map(({ name }) => name).join(', ');
  const fine = `detectors ${detect.enabled === false ? 'off' : 'on'}, alerts to ${told}, responses ${responses.mode}`;
  return [{ check: 'alerts and responses', fine, findings: watchFindings(facts, nowMs) }];
}

/** What the server that runs knows, and the database; nothing of what does not answer, which other checks tell. */
async function gather({ databaseUrl, dataDir }: ServerEnvironment, isRunning: boolean): Promise<Stored> {
  try {
    const running = isRunning ? await fromServer(dataDir) : UNKNOWN;
    return databaseUrl === undefined ? running : { ...running, ...(await fromDatabase(databaseUrl)) };
  } catch (error) {
    if (error instanceof RampartError) return UNKNOWN;
    throw error;
  }
}

async function fromServer(dataDir: string): Promise<Stored> {
  const { channels } = await askServer<AlertsAnswer>(dataDir, 'GET', '/admin/alerts?limit=1');
  const { counts, countsSinceMs } = await askServer<DetectorsAnswer>(dataDir, 'GET', '/admin/detectors');
  return {
    shadow: null,
    aloneSinceMs: counts === 'local' ? countsSinceMs : null,
    errors: new Map(channels.map(({ name, error, waiting }) => [name, { error, waiting }])),
  };
}

async function fromDatabase(url: string): Promise<Pick<Stored, 'shadow' | 'errors'>> {
  const sql = await openServer({ url, max: 1, connectLimit: '3s', applicationName: 'rampart doctor' });
  try {
    const there = await sql.query(
      `SELECT to_regclass('rampart.alert_channels') IS NOT NULL AND to_regclass('rampart.responses') IS NOT NULL AS there`,
    );
    if (there.rows[0]?.['there'] !== true) return UNKNOWN;
    const [shadow] = (await sql.query(SHADOWED)).rows;
    const found = await sql.query(
      `SELECT name, error, (SELECT count(*)::int FROM rampart.alert_deliveries d
         WHERE d.channel = c.name AND d.state = 'waiting') AS waiting FROM rampart.alert_channels c`,
    );
    const count = Number(shadow?.['count']);
    return {
      shadow: count === 0 ? null : { count, sinceMs: Number(shadow?.['since']) },
      errors: new Map(
        found.rows.map((row) => [
          row['name'] as string,
          { error: row['error'] as string | null, waiting: Number(row['waiting']) },
        ]),
      ),
    };
  } finally {
    await sql.close();
  }
}
