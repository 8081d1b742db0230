import { Check, KeyRound, UserCheck, X } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { ReviewLine } from '../../../../src/server/api/access-types.ts';
import { plural } from '../../format/number.ts';
import { Button, Empty } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';
import { MayButton, Subject } from './parts.tsx';
import { keyOf } from './review.ts';

/** Lines that are drawn at once; a review holds up to 5,000. */
const STEP = 200;

/** What was held when the review was opened, each with its decision or the two that can be taken. */
export function ReviewLines({
  lines,
  against,
  busy,
  onKeep,
  onRevoke,
}: {
  readonly lines: readonly ReviewLine[];
  readonly against: string | null;
  /** Line that is being decided. */
  readonly busy: string | null;
  readonly onKeep: (line: ReviewLine) => void;
  readonly onRevoke: (line: ReviewLine) => void;
}): ReactNode {
  const [shown, setShown] = useState(STEP);
  if (lines.length === 0) {
    return (
      <div className="border-t border-line">
        <Empty title="There is nothing to review">
          No role was assigned and no key stood when this review was opened.
        </Empty>
      </div>
    );
  }
  return (
    <>
      <ul className="border-t border-line">
        {lines.slice(0, shown).map((line) => (
          <Line
            key={keyOf(line)}
            line={line}
            against={against ?? (busy === null ? null : 'A decision is being written.')}
            isBusy={busy === keyOf(line)}
            onKeep={onKeep}
            onRevoke={onRevoke}
          />
        ))}
      </ul>
      {lines.length > shown && (
        <div className="border-t border-line p-3 text-center">
          <Button data-row onClick={() => setShown(shown + STEP)}>
            Show more of {plural(lines.length, 'line')}
          </Button>
        </div>
      )}
    </>
  );
}

function Line({
  line,
  against,
  isBusy,
  onKeep,
  onRevoke,
}: {
  readonly line: ReviewLine;
  readonly against: string | null;
  readonly isBusy: boolean;
  readonly onKeep: (line: ReviewLine) => void;
  readonly onRevoke: (line: ReviewLine) => void;
}): ReactNode {
  const { kind, subject, what, lastUsedAtMs, decision } = line;
  const Icon = kind === 'key' ? KeyRound : UserCheck;
  return (
    <li
      data-row
      data-line={keyOf(line)}
      tabIndex={-1}
      aria-busy={isBusy}
      className={`flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2.5 text-sm last:border-0 focus:bg-hover focus-visible:-outline-offset-2 ${decision === null ? '' : 'text-mute'}`}
    >
      <Icon aria-hidden="true" className="size-4 shrink-0 text-mute" />
      <div className="min-w-0 flex-1 basis-52">
        <p className="break-words">
          <span className="font-medium">
            <Subject subject={subject} linked={false} />
          </span>{' '}
          <span className="text-mute">{kind === 'key' ? 'has the key' : 'holds'}</span> {what}
        </p>
        {kind === 'key' && (
          <p className="text-xs text-faint">
            {lastUsedAtMs === null ? (
              'never used'
            ) : (
              <>
                used <When atMs={lastUsedAtMs} />
              </>
            )}
          </p>
        )}
      </div>
      {decision === null ? (
        <div className="flex gap-1.5 max-sm:w-full max-sm:pl-7">
          <MayButton
            small
            against={against}
            label="Revoke…"
            about={`${what} of ${subject}`}
            onClick={() => onRevoke(line)}
          />
          <MayButton
            small
            against={against}
            label="Keep"
            about={`${what} of ${subject}`}
            onClick={() => onKeep(line)}
          />
        </div>
      ) : (
        <Decision line={line} />
      )}
    </li>
  );
}

function Decision({
  line: { decision, decidedBy, decidedAtMs, note },
}: {
  readonly line: ReviewLine;
}): ReactNode {
  const isKept = decision === 'keep';
  const Icon = isKept ? Check : X;
  return (
    <div className="text-right text-xs max-sm:w-full max-sm:pl-7 max-sm:text-left">
      <p
        className={`inline-flex items-center gap-1 font-medium ${isKept ? 'text-good-text' : 'text-blocked-text'}`}
      >
        <Icon aria-hidden="true" className="size-3.5" />
        {isKept ? 'Kept' : 'Revoked'}
      </p>
      <p className="text-faint">
        {decidedBy !== null && <Subject subject={decidedBy} linked={false} />}
        {decidedAtMs !== null && (
          <>
            {' '}
            <When atMs={decidedAtMs} />
          </>
        )}
      </p>
      {note !== null && note !== '' && <p className="text-mute">{note}</p>}
    </div>
  );
}
