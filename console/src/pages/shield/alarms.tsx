import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { BellOff, CircleCheck } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useReasonAgainst } from '../../api/identity.ts';
import { isAbsent, reportsQuery } from '../../api/shield.ts';
import type { FalseAlarm, ReportState } from '../../api/shield.ts';
import { whole } from '../../format/number.ts';
import { useCommand } from '../../keys/commands.ts';
import { useView } from '../../state/view.ts';
import { Button, Empty, Key, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { AlarmRow } from './alarm-row.tsx';
import { DraftDialog } from './draft-dialog.tsx';
import type { DraftAsk } from './draft-dialog.tsx';
import { ShieldFrame } from './frame.tsx';
import { Off } from './off.tsx';
import { AcceptDialog, DismissDialog } from './settle-dialogs.tsx';
import { isExcludable, proposalFor } from './words.ts';

const VIEWS: readonly (readonly [ReportState, string])[] = [
  ['open', 'Open'],
  ['accepted', 'Accepted'],
  ['dismissed', 'Dismissed'],
];

/** Reports of honest requests that were refused, to be gone through by keyboard. */
export function Alarms(): ReactNode {
  const { search } = useView();
  const state = VIEWS.find(([name]) => name === search.status)?.[0] ?? 'open';
  const { data, error } = useQuery(reportsQuery(state, null));
  return (
    <ShieldFrame tab="alarms">
      {data === undefined && isAbsent(error) ? <Off /> : <Queue key={state} state={state} />}
    </ShieldFrame>
  );
}

interface Settling {
  readonly by: 'dismiss' | 'accept';
  readonly report: FalseAlarm;
}

function Queue({ state }: { readonly state: ReportState }): ReactNode {
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const query = useQuery(reportsQuery(state, cursors.at(-1) ?? null));
  const reports = query.data?.reports ?? [];
  const against = useReasonAgainst('analyst');
  const isOpen = state === 'open' && against === null;
  const [explained, setExplained] = useState<ReadonlySet<string>>(new Set());
  const [settling, setSettling] = useState<Settling | null>(null);
  const [drafting, setDrafting] = useState<DraftAsk | null>(null);
  const list = useRef<HTMLUListElement>(null);
  const explain = ({ id }: FalseAlarm): void =>
    setExplained((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  const draft = (report: FalseAlarm): void =>
    setDrafting({ proposal: proposalFor(report.route, report.findings), report, reason: report.note });
  const onFocused = (act: (report: FalseAlarm) => unknown) => () => {
    const id = document.activeElement?.closest<HTMLElement>('[data-report]')?.dataset['report'];
    const found = reports.find((one) => one.id === id);
    if (found) act(found);
  };
  useCommand('explain', onFocused(explain));
  useCommand(
    'dismiss',
    onFocused((report) => setSettling({ by: 'dismiss', report })),
    isOpen,
  );
  useCommand(
    'exclude',
    onFocused((report) => isExcludable(report) && draft(report)),
    isOpen,
  );
  useFocusAfter(list, settling?.report ?? null, reports);
  return (
    <>
      <Views state={state} counts={query.data?.counts} />
      {against !== null && <p className="mb-3 text-xs text-faint">{against}</p>}
      <Panel
        title={`${titleOf(state)} reports`}
        note={isOpen && reports.length > 0 ? <KeyHint /> : 'newest first'}
        flush
      >
        <div className="min-h-64 border-t border-line">
          <Loaded query={query} skeleton={<SkeletonRows rows={4} height="h-20" />}>
            {(answer) =>
              answer.reports.length === 0 ? (
                <Nothing state={state} />
              ) : (
                <ul ref={list}>
                  {answer.reports.map((report) => (
                    <AlarmRow
                      key={report.id}
                      report={report}
                      isExplained={explained.has(report.id)}
                      against={against}
                      onExplain={() => explain(report)}
                      onDismiss={() => setSettling({ by: 'dismiss', report })}
                      onAccept={() => setSettling({ by: 'accept', report })}
                      onDraft={() => draft(report)}
                    />
                  ))}
                </ul>
              )
            }
          </Loaded>
        </div>
        {(cursors.length > 0 || (query.data?.nextCursor ?? null) !== null) && (
          <div className="flex justify-end gap-2 border-t border-line px-4 py-2.5">
            <Button small disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
              Newer
            </Button>
            <Button
              small
              disabled={(query.data?.nextCursor ?? null) === null}
              onClick={() => {
                const next = query.data?.nextCursor ?? null;
                if (next !== null) setCursors([...cursors, next]);
              }}
            >
              Older
            </Button>
          </div>
        )}
      </Panel>
      {settling?.by === 'dismiss' && (
        <DismissDialog report={settling.report} onClose={() => setSettling(null)} />
      )}
      {settling?.by === 'accept' && (
        <AcceptDialog report={settling.report} onClose={() => setSettling(null)} />
      )}
      {drafting && <DraftDialog ask={drafting} onClose={() => setDrafting(null)} />}
    </>
  );
}

/** Once a report is settled and gone, the focus goes on to the one that stands in its place. */
function useFocusAfter(
  list: React.RefObject<HTMLUListElement | null>,
  settling: FalseAlarm | null,
  reports: readonly FalseAlarm[],
): void {
  const place = useRef<{ readonly id: string; readonly at: number } | null>(null);
  useEffect(() => {
    if (settling !== null) {
      place.current = { id: settling.id, at: reports.findIndex(({ id }) => id === settling.id) };
      return;
    }
    const last = place.current;
    if (last === null || reports.some(({ id }) => id === last.id)) return;
    place.current = null;
    const rows = list.current?.querySelectorAll('[data-row]') ?? [];
    rows[Math.min(last.at, rows.length - 1)]?.querySelector('a')?.focus();
  }, [list, settling, reports]);
}

function KeyHint(): ReactNode {
  return (
    <span className="inline-flex flex-wrap items-center gap-1 max-sm:hidden">
      <Key>J</Key> <Key>K</Key> to move, <Key>Enter</Key> opens, <Key>E</Key> explains, <Key>X</Key> drafts,{' '}
      <Key>D</Key> dismisses
    </span>
  );
}

const titleOf = (state: ReportState): string => VIEWS.find(([name]) => name === state)?.[1] ?? state;

function Views({
  state,
  counts,
}: {
  readonly state: ReportState;
  readonly counts: Readonly<Record<ReportState, number>> | undefined;
}): ReactNode {
  return (
    <nav aria-label="Which reports" className="mb-3 flex flex-wrap gap-1">
      {VIEWS.map(([name, label]) => (
        <Link
          key={name}
          to="/shield"
          search={{ tab: 'alarms', ...(name === 'open' ? {} : { status: name }) }}
          activeOptions={{ exact: true, includeSearch: true }}
          aria-current={state === name ? 'page' : undefined}
          className="flex h-8 items-center gap-1.5 rounded-md px-3 text-sm text-mute hover:bg-hover hover:text-ink aria-[current=page]:bg-sunken aria-[current=page]:font-medium aria-[current=page]:text-ink"
        >
          {label}
          <span className="text-xs text-faint numeric">
            {counts === undefined ? '' : whole(counts[name])}
          </span>
        </Link>
      ))}
    </nav>
  );
}

function Nothing({ state }: { readonly state: ReportState }): ReactNode {
  if (state === 'open')
    return (
      <Empty icon={<CircleCheck className="size-4" />} title="No report waits">
        Whoever is refused is told the id of the decision. Open it under Decisions and press “Report a false
        alarm”: it waits here until somebody has looked at it.
      </Empty>
    );
  return (
    <Empty icon={<BellOff className="size-4" />} title={`No report was ${state}`}>
      {state === 'accepted'
        ? 'Reports that were right are kept here, with the exclusions that were drafted for them.'
        : 'Reports that turned out to be attacks are kept here.'}
    </Empty>
  );
}
