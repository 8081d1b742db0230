import { useInfiniteQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { useReasonAgainst } from '../../api/identity.ts';
import { ledgerFilterOf, responsesKey, responsesPage, type ResponsesAnswer } from '../../api/responses.ts';
import { isAbsent } from '../../api/shield.ts';
import { percent, whole } from '../../format/number.ts';
import { askToRespond } from '../../state/response-ask.ts';
import { useView } from '../../state/view.ts';
import { Figures } from '../../ui/figures.tsx';
import { More } from '../../ui/more.tsx';
import { Button, Code, PageHead, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Failure, Stale } from '../../ui/state.tsx';
import { Entry } from './entry.tsx';
import { LedgerFilters, LedgerTabs } from './filters.tsx';
import { Nothing } from './nothing.tsx';

/** What was done about attacks, by detectors and by people: what acts and what waits first. */
export function ResponsesPage(): ReactNode {
  const { search } = useView();
  const filter = ledgerFilterOf(search);
  const query = useInfiniteQuery({
    queryKey: responsesKey(filter),
    queryFn: ({ pageParam, signal }) => responsesPage(filter, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    refetchInterval: 15_000,
  });
  const against = useReasonAgainst('administrator');
  const first = query.data?.pages[0];
  const responses = query.data?.pages.flatMap((page) => page.responses);
  return (
    <>
      <PageHead title="Responses">
        <LedgerFilters />
        <Button
          look="solid"
          disabled={against !== null}
          title={against ?? undefined}
          onClick={() => askToRespond({})}
        >
          <Plus aria-hidden="true" className="size-4" />
          Start a response…
        </Button>
      </PageHead>
      {against !== null && <p className="-mt-2 mb-3 text-xs text-faint">{against}</p>}
      {first && <Mode mode={first.mode} />}
      {first && <Budget answer={first} />}
      <LedgerTabs filter={filter} />
      <Panel title="Ledger" note="what acts or waits first, then the newest" flush>
        <div className="min-h-80 border-t border-line">
          {responses === undefined ? (
            query.error && !isAbsent(query.error) ? (
              <Failure error={query.error} retry={() => void query.refetch()} />
            ) : query.error ? (
              <Nothing filter={filter} mode="off" />
            ) : (
              <SkeletonRows rows={5} height="h-24" />
            )
          ) : responses.length === 0 ? (
            <Nothing filter={filter} mode={first?.mode ?? 'off'} />
          ) : (
            <>
              {query.error && <Stale atMs={query.dataUpdatedAt} />}
              <ul>
                {responses.map((one) => (
                  <Entry key={one.id} entry={one} />
                ))}
              </ul>
            </>
          )}
        </div>
        <More query={query} words="Show older" />
      </Panel>
    </>
  );
}

/** In shadow nothing happens, and whoever looks has to know. */
function Mode({ mode }: { readonly mode: ResponsesAnswer['mode'] }): ReactNode {
  if (mode === 'enforce') return null;
  return (
    <p className="mb-4 rounded-xl border border-dashed border-control px-4 py-3 text-sm text-mute">
      {mode === 'shadow' ? (
        <>
          <strong className="font-medium text-ink">Detectors act in shadow.</strong> What they ask for is
          written down here and does nothing. When the ledger looks right, switch with{' '}
          <Code>responses.mode: &apos;enforce&apos;</Code>. What people start acts in either mode.
        </>
      ) : (
        <>
          <strong className="font-medium text-ink">Detectors start nothing.</strong> Automatic responses are
          off (<Code>responses.mode</Code>); people can still start them.
        </>
      )}
    </p>
  );
}

function Budget({ answer: { acting, waiting, budget } }: { readonly answer: ResponsesAnswer }): ReactNode {
  return (
    <div className="mb-4">
      <Figures
        label="Responses now"
        columns="sm:grid-cols-4"
        figures={[
          ['Acting', whole(acting), 'on every node'],
          ['Waiting', whole(waiting), 'for people to agree'],
          ['Traffic budget used', percent(budget.traffic), 'of what detectors may touch'],
          ['Accounts budget used', percent(budget.accounts), 'of what detectors may touch'],
        ]}
      />
    </div>
  );
}
