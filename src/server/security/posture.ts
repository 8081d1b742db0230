import { readCheck } from '../../modules/audit/index.ts';
import { isActing } from '../../modules/respond/index.ts';
import type { ApiPorts } from '../api/ports.ts';
import type { PostureAnswer } from '../api/security-types.ts';
import { lastEvents } from '../data/index.ts';
import { levelOf } from './level.ts';

/** Open alerts that the level is made of, the worst first. */
const MAX_ALERTS = 100;
const BACKUPS = ['BACKUP_CREATED', 'BACKUP_FAILED', 'BACKUP_RESTORED'] as const;

/** What the strip over every page says. */
export async function readPosture(ports: ApiPorts): Promise<PostureAnswer> {
  const nowMs = ports.clock.now();
  const { stores, responses, alerts } = ports;
  const [health, leases, open, counts, audit, last] = await Promise.all([
    ports.health.report(),
    responses === undefined ? [] : stores.responses.open(),
    alerts?.alerts.store.list({ states: ['ACTIVE', 'INVESTIGATING'], limit: MAX_ALERTS }),
    alerts?.alerts.store.counts(),
    auditOf(ports),
    lastEvents(stores.sql, BACKUPS),
  ]);
  const acting = leases.filter(isActing);
  const found = open?.alerts ?? [];
  const failedAtMs = last.BACKUP_FAILED ?? null;
  return {
    atMs: nowMs,
    ...levelOf({ nowMs, traffic: health.posture, acting, alerts: found }),
    troubles: health.checks.flatMap(({ name, state, text }) =>
      state === 'ok' ? [] : [{ name, state, text }],
    ),
    alerts:
      counts === undefined
        ? null
        : {
            open: counts.ACTIVE + counts.INVESTIGATING,
            active: counts.ACTIVE,
            worst: found[0]?.severity ?? null,
          },
    responses:
      responses === undefined
        ? null
        : {
            acting: acting.length,
            waiting: leases.filter(({ state }) => state === 'waiting').length,
            mode: responses.mode,
          },
    audit,
    backup: {
      madeAtMs: last.BACKUP_CREATED ?? null,
      failedAtMs: failedAtMs !== null && failedAtMs > (last.BACKUP_CREATED ?? 0) ? failedAtMs : null,
      restoredAtMs: last.BACKUP_RESTORED ?? null,
    },
  };
}

async function auditOf({ audit, stores }: ApiPorts): Promise<PostureAnswer['audit']> {
  if (audit === undefined) return null;
  const [{ checkpoint, conflict }, check] = await Promise.all([audit.log.status(), readCheck(stores.sql)]);
  return {
    checkpointAtMs: checkpoint === null ? null : Math.floor(Number(checkpoint.madeUs) / 1_000),
    verifiedAtMs: check?.atMs ?? null,
    ok: conflict === null ? (check?.ok ?? null) : false,
  };
}
