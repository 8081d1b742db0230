import { UserCheck } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { AssignmentEntry, RolesAnswer } from '../../../../src/server/api/access-types.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { useView } from '../../state/view.ts';
import { More } from '../../ui/more.tsx';
import { Button, Empty, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Failure, Stale } from '../../ui/state.tsx';
import { When } from '../../ui/when.tsx';
import { useAssignments } from './api.ts';
import { AssignDialog, EndDialog, ExpiryDialog } from './assignment-dialogs.tsx';
import { AssignmentFilters } from './assignment-filters.tsx';
import { AccessFrame } from './frame.tsx';
import { CELL, Left, MayButton, RoleTag, Subject, Th } from './parts.tsx';
import { Requests } from './requests.tsx';

/** Who holds which role, until when, by whom and why. */
export function AssignmentsPage(): ReactNode {
  const { search, change } = useView();
  const against = useReasonAgainst('administrator');
  const { tab: _, ...rest } = search;
  const open = (): void => change({ ...search, tab: 'assign' });
  return (
    <AccessFrame actions={<MayButton solid against={against} label="Assign a role…" onClick={open} />}>
      {(policy) => (
        <div className="space-y-4">
          {against !== null && <p className="text-xs text-faint">{against}</p>}
          <Requests against={against} />
          <List policy={policy} against={against} />
          {search.tab === 'assign' && against === null && (
            <AssignDialog policy={policy} onClose={() => change(rest, true)} />
          )}
        </div>
      )}
    </AccessFrame>
  );
}

type Asked = { readonly kind: 'end' | 'expiry'; readonly assignment: AssignmentEntry };

function List({
  policy,
  against,
}: {
  readonly policy: RolesAnswer;
  readonly against: string | null;
}): ReactNode {
  const { search, change } = useView();
  const [asked, setAsked] = useState<Asked | null>(null);
  const { role, subject, status } = search;
  const narrow = {
    ...(role === undefined ? {} : { role }),
    ...(subject === undefined ? {} : { subject }),
    ...(status === 'all' ? { all: 'true' } : {}),
  };
  const query = useAssignments(narrow);
  const found = query.data?.pages.flatMap((page) => page.assignments);
  const isNarrow = role !== undefined || subject !== undefined;
  useEffect(() => setAsked(null), [search]);
  return (
    <Panel
      title="Assignments"
      note={found === undefined || found.length === 0 ? undefined : 'newest first'}
      actions={<AssignmentFilters policy={policy} narrow={narrow} />}
      flush
    >
      <div className="min-h-64 border-t border-line">
        {found === undefined ? (
          query.error ? (
            <Failure error={query.error} retry={() => void query.refetch()} />
          ) : (
            <SkeletonRows rows={6} height="h-14" />
          )
        ) : found.length === 0 ? (
          <Empty
            icon={<UserCheck className="size-4" />}
            title={isNarrow ? 'No assignment fits' : 'No roles are assigned'}
          >
            {isNarrow ? (
              <Button
                className="mt-3"
                onClick={() => {
                  const { role: _r, subject: _s, status: _t, ...rest } = search;
                  change(rest);
                }}
              >
                Show all
              </Button>
            ) : (
              'Accounts have the roles that were given to them as users. What is assigned here has a reason, and an end if you give it one.'
            )}
          </Empty>
        ) : (
          <>
            {query.error && <Stale atMs={query.dataUpdatedAt} />}
            <Table assignments={found} against={against} onAsk={setAsked} />
          </>
        )}
      </div>
      <More query={query} />
      {asked?.kind === 'end' && <EndDialog assignment={asked.assignment} onClose={() => setAsked(null)} />}
      {asked?.kind === 'expiry' && (
        <ExpiryDialog assignment={asked.assignment} onClose={() => setAsked(null)} />
      )}
    </Panel>
  );
}

function Table({
  assignments,
  against,
  onAsk,
}: {
  readonly assignments: readonly AssignmentEntry[];
  readonly against: string | null;
  readonly onAsk: (asked: Asked) => void;
}): ReactNode {
  return (
    <table className="w-full text-sm">
      <caption className="sr-only">Assignments of roles, newest first</caption>
      <thead>
        <tr className="border-b border-line">
          <Th>Who</Th>
          <Th className="max-sm:hidden">Role</Th>
          <Th className="max-lg:hidden">Why</Th>
          <Th className="max-xl:hidden">By</Th>
          <Th className="max-sm:hidden">Ends</Th>
          <Th className="text-right">
            <span className="sr-only">Acts</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {assignments.map((assignment) => (
          <Row key={assignment.id} assignment={assignment} against={against} onAsk={onAsk} />
        ))}
      </tbody>
    </table>
  );
}

function Row({
  assignment,
  against,
  onAsk,
}: {
  readonly assignment: AssignmentEntry;
  readonly against: string | null;
  readonly onAsk: (asked: Asked) => void;
}): ReactNode {
  const { subject, role, reason, grantedBy, grantedAtMs, expiresAtMs } = assignment;
  return (
    <tr data-row className="border-b border-line last:border-0 hover:bg-hover">
      <td className={`${CELL} font-medium`}>
        <Subject subject={subject} />
        <span className="mt-1 block font-normal sm:hidden">
          <RoleTag role={role} />
        </span>
        <span className="mt-1 block text-xs font-normal text-mute lg:hidden">{reason}</span>
        <span className="mt-0.5 block text-xs font-normal sm:hidden">
          <End assignment={assignment} />
        </span>
      </td>
      <td className={`${CELL} max-sm:hidden`}>
        <RoleTag role={role} />
      </td>
      <td className={`${CELL} text-mute max-lg:hidden`}>{reason}</td>
      <td className={`${CELL} text-mute max-xl:hidden`}>
        <Subject subject={grantedBy} />
        <span className="block text-xs text-faint">
          <When atMs={grantedAtMs} />
        </span>
      </td>
      <td className={`${CELL} whitespace-nowrap max-sm:hidden`}>
        <End assignment={assignment} />
      </td>
      <td className={`${CELL} text-right`}>
        {assignment.endedAtMs === null && (expiresAtMs === null || expiresAtMs > Date.now()) && (
          <span className="inline-flex gap-1.5 max-sm:flex-col">
            <MayButton
              small
              against={against}
              label="Expiry…"
              about={`${role} of ${subject}`}
              onClick={() => onAsk({ kind: 'expiry', assignment })}
            />
            <MayButton
              small
              against={against}
              label="End…"
              about={`${role} of ${subject}`}
              onClick={() => onAsk({ kind: 'end', assignment })}
            />
          </span>
        )}
      </td>
    </tr>
  );
}

function End({
  assignment: { endedAtMs, endedBy, expiresAtMs },
}: {
  readonly assignment: AssignmentEntry;
}): ReactNode {
  if (endedAtMs === null) return <Left expiresAtMs={expiresAtMs} />;
  return (
    <span className="text-mute">
      Ended <When atMs={endedAtMs} />
      {endedBy !== null && (
        <span className="block text-xs text-faint">
          {endedBy === 'expiry' ? 'ran out' : <Subject subject={endedBy} linked={false} />}
        </span>
      )}
    </span>
  );
}
