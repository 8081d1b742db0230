import type { Logger } from '../../base/observe/index.ts';
import { readKeyText } from '../../base/secrets/index.ts';
import type { Clock, Timers } from '../../core/clock.ts';
import type { EventSink, RampartEvent } from '../../core/events.ts';
import { makeEvent } from '../../core/make-event.ts';
import {
  AuditLog,
  type AuditOptions,
  type AuditPorts,
  type AuditReport,
  type CheckpointFile,
  type CheckpointSigner,
  localSigner,
  readCheck,
  verifyLive,
} from '../../modules/audit/index.ts';
import type { SqlRunner, SqlStore } from '../../ports/sql.ts';
import type { HealthAnswer } from '../api/types.ts';
import { deriveKey } from '../data-dir.ts';

const LOOK_MS = 3_600_000;
const VERIFY_MS = 86_400_000;
/** Between two pages of the daily verification: a million events in four minutes, a fifth of one core. */
const PAUSE_MS = 200;
/** From then on it is said that events wait. */
const WAIT_MS = 60_000;

/** What the log of a node is opened on. */
export interface AuditParts {
  readonly sql: SqlStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: EventSink;
  readonly write: (tx: SqlRunner, event: RampartEvent) => Promise<void>;
  readonly node: string;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Of this process alone; its owner's to close. */
  readonly file: CheckpointFile;
  readonly signer: CheckpointSigner;
  readonly options?: AuditOptions;
}

/** The log of a node, opened. */
export interface OpenedAudit {
  readonly log: AuditLog;
  readonly signer: CheckpointSigner;
  /** Begins: places every half a second, checkpoints every minute, a verification a day. */
  start(): void;
  /** Verifies the whole log now; two at once are one. */
  verify(): Promise<AuditReport>;
  /** Events that the verification has read which runs now; null where none runs. */
  verifying(): { readonly events: number } | null;
  /** What is wrong now. */
  findings(): Promise<HealthAnswer['findings']>;
  /** Gives places to what waits, and ends. */
  close(): Promise<void>;
}

/** Who signs: the key of the environment (RAMPART_AUDIT_KEY), else one derived from the house's secret. */
export function auditSigner(secret: Uint8Array, key: string | undefined): CheckpointSigner {
  return localSigner(
    key === undefined ? deriveKey(secret, 'audit checkpoints') : readKeyText('RAMPART_AUDIT_KEY', key),
  );
}

/** Opens the log on a database that was migrated. */
export function openAudit(parts: AuditParts): OpenedAudit {
  const { sql, clock, timers, node, signer } = parts;
  const ports: AuditPorts = {
    ...parts,
    write: (tx, type, fields) =>
      parts.write(tx, makeEvent(type, node, clock.now(), { outcome: 'success', ...fields })),
  };
  const log = new AuditLog(ports, parts.options);
  let cancel = (): void => undefined;
  let running: Promise<AuditReport> | undefined;
  let stopped = false;
  let done: number | null = null;
  const verify = (pauseMs: number): Promise<AuditReport> => {
    const pause = (): Promise<void> =>
      stopped
        ? Promise.reject(new Error('the server stops'))
        : new Promise((resolve) => void timers.after(pauseMs, resolve));
    done ??= 0;
    running ??= verifyLive(ports, { pause, onProgress: (events) => (done = events) }).finally(() => {
      running = undefined;
      done = null;
    });
    return running;
  };
  const look = async (): Promise<void> => {
    const last = await readCheck(sql);
    if (clock.now() - (last?.atMs ?? 0) >= VERIFY_MS && (await log.status()).size > 0) await verify(PAUSE_MS);
  };
  const later = (): void => {
    cancel = timers.after(LOOK_MS, () => {
      void look()
        .catch((error: unknown) => {
          if (!stopped) parts.log.warn('The audit log could not be verified; it is tried again.', { error });
        })
        .finally(() => void (stopped || later()));
    });
  };
  return {
    log,
    signer,
    start() {
      log.start();
      later();
    },
    verify: () => verify(0),
    verifying: () => (done === null ? null : { events: done }),
    findings: () => findingsOf(log, parts),
    async close() {
      stopped = true;
      cancel();
      await log.stop();
    },
  };
}

async function findingsOf(
  log: AuditLog,
  { sql, clock }: Pick<AuditParts, 'sql' | 'clock'>,
): Promise<HealthAnswer['findings']> {
  const found: HealthAnswer['findings'][number][] = [];
  const { conflict, failing, strangers, waiting, waitingSinceMs } = await log.status();
  const check = await readCheck(sql);
  if (conflict !== null)
    found.push({
      level: 'error',
      text: `The audit log is not what this node has seen: ${conflict}. Nothing is signed.`,
      remedy:
        'rampart audit verify; where a backup was put back on purpose: rampart audit checkpoint --accept-restored',
    });
  if (strangers)
    found.push({
      level: 'warning',
      text: 'Another key signs checkpoints of the audit log.',
      remedy:
        'Give all nodes and applications on this database the same RAMPART_SECRET, or RAMPART_AUDIT_KEY.',
    });
  if (check?.ok === false)
    found.push({
      level: 'error',
      text: `The audit log is not what was signed, from event ${check.firstBad ?? 'unknown'} on: ${check.problem ?? 'see the report'}.`,
      remedy: 'rampart audit verify; compare with a backup of before, and find who had access.',
    });
  if (failing || (waitingSinceMs !== null && clock.now() - waitingSinceMs > WAIT_MS))
    found.push({
      level: 'error',
      text: `${waiting} audit events wait for their places in the log.`,
      remedy: 'See the log for the reason; events are kept, and get their places once it is gone.',
    });
  return found;
}
