import { useQuery } from '@tanstack/react-query';
import { Database, Timer } from 'lucide-react';
import type { ReactNode } from 'react';
import type { QueriesAnswer } from '../../../../src/server/api/query-types.ts';
import { ApiError } from '../../api/client.ts';
import { statementsQuery } from '../../api/statements.ts';
import { compact, millis, percent, plural, whole } from '../../format/number.ts';
import { useView } from '../../state/view.ts';
import { type Figure, Figures } from '../../ui/figures.tsx';
import { Button, Code, Empty, PageHead, Panel, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { When } from '../../ui/when.tsx';
import { arranged, orderOf, statementsOf } from './order.ts';
import { SearchBox } from '../../shell/search-box.tsx';
import { Repeated } from './repeated.tsx';
import { SourcePicker } from './source-picker.tsx';
import { StatementTable } from './table.tsx';

/** What the database was slow at: statements without their values. */
export function StatementsPage(): ReactNode {
  const { search } = useView();
  const query = useQuery(statementsQuery(search));
  const isAbsent = query.error instanceof ApiError && query.error.status === 404;
  return (
    <>
      <PageHead title="Statements">
        {query.data !== undefined && (
          <div className="flex flex-wrap items-center gap-2 max-sm:w-full">
            <SourcePicker answer={query.data} />
            {query.data.statements.length > 0 && (
              <SearchBox label="Search statements" placeholder="Table, column or word" settleMs={150} />
            )}
          </div>
        )}
      </PageHead>
      {isAbsent && search.node !== undefined ? (
        <Silent node={search.node} />
      ) : isAbsent ? (
        <Empty icon={<Database className="size-4" />} title="Statements are not measured here">
          This server hands its statements to a database of the application, which times them by itself.
        </Empty>
      ) : (
        <Loaded query={query} skeleton={<Waiting />}>
          {(answer) => <Content answer={answer} />}
        </Loaded>
      )}
    </>
  );
}

function Content({ answer }: { readonly answer: QueriesAnswer }): ReactNode {
  return (
    <div className="space-y-4">
      <Durations answer={answer} />
      <Slow answer={answer} />
      <Repeated of={answer.repeated} />
    </div>
  );
}

function Durations({ answer }: { readonly answer: QueriesAnswer }): ReactNode {
  const { total, failures, counted, slow, countedMs, slowMs, p50Ms, p95Ms, p99Ms } = answer;
  const ofAll = (count: number): string => (total === 0 ? 'none yet' : `${percent(count / total)} of all`);
  const figures: readonly Figure[] = [
    ['Statements', compact(total), failures === 0 ? 'none failed' : `${whole(failures)} failed`],
    ['Median', total === 0 ? '–' : millis(p50Ms), 'half are faster'],
    ['p95', total === 0 ? '–' : millis(p95Ms), `p99 ${total === 0 ? '–' : millis(p99Ms)}`],
    [`From ${millis(countedMs)} on`, compact(counted), ofAll(counted)],
    [`Slow, from ${millis(slowMs)} on`, compact(slow), ofAll(slow)],
  ];
  return <Figures label="Durations of all statements" figures={figures} />;
}

function Slow({ answer }: { readonly answer: QueriesAnswer }): ReactNode {
  const { search, change } = useView();
  const { node, source, sinceMs, forgotten } = answer;
  const statements = statementsOf(answer.statements);
  const typed = search.q ?? '';
  const shown = arranged(statements, orderOf(search.sort), typed);
  return (
    <Panel
      title="Slow statements"
      note={
        <span role="status">
          {typed.trim() === '' ? (
            <>
              {source} on {node} since <When atMs={sinceMs} look="full" />
            </>
          ) : (
            `${plural(shown.length, 'statement')} found`
          )}
        </span>
      }
      flush
    >
      <div className="border-t border-line">
        {statements.length === 0 ? (
          <NothingSlow answer={answer} />
        ) : shown.length === 0 ? (
          <Empty icon={<Database className="size-4" />} title="No statement holds these letters">
            Values stand as “?”: names of tables and columns are what can be found.
            <div className="mt-4">
              <Button
                onClick={() => {
                  const { q: _, ...rest } = search;
                  change(rest);
                }}
              >
                Show all
              </Button>
            </div>
          </Empty>
        ) : (
          <StatementTable statements={shown} />
        )}
      </div>
      {forgotten > 0 && (
        <p className="border-t border-line px-4 py-2.5 text-xs text-faint">
          {plural(forgotten, 'statement')} that took least in all {forgotten === 1 ? 'was' : 'were'}{' '}
          forgotten: the list is full.
        </p>
      )}
    </Panel>
  );
}

function Silent({ node }: { readonly node: string }): ReactNode {
  const { search, change } = useView();
  return (
    <Empty icon={<Database className="size-4" />} title="Nothing is known of this node">
      {node} has never written of this database, or was silent for a week.
      <div className="mt-4">
        <Button
          onClick={() => {
            const { node: _node, source: _source, ...rest } = search;
            change(rest);
          }}
        >
          Show this server
        </Button>
      </div>
    </Empty>
  );
}

function NothingSlow({ answer }: { readonly answer: QueriesAnswer }): ReactNode {
  const { total, sinceMs, slowMs, countedMs } = answer;
  return (
    <Empty icon={<Timer className="size-4" />} title="No statement has been slow">
      <p>
        Statements are listed from {millis(slowMs)} on, and counted from {millis(countedMs)} on.{' '}
        {plural(total, 'statement')} {total === 1 ? 'was' : 'were'} measured since{' '}
        <When atMs={sinceMs} look="full" />.
      </p>
      <p className="mt-2">
        Both bounds stand in the configuration: <Code>{"database: { queries: { slow: '250ms' } }"}</Code>
      </p>
    </Empty>
  );
}

function Waiting(): ReactNode {
  return (
    <div role="status" className="space-y-4">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-24 rounded-xl" />
      <Skeleton className="h-96 rounded-xl" />
    </div>
  );
}
