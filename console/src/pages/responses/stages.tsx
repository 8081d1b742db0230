import { Circle, CircleCheck, CircleDashed, CircleX } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ResponseAnswer, ResponseEntry } from '../../api/responses.ts';
import { When } from '../../ui/when.tsx';
import { TimeLeft } from './entry.tsx';
import { type Stage, stagesOf } from './stages.ts';

const ICON = { done: CircleCheck, now: Circle, ahead: CircleDashed, never: CircleX } as const;
const LOOK = { done: 'text-mute', now: 'text-ink', ahead: 'text-faint', never: 'text-faint' } as const;
const WORD = { done: 'Done', now: 'Now', ahead: 'Ahead', never: 'Never' } as const;

/** The way of a response: what is behind it, where it is, and what is ahead. */
export function Stages({
  entry,
  timeline,
}: {
  readonly entry: ResponseEntry;
  readonly timeline: ResponseAnswer['timeline'];
}): ReactNode {
  return (
    <ol className="space-y-2.5 text-sm">
      {stagesOf(entry, timeline).map((stage) => (
        <Line key={stage.name} stage={stage} />
      ))}
    </ol>
  );
}

function Line({ stage: { name, words, how, atMs, untilMs } }: { readonly stage: Stage }): ReactNode {
  const Icon = ICON[how];
  return (
    <li
      className={`flex items-baseline gap-x-3 ${LOOK[how]}`}
      aria-current={how === 'now' ? 'step' : undefined}
    >
      <Icon aria-hidden="true" className="size-4 shrink-0 translate-y-0.5" />
      <div className="min-w-0 flex-1">
        <p className={how === 'now' ? 'font-medium' : ''}>
          <span className="sr-only">{WORD[how]}: </span>
          {name}
        </p>
        {words !== '' && <p className="text-xs text-mute">{words}</p>}
      </div>
      <div className="shrink-0 text-xs text-mute">
        {untilMs !== null ? (
          <TimeLeft untilMs={untilMs} words="left" />
        ) : (
          atMs !== null && <When atMs={atMs} />
        )}
      </div>
    </li>
  );
}
