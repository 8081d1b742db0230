import { useQuery } from '@tanstack/react-query';
import { Gauge } from 'lucide-react';
import type { ReactNode } from 'react';
import type { LimitsAnswer } from '../../../../src/server/api/types.ts';
import { limitsQuery } from '../../api/queries.ts';
import { plural, whole } from '../../format/number.ts';
import { useView } from '../../state/view.ts';
import { Code, Empty, PageHead, Panel, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { HealthGlyph } from '../../ui/verdict.tsx';
import { When } from '../../ui/when.tsx';
import { Histogram } from './histogram.tsx';
import { Keys } from './keys.tsx';
import { AddressList } from './lists.tsx';
import { Policies } from './policies.tsx';

/** The limits: what they allow, whom they hold, and what another limit would do. */
export function LimitsPage(): ReactNode {
  const query = useQuery(limitsQuery);
  return (
    <>
      <PageHead title="Limits" />
      <Loaded query={query} skeleton={<Waiting />}>
        {(answer) => <Content answer={answer} />}
      </Loaded>
    </>
  );
}

function Content({ answer }: { readonly answer: LimitsAnswer }): ReactNode {
  const { search } = useView();
  const open = answer.policies.find(({ name }) => name === search.tab) ?? answer.policies[0];
  return (
    <div className="space-y-4">
      <Store store={answer.store} />
      <Panel
        title="Policies"
        note={answer.policies.length > 0 ? 'figures since this node started' : undefined}
        flush
      >
        {answer.policies.length === 0 ? (
          <div className="border-t border-line">
            <Empty icon={<Gauge className="size-4" />} title="No limits are configured">
              Add one to your configuration:{' '}
              <Code>{"limits: { api: { max: 60, window: '1m', by: 'ip' } }"}</Code>
            </Empty>
          </div>
        ) : (
          <Policies policies={answer.policies} open={open?.name} />
        )}
      </Panel>
      {open && (
        <div key={open.name} className="grid gap-4 xl:grid-cols-2">
          <Histogram policy={open} />
          <Keys policy={open} />
        </div>
      )}
      <div className="grid items-start gap-4 md:grid-cols-2">
        <AddressList list="allow" entries={answer.allow} />
        <AddressList list="deny" entries={answer.deny} />
      </div>
    </div>
  );
}

/** Where the counters are kept, and whether everybody counts together. */
function Store({ store }: { readonly store: LimitsAnswer['store'] }): ReactNode {
  const isLocal = store.kind === 'redis' && store.state === 'local';
  const facts = [
    plural(store.nodes, 'node'),
    store.keys === null ? null : plural(store.keys, 'key'),
    store.evicted === 0 ? null : `${whole(store.evicted)} forgotten for want of room`,
  ].filter((one) => one !== null);
  return (
    <section
      aria-label="Store"
      className={`relative flex flex-wrap items-center gap-x-3 gap-y-1 rounded-xl border px-4 py-3 text-sm max-sm:pl-10 ${isLocal ? 'border-challenged bg-challenged-tint' : 'border-line bg-panel'}`}
    >
      <HealthGlyph
        state={isLocal ? 'degraded' : 'ok'}
        className="size-2.5 max-sm:absolute max-sm:top-[1.125rem] max-sm:left-4"
      />
      {isLocal ? (
        <p>
          <strong className="font-medium">Redis does not answer.</strong> This node has counted alone since{' '}
          <When atMs={store.sinceMs} look="clock" />; each policy does what its failure mode names.
        </p>
      ) : store.kind === 'redis' ? (
        <p>
          Counters are shared through <strong className="font-medium">Redis</strong>.
        </p>
      ) : (
        <p>
          Counters are kept <strong className="font-medium">in the memory</strong> of this process. With
          several nodes, configure Redis.
        </p>
      )}
      <p className="text-mute numeric sm:ml-auto">{facts.join(' · ')}</p>
    </section>
  );
}

function Waiting(): ReactNode {
  return (
    <div role="status" className="space-y-4">
      <span className="sr-only">Loading</span>
      <Skeleton className="h-12 rounded-xl" />
      <Skeleton className="h-72 rounded-xl" />
      <div className="grid gap-4 xl:grid-cols-2">
        <Skeleton className="h-96 rounded-xl" />
        <Skeleton className="h-96 rounded-xl" />
      </div>
    </div>
  );
}
