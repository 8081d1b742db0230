import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { OverviewAnswer } from '../../../../src/server/api/types.ts';
import { useStream } from '../../api/stream.ts';
import { ChartLegend, ChartPanel } from '../../chart/panel.tsx';
import { SeriesTable } from '../../chart/series-table.tsx';
import { CLASSES, requests } from '../../chart/stack.ts';
import type { Bucket } from '../../chart/stack.ts';
import { TRAFFIC_HEIGHT, TrafficChart } from '../../chart/traffic-chart.tsx';
import { CLASS_MEANING } from '../../chart/words.ts';
import { sampling, whole } from '../../format/number.ts';
import type { View } from '../../state/view.ts';
import { CLASS_LABEL, Glyph } from '../../ui/verdict.tsx';
import { When } from '../../ui/when.tsx';

/** All traffic by verdict: the chart, the table behind it, the sentence that sums it up. */
export function Traffic({
  answer,
  series,
  sentence,
  view,
  isLive,
  onHold,
}: {
  readonly answer: OverviewAnswer;
  readonly series: readonly Bucket[];
  /** Sums it up. */
  readonly sentence: string;
  readonly view: View;
  readonly isLive: boolean;
  readonly onHold: (held: boolean) => void;
}): ReactNode {
  const hidden = useMemo(
    () => new Set(CLASSES.filter((kind) => view.search.hide?.includes(kind))),
    [view.search.hide],
  );
  const { bucketMs, seriesSinceMs } = answer;
  const isEmpty = series.every((bucket) => requests(bucket) === 0);
  return (
    <ChartPanel
      title="Traffic"
      note={
        <>
          {isLive && <Rate />}
          {sampling(answer.sampleShare)}
        </>
      }
      sentence={sentence}
      view={view}
      heightPx={TRAFFIC_HEIGHT}
      empty={
        isEmpty
          ? {
              title: 'No requests in this span',
              text: 'Send one to your application, or choose a longer time range.',
            }
          : null
      }
      onHold={onHold}
      table={
        <SeriesTable
          label="Traffic as a table"
          caption={sentence}
          total="Requests"
          heads={[...CLASSES.map((kind) => CLASS_LABEL[kind]), 'Would refuse']}
          rows={series.map((bucket) => ({
            atMs: bucket.atMs,
            total: requests(bucket),
            values: [...CLASSES.map((kind) => bucket[kind]), bucket.wouldRefuse],
          }))}
          bucketMs={bucketMs}
          heightPx={TRAFFIC_HEIGHT}
        />
      }
      chart={<TrafficChart series={series} bucketMs={bucketMs} hidden={hidden} onZoom={view.zoom} />}
      legend={
        <ChartLegend
          label="Classes shown"
          items={CLASSES.map((kind) => ({
            key: kind,
            name: CLASS_LABEL[kind],
            title: CLASS_MEANING[kind],
            sign: (isHidden) => <Glyph kind={kind} className={`size-2.5 ${isHidden ? 'opacity-30' : ''}`} />,
          }))}
          hidden={hidden}
          onToggle={view.toggleClass}
        >
          <span className="flex h-6 items-center gap-1.5 px-2 text-xs text-mute">
            <span aria-hidden="true" className="w-4 border-t-2 border-dashed border-mute" />
            Would be refused (shadow)
          </span>
        </ChartLegend>
      }
    >
      {seriesSinceMs !== undefined && (
        <p className="mb-2 text-xs text-faint">
          Filtered figures are made of the newest decisions only, since{' '}
          <When atMs={seriesSinceMs} look="full" />.
        </p>
      )}
    </ChartPanel>
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
