import { describe, expect, it } from 'vitest';
import { shippedRules } from '../../modules/detect/rules/index.ts';
import { ALERT_KINDS } from '../alerts/kinds.ts';
import { activityOf, type DetectionSlot, type OpenAlert } from './activity.ts';
import { kindOf } from './kinds.ts';
import { levelOf, type LevelParts } from './level.ts';

const NOW = 1_795_000_000_000;
const MINUTE = 60_000;

const CALM: LevelParts = {
  nowMs: NOW,
  traffic: { level: 'normal', sinceMs: NOW - 60 * MINUTE },
  acting: [],
  alerts: [],
};
const alert = (rule: string, severity: 'HIGH' | 'CRITICAL', agoMs = MINUTE) => ({
  rule,
  severity,
  title: `${rule} seen`,
  firstAtMs: NOW - agoMs - MINUTE,
  lastAtMs: NOW - agoMs,
});

describe('the level of the posture', () => {
  it('is as hard as traffic, fresh alerts or a lockdown say, whichever is hardest', () => {
    const level = (parts: Partial<LevelParts>) => levelOf({ ...CALM, ...parts }).level;
    expect(level({})).toBe('normal');
    expect(level({ traffic: null })).toBe('normal');
    expect(level({ traffic: { level: 'elevated', sinceMs: NOW } })).toBe('elevated');
    expect(level({ alerts: [alert('brute_force', 'HIGH')] })).toBe('elevated');
    expect(level({ alerts: [alert('brute_force', 'CRITICAL')] })).toBe('attack');
    expect(level({ traffic: { level: 'attack', sinceMs: NOW } })).toBe('attack');
    const acting = [{ responder: 'lockdown', target: 'read-only', startedBy: 'ada', startedAtMs: NOW - 5 }];
    expect(level({ acting, traffic: { level: 'attack', sinceMs: NOW } })).toBe('lockdown');
    expect(level({ acting: [{ ...acting[0]!, responder: 'block' }] })).toBe('normal');
  });

  it('falls again when an alert went on a quarter of an hour ago, and never rises for a failed backup', () => {
    const level = (one: ReturnType<typeof alert>) => levelOf({ ...CALM, alerts: [one] }).level;
    expect(level(alert('sql_injection', 'CRITICAL', 15 * MINUTE))).toBe('attack');
    expect(level(alert('sql_injection', 'CRITICAL', 15 * MINUTE + 1))).toBe('normal');
    expect(level(alert('BACKUP_FAILED', 'CRITICAL'))).toBe('normal');
  });

  it('says why, and since when', () => {
    const alerts = [alert('brute_force', 'HIGH'), alert('path_scanning', 'HIGH', 2 * MINUTE)];
    expect(levelOf({ ...CALM, alerts })).toEqual({
      level: 'elevated',
      sinceMs: NOW - 3 * MINUTE,
      reason: 'brute_force seen, and 1 more alert.',
    });
    const acting = [{ responder: 'lockdown', target: 'read-only', startedBy: 'ada', startedAtMs: NOW - 5 }];
    expect(levelOf({ ...CALM, acting })).toEqual({
      level: 'lockdown',
      sinceMs: NOW - 5,
      reason: 'Nothing can be changed, by ada.',
    });
  });
});

describe('suspicious activity', () => {
  it('knows what every shipped detector is about', () => {
    const rules = Object.keys(
      shippedRules({
        adminRoles: ['admin'],
        workingHours: { from: 8, to: 18, days: [1, 2, 3, 4, 5], zone: 'UTC' } as never,
      }),
    );
    expect(rules.length).toBeGreaterThan(40);
    expect(rules.filter((rule) => kindOf(rule) === 'other')).toEqual([]);
    for (const type of Object.keys(ALERT_KINDS)) expect(kindOf(type)).toBe('house');
    expect(kindOf('orders_refunded_often')).toBe('other');
  });

  const slot = (fields: Partial<DetectionSlot>): DetectionSlot => ({
    rule: 'brute_force',
    type: 'BRUTE_FORCE_ATTEMPT',
    slot: 0,
    detections: 1,
    lastAtMs: NOW,
    severity: 'MEDIUM',
    what: null,
    ...fields,
  });
  const open = (fields: Partial<OpenAlert>): OpenAlert => ({
    id: 'alr_1',
    rule: 'brute_force',
    severity: 'HIGH',
    state: 'ACTIVE',
    description: '30 sign-ins failed.',
    lastAtMs: NOW - MINUTE,
    ...fields,
  });

  it('is grouped by kind, the worst first, with the words of the worst open alert', () => {
    const found = activityOf(
      [open({}), open({ id: 'alr_2', state: 'INVESTIGATING', severity: 'LOW', description: 'few' })],
      [
        slot({ slot: 3, detections: 2, what: 'newest' }),
        slot({ rule: 'failed_logins_by_address', type: 'SUSPICIOUS_ACTIVITY', slot: 3, detections: 4 }),
        slot({ rule: 'sql_injection', severity: 'CRITICAL', what: 'A statement.', slot: 11 }),
      ],
    );
    expect(found.map(({ kind }) => kind)).toEqual(['injection', 'password-guessing']);
    expect(found[0]).toMatchObject({ severity: 'CRITICAL', sentence: 'A statement.', alert: null, open: 0 });
    expect(found[1]).toMatchObject({
      severity: 'HIGH',
      sentence: '30 sign-ins failed.',
      open: 2,
      active: 1,
      detections: 6,
      alert: 'alr_1',
      lastAtMs: NOW,
      rules: ['brute_force', 'failed_logins_by_address'],
      types: ['BRUTE_FORCE_ATTEMPT', 'SUSPICIOUS_ACTIVITY'],
      series: [0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0],
    });
  });

  it('is nothing where nothing was seen', () => {
    expect(activityOf([], [])).toEqual([]);
  });
});
