import { SEVERITIES, type Severity } from '../../core/events.ts';
import type { ActivityEntry } from '../api/security-types.ts';
import { kindOf, titleOf } from './kinds.ts';

/** Parts of a span that detections are counted in. */
export const ACTIVITY_SLOTS = 12;

/** What one detector said in one part of the span. */
export interface DetectionSlot {
  readonly rule: string;
  /** Type of its events. */
  readonly type: string;
  /** 0 to `ACTIVITY_SLOTS` − 1. */
  readonly slot: number;
  readonly detections: number;
  /** Milliseconds since the epoch. */
  readonly lastAtMs: number;
  readonly severity: Severity;
  /** Its newest sentence. */
  readonly what: string | null;
}

/** An alert that is open. */
export interface OpenAlert {
  readonly id: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly state: string;
  readonly description: string;
  readonly lastAtMs: number;
}

interface Sum {
  readonly alerts: OpenAlert[];
  readonly slots: DetectionSlot[];
}

/** Alerts and detections by what attackers are after: the worst kind first, then the one that spoke last. */
export function activityOf(
  alerts: readonly OpenAlert[],
  slots: readonly DetectionSlot[],
): readonly ActivityEntry[] {
  const sums = new Map<string, Sum>();
  const sumOf = (rule: string): Sum => {
    const kind = kindOf(rule);
    const sum = sums.get(kind) ?? { alerts: [], slots: [] };
    sums.set(kind, sum);
    return sum;
  };
  for (const alert of alerts) sumOf(alert.rule).alerts.push(alert);
  for (const slot of slots) sumOf(slot.rule).slots.push(slot);
  return [...sums.values()]
    .map(entryOf)
    .toSorted((a, b) => rank(b.severity) - rank(a.severity) || b.lastAtMs - a.lastAtMs);
}

function entryOf({ alerts, slots }: Sum): ActivityEntry {
  const all = [...alerts, ...slots];
  const kind = kindOf(all[0]?.rule ?? '');
  const worst = alerts.toSorted((a, b) => rank(b.severity) - rank(a.severity) || b.lastAtMs - a.lastAtMs)[0];
  const newest = slots.toSorted((a, b) => b.lastAtMs - a.lastAtMs).find(({ what }) => what !== null);
  const open = alerts.length;
  const active = alerts.filter(({ state }) => state === 'ACTIVE').length;
  const detections = slots.reduce((sum, one) => sum + one.detections, 0);
  const series = Array.from({ length: ACTIVITY_SLOTS }, (_, slot) =>
    slots.reduce((sum, one) => sum + (one.slot === slot ? one.detections : 0), 0),
  );
  return {
    kind,
    title: titleOf(kind),
    severity: SEVERITIES[Math.max(...all.map(({ severity }) => rank(severity)))] ?? 'LOW',
    sentence: worst?.description ?? newest?.what ?? `${detections} ${plural(detections, 'detection')}.`,
    open,
    active,
    detections,
    lastAtMs: Math.max(...all.map(({ lastAtMs }) => lastAtMs)),
    alert: worst?.id ?? null,
    rules: unique(all.map(({ rule }) => rule)),
    types: unique(slots.map(({ type }) => type)),
    series,
  };
}

const rank = (severity: Severity): number => SEVERITIES.indexOf(severity);
const plural = (count: number, one: string): string => (count === 1 ? one : `${one}s`);
const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)].toSorted();
