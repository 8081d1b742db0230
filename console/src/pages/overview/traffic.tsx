import { Table2, ChartColumnStacked } from 'lucide-react';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { OverviewAnswer, TrafficClass } from '../../../../src/server/api/types.ts';
import { useStream } from '../../api/stream.ts';
import { CLASSES, requests } from '../../chart/stack.ts';
import type { Bucket } from '../../chart/stack.ts';
import { TrafficChart } from '../../chart/traffic-chart.tsx';
import { TrafficTable } from '../../chart/traffic-table.tsx';
import { chartSentence, CLASS_MEANING } from '../../chart/words.ts';
import { sampling, whole } from '../../format/number.ts';
import { useCommand } from '../../keys/commands.ts';
import { useSettings } from '../../state/settings.ts';
import type { View } from '../../state/view.ts';
import { Button, Empty, Panel } from '../../ui/parts.tsx';
import { When } from '../../ui/when.tsx';
import { CLASS_LABEL, Glyph } from '../../ui/verdict.tsx';

/** The chart, the table behind it, the sentence that sums it up. */
export function Traffic({
  answer,
  series,
  view,
  isLive,
  onHold,
}: {
  readonly answer: OverviewAnswer;
  readonly series: readonly Bucket[];
  readonly view: View;
  readonly isLive: boolean;
  readonly onHold: (held: boolean) => void;
}): ReactNode {
  const { zone } = useSettings();
  const isTable = view.search.view === 'table';
  const toggle = (): void => {
    const { view: _, ...rest } = view.search;
    view.change(isTable ? rest : { ...rest, view: 'table' }, true);
  };
  useCommand('table', toggle);
  const hidden = useMemo(() => new Set(view.search.hide ?? []), [view.search.hide]);
  // Made of what is drawn: the answer's own sentence would be some seconds behind the columns.
  const sentence = chartSentence(series, zone);
  const isEmpty = series.every((bucket) => requests(bucket) === 0);
  return (
    <Panel
      title="Traffic"
      note={
        <>
          {isLive && <Rate />}
          {sampling(answer.sampleShare)}
        </>
      }
      actions={
        <Button small look="quiet" onClick={toggle} title="Table or chart (V)">
          {isTable ? <ChartColumnStacked className="size-3.5" /> : <Table2 className="size-3.5" />}
          {isTable ? 'Chart' : 'Table'}
        </Button>
      }
    >
      <p className="-mt-1 mb-3 text-sm text-mute">{sentence}</p>
      {answer.seriesSinceMs !== undefined && (
        <p className="mb-2 text-xs text-faint">
          Filtered figures are made of the newest decisions only, since{' '}
          <When atMs={answer.seriesSinceMs} look="full" />.
        </p>
      )}
      <div
        onPointerEnter={() => onHold(true)}
        onPointerLeave={() => onHold(false)}
        onFocus={() => onHold(true)}
        onBlur={() => onHold(false)}
      >
        {isTable ? (
          <TrafficTable series={series} bucketMs={answer.bucketMs} caption={sentence} />
        ) : isEmpty ? (
          <div className="grid h-[276px] place-items-center rounded-lg border border-dashed border-line">
            <Empty title="No requests in this span">
              Send one to your application, or choose a longer time range.
            </Empty>
          </div>
        ) : (
          <TrafficChart series={series} bucketMs={answer.bucketMs} hidden={hidden} onZoom={view.zoom} />
        )}
      </div>
      <Legend hidden={hidden} onToggle={view.toggleClass} />
    </Panel>
  );
}

function Rate(): ReactNode {
  const { ticks, state } = useStream();
  const last = ticks.at(-1);
  if (state !== 'live' || last === undefined) return null;
  const recent = ticks.slice(-5);
  const rate = recent.reduce((sum, { counts }) => sum + requests(counts), 0) / recent.length;
  return <span className="mr-3 numeric">{whole(rate)} requests a second</span>;
}

function Legend({
  hidden,
  onToggle,
}: {
  readonly hidden: ReadonlySet<TrafficClass>;
  readonly onToggle: (kind: TrafficClass) => void;
}): ReactNode {
  return (
    <div role="group" aria-label="Classes shown" className="mt-2 flex flex-wrap items-center gap-x-1 gap-y-1">
      {CLASSES.map((kind) => (
        <button
          key={kind}
          type="button"
          aria-pressed={!hidden.has(kind)}
          title={CLASS_MEANING[kind]}
          onClick={() => onToggle(kind)}
          className={`flex h-6 items-center gap-1.5 rounded-md px-2 text-xs text-mute hover:bg-hover ${hidden.has(kind) ? 'line-through' : ''}`}
        >
          <Glyph kind={kind} className={`size-2.5 ${hidden.has(kind) ? 'opacity-30' : ''}`} />
          {CLASS_LABEL[kind]}
        </button>
      ))}
      <span className="flex h-6 items-center gap-1.5 px-2 text-xs text-mute">
        <span aria-hidden="true" className="w-4 border-t-2 border-dashed border-mute" />
        Would be refused (shadow)
      </span>
    </div>
  );
}
