import { Link, useNavigate } from '@tanstack/react-router';
import { CircleCheck, ClipboardCheck } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';
import type { ReviewEntry } from '../../../../src/server/api/access-types.ts';
import { api } from '../../api/client.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { plural } from '../../format/number.ts';
import { useView } from '../../state/view.ts';
import { ExportLink } from '../../ui/export-link.tsx';
import { Field } from '../../ui/field.tsx';
import { More } from '../../ui/more.tsx';
import { Empty, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Failure, Stale } from '../../ui/state.tsx';
import { When } from '../../ui/when.tsx';
import { pathOf, useReviews } from './api.ts';
import { AskDialog } from './ask-dialog.tsx';
import { expiryOf } from './expiry.ts';
import { ExpiryField } from './fields.tsx';
import { AccessFrame } from './frame.tsx';
import { CELL, Left, MayButton, Subject, Th } from './parts.tsx';
import { Progress } from './progress.tsx';
import { SubjectField } from './subject-field.tsx';

/** Reviews of who holds what: what is due, and how far it is. */
export function ReviewsPage(): ReactNode {
  const { search, change } = useView();
  const against = useReasonAgainst('administrator');
  const { tab: _, ...rest } = search;
  const open = (): void => change({ ...search, tab: 'open' });
  return (
    <AccessFrame actions={<MayButton solid against={against} label="Open a review…" onClick={open} />}>
      {() => (
        <>
          {against !== null && <p className="mb-3 text-xs text-faint">{against}</p>}
          <List />
          {search.tab === 'open' && against === null && <OpenDialog onClose={() => change(rest, true)} />}
        </>
      )}
    </AccessFrame>
  );
}

function List(): ReactNode {
  const query = useReviews();
  const found = query.data?.pages.flatMap((page) => page.reviews);
  const open = found?.filter(({ closedAtMs }) => closedAtMs === null) ?? [];
  const waiting = open.length;
  const overdue = open.filter(({ dueAtMs }) => dueAtMs <= Date.now()).length;
  return (
    <Panel
      title="Reviews"
      note={waiting > 0 ? openWords(waiting, overdue) : undefined}
      actions={<ExportLink path="/admin/access/reviews.csv" about="reviews" />}
      flush
    >
      <div className="min-h-64 border-t border-line">
        {found === undefined ? (
          query.error ? (
            <Failure error={query.error} retry={() => void query.refetch()} />
          ) : (
            <SkeletonRows rows={4} height="h-14" />
          )
        ) : found.length === 0 ? (
          <Empty icon={<ClipboardCheck className="size-4" />} title="Nothing has been reviewed yet">
            A review lists every assignment and key that stands now. Somebody keeps or revokes each line by a
            day that you name.
          </Empty>
        ) : (
          <>
            {query.error && <Stale atMs={query.dataUpdatedAt} />}
            <Table reviews={found} />
          </>
        )}
      </div>
      <More query={query} />
    </Panel>
  );
}

function openWords(open: number, overdue: number): ReactNode {
  if (overdue === 0) return `${plural(open, 'review')} open`;
  return (
    <>
      {plural(open, 'review')} open, <span className="font-medium text-blocked-text">{overdue} overdue</span>
    </>
  );
}

function Table({ reviews }: { readonly reviews: readonly ReviewEntry[] }): ReactNode {
  return (
    <table className="w-full text-sm">
      <caption className="sr-only">Reviews of access, newest first</caption>
      <thead>
        <tr className="border-b border-line">
          <Th>Review</Th>
          <Th className="max-sm:hidden">Reviewer</Th>
          <Th>Due</Th>
          <Th className="max-sm:hidden">Progress</Th>
        </tr>
      </thead>
      <tbody>
        {reviews.map((review) => (
          <tr key={review.id} className="relative border-b border-line last:border-0 hover:bg-hover">
            <td className={CELL}>
              <Link
                data-row
                to="/access/reviews/$id"
                params={{ id: review.id }}
                className="row-link rounded-sm font-medium break-words"
              >
                {review.name}
              </Link>
              <span className="block text-xs text-faint">
                opened <When atMs={review.createdAtMs} />
              </span>
              <span className="mt-1 block sm:hidden">
                <Progress review={review} />
              </span>
            </td>
            <td className={`${CELL} max-sm:hidden`}>
              <Subject subject={review.reviewer} linked={false} />
            </td>
            <td className={`${CELL} whitespace-nowrap`}>
              <Due review={review} />
            </td>
            <td className={`${CELL} max-sm:hidden`}>
              <Progress review={review} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** By when a review is to be done, whether that is over, or that it is closed. */
export function Due({ review }: { readonly review: ReviewEntry }): ReactNode {
  const { closedAtMs, dueAtMs } = review;
  if (closedAtMs !== null)
    return (
      <span className="inline-flex items-center gap-1 text-mute">
        <CircleCheck aria-hidden="true" className="size-3.5 text-good-text" />
        Closed <When atMs={closedAtMs} />
      </span>
    );
  if (dueAtMs <= Date.now())
    return (
      <span className="font-medium text-blocked-text">
        Overdue, <When atMs={dueAtMs} />
      </span>
    );
  return <Left expiresAtMs={dueAtMs} />;
}

function OpenDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const navigate = useNavigate();
  const [given, setGiven] = useState({ name: '', reviewer: '', choice: '7', day: '' });
  const set = (change: Partial<typeof given>): void => setGiven((before) => ({ ...before, ...change }));
  const dueAtMs = expiryOf(given.choice, given.day, Date.now());
  return (
    <AskDialog<ReviewEntry>
      onClose={onClose}
      ask={{
        title: 'Open a review',
        confirm: 'Open',
        done: `${given.name} is open`,
        isUnready: typeof dueAtMs !== 'number',
        consequences: [
          'Every assignment and key that stands now becomes a line.',
          'Nothing changes until a line is revoked.',
        ],
        act: () => {
          const body = { name: given.name.trim(), reviewer: given.reviewer, dueAtMs };
          return api<ReviewEntry>(pathOf('reviews'), { method: 'POST', body });
        },
        onDone: ({ id }) => void navigate({ to: '/access/reviews/$id', params: { id } }),
        children: (faults) => (
          <>
            <Field
              label="Name"
              required
              data-first=""
              maxLength={100}
              autoComplete="off"
              placeholder="Fourth quarter"
              value={given.name}
              fault={faults['name']}
              onChange={(event) => set({ name: event.target.value })}
            />
            <SubjectField
              label="Reviewer"
              value={given.reviewer}
              fault={faults['reviewer']}
              hint="Who is to go through it. Nobody decides on lines of their own."
              onChange={(reviewer) => set({ reviewer })}
            />
            <ExpiryField
              legend="Due"
              choice={given.choice}
              day={given.day}
              never={null}
              fault={faults['dueAtMs']}
              onChange={set}
            />
          </>
        ),
      }}
    />
  );
}
