import { Link } from '@tanstack/react-router';
import { Ban, CircleCheck, CirclePause, Hourglass, type LucideIcon, Percent, Undo2, Zap } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ResponseEntry, ResponseState } from '../../api/responses.ts';
import { percent, plural } from '../../format/number.ts';
import { countdown } from '../../format/time.ts';
import { ShadowBadge } from '../../ui/verdict.tsx';
import { useNow, When } from '../../ui/when.tsx';
import { By } from '../shield/by.tsx';
import { EntryActs } from './entry-acts.tsx';
import { actWords, approvalWords, isActing, radiusWords, STATE_WORDS } from './words.ts';

const ICONS: Readonly<Record<ResponseState, LucideIcon>> = {
  shadow: CirclePause,
  waiting: Hourglass,
  staged: Percent,
  full: Zap,
  expired: CircleCheck,
  undone: Undo2,
  'rolled-back': Undo2,
  refused: Ban,
};

/** A response: what, why, whom it touches, how far it is, and what can be done. */
export function Entry({ entry }: { readonly entry: ResponseEntry }): ReactNode {
  const { id, state, reason, radius } = entry;
  const name = actWords(entry);
  return (
    <li
      data-row
      data-response={id}
      className="border-b border-line px-4 py-3.5 text-sm last:border-0 hover:bg-hover"
    >
      <div className="flex flex-wrap items-start gap-x-6 gap-y-2">
        <div className="min-w-0 flex-1 basis-80">
          <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
            <StateMark state={state} />
            <Link
              to="/responses/$id"
              params={{ id }}
              className="rounded-sm font-medium break-all hover:underline hover:underline-offset-4"
            >
              {name}
            </Link>
          </p>
          <p className="mt-1 break-words">{reason}</p>
          <p className="mt-0.5 text-xs text-faint">
            <Origin entry={entry} />
          </p>
          {radius !== null && (
            <p className="mt-1.5 text-xs text-mute">
              {radius.requests > 0 && <span className="text-faint">{touchWords(entry)} </span>}
              {radiusWords(radius)}
            </p>
          )}
          {radius?.objections.map(({ code, text }) => (
            <p key={code} className="mt-0.5 text-xs text-challenged-text">
              {text}
            </p>
          ))}
        </div>
        <div className="flex w-44 shrink-0 flex-col gap-2 max-sm:w-full">
          <Progress entry={entry} />
          <EntryActs entry={entry} name={name} />
        </div>
      </div>
    </li>
  );
}

function touchWords(entry: ResponseEntry): string {
  if (isActing(entry)) return 'It touches';
  return entry.endedAtMs === null ? 'It would touch' : 'It was to touch';
}

/** State as a sign and a word. */
export function StateMark({ state }: { readonly state: ResponseState }): ReactNode {
  if (state === 'shadow') return <ShadowBadge>{STATE_WORDS.shadow}</ShadowBadge>;
  const Icon = ICONS[state];
  const look =
    state === 'waiting'
      ? 'bg-challenged-tint text-challenged-text'
      : state === 'staged' || state === 'full'
        ? 'bg-blocked-tint text-blocked-text'
        : 'bg-sunken text-mute';
  return (
    <span className={`inline-flex h-5 items-center gap-1.5 rounded-full px-2 text-xs font-medium ${look}`}>
      <Icon aria-hidden="true" className="size-3" />
      {STATE_WORDS[state]}
    </span>
  );
}

const LINK = 'rounded-sm underline decoration-edge underline-offset-4 hover:text-ink hover:decoration-ink';

/** Who asked for it, when, and what is behind it. */
export function Origin({ entry }: { readonly entry: ResponseEntry }): ReactNode {
  const { automatic, startedBy, startedAtMs, alert, evidence } = entry;
  const events = evidence.filter((one) => one.startsWith('evt_'));
  const [newest] = events.slice(-1);
  return (
    <>
      {automatic ? (
        <>
          Detector <span className="font-mono">{startedBy}</span>
        </>
      ) : (
        <>
          Asked for by <By actor={startedBy} />
        </>
      )}{' '}
      <When atMs={startedAtMs} />
      {alert !== null && (
        <>
          {' · '}
          <Link to="/alerts/$id" params={{ id: alert }} className={LINK}>
            its alert
          </Link>
        </>
      )}
      {newest !== undefined && (
        <>
          {' · '}
          <Link to="/events/$id" params={{ id: newest }} className={LINK}>
            {events.length === 1 ? 'the event' : `the newest of ${plural(events.length, 'event')}`}
          </Link>{' '}
          behind it
        </>
      )}
    </>
  );
}

/** How far it is: what it waits for, on how much it acts, for how much longer, or how it ended. */
export function Progress({ entry }: { readonly entry: ResponseEntry }): ReactNode {
  const { state, stage, met, expiresAtMs, endedAtMs, endedBy, approvedBy } = entry;
  if (state === 'waiting')
    return (
      <div className="text-xs text-mute">
        <p className="font-medium text-ink">{approvalWords(entry)}</p>
        {approvedBy.map((actor) => (
          <p key={actor}>
            <By actor={actor} />
          </p>
        ))}
        <TimeLeft untilMs={expiresAtMs} words="left to decide" />
      </div>
    );
  if (isActing(entry))
    return (
      <div className="text-xs text-mute">
        <TimeLeft untilMs={expiresAtMs} words="left" />
        <p className="mt-0.5">
          {stage >= 1 ? 'On all of its target' : `On ${percent(stage)} of its target first`}
        </p>
        <Bar share={stage} />
        {met !== null && <p className="mt-1 numeric">{plural(met, 'request')} met so far</p>}
      </div>
    );
  if (endedAtMs === null) return null;
  return (
    <p className="text-xs break-words text-mute">
      {STATE_WORDS[state]} <When atMs={endedAtMs} />
      {endedBy !== null && state !== 'expired' && (
        <>
          {state === 'rolled-back' ? ': ' : ' by '}
          {state === 'rolled-back' ? endedBy : <By actor={endedBy} />}
        </>
      )}
    </p>
  );
}

/** Time left, in words and figures. */
export function TimeLeft({
  untilMs,
  words,
}: {
  readonly untilMs: number;
  readonly words: string;
}): ReactNode {
  const now = useNow(1000);
  return (
    <p className="numeric">
      {untilMs <= now ? (
        'Its time is over'
      ) : (
        <>
          <span className="font-medium text-ink">{countdown(untilMs - now)}</span> {words}
        </>
      )}
    </p>
  );
}

/** A share as a bar; the words beside it say the same. */
function Bar({ share }: { readonly share: number }): ReactNode {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 100 4"
      preserveAspectRatio="none"
      className="mt-1 h-1 w-full rounded-full"
    >
      <rect width="100" height="4" className="fill-sunken" />
      <rect width={Math.max(2, share * 100)} height="4" className="fill-blocked" />
    </svg>
  );
}
