import type { Severity } from '../../core/events.ts';
import { formatDuration } from '../../core/duration.ts';
import type { HealthAnswer } from '../api/types.ts';
import type { PostureAnswer } from '../api/security-types.ts';
import { isOfHouse } from './kinds.ts';

/** An alert that went on within this time says that an attack is under way, and not that one was. */
const FRESH_MS = 15 * 60_000;

/** What the level is made of. Times are milliseconds since the epoch. */
export interface LevelParts {
  readonly nowMs: number;
  /** How hard the site is pressed; null where nobody looks. */
  readonly traffic: Pick<NonNullable<HealthAnswer['posture']>, 'level' | 'sinceMs'> | null;
  /** Responses that act. */
  readonly acting: readonly {
    readonly responder: string;
    readonly target: string;
    readonly startedBy: string;
    readonly startedAtMs: number;
  }[];
  /** Alerts that are open. */
  readonly alerts: readonly {
    readonly rule: string;
    readonly title: string;
    readonly severity: Severity;
    readonly firstAtMs: number;
    readonly lastAtMs: number;
  }[];
}

/** How the site stands, since when, and why: closed by a response, else as hard as traffic or fresh alerts say. */
export function levelOf(parts: LevelParts): Pick<PostureAnswer, 'level' | 'sinceMs' | 'reason'> {
  const { nowMs, traffic, acting, alerts } = parts;
  const closed = acting.find(({ responder }) => responder === 'lockdown');
  if (closed !== undefined)
    return {
      level: 'lockdown',
      sinceMs: closed.startedAtMs,
      reason: `${LOCKDOWN[closed.target] ?? 'The system is closed'}, by ${closed.startedBy}.`,
    };
  const fresh = alerts.filter(({ rule, lastAtMs }) => !isOfHouse(rule) && nowMs - lastAtMs <= FRESH_MS);
  const of = (severity: Severity) => fresh.filter((one) => one.severity === severity);
  if (traffic?.level === 'attack') return pressed('attack', traffic.sinceMs);
  if (of('CRITICAL').length > 0) return alerted('attack', of('CRITICAL'));
  if (traffic?.level === 'elevated') return pressed('elevated', traffic.sinceMs);
  if (of('HIGH').length > 0) return alerted('elevated', of('HIGH'));
  return {
    level: 'normal',
    sinceMs: traffic?.sinceMs ?? null,
    reason:
      traffic === null
        ? `No grave alert within ${formatDuration(FRESH_MS)}; nobody watches how hard the site is pressed.`
        : `Traffic is as usual, and no grave alert came within ${formatDuration(FRESH_MS)}.`,
  };
}

const LOCKDOWN: Readonly<Record<string, string>> = {
  'read-only': 'Nothing can be changed',
  'admins-only': 'Only administrators are let in',
};

function pressed(level: 'elevated' | 'attack', sinceMs: number): ReturnType<typeof levelOf> {
  const reason =
    level === 'attack'
      ? 'Far more requests come than the site is used to.'
      : 'More requests come than usual.';
  return { level, sinceMs, reason };
}

function alerted(level: 'elevated' | 'attack', alerts: LevelParts['alerts']): ReturnType<typeof levelOf> {
  const [first] = alerts;
  const more = alerts.length - 1;
  return {
    level,
    sinceMs: Math.min(...alerts.map(({ firstAtMs }) => firstAtMs)),
    reason: `${first?.title ?? 'Something is under way'}${more === 0 ? '' : `, and ${more} more ${more === 1 ? 'alert' : 'alerts'}`}.`,
  };
}
