import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Undo2 } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import { useReasonAgainst } from '../../api/identity.ts';
import { actOnResponse } from '../../api/responses.ts';
import type { ResponseEntry, ResponsesAnswer } from '../../api/responses.ts';
import { ledgerQuery } from '../../api/security.ts';
import { percent } from '../../format/number.ts';
import { countdown } from '../../format/time.ts';
import { AskDialog } from '../../ui/ask-dialog.tsx';
import { Button, Empty, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { HealthGlyph, ShadowBadge } from '../../ui/verdict.tsx';
import { useNow, When } from '../../ui/when.tsx';
import { actWords, STATE_WORDS } from '../responses/words.ts';
import { LOOK, touchWords } from './words.ts';

/** What the machine did: what, why, whom it touches, how long it lasts, and the way back. */
export function Ledger(): ReactNode {
  const query = useQuery(ledgerQuery);
  const [asked, setAsked] = useState<ResponseEntry | null>(null);
  const against = useReasonAgainst('analyst');
  return (
    <Panel
      title="Automatic responses"
      flush
      note={<Note answer={query.data} />}
      actions={
        <Link
          to="/responses"
          className="rounded-md px-2 py-1 text-xs font-medium text-mute hover:bg-hover hover:text-ink"
        >
          All responses
        </Link>
      }
    >
      <div className="border-t border-line">
        <Loaded query={query} skeleton={<SkeletonRows rows={3} />}>
          {(answer) => <Entries answer={answer} against={against} onUndo={setAsked} />}
        </Loaded>
      </div>
      {asked !== null && <UndoDialog entry={asked} onClose={() => setAsked(null)} />}
    </Panel>
  );
}

function Note({ answer }: { readonly answer: ResponsesAnswer | null | undefined }): ReactNode {
  if (answer === null || answer === undefined) return null;
  const { mode, budget } = answer;
  if (mode === 'off') return 'switched off';
  if (mode === 'shadow') return 'they record what they would have done';
  const used = Math.max(budget.traffic, budget.accounts);
  return `${percent(used)} of what they may touch is used`;
}

function Entries({
  answer,
  against,
  onUndo,
}: {
  readonly answer: ResponsesAnswer | null;
  readonly against: string | null;
  readonly onUndo: (entry: ResponseEntry) => void;
}): ReactNode {
  const now = useNow(1000);
  if (answer === null || answer.responses.length === 0)
    return (
      <Empty icon={<Undo2 className="size-4" />} title="The machine did nothing">
        {answer === null
          ? 'Nothing here acts by itself: switch it on under responses in your configuration.'
          : 'What it does by itself is told here, with the way back.'}
      </Empty>
    );
  return (
    <ul>
      {answer.responses.map((entry) => (
        <Entry key={entry.id} entry={entry} now={now} against={against} onUndo={onUndo} />
      ))}
    </ul>
  );
}

function Entry({
  entry,
  now,
  against,
  onUndo,
}: {
  readonly entry: ResponseEntry;
  readonly now: number;
  readonly against: string | null;
  readonly onUndo: (entry: ResponseEntry) => void;
}): ReactNode {
  const { id, reason, startedBy, startedAtMs, endedAtMs, expiresAtMs, state, stage, canUndo } = entry;
  const look = LOOK[state];
  const isOver = look === 'ended';
  return (
    <li
      data-row
      className="group/row relative grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 gap-y-0.5 border-b border-line px-4 py-2.5 text-sm last:border-0 hover:bg-hover md:grid-cols-[8.5rem_minmax(0,1.3fr)_minmax(0,1fr)_6.5rem_4.5rem] md:items-center"
    >
      <span className="flex items-center gap-2 max-md:order-2 max-md:justify-self-end">
        <StateMark entry={entry} />
      </span>
      <span className="min-w-0 max-md:order-1">
        <Link
          to="/responses/$id"
          params={{ id }}
          className={`block truncate rounded-sm font-medium row-link after:rounded-none hover:underline hover:underline-offset-4 ${isOver ? 'text-mute' : ''}`}
        >
          {actWords(entry)}
        </Link>
        <span className="block truncate text-xs text-faint" title={`${reason} (${startedBy})`}>
          {reason} <span className="max-sm:hidden">· {startedBy}</span>
        </span>
      </span>
      <span className="text-xs text-mute numeric max-md:order-3">{touchWords(entry)}</span>
      <span className="text-xs numeric max-md:order-5 max-md:col-start-1 md:text-right">
        {isOver || look === 'shadow' ? (
          <span className="text-faint">
            <When atMs={endedAtMs ?? startedAtMs} />
          </span>
        ) : look === 'waiting' ? (
          <span className="text-challenged-text">for approval</span>
        ) : (
          <span role="timer" aria-label="Time left">
            {countdown(expiresAtMs - now)} left
            {state === 'staged' && <span className="block text-faint">on {percent(stage)}</span>}
          </span>
        )}
      </span>
      <span className="relative z-10 text-right max-md:order-4">
        {canUndo && (
          <Button
            small
            data-undo
            disabled={against !== null}
            title={against ?? 'Undo… (U)'}
            aria-label={`Undo: ${actWords(entry)}…`}
            onClick={() => onUndo(entry)}
          >
            Undo…
          </Button>
        )}
      </span>
    </li>
  );
}

function StateMark({ entry: { state } }: { readonly entry: ResponseEntry }): ReactNode {
  const look = LOOK[state];
  const word = STATE_WORDS[state];
  if (look === 'shadow') return <ShadowBadge>{word}</ShadowBadge>;
  return (
    <span
      className={`flex items-center gap-1.5 text-xs font-medium whitespace-nowrap ${look === 'waiting' ? 'text-challenged-text' : look === 'ended' ? 'text-faint' : ''}`}
    >
      {look === 'ended' ? (
        <span aria-hidden="true" className="size-2 rounded-full border border-control" />
      ) : (
        <HealthGlyph state={look === 'acting' ? 'down' : 'degraded'} className="size-2" />
      )}
      {word}
    </span>
  );
}

function UndoDialog({
  entry,
  onClose,
}: {
  readonly entry: ResponseEntry;
  readonly onClose: () => void;
}): ReactNode {
  const isWaiting = entry.state === 'waiting';
  return (
    <AskDialog
      ask={{
        title: isWaiting ? 'End its waiting' : 'Undo this response',
        confirm: isWaiting ? 'End waiting' : 'Undo',
        done: `Undone: ${actWords(entry)}`,
        consequences: [
          isWaiting
            ? `“${actWords(entry)}” will not begin.`
            : `“${actWords(entry)}” ends now, on every node within a second.`,
          `It was begun because: ${entry.reason}`,
        ],
        act: () => actOnResponse(entry.id, 'undo'),
      }}
      refresh="responses"
      onClose={onClose}
    />
  );
}
