import { useQuery } from '@tanstack/react-query';
import { Copy, CornerDownRight, ScanText, TriangleAlert } from 'lucide-react';
import type { CSSProperties, ReactNode } from 'react';
import type { QueryPlanAnswer } from '../../../../src/server/api/query-types.ts';
import { ApiError } from '../../api/client.ts';
import { useReasonAgainst } from '../../api/identity.ts';
import { planQuery } from '../../api/statements.ts';
import { percent, plural, whole } from '../../format/number.ts';
import { copy, useView } from '../../state/view.ts';
import { Button, Empty, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Failure } from '../../ui/state.tsx';
import { shownPlan, wholeReads } from './plan.ts';
import type { ShownStep } from './plan.ts';

/** The plan, asked of the database when somebody wants it; that it is open stands in the address. */
export function PlanPanel({ id }: { readonly id: string }): ReactNode {
  const { search, change } = useView();
  const against = useReasonAgainst('analyst');
  const isOpen = search.tab === 'plan' && against === null;
  const query = useQuery({ ...planQuery(id, search), enabled: isOpen });
  if (!isOpen) {
    return (
      <Panel title="Plan" flush>
        <div className="border-t border-line">
          <Empty icon={<ScanText className="size-4" />} title="How would the database run it?">
            {search.node === undefined
              ? 'The database is asked for its plan (EXPLAIN); the statement itself is not run.'
              : 'The node has asked its database for the plan (EXPLAIN); the statement was not run for it.'}
            <div className="mt-4">
              <Button
                look="solid"
                disabled={against !== null}
                onClick={() => change({ ...search, tab: 'plan' }, true)}
              >
                Show the plan
              </Button>
            </div>
            {against !== null && <p className="mt-2 text-xs text-faint">{against}</p>}
          </Empty>
        </div>
      </Panel>
    );
  }
  if (query.data === undefined) {
    const isWithout = query.error instanceof ApiError && query.error.status === 404;
    return (
      <Panel title="Plan" flush>
        <div className="border-t border-line">
          {isWithout ? (
            <Empty icon={<ScanText className="size-4" />} title="It has no plan">
              Only statements that read or write rows have one, and only while their node lists them.
            </Empty>
          ) : query.error ? (
            <Failure error={query.error} retry={() => void query.refetch()} />
          ) : (
            <SkeletonRows rows={4} />
          )}
        </div>
      </Panel>
    );
  }
  return <Plan answer={query.data} />;
}

function Plan({ answer }: { readonly answer: QueryPlanAnswer }): ReactNode {
  const top = shownPlan(answer);
  const reads = wholeReads(top);
  return (
    <>
      <Suggestions of={answer.suggestions} reads={reads} />
      <Panel
        title="Plan"
        note={
          reads === 0
            ? 'no large table is read whole'
            : `${plural(reads, 'large table is', 'large tables are')} read whole`
        }
        flush
      >
        <ul aria-label="Steps of the plan" className="border-t border-line py-1">
          <Step of={top} level={0} />
        </ul>
        <p className="border-t border-line px-4 py-2.5 text-xs text-faint">
          Estimated for any values. Each step takes in what stands below it; the bar is its share of the work.
        </p>
      </Panel>
    </>
  );
}

function Step({ of, level }: { readonly of: ShownStep; readonly level: number }): ReactNode {
  const { title, kind, condition, sortedBy, rows, share, warning, steps } = of;
  // Deep plans stay readable on a phone: beyond this, steps no longer move in.
  const inset = Math.min(level, 6);
  return (
    <li>
      <div
        className={`grid grid-cols-[minmax(0,1fr)_5.5rem] gap-x-3 py-2 pr-4 pl-[calc(1rem+var(--inset)*0.5rem)] text-sm sm:pl-[calc(1rem+var(--inset)*1.25rem)] ${warning === null ? '' : 'bg-challenged-tint'}`}
        style={{ '--inset': inset } as CSSProperties}
      >
        <div className={`relative min-w-0 ${level === 0 ? '' : 'pl-5'}`}>
          {level > 0 && (
            <CornerDownRight aria-hidden="true" className="absolute top-0.5 left-0 size-3.5 text-faint" />
          )}
          <p className="break-words">
            <span className="font-medium">{title}</span> <span className="text-xs text-faint">{kind}</span>
          </p>
          {warning !== null && (
            <p className="mt-0.5 flex items-start gap-1.5 text-xs font-medium text-challenged-text">
              <TriangleAlert aria-hidden="true" className="mt-0.5 size-3.5 shrink-0" />
              {warning}
            </p>
          )}
          {condition !== null && (
            <p className="mt-0.5 font-mono text-xs break-words text-mute">{condition}</p>
          )}
          {sortedBy.length > 0 && (
            <p className="mt-0.5 text-xs break-words text-mute">
              by <span className="font-mono">{sortedBy.join(', ')}</span>
            </p>
          )}
        </div>
        <div className="text-right text-xs text-mute numeric">
          {percent(share)}
          <span aria-hidden="true" className="mt-1 block h-1.5 overflow-hidden rounded-full bg-line">
            <span
              className={`block h-full rounded-full ${warning === null ? 'bg-allowed' : 'bg-challenged'}`}
              style={{ width: `${share * 100}%` }}
            />
          </span>
          <span className="mt-0.5 block whitespace-nowrap">{plural(rows, 'row')}</span>
        </div>
      </div>
      {steps.length > 0 && (
        <ul>
          {steps.map((one) => (
            <Step key={one.path} of={one} level={level + 1} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Suggestions({
  of,
  reads,
}: {
  readonly of: QueryPlanAnswer['suggestions'];
  readonly reads: number;
}): ReactNode {
  if (of.length === 0) {
    return (
      <Panel title="What would help">
        <p className="text-sm text-mute">
          {reads === 0
            ? 'No index would help: the database reads no large table whole. Look at how many rows it returns, at locks, and at how often it is asked.'
            : 'No index can be named for it: the table is read whole for most of its rows, or by an expression. That is for a person to judge.'}
        </p>
      </Panel>
    );
  }
  return (
    <Panel title={of.length === 1 ? 'An index would help' : 'Indexes would help'} flush>
      <ul>
        {of.map(({ statement, reason }) => (
          <li key={statement} className="border-t border-line px-4 py-3 text-sm">
            <p>{reason.replaceAll(/(?<=about )\d+/g, (count) => whole(Number(count)))}</p>
            <div className="mt-2 flex flex-wrap items-start gap-2">
              <code className="min-w-0 flex-1 basis-64 rounded-md bg-sunken px-2.5 py-1.5 font-mono text-xs leading-5 break-words">
                {statement}
              </code>
              <Button aria-label={`Copy ${statement}`} onClick={() => void copy(statement, 'Statement')}>
                <Copy aria-hidden="true" className="size-3.5" />
                Copy
              </Button>
            </div>
          </li>
        ))}
      </ul>
      <p className="border-t border-line px-4 py-2.5 text-xs text-faint">
        Nothing here runs it. It goes into a migration; CONCURRENTLY lets writers go on meanwhile.
      </p>
    </Panel>
  );
}
