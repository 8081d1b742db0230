import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { ReviewAnswer, ReviewLine } from '../../../../src/server/api/access-types.ts';
import { api, ApiError } from '../../api/client.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { useCommand } from '../../keys/commands.ts';
import { withFreshProof } from '../../state/step-up.ts';
import { ExportLink } from '../../ui/export-link.tsx';
import { Field } from '../../ui/field.tsx';
import { Empty, Key, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { When } from '../../ui/when.tsx';
import { pathOf, reviewQuery } from './api.ts';
import { AskDialog, Refusal } from './ask-dialog.tsx';
import { AccessFrame } from './frame.tsx';
import { MayButton, Subject } from './parts.tsx';
import { Progress } from './progress.tsx';
import { ReviewLines } from './review-lines.tsx';
import { focusNextOpen, inFirstOrder, keyOf, lineAtFocus, withDecided } from './review.ts';
import { Due } from './reviews-page.tsx';

/** One review: every line is kept or revoked, by pointer or by keyboard. */
export function ReviewPage(): ReactNode {
  const { id } = useParams({ from: '/shell/access/reviews/$id' });
  const query = useQuery(reviewQuery(id));
  const navigate = useNavigate();
  useCommand('back', () => void navigate({ to: '/access/reviews' }));
  const isGone = query.error instanceof ApiError && query.error.status === 404;
  return (
    <AccessFrame>
      {() => (
        <>
          <Link
            to="/access/reviews"
            className="mb-2 inline-flex items-center gap-1 rounded-sm text-sm text-mute hover:text-ink"
          >
            <ChevronLeft aria-hidden="true" className="size-4" />
            Reviews
          </Link>
          {isGone ? (
            <Empty title="There is no such review">No review has the identifier {id}.</Empty>
          ) : (
            <Loaded query={query} skeleton={<SkeletonRows rows={8} height="h-14" />}>
              {(answer) => <Content key={id} answer={answer} />}
            </Loaded>
          )}
        </>
      )}
    </AccessFrame>
  );
}

function decide(id: string, { kind, target }: ReviewLine, decision: 'keep' | 'revoke', note: string) {
  const body = { kind, target, decision, note };
  return withFreshProof(() => api<ReviewLine>(pathOf('reviews', id, 'decisions'), { method: 'POST', body }));
}

function Content({ answer }: { readonly answer: ReviewAnswer }): ReactNode {
  const { review } = answer;
  const client = useQueryClient();
  const [order] = useState(() => answer.lines.map(keyOf));
  const [asked, setAsked] = useState<{ readonly kind: 'revoke'; readonly line: ReviewLine } | 'close' | null>(
    null,
  );
  const lines = inFirstOrder(answer.lines, order);
  const role = useReasonAgainst('administrator');
  const against = role ?? (review.closedAtMs === null ? null : 'This review is closed.');
  const [decided, setDecided] = useState<ReviewLine | null>(null);
  // While a dialog is open nothing behind it takes the focus.
  useEffect(() => {
    if (decided === null || asked !== null) return;
    focusNextOpen(decided, lines);
    setDecided(null);
  }, [decided, asked]);
  const settle = (line: ReviewLine): void => {
    client.setQueryData<ReviewAnswer>(
      reviewQuery(review.id).queryKey,
      (old) => old && withDecided(old, line),
    );
    setDecided(line);
    void client.invalidateQueries({ queryKey: ['access', 'reviews'] });
  };
  const keep = useMutation({
    mutationFn: (line: ReviewLine) => decide(review.id, line, 'keep', ''),
    onSuccess: settle,
    onError: () => client.invalidateQueries({ queryKey: reviewQuery(review.id).queryKey }),
  });
  const focused = (): ReviewLine | undefined => (against === null ? lineAtFocus(lines) : undefined);
  useCommand('keep', () => {
    const line = focused();
    if (line && !keep.isPending) keep.mutate(line);
  });
  useCommand('revoke', () => {
    const line = focused();
    if (line) setAsked({ kind: 'revoke', line });
  });
  const isDue = review.closedAtMs === null && review.dueAtMs > Date.now();
  const closing = review.open > 0 ? `${review.open} lines wait for a decision.` : against;
  return (
    <>
      <div className="mb-4 flex flex-wrap items-start gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-60">
          <h2 className="text-base font-semibold tracking-tight break-words">{review.name}</h2>
          <p className="text-sm text-mute">
            Reviewer <Subject subject={review.reviewer} linked={false} /> · opened{' '}
            <When atMs={review.createdAtMs} /> · {isDue && 'due '}
            <Due review={review} />
          </p>
        </div>
        <Progress review={review} />
        {review.closedAtMs === null && (
          <MayButton
            solid
            against={role ?? closing}
            label="Close review…"
            onClick={() => setAsked('close')}
          />
        )}
      </div>
      <Refusal error={keep.error} />
      {role !== null && <p className="mb-3 text-xs text-faint">{role}</p>}
      <Panel
        title="Lines"
        note={against === null ? <KeyHint /> : undefined}
        actions={<ExportLink path={pathOf('reviews', review.id, 'lines.csv')} about="lines" />}
        flush
        className="mt-2"
      >
        <ReviewLines
          lines={lines}
          against={against}
          busy={keep.isPending ? keyOf(keep.variables) : null}
          onKeep={(line) => keep.mutate(line)}
          onRevoke={(line) => setAsked({ kind: 'revoke', line })}
        />
      </Panel>
      {asked === 'close' && <CloseDialog review={review} onClose={() => setAsked(null)} />}
      {asked !== null && asked !== 'close' && (
        <RevokeDialog id={review.id} line={asked.line} onDone={settle} onClose={() => setAsked(null)} />
      )}
    </>
  );
}

function KeyHint(): ReactNode {
  return (
    <span className="inline-flex flex-wrap items-center gap-1 max-sm:hidden">
      <Key>J</Key> <Key>K</Key> to move, <Key>C</Key> keeps, <Key>R</Key> revokes
    </span>
  );
}

function RevokeDialog({
  id,
  line,
  onDone,
  onClose,
}: {
  readonly id: string;
  readonly line: ReviewLine;
  readonly onDone: (line: ReviewLine) => void;
  readonly onClose: () => void;
}): ReactNode {
  const [note, setNote] = useState('');
  const isKey = line.kind === 'key';
  return (
    <AskDialog<ReviewLine>
      onClose={onClose}
      ask={{
        title: `Revoke ${line.what}`,
        confirm: 'Revoke',
        done: `${line.what} is revoked`,
        isGrave: true,
        consequences: [
          isKey
            ? 'The key opens nothing any more, within a second, everywhere.'
            : 'The role no longer holds by this assignment, within a second, everywhere.',
          'A line is decided once; what is needed again is given anew.',
        ],
        act: () => decide(id, line, 'revoke', note.trim()),
        onDone,
        children: (faults) => (
          <>
            <p className="text-mute">
              Held by <Subject subject={line.subject} linked={false} />
            </p>
            <Field
              label="Note"
              data-first=""
              maxLength={500}
              autoComplete="off"
              value={note}
              fault={faults['note']}
              onChange={(event) => setNote(event.target.value)}
            />
          </>
        ),
      }}
    />
  );
}

function CloseDialog({
  review,
  onClose,
}: {
  readonly review: ReviewAnswer['review'];
  readonly onClose: () => void;
}): ReactNode {
  return (
    <AskDialog
      onClose={onClose}
      ask={{
        title: `Close ${review.name}`,
        confirm: 'Close review',
        done: `${review.name} is closed`,
        consequences: ['Its decisions stay on record. Nothing can be decided in it any more.'],
        act: () => api(pathOf('reviews', review.id, 'close'), { method: 'POST' }),
      }}
    />
  );
}
