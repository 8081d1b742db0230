import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { OverviewAnswer, TrafficClass, TrafficCounts } from '../../../../src/server/api/types.ts';
import { CLASSES, requests } from '../../chart/stack.ts';
import { change, compact, percent, whole } from '../../format/number.ts';
import { duration } from '../../format/time.ts';
import { carry } from '../../shell/pages.ts';
import { withFilter } from '../../state/search.ts';
import type { View } from '../../state/view.ts';
import { CLASS_LABEL, Glyph } from '../../ui/verdict.tsx';

/** Filter that finds the decisions behind a number. */
const BEHIND: Readonly<Record<TrafficClass, readonly string[]>> = {
  allowed: ['verdict:pass'],
  answered: ['verdict:answer'],
  challenged: ['verdict:challenge'],
  limited: ['verdict:deny', 'status:429'],
  blocked: ['verdict:deny'],
};

/** One figure per class, each beside the span before it; each leads to the decisions behind it. */
export function Totals({
  answer,
  totals,
  view,
}: {
  readonly answer: OverviewAnswer;
  /** Those of the answer, and what the stream counted since. */
  readonly totals: TrafficCounts;
  readonly view: View;
}): ReactNode {
  const { previousTotals } = answer;
  const all = requests(totals);
  const before = duration(answer.toMs - answer.fromMs, 1);
  return (
    <section
      aria-label="Totals"
      className="grid grid-cols-2 gap-px overflow-hidden rounded-xl border border-line bg-line sm:grid-cols-3 lg:grid-cols-7"
    >
      <Tile
        label="Requests"
        value={all}
        previous={requests(previousTotals)}
        before={before}
        search={carry(view.search)}
        className="max-sm:col-span-2"
      />
      {CLASSES.map((kind) => (
        <Tile
          key={kind}
          label={CLASS_LABEL[kind]}
          kind={kind}
          value={totals[kind]}
          share={all === 0 ? null : totals[kind] / all}
          previous={previousTotals[kind]}
          before={before}
          search={{
            ...carry(view.search),
            filter: [...(view.search.filter ?? []), ...BEHIND[kind]],
            ...(kind === 'blocked' ? { exclude: [...(view.search.exclude ?? []), 'status:429'] } : {}),
          }}
        />
      ))}
      <Tile
        label="Would be refused"
        dashed
        value={totals.wouldRefuse}
        share={all === 0 ? null : totals.wouldRefuse / all}
        previous={previousTotals.wouldRefuse}
        before={before}
        search={withFilter(carry(view.search), { field: 'wouldRefuse', value: 'any', exclude: false })}
        className="sm:max-lg:col-span-3"
      />
    </section>
  );
}

function Tile({
  label,
  kind,
  value,
  share = null,
  previous,
  before,
  search,
  dashed = false,
  className = '',
}: {
  readonly label: string;
  readonly kind?: TrafficClass;
  readonly value: number;
  /** Of all requests, 0 to 1. */
  readonly share?: number | null;
  readonly previous: number;
  /** Length of the span that `previous` stands for, in words. */
  readonly before: string;
  readonly search: object;
  readonly dashed?: boolean;
  readonly className?: string;
}): ReactNode {
  const { text, direction } = change(value, previous);
  const arrow = direction === 'up' ? '↑ ' : direction === 'down' ? '↓ ' : '';
  return (
    <Link
      to="/decisions"
      search={search}
      className={`block min-w-0 bg-panel px-3 py-3 transition-colors xl:px-4 hover:bg-hover focus-visible:-outline-offset-2 ${className}`}
    >
      <span className="flex items-center gap-1.5 text-xs whitespace-nowrap text-mute">
        {kind !== undefined && <Glyph kind={kind} className="size-2" />}
        {dashed && <span aria-hidden="true" className="w-3 border-t border-dashed border-mute" />}
        {label}
      </span>
      <span className="mt-0.5 flex items-baseline gap-2">
        <span title={whole(value)} className="text-xl font-semibold tracking-tight numeric">
          {compact(value)}
        </span>
        {share !== null && value > 0 && <span className="text-xs text-faint numeric">{percent(share)}</span>}
      </span>
      <span
        title={`${whole(previous)} in the ${before} before`}
        className="block text-xs whitespace-nowrap text-faint numeric"
      >
        {value === 0 && previous === 0 ? <span aria-hidden="true">–</span> : null}
        <span className={value === 0 && previous === 0 ? 'sr-only' : ''}>
          {arrow}
          {text}
        </span>
        <span className="sr-only"> compared with the {before} before</span>
      </span>
    </Link>
  );
}
