import type { DecisionAnswer, TrafficClass } from '../../../../src/server/api/types.ts';

/** Phases of the corridor in the order a request walks them. */
export const PHASES = ['admit', 'screen', 'identify', 'authorize', 'meter', 'validate', 'assess'] as const;

type Step = DecisionAnswer['steps'][number];

/** One stop on the way: a phase with the guards that spoke there, or the handler at the end. */
export interface Station {
  readonly name: string;
  /** `passed`: walked through. `ended`: the way ended here. `unreached`: never came here. `empty`: nobody stands here. */
  readonly state: 'passed' | 'ended' | 'unreached' | 'empty';
  readonly steps: readonly Step[];
}

/** The corridor as this request walked it. */
export function stationsOf(
  decision: Pick<DecisionAnswer, 'steps' | 'guard' | 'verdict'>,
): readonly Station[] {
  const end = decision.steps.find((step) => step.mode === 'enforce' && step.verdict !== 'pass');
  const endPhase = end?.phase ?? null;
  const endAt = PHASES.findIndex((phase) => phase === endPhase);
  const isEnded = decision.verdict !== 'pass';
  const stations = PHASES.map((phase, at): Station => {
    const steps = decision.steps.filter((step) => step.phase === phase);
    if (isEnded && at === endAt) return { name: phase, state: 'ended', steps };
    if (isEnded && endAt !== -1 && at > endAt) return { name: phase, state: 'unreached', steps };
    return { name: phase, state: steps.length === 0 ? 'empty' : 'passed', steps };
  });
  const unplaced = decision.steps.filter((step) => !PHASES.some((phase) => phase === step.phase));
  const handler: Station = { name: 'handler', state: isEnded ? 'unreached' : 'passed', steps: [] };
  const rest: Station[] =
    unplaced.length === 0
      ? []
      : [
          {
            // What only watches stands beside the way.
            name: unplaced.every(({ mode }) => mode === 'shadow') ? 'shadow' : 'other',
            state: end !== undefined && unplaced.includes(end) ? 'ended' : 'passed',
            steps: unplaced,
          },
        ];
  return [...stations, ...rest, handler];
}

/** How a step's verdict is drawn. */
export function stepClass(
  step: Step,
  decision: Pick<DecisionAnswer, 'trafficClass' | 'guard'>,
): TrafficClass {
  if (step.verdict === 'pass') return 'allowed';
  if (step.verdict === 'answer') return 'answered';
  if (step.verdict === 'challenge') return 'challenged';
  if (step.guard === decision.guard) return decision.trafficClass;
  return step.reason?.code.startsWith('limit.') === true ? 'limited' : 'blocked';
}

/** The way in one sentence, for readers who don't see the picture. */
export function corridorSentence(stations: readonly Station[]): string {
  const ended = stations.find(({ state }) => state === 'ended');
  const passed = stations.filter(({ state, steps }) => state === 'passed' && steps.length > 0);
  const through =
    passed.length === 0 ? 'Passed nothing' : `Passed ${passed.map(({ name }) => name).join(', ')}`;
  return ended === undefined ? `${through}; reached the handler.` : `${through}; ended at ${ended.name}.`;
}
