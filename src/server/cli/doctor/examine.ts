import { OptionsError } from '../../../core/errors.ts';
import { type ServerEnvironment, readEnvironment } from '../../environment.ts';
import type { ReadConfig } from '../../config.ts';
import { readTls } from '../../../stores/postgres/tls.ts';
import { feedFindings } from '../../feed-findings.ts';
import { feedFolder, feedsOf } from '../../feeds.ts';
import { feedStatusIn } from '../../../modules/shield/index.ts';
import { startupFindings } from '../../startup-checks.ts';
import { clockFindings, hashFindings, hashWords, mailFindings } from './accounts.ts';
import { configurationFindings, dataFolderFindings, portFindings, runtimeFindings } from './checks.ts';
import { examineRecords } from './examine-records.ts';
import { examineWatch } from './examine-watch.ts';
import type { Examined, Finding } from './finding.ts';
import { type Calibrate, gatherClock, gatherHashing, gatherMail } from './gather-accounts.ts';
import { gatherConfiguration } from './gather-config.ts';
import { gatherKeys } from './gather-keys.ts';
import { findServer, gatherDataFolder, gatherPort, gatherRuntime, gatherTraffic } from './gather-local.ts';
import { gatherDatabase, gatherRedis } from './gather-stores.ts';
import { examineSinks } from './sinks.ts';
import { databaseFindings, redisFindings } from './stores.ts';
import { productionFindings, topologyFindings } from './topology.ts';
import { examineUploadStore } from './uploads.ts';

export type { Examined } from './finding.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Looks at everything that a server started here would stand on; changes nothing.
 * @param folder where the configuration is looked for
 * @param measure how Argon2id is measured; by hashing for about a second unless given
 */
export async function examine(
  env: Variables,
  folder: string,
  nowMs: number,
  measure?: Calibrate,
): Promise<readonly Examined[]> {
  const runtime = gatherRuntime();
  const first: Examined = {
    check: 'Node.js and memory',
    fine: `Node.js ${runtime.nodeVersion}, ${Math.round(runtime.memoryLimitMb)} MiB`,
    findings: runtimeFindings(runtime),
  };
  let environment: ServerEnvironment;
  try {
    environment = readEnvironment(env, false);
  } catch (error) {
    if (!(error instanceof OptionsError)) throw error;
    const finding: Finding = { level: 'error', text: error.message, remedy: 'Mend that variable.' };
    return [first, { check: 'environment', fine: '', findings: [finding] }];
  }
  const server = await findServer(environment.dataDir);
  const { examined, config } = await examineConfiguration(
    environment,
    env,
    folder,
    nowMs,
    server !== undefined,
  );
  return [
    first,
    examineClock(environment, nowMs),
    ...examined,
    ...(await examineAccounts(environment, config, measure)),
    ...(await examineStores(environment, server)),
    ...(await examineUploadStore(environment, config)),
    ...(await examineKeys(environment, nowMs)),
    ...examineFeeds(environment, config, nowMs),
    ...(await examineSinks(environment, config, server !== undefined, nowMs)),
    ...(await examineRecords(environment, config, server !== undefined, nowMs)),
    ...(await examineWatch(environment, config, server !== undefined, nowMs)),
  ];
}

/** Keys of a database on a server; those of the embedded one are shown by `rampart keys status`. */
async function examineKeys(environment: ServerEnvironment, nowMs: number): Promise<readonly Examined[]> {
  const keys = await gatherKeys(environment, nowMs);
  if (keys === null) return [];
  return [
    { check: 'keys', fine: `${keys.count}, all of them usable and young enough`, findings: keys.findings },
  ];
}

/** Files that are brought up to date; nothing where there are none. */
function examineFeeds(
  { dataDir }: ServerEnvironment,
  config: ReadConfig | undefined,
  nowMs: number,
): readonly Examined[] {
  if (config === undefined) return [];
  const folder = feedFolder(dataDir);
  const feeds = feedsOf(config).map((feed) => feedStatusIn(folder, feed, nowMs));
  if (feeds.length === 0) return [];
  return [{ check: 'feeds', fine: `${feeds.length}, all current`, findings: feedFindings(feeds, nowMs) }];
}

function examineClock({ dataDir }: ServerEnvironment, nowMs: number): Examined {
  const fine = `${new Date(nowMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return { check: 'clock', fine, findings: clockFindings(gatherClock(dataDir, nowMs)) };
}

/** What accounts stand on; nothing where there are none. */
async function examineAccounts(
  { smtpUrl, production }: ServerEnvironment,
  config: ReadConfig | undefined,
  measure: Calibrate | undefined,
): Promise<readonly Examined[]> {
  if (config === undefined || config.identity === false) return [];
  // One after the other: waiting for the mail server would not hurt the measurement, its TLS would.
  const hashing = await gatherHashing(config.identity, measure);
  const mail = await gatherMail(smtpUrl);
  const unsent = production ? 'not configured' : "not configured: kept in the console's mailbox";
  return [
    { check: 'password hashing', fine: hashWords(hashing), findings: hashFindings(hashing) },
    { check: 'mail', fine: mail.configured ? `${mail.host} takes us` : unsent, findings: mailFindings(mail) },
  ];
}

async function examineConfiguration(
  environment: ServerEnvironment,
  env: Variables,
  folder: string,
  nowMs: number,
  isRunning: boolean,
): Promise<{ readonly examined: readonly Examined[]; readonly config: ReadConfig | undefined }> {
  const configuration = await gatherConfiguration(environment.configFile, folder, environment.dataDir);
  const { config, file } = configuration;
  const traffic = isRunning ? await gatherTraffic(environment.dataDir, nowMs) : undefined;
  const trustsProxy = config !== undefined && config.proxy.trustProxy !== false;
  const examined: readonly Examined[] = [
    {
      check: 'configuration',
      fine: `${file ?? 'built in'}, valid`,
      findings: configurationFindings(configuration),
    },
    {
      check: 'settings',
      fine: 'fit together',
      findings: config === undefined ? [] : startupFindings(environment, config),
    },
    {
      check: 'production',
      fine: environment.production ? 'ready for strangers' : 'nothing in the way of it',
      findings: productionFindings({
        production: environment.production,
        publicUrl: environment.publicUrl,
        listensBeyond: !isLoopback(environment.host),
        passwordInEnvironment: (env['RAMPART_ADMIN_PASSWORD'] ?? '') !== '',
        openStores: openStores(environment),
      }),
    },
    {
      check: 'client addresses',
      fine: traffic
        ? `${traffic.requests} requests of the last hour look right`
        : 'no server runs here, nothing was seen',
      findings: topologyFindings({ trustsProxy, traffic }),
    },
  ];
  return { examined, config };
}

async function examineStores(
  environment: ServerEnvironment,
  server: URL | undefined,
): Promise<readonly Examined[]> {
  const [database, redis, port] = await Promise.all([
    gatherDatabase(environment.databaseUrl, environment.stage),
    gatherRedis(environment.redisUrl),
    gatherPort(environment.host, environment.port, server),
  ]);
  const used = port.state === 'ours' ? 'used by the server of this data folder' : 'free';
  return [
    {
      check: 'data folder',
      fine: `${environment.dataDir}, writable`,
      findings: dataFolderFindings(gatherDataFolder(environment.dataDir, server !== undefined)),
    },
    {
      check: 'database',
      fine: database.configured ? `PostgreSQL ${database.version}, schema up to date` : 'embedded',
      findings: databaseFindings(database),
    },
    {
      check: 'Redis',
      fine: redis.configured ? `version ${redis.version}` : 'not used',
      findings: redisFindings(redis),
    },
    { check: 'port', fine: `${port.host}:${port.port}, ${used}`, findings: portFindings(port) },
  ];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || host.startsWith('127.');
}

/** Hosts of stores beyond this machine that are spoken to in the clear. */
function openStores({ databaseUrl, redisUrl }: ServerEnvironment): readonly string[] {
  const database = databaseUrl === undefined ? undefined : new URL(databaseUrl);
  const redis = redisUrl === undefined ? undefined : new URL(redisUrl);
  const open: string[] = [];
  const isFar = ({ hostname }: URL): boolean => hostname !== '' && !isLoopback(hostname);
  const tls = databaseUrl === undefined ? undefined : readTls(databaseUrl);
  if (database && tls && !tls.local && tls.mode !== 'verify') open.push(database.host);
  if (redis && isFar(redis) && redis.protocol === 'redis:') open.push(redis.host);
  return open;
}
