import { idTimeMs } from '../../../core/id.ts';
import type { EventsAnswer } from '../../api/types.ts';
import type { AlertsAnswer } from '../../api/alert-types.ts';
import type { ResponsesAnswer } from '../../api/response-types.ts';
import { DETECTION_TYPES } from '../../../modules/detect/index.ts';

/** Asks the server that was driven, as its operator. */
export type AskOperator = <T>(path: string) => Promise<T>;

/** An attack whose detection is looked for. Times are milliseconds since the epoch. */
export interface Played {
  readonly kind: string;
  /** Detectors of which one has to see it. */
  readonly expects: readonly string[];
  readonly beganMs: number;
  /** Addresses of its actors as the server sees them; empty where it cannot tell them apart. */
  readonly addresses: readonly string[];
}

/** What became of an attack. Seconds since its first request; null for never. */
export interface Found {
  readonly kind: string;
  readonly detector: string | null;
  readonly eventSeconds: number | null;
  readonly alertSeconds: number | null;
  /** From what reached the detector's threshold to the alert, or to the event of what is LOW: what the server took. */
  readonly lagSeconds: number | null;
  /** Whether somebody is to be told: what is LOW is only kept. */
  readonly isQuiet: boolean;
}

/** What a run led to. */
export interface Watched {
  readonly attacks: readonly Found[];
  /** Alerts of the run, and the events behind them. */
  readonly alerts: number;
  readonly behind: number;
  readonly responses: { readonly begun: number; readonly waiting: number; readonly ended: number };
}

interface Told {
  readonly rule: string;
  readonly atMs: number;
  /** The event with which there was enough of them. */
  readonly enoughMs: number;
  readonly address: string | null;
  readonly isQuiet: boolean;
}

const MAX_PAGES = 10;

/** Looks once at what the server has detected since a time, and whom it told. */
export async function look(ask: AskOperator, played: readonly Played[], sinceMs: number): Promise<Watched> {
  const told = await detections(ask, sinceMs);
  const { alerts } = await ask<AlertsAnswer>('/admin/alerts?limit=100');
  const fresh = alerts.filter(({ lastAtMs }) => lastAtMs >= sinceMs);
  const { responses } = await ask<ResponsesAnswer>('/admin/responses?limit=200');
  const recent = responses.filter(({ startedAtMs }) => startedAtMs >= sinceMs);
  return {
    attacks: played.map((attack) => {
      const seen = told.filter((one) => sees(attack, one));
      // What people are told of says more than what is only kept.
      const first = seen.find(({ isQuiet }) => !isQuiet) ?? seen[0];
      const alert = fresh.filter(({ rule }) => attack.expects.includes(rule)).map(({ id }) => idTimeMs(id));
      const alerted = alert.filter((atMs) => first !== undefined && atMs >= first.atMs);
      const toldMs = alerted.length === 0 ? null : Math.min(...alerted);
      const isQuiet = first?.isQuiet === true;
      const knownMs = isQuiet ? first.atMs : toldMs;
      return {
        kind: attack.kind,
        detector: first?.rule ?? null,
        isQuiet,
        eventSeconds: first === undefined ? null : seconds(attack.beganMs, first.atMs),
        alertSeconds: toldMs === null ? null : seconds(attack.beganMs, toldMs),
        lagSeconds: first === undefined || knownMs === null ? null : seconds(first.enoughMs, knownMs),
      };
    }),
    alerts: fresh.length,
    behind: fresh.reduce((sum, { count }) => sum + count, 0),
    responses: {
      begun: recent.filter(({ state }) => state !== 'waiting' && state !== 'refused').length,
      waiting: recent.filter(({ state }) => state === 'waiting').length,
      ended: recent.filter(({ endedAtMs }) => endedAtMs !== null).length,
    },
  };
}

/** Whether a detection is of an attack: by its detector, and by the address where it names one. */
function sees({ expects, addresses, beganMs }: Played, { rule, atMs, address }: Told): boolean {
  if (!expects.includes(rule) || atMs < beganMs) return false;
  return address === null || addresses.length === 0 || addresses.includes(address);
}

function seconds(fromMs: number, atMs: number): number {
  return Math.max(0, Math.round((atMs - fromMs) / 100) / 10);
}

/** Detections since a time, oldest first. */
async function detections(ask: AskOperator, sinceMs: number): Promise<readonly Told[]> {
  const types = DETECTION_TYPES.map((type) => `type=${type}`).join('&');
  const found: Told[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page++) {
    const more: string = cursor === null ? '' : `&before=${encodeURIComponent(cursor)}`;
    const { events, nextBefore } = await ask<EventsAnswer>(`/admin/events?${types}&limit=200${more}`);
    for (const { details, atMs, address, severity } of events)
      if (atMs >= sinceMs && typeof details['rule'] === 'string')
        found.push({
          rule: details['rule'],
          atMs,
          enoughMs: typeof details['lastMs'] === 'number' ? details['lastMs'] : atMs,
          address,
          isQuiet: severity === 'LOW',
        });
    cursor = nextBefore;
    if (cursor === null || (events.at(-1)?.atMs ?? 0) < sinceMs) break;
  }
  return found.toSorted((a, b) => a.atMs - b.atMs);
}

/** What looking waits on. */
export interface Patience {
  readonly withinSeconds: number;
  readonly now: () => number;
  /** Resolves after a while; rejects when it is to end. */
  readonly pause: (ms: number) => Promise<void>;
}

const LOOK_EVERY_MS = 500;

/** Looks until every attack was seen and told, or until the time for that is over. */
export async function lookUntilSeen(
  ask: AskOperator,
  played: readonly Played[],
  sinceMs: number,
  { withinSeconds, now, pause }: Patience,
): Promise<Watched> {
  const untilMs = now() + withinSeconds * 1_000;
  for (;;) {
    const found = await look(ask, played, sinceMs);
    const isAll = found.attacks.every(
      ({ eventSeconds, alertSeconds, isQuiet }) =>
        alertSeconds !== null || (isQuiet && eventSeconds !== null),
    );
    if (isAll || now() >= untilMs) return found;
    await pause(LOOK_EVERY_MS);
  }
}

/** Attacks that were not detected, or of which nobody was told in time once there was enough to see. */
export function missed({ attacks }: Watched, withinSeconds: number): readonly string[] {
  return attacks
    .filter(({ lagSeconds }) => lagSeconds === null || lagSeconds > withinSeconds)
    .map(({ kind }) => kind);
}
