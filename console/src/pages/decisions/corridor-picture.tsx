import type { ReactNode } from 'react';
import type { DecisionAnswer } from '../../../../src/server/api/types.ts';
import { Glyph, ShadowBadge, TEXT } from '../../ui/verdict.tsx';
import { corridorSentence, stationsOf, stepClass } from './corridor.ts';
import type { Station } from './corridor.ts';

/** The corridor with its stations, and where the request's way ended. Lies on a desk, stands on a phone. */
export function CorridorPicture({ decision }: { readonly decision: DecisionAnswer }): ReactNode {
  const stations = stationsOf(decision);
  return (
    <>
      <p className="sr-only">{corridorSentence(stations)}</p>
      <ol className="grid max-lg:gap-y-0 lg:auto-cols-fr lg:grid-flow-col">
        {stations.map((station, at) => (
          <Stop
            key={station.name}
            station={station}
            decision={decision}
            isLast={at === stations.length - 1}
          />
        ))}
      </ol>
    </>
  );
}

function Stop({
  station,
  decision,
  isLast,
}: {
  readonly station: Station;
  readonly decision: DecisionAnswer;
  readonly isLast: boolean;
}): ReactNode {
  const { name, state, steps } = station;
  const isOnward = state === 'passed' || state === 'empty';
  return (
    <li
      className={`relative min-w-0 pl-8 ${state === 'unreached' ? 'pb-1.5' : 'pb-4'} lg:pt-8 lg:pr-3 lg:pb-0 lg:pl-0`}
    >
      {!isLast && (
        <span
          aria-hidden="true"
          className={`absolute top-3 bottom-[-0.75rem] left-[0.6875rem] border-l-2 lg:top-[0.6875rem] lg:right-[-0.75rem] lg:bottom-auto lg:left-3 lg:border-t-2 lg:border-l-0 ${isOnward ? 'border-allowed' : 'border-dashed border-edge'}`}
        />
      )}
      <Dot state={state} decision={decision} isHandler={isLast} />
      <p
        className={`text-sm font-medium capitalize ${state === 'unreached' || state === 'empty' ? 'text-faint' : ''}`}
      >
        {name}
        {state === 'unreached' && <span className="sr-only"> not reached</span>}
        {state === 'ended' && <span className="sr-only"> the way ended here</span>}
      </p>
      <ul className="mt-0.5 space-y-0.5">
        {steps.map((step) => {
          const kind = stepClass(step, decision);
          return (
            <li
              key={`${step.guard}${step.mode}`}
              className="flex flex-wrap items-center gap-x-1.5 gap-y-0.5 text-xs"
            >
              <span className="flex max-w-full items-center gap-1.5">
                <Glyph kind={kind} className="size-2" />
                <span
                  title={step.guard}
                  className={`truncate ${kind === 'allowed' ? 'text-mute' : `font-medium ${TEXT[kind]}`}`}
                >
                  {step.guard}
                </span>
              </span>
              {step.mode === 'shadow' && name !== 'shadow' && <ShadowBadge />}
            </li>
          );
        })}
        {state === 'unreached' && <li className="text-xs text-faint max-lg:hidden">Not reached</li>}
        {state === 'empty' && <li className="text-xs text-faint">No guard</li>}
        {isLast && state === 'passed' && <li className="text-xs text-mute">Answered {decision.status}</li>}
      </ul>
    </li>
  );
}

function Dot({
  state,
  decision,
  isHandler,
}: {
  readonly state: Station['state'];
  readonly decision: DecisionAnswer;
  readonly isHandler: boolean;
}): ReactNode {
  const place = 'absolute left-0 top-0 grid size-6 place-items-center rounded-full';
  if (state === 'ended') {
    return (
      <span
        aria-hidden="true"
        className={`${place} bg-panel ring-2 ring-current ${TEXT[decision.trafficClass]}`}
      >
        <Glyph kind={decision.trafficClass} className="size-3" />
      </span>
    );
  }
  const inner =
    state === 'passed'
      ? isHandler
        ? 'size-3.5 rounded-sm bg-good'
        : 'size-3 rounded-full bg-allowed'
      : state === 'empty'
        ? 'size-2 rounded-full bg-allowed'
        : `size-3 border-2 border-edge bg-panel ${isHandler ? 'rounded-sm' : 'rounded-full'}`;
  return (
    <span aria-hidden="true" className={place}>
      <span className={inner} />
    </span>
  );
}
