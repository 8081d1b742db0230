import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { Grid, HEIGHT, LEFT, TimeAxis } from './frame.tsx';
import { usePicking } from './picking.ts';
import { useWidth } from './size.ts';
import { axis } from './stack.ts';
import { type TipLine, Tip } from './tip.tsx';

/** A stacked column: each band with its lower and upper bound, in requests. */
export interface DrawnColumn {
  readonly atMs: number;
  readonly total: number;
  readonly parts: readonly {
    readonly key: string;
    /** Class that fills it. */
    readonly fill: string;
    readonly from: number;
    readonly to: number;
  }[];
}

interface Props {
  readonly columns: readonly DrawnColumn[];
  readonly bucketMs: number;
  /** What is drawn; how to use it is said after it. */
  readonly label: string;
  /** A column read aloud. */
  readonly say: (index: number) => string;
  /** The numbers of a column, the topmost band first, and what stands below them. */
  readonly tip: (index: number) => {
    readonly total: number;
    readonly lines: readonly TipLine[];
    readonly rest?: TipLine;
  };
  readonly onZoom: (fromMs: number, toMs: number) => void;
  /** Drawn below the times, in a strip of so many pixels. */
  readonly strip?: {
    readonly heightPx: number;
    readonly draw: (topPx: number, slotPx: number, widthPx: number) => ReactNode;
  };
  /** Pixels of ground between two bands, which tell them apart where their colours don't. */
  readonly gapPx?: number;
}

/** Room for the times below the columns. */
const TIMES = 24;
const STRIP_GAP = 12;

/**
 * Stacked columns over time. One focus stop: arrows move, Shift with arrows selects, Enter zooms into the selection, as
 * dragging does.
 */
export function ColumnChart(props: Props): ReactNode {
  const { columns, bucketMs, label, say, tip, onZoom, strip, gapPx = 0 } = props;
  const [ref, width] = useWidth();
  const { top, ticks } = useMemo(() => axis(Math.max(0, ...columns.map(({ total }) => total))), [columns]);
  const inner = Math.max(0, width - LEFT);
  const slot = inner / Math.max(1, columns.length);
  const spanMs = bucketMs * columns.length;
  const last = columns.length - 1;
  const height = HEIGHT + TIMES + (strip === undefined ? 0 : strip.heightPx + STRIP_GAP + 4);
  const y = (value: number): number => HEIGHT - (value / top) * (HEIGHT - 8);
  const { cursor, selection, handlers } = usePicking({
    count: columns.length,
    slotPx: slot,
    leftPx: LEFT,
    onZoom: (first, end) => {
      const from = columns[first];
      const to = columns[end];
      if (from && to) onZoom(from.atMs, to.atMs + bucketMs);
    },
  });
  const current = cursor === null ? undefined : columns[cursor];
  return (
    <div ref={ref} className="relative" data-chart>
      <svg
        width="100%"
        height={height}
        role="slider"
        aria-label={`${label}. Arrows move through it, Shift and arrows select, Enter zooms in.`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={cursor ?? last}
        aria-valuetext={say(cursor ?? last)}
        tabIndex={0}
        className="block touch-pan-y rounded-sm select-none"
        {...handlers}
      >
        <Grid ticks={ticks} y={y} width={width} />
        {cursor !== null && (
          <rect
            x={LEFT + (selection?.from ?? cursor) * slot}
            width={selection === null ? slot : (selection.to - selection.from + 1) * slot}
            y={0}
            height={height}
            className={selection === null ? 'fill-ink/6' : 'fill-focus/15'}
          />
        )}
        <g data-bar>
          {columns.map((column, index) => (
            <g key={column.atMs}>
              {column.parts.map(({ key, fill, from, to }, at) => (
                <rect
                  key={key}
                  x={LEFT + index * slot + slot * 0.12}
                  width={slot * 0.76}
                  y={y(to)}
                  height={Math.max(y(from) - y(to) - (at === 0 ? 0 : gapPx), 1)}
                  className={fill}
                />
              ))}
            </g>
          ))}
        </g>
        <TimeAxis series={columns} slot={slot} spanMs={spanMs} width={inner} />
        {strip?.draw(HEIGHT + TIMES + STRIP_GAP, slot, width)}
      </svg>
      {current && cursor !== null && (
        <Tip
          {...tip(cursor)}
          atMs={current.atMs}
          spanMs={spanMs}
          leftPx={LEFT + (cursor + 0.5) * slot}
          widthPx={width}
        />
      )}
    </div>
  );
}
