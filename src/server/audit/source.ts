import { join } from 'node:path';
import { systemClock, systemTimers } from '../../core/clock.ts';
import { RampartError } from '../../core/errors.ts';
import {
  type AuditReceipt,
  type AuditStatus,
  type BundlePage,
  type CheckpointSigner,
  type Erasure,
  type RangeQuery,
  readBundlePage,
  readRangePage,
  readReceipt,
  type StoredCheckpoint,
} from '../../modules/audit/index.ts';
import { migrate, openEmbedded } from '../../stores/postgres/index.ts';
import { askServer } from '../cli/operator.ts';
import { createStores, migrations } from '../data/index.ts';
import { openDataDir } from '../data-dir.ts';
import type { ServerEnvironment } from '../environment.ts';
import { openDatabaseServer } from '../foundation.ts';
import { type LineFile, openLines } from '../../stores/file/index.ts';
import { auditSigner, openAudit, type OpenedAudit } from './open.ts';

/** The log as the command line reaches it: through the server that runs, else on the database itself. */
export interface AuditSource {
  status(): Promise<AuditStatus>;
  page(from: number, payloads: boolean): Promise<BundlePage>;
  proof(id: string): Promise<AuditReceipt>;
  range(query: RangeQuery): Promise<BundlePage>;
  checkpoint(acceptRestored: boolean): Promise<StoredCheckpoint | null>;
  erase(subject: string): Promise<Erasure | null>;
}

const BY = { actor: 'operator' };
const QUIET = { emit: () => undefined };

/** Works with the log of this data folder. */
export async function withAuditSource<T>(
  environment: ServerEnvironment,
  work: (source: AuditSource) => Promise<T>,
): Promise<T> {
  const running = serverSource(environment.dataDir);
  try {
    await running.status();
  } catch (error) {
    if (!(error instanceof RampartError && error.code === 'SERVER_NOT_RUNNING')) throw error;
    return withDatabase(environment, work);
  }
  return work(running);
}

/** Key and file of checkpoints of this data folder. */
export function ownTrust(environment: Pick<ServerEnvironment, 'dataDir' | 'secret' | 'auditKey'>): {
  readonly signer: CheckpointSigner;
  readonly file: string;
} {
  const { checkpoints, secret } = openDataDir(environment.dataDir, environment.secret);
  return {
    signer: auditSigner(secret, environment.auditKey),
    file: join(checkpoints, 'audit.jsonl'),
  };
}

function serverSource(dataDir: string): AuditSource {
  const ask = <T>(method: string, path: string, body?: unknown): Promise<T> =>
    askServer<T>(dataDir, method, `/admin/audit/${path}`, body);
  return {
    status: () => ask('GET', 'integrity'),
    page: (from, payloads) => ask('GET', `bundle?from=${from}&payloads=${payloads}`),
    proof: (id) => ask('GET', `${encodeURIComponent(id)}/proof`),
    range: (query) => {
      const params = new URLSearchParams();
      for (const [name, value] of Object.entries(query))
        if (value !== undefined) params.set(name, String(value));
      return ask('GET', `range?${params.toString()}`);
    },
    checkpoint: async (acceptRestored) =>
      (await ask<{ checkpoint: StoredCheckpoint | null }>('POST', 'checkpoint', { acceptRestored }))
        .checkpoint,
    erase: async (subject) => (await ask<{ erased: Erasure | null }>('POST', 'erase', { subject })).erased,
  };
}

async function withDatabase<T>(
  environment: ServerEnvironment,
  work: (source: AuditSource) => Promise<T>,
): Promise<T> {
  const dataDir = openDataDir(environment.dataDir, environment.secret);
  const sql =
    environment.databaseUrl === undefined
      ? await openEmbedded({ dir: dataDir.database })
      : await openDatabaseServer(environment.databaseUrl);
  let audit: OpenedAudit | undefined;
  let file: LineFile | undefined;
  try {
    file = await openLines(dataDir.checkpoints, 'audit');
    await migrate(sql, migrations);
    const { events } = createStores(sql);
    audit = openAudit({
      sql,
      clock: systemClock,
      timers: systemTimers,
      events: QUIET,
      write: (tx, event) => events.write(tx, event),
      node: 'command line',
      log: { info: () => undefined, warn: complain, error: complain },
      file,
      signer: auditSigner(dataDir.secret, environment.auditKey),
    });
    const { log, signer } = audit;
    return await work({
      status: () => log.status(),
      page: (from, payloads) => readBundlePage(sql, { from, payloads }),
      proof: (id) => readReceipt(sql, id, [signer.publicKey]),
      range: (query) => readRangePage(sql, query, [signer.publicKey]),
      checkpoint: async (acceptRestored) =>
        acceptRestored ? (await log.acceptRestored(BY)).checkpoint : log.checkpoint(),
      erase: async (subject) => (await log.erase(subject, BY)) ?? null,
    });
  } finally {
    await audit?.close();
    await file?.close();
    await sql.close();
  }
}

function complain(message: string): void {
  process.stderr.write(`rampart: ${message}\n`);
}
