import type { HealthAnswer } from '../api/types.ts';
import type { SinkEntry } from '../api/sink-types.ts';

type Finding = HealthAnswer['findings'][number];

const BEHIND_MS = 15 * 60_000;
const MINUTE_MS = 60_000;

/** What is to be said about sinks: pure, so that the health page and `rampart doctor` say the same. */
export function sinkFindings(sinks: readonly SinkEntry[], nowMs: number): readonly Finding[] {
  return sinks.flatMap((sink): Finding[] => [...failing(sink, nowMs), ...forgotten(sink), ...left(sink)]);
}

function failing(
  { name, state, error, waiting, failingSinceMs, oldestAtMs }: SinkEntry,
  nowMs: number,
): Finding[] {
  if (state === 'failing') {
    const since = failingSinceMs === null ? '' : ` for ${ageWords(nowMs - failingSinceMs)}`;
    return [
      {
        level: 'warning',
        text: `The sink ${name} has taken nothing${since}; ${waiting} events wait for it.`,
        remedy: `${error ?? ''} Then: rampart sinks test ${name}`.trim(),
      },
    ];
  }
  if (state !== 'working' || oldestAtMs === null || nowMs - oldestAtMs < BEHIND_MS) return [];
  return [
    {
      level: 'warning',
      text: `The sink ${name} is ${ageWords(nowMs - oldestAtMs)} behind; ${waiting} events wait for it.`,
      remedy: 'See whether the receiver is slow, and which events it needs (only).',
    },
  ];
}

function forgotten({ name, state, waiting }: SinkEntry): Finding[] {
  if (state !== 'unknown') return [];
  return [
    {
      level: 'info',
      text: `No process that is up has the sink ${name}; ${waiting} events wait for it.`,
      remedy: 'Start what has it in its configuration. After seven days without it is forgotten.',
    },
  ];
}

function left({ name, refused, lost, refusal }: SinkEntry): Finding[] {
  const found: Finding[] = [];
  if (refused > 0)
    found.push({
      level: 'info',
      text: `The sink ${name} has refused ${refused} events for what they hold.`,
      remedy: refusal ?? 'Read the log of the receiver.',
    });
  if (lost > 0)
    found.push({
      level: 'warning',
      text: `${lost} events were deleted before the sink ${name} could be sent them.`,
      remedy: 'Keep events for longer than a sink may be down.',
    });
  return found;
}

function ageWords(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / MINUTE_MS));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2_880 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 1_440)} d`;
}
