import type { ResponseAnswer, ResponseEntry } from '../../api/responses.ts';
import { percent, plural } from '../../format/number.ts';

/** A step on the way of a response. */
export interface Stage {
  readonly name: string;
  readonly words: string;
  /** `never`: it ended before it came to that. */
  readonly how: 'done' | 'now' | 'ahead' | 'never';
  /** When it began; null where that is not known, or has not come. */
  readonly atMs: number | null;
  /** When the step ends, where it runs out by itself; null where it does not, or is over. */
  readonly untilMs: number | null;
}

type Told = Pick<ResponseAnswer['timeline'][number], 'type' | 'atMs'>;
const ENDS: Readonly<Partial<Record<ResponseEntry['state'], string>>> = {
  expired: 'Ran out',
  undone: 'Undone',
  'rolled-back': 'Taken back: it did harm',
  refused: 'Refused',
};

/** The steps that a response takes: people agree, it acts on a part, on all, and ends. */
export function stagesOf(entry: ResponseEntry, timeline: readonly Told[]): readonly Stage[] {
  const { state, startedAtMs, expiresAtMs, endedAtMs, stage, approvalsNeeded, approvedBy } = entry;
  const at = (...types: readonly string[]): number | null =>
    timeline.find(({ type }) => types.includes(type))?.atMs ?? null;
  const began = at('RESPONSE_STARTED', 'RESPONSE_BREAK_GLASS', 'RESPONSE_APPROVED');
  const widened = at('RESPONSE_WIDENED');
  const isOver = endedAtMs !== null;
  const how = (isNow: boolean, wasReached: boolean): Stage['how'] =>
    isNow ? 'now' : wasReached ? 'done' : isOver ? 'never' : 'ahead';
  const hasActed = state === 'staged' || state === 'full' || (isOver && began !== null);
  if (state === 'shadow')
    return [
      {
        name: 'Would have acted',
        words: 'Responses are in shadow: it is written down, and does nothing.',
        how: 'now',
        atMs: startedAtMs,
        untilMs: null,
      },
    ];
  const stages: Stage[] = [];
  if (approvalsNeeded > 0)
    stages.push({
      name: 'People agree',
      words: `${approvedBy.length} of ${plural(approvalsNeeded, 'person', 'people')}`,
      how: how(state === 'waiting', hasActed),
      atMs: startedAtMs,
      untilMs: state === 'waiting' ? expiresAtMs : null,
    });
  if (state === 'staged' || widened !== null)
    stages.push({
      name: 'Acts on a part',
      words: state === 'staged' ? `On ${percent(stage)} of its target, while nobody honest suffers` : '',
      how: how(state === 'staged', true),
      atMs: began ?? startedAtMs,
      untilMs: null,
    });
  stages.push({
    name: 'Acts on all of its target',
    words: '',
    how: how(state === 'full', hasActed && state !== 'staged'),
    atMs: state === 'staged' ? null : (widened ?? began),
    untilMs: state === 'full' ? expiresAtMs : null,
  });
  stages.push({
    name: ENDS[state] ?? 'Ends by itself',
    words: '',
    how: isOver ? 'done' : 'ahead',
    atMs: endedAtMs,
    untilMs: state === 'staged' ? expiresAtMs : null,
  });
  return stages;
}
