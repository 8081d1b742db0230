import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import type { DecisionSummary } from '../../../../src/server/api/types.ts';
import { refusalsQuery } from '../../api/queries.ts';
import { useStream } from '../../api/stream.ts';
import { plural } from '../../format/number.ts';
import { carry } from '../../shell/pages.ts';
import { filtersOf } from '../../state/search.ts';
import type { View } from '../../state/view.ts';
import { Empty, Panel, SkeletonRows } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import { countNew } from '../decisions/fresh.ts';
import { DecisionTable } from '../decisions/rows.tsx';

/** The newest refusals; they hold still under the pointer and the focus. */
export function Refusals({
  view,
  isLive,
  isHeld,
  onHold,
}: {
  readonly view: View;
  readonly isLive: boolean;
  /** The page holds still; what comes meanwhile is counted. */
  readonly isHeld: boolean;
  readonly onHold: (held: boolean) => void;
}): ReactNode {
  const query = useQuery(refusalsQuery(view.search, isLive));
  return (
    <Panel
      title="Recent refusals"
      flush
      note={isHeld && <Fresh decisions={query.data?.decisions} view={view} />}
      actions={
        <Link
          to="/decisions"
          search={{
            ...carry(view.search),
            exclude: [...(view.search.exclude ?? []), 'verdict:pass', 'verdict:answer'],
          }}
          className="rounded-md px-2 py-1 text-xs font-medium text-mute hover:bg-hover hover:text-ink"
        >
          All refusals
        </Link>
      }
    >
      <div
        onPointerEnter={() => onHold(true)}
        onPointerLeave={() => onHold(false)}
        onFocus={() => onHold(true)}
        onBlur={() => onHold(false)}
        className="min-h-80 border-t border-line"
      >
        <Loaded query={query} skeleton={<SkeletonRows rows={8} />}>
          {({ decisions }) =>
            decisions.length === 0 ? (
              <Empty icon={<ShieldCheck className="size-4" />} title="Nothing was refused">
                Every request of this span passed its guards.
              </Empty>
            ) : (
              <DecisionTable decisions={decisions} caption="Recent refusals, newest first" view={view} />
            )
          }
        </Loaded>
      </div>
    </Panel>
  );
}

const REFUSED = [
  { field: 'verdict', value: 'deny', exclude: false },
  { field: 'verdict', value: 'challenge', exclude: false },
] as const;

/** How many came since the rows were held still. */
function Fresh({
  decisions,
  view,
}: {
  readonly decisions: readonly DecisionSummary[] | undefined;
  readonly view: View;
}): ReactNode {
  const stream = useStream();
  const fresh = countNew(stream.decisions, decisions?.[0], [...filtersOf(view.search), ...REFUSED]);
  return fresh === 0 ? 'held still' : `held still, ${plural(fresh, 'new one', 'new ones')} since`;
}
