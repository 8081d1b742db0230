import { textTable } from '../table.ts';
import type { Watched } from './detected.ts';
import type { RunResult } from './run.ts';
import type { KindTally, RefusalCount, Tally } from './tally.ts';

/** Honest requests that were refused or got no answer. */
export function honestLosses(tally: Tally): number {
  return tally.sum('honest', 'refused') + tally.sum('honest', 'unanswered');
}

/** The result as text; the last line says how many honest requests were refused. */
export function report({ tally, seconds, notes }: RunResult, watched?: Watched): string {
  const kinds = [...tally.kinds.values()].toSorted(bySide);
  const lines = [
    textTable([
      ['', 'actor', 'sent', 'passed', 'refused', 'no answer', 'p50 ms', 'p99 ms'],
      ...kinds.map((one) => [
        one.side,
        one.kind,
        one.sent,
        one.passed,
        one.refused,
        one.unanswered,
        milliseconds(one, 0.5),
        milliseconds(one, 0.99),
      ]),
    ]),
    '',
    textTable([['actor', 'refused', 'status', 'code', 'guard'], ...kinds.flatMap(refusalRows)]),
    '',
    ...notes,
    ...(watched === undefined ? [] : watchedLines(watched)),
  ];
  const broken = tally.sum('honest', 'broken') + tally.sum('attacker', 'broken');
  if (broken > 0) lines.push(`Answers that were errors of the server (5xx): ${broken}. Look at its log.`);
  const total = tally.sum('honest', 'sent') + tally.sum('attacker', 'sent');
  lines.push(
    `${total} requests in ${seconds.toFixed(1)} s, ${Math.round(total / Math.max(seconds, 0.001))} a second; attackers refused: ${tally.sum('attacker', 'refused')} of ${tally.sum('attacker', 'sent')}.`,
  );
  const unanswered = tally.sum('honest', 'unanswered');
  if (unanswered > 0) lines.push(`honest requests without an answer: ${unanswered}`);
  lines.push(`honest requests refused: ${tally.sum('honest', 'refused')}`);
  return `${lines.join('\n')}\n`;
}

/** The same as plain data, for programs. */
export function reportData({ tally, seconds, notes }: RunResult, watched?: Watched): unknown {
  return {
    seconds: Number(seconds.toFixed(3)),
    notes,
    actors: [...tally.kinds.values()].toSorted(bySide).map((one) => ({
      side: one.side,
      kind: one.kind,
      sent: one.sent,
      passed: one.passed,
      refused: one.refused,
      unanswered: one.unanswered,
      serverErrors: one.broken,
      p50Ms: milliseconds(one, 0.5),
      p99Ms: milliseconds(one, 0.99),
      refusals: mostFirst(one).map(({ status, code, guard, count }) => ({
        status,
        code,
        guard: guard ?? null,
        count,
      })),
    })),
    honestRefused: tally.sum('honest', 'refused'),
    honestUnanswered: tally.sum('honest', 'unanswered'),
    ...(watched === undefined ? {} : { detected: watched }),
  };
}

/** Of each attack what saw it, and after how many seconds it was seen and people were told. */
function watchedLines({ attacks, alerts, behind, responses }: Watched): readonly string[] {
  const { begun, waiting, ended } = responses;
  return [
    textTable([
      ['attack', 'detector', 'event s', 'alert s', 'after enough s'],
      ...attacks.map(({ kind, detector, eventSeconds, alertSeconds, lagSeconds, isQuiet }) => [
        kind,
        detector ?? 'NOT SEEN',
        eventSeconds ?? '–',
        alertSeconds ?? (isQuiet ? 'LOW: none' : '–'),
        lagSeconds ?? '–',
      ]),
    ]),
    '',
    `alerts: ${alerts}, for ${behind} events; responses begun: ${begun}, waiting for people: ${waiting}, ended: ${ended}`,
  ];
}

function bySide(a: KindTally, b: KindTally): number {
  if (a.side !== b.side) return a.side === 'honest' ? -1 : 1;
  return a.kind < b.kind ? -1 : 1;
}

function mostFirst(one: KindTally): readonly RefusalCount[] {
  return [...one.refusals.values()].toSorted((a, b) => b.count - a.count);
}

function refusalRows(one: KindTally): readonly (readonly (string | number)[])[] {
  return mostFirst(one).map((refusal) => [
    one.kind,
    refusal.count,
    refusal.status,
    refusal.code === '' ? '–' : refusal.code,
    refusal.guard ?? '–',
  ]);
}

function milliseconds(one: KindTally, quantile: number): number {
  return Number(one.latencies.quantileMs(quantile).toFixed(1));
}
