import type { ReactNode } from 'react';
import { compact } from '../format/number.ts';
import { axisTime } from '../format/time.ts';
import { useSettings } from '../state/settings.ts';
import { labelled } from './stack.ts';

/** Height of the columns, and room for the numbers on their left, in pixels. */
export const HEIGHT = 208;
export const LEFT = 44;
export const LABEL = 'fill-faint text-2xs numeric';

/** Lines at the steps of the axis, with their numbers. */
export function Grid({
  ticks,
  y,
  width,
}: {
  readonly ticks: readonly number[];
  readonly y: (value: number) => number;
  readonly width: number;
}): ReactNode {
  return (
    <g aria-hidden="true">
      {ticks.map((tick) => (
        <g key={tick}>
          <line
            x1={LEFT}
            x2={width}
            y1={y(tick)}
            y2={y(tick)}
            className="stroke-line"
            shapeRendering="crispEdges"
          />
          {tick > 0 && (
            <text x={LEFT - 8} y={y(tick)} dy="0.32em" textAnchor="end" className={LABEL}>
              {compact(tick)}
            </text>
          )}
        </g>
      ))}
    </g>
  );
}

/** Times below the columns: as many as there is room for. */
export function TimeAxis({
  series,
  slot,
  spanMs,
  width,
}: {
  readonly series: readonly { readonly atMs: number }[];
  readonly slot: number;
  readonly spanMs: number;
  readonly width: number;
}): ReactNode {
  const { zone } = useSettings();
  const first = series[0]?.atMs ?? 0;
  const offsetMs = zone === 'utc' ? 0 : new Date(first).getTimezoneOffset() * -60_000;
  const shown = labelled(series, spanMs / Math.max(1, series.length), Math.floor(width / 88), offsetMs);
  return (
    <g aria-hidden="true">
      {shown.map((index) => {
        const x = LEFT + index * slot;
        // A time that would be cut off by the edge is left out.
        if (x > LEFT + width - 36) return null;
        return (
          <g key={index}>
            <line
              x1={x}
              x2={x}
              y1={HEIGHT}
              y2={HEIGHT + 4}
              className="stroke-edge"
              shapeRendering="crispEdges"
            />
            <text x={x + 3} y={HEIGHT + 16} className={LABEL}>
              {axisTime(series[index]?.atMs ?? first, spanMs, zone)}
            </text>
          </g>
        );
      })}
    </g>
  );
}
