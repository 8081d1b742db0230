import { useMemo } from 'react';
import type { ReactNode } from 'react';
import type { TrafficClass } from '../../../src/server/api/types.ts';
import { compact } from '../format/number.ts';
import { useSettings } from '../state/settings.ts';
import { CLASS_LABEL, FILL, Glyph } from '../ui/verdict.tsx';
import { ColumnChart } from './column-chart.tsx';
import { LABEL, LEFT } from './frame.tsx';
import { CLASSES, requests, stack } from './stack.ts';
import type { Bucket } from './stack.ts';
import { bucketSentence } from './words.ts';

const STRIP = 28;
/** Height of the chart with its strip, in pixels. */
export const TRAFFIC_HEIGHT = 276;

/** Requests over time, stacked by class, with what shadow guards would have refused in a strip of its own. */
export function TrafficChart({
  series,
  bucketMs,
  hidden,
  onZoom,
}: {
  readonly series: readonly Bucket[];
  readonly bucketMs: number;
  readonly hidden: ReadonlySet<TrafficClass>;
  readonly onZoom: (fromMs: number, toMs: number) => void;
}): ReactNode {
  const { zone } = useSettings();
  const columns = useMemo(
    () =>
      stack(series, hidden).map(({ parts, ...column }) => ({
        ...column,
        parts: parts.map(({ kind, from, to }) => ({ key: kind, fill: FILL[kind], from, to })),
      })),
    [series, hidden],
  );
  const at = (index: number): Bucket => series[index] ?? EMPTY;
  return (
    <ColumnChart
      columns={columns}
      bucketMs={bucketMs}
      label="Traffic over time"
      say={(index) => bucketSentence(at(index), bucketMs * series.length, zone)}
      tip={(index) => ({
        total: requests(at(index)),
        lines: CLASSES.toReversed().map((kind) => ({
          name: CLASS_LABEL[kind],
          value: at(index)[kind],
          sign: <Glyph kind={kind} className="size-2" />,
        })),
        rest: { name: 'Would be refused', value: at(index).wouldRefuse },
      })}
      onZoom={onZoom}
      strip={{
        heightPx: STRIP,
        draw: (topPx, slotPx, widthPx) => (
          <ShadowStrip series={series} topPx={topPx} slotPx={slotPx} widthPx={widthPx} />
        ),
      }}
    />
  );
}

const EMPTY: Bucket = {
  atMs: 0,
  allowed: 0,
  answered: 0,
  challenged: 0,
  limited: 0,
  blocked: 0,
  wouldRefuse: 0,
};

/** What guards in shadow mode would have refused: dashed, because nothing happened. */
function ShadowStrip({
  series,
  topPx,
  slotPx,
  widthPx,
}: {
  readonly series: readonly Bucket[];
  readonly topPx: number;
  readonly slotPx: number;
  readonly widthPx: number;
}): ReactNode {
  const highest = Math.max(...series.map(({ wouldRefuse }) => wouldRefuse), 1);
  const bottom = topPx + STRIP;
  const path = series
    .map(({ wouldRefuse }, index) => {
      const level = bottom - (wouldRefuse / highest) * (STRIP - 2);
      return `${index === 0 ? 'M' : 'L'}${LEFT + index * slotPx} ${level}H${LEFT + (index + 1) * slotPx}`;
    })
    .join('');
  return (
    <g aria-hidden="true">
      <text x={LEFT - 8} y={bottom} dy="-0.1em" textAnchor="end" className={LABEL}>
        0
      </text>
      <text x={LEFT - 8} y={topPx} dy="0.7em" textAnchor="end" className={LABEL}>
        {compact(highest)}
      </text>
      <line
        x1={LEFT}
        x2={widthPx}
        y1={bottom}
        y2={bottom}
        className="stroke-line"
        shapeRendering="crispEdges"
      />
      <path d={path} className="fill-none stroke-mute" strokeWidth="1.25" strokeDasharray="3 2.5" />
    </g>
  );
}
