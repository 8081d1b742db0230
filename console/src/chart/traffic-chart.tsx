import { useMemo, useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react';
import type { TrafficClass } from '../../../src/server/api/types.ts';
import { compact } from '../format/number.ts';
import { axisTime } from '../format/time.ts';
import { useSettings } from '../state/settings.ts';
import { FILL } from '../ui/verdict.tsx';
import { useWidth } from './size.ts';
import { axis, labelled, stack } from './stack.ts';
import type { Bucket } from './stack.ts';
import { ChartTip } from './tip.tsx';
import { bucketSentence } from './words.ts';

const HEIGHT = 208;
const LEFT = 44;
const STRIP_TOP = HEIGHT + 36;
const STRIP = 28;
const TOTAL = STRIP_TOP + STRIP + 4;

interface Props {
  readonly series: readonly Bucket[];
  readonly bucketMs: number;
  readonly hidden: ReadonlySet<TrafficClass>;
  readonly onZoom: (fromMs: number, toMs: number) => void;
}

/**
 * Requests over time, stacked by class, with what shadow guards would have refused in a strip of its own. One focus
 * stop: arrows move, Shift with arrows selects, Enter zooms into the selection.
 */
export function TrafficChart({ series, bucketMs, hidden, onZoom }: Props): ReactNode {
  const [ref, width] = useWidth();
  const { zone } = useSettings();
  const [cursor, setCursor] = useState<number | null>(null);
  const [anchor, setAnchor] = useState<number | null>(null);
  const isDragging = useRef(false);
  const columns = useMemo(() => stack(series, hidden), [series, hidden]);
  const { top, ticks } = useMemo(() => axis(Math.max(0, ...columns.map(({ total }) => total))), [columns]);
  const inner = Math.max(0, width - LEFT);
  const slot = inner / Math.max(1, series.length);
  const spanMs = bucketMs * series.length;
  const last = series.length - 1;
  const y = (value: number): number => HEIGHT - (value / top) * (HEIGHT - 8);
  const columnAt = (event: PointerEvent): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(last, Math.max(0, Math.floor((event.clientX - box.left - LEFT) / slot)));
  };
  const zoomTo = (a: number, b: number): void => {
    const first = series[Math.min(a, b)];
    const end = series[Math.max(a, b)];
    if (first && end) onZoom(first.atMs, end.atMs + bucketMs);
    setAnchor(null);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const at = cursor ?? last;
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    if (next !== undefined) {
      setAnchor(event.shiftKey ? (anchor ?? at) : null);
      setCursor(Math.min(last, Math.max(0, next)));
    } else if (event.key === 'Enter' && anchor !== null) zoomTo(anchor, at);
    else if (event.key === 'Escape' && anchor !== null) setAnchor(null);
    else return;
    event.preventDefault();
  };
  const current = cursor === null ? undefined : series[cursor];
  const selection =
    anchor === null || cursor === null
      ? null
      : { from: Math.min(anchor, cursor), to: Math.max(anchor, cursor) };

  return (
    <div ref={ref} className="relative" data-chart>
      <svg
        width="100%"
        height={TOTAL}
        role="slider"
        aria-label="Traffic over time. Arrows move through it, Shift and arrows select, Enter zooms in."
        aria-valuemin={0}
        aria-valuemax={Math.max(0, last)}
        aria-valuenow={cursor ?? last}
        aria-valuetext={bucketSentence(current ?? series[last] ?? EMPTY, spanMs, zone)}
        tabIndex={0}
        className="block touch-pan-y rounded-sm select-none"
        onKeyDown={onKeyDown}
        onFocus={(event) => event.currentTarget.matches(':focus-visible') && setCursor(cursor ?? last)}
        onBlur={() => {
          setCursor(null);
          setAnchor(null);
        }}
        onPointerDown={(event) => {
          if (event.button !== 0 || event.pointerType === 'touch') return;
          event.currentTarget.setPointerCapture(event.pointerId);
          isDragging.current = true;
          setAnchor(columnAt(event));
          setCursor(columnAt(event));
        }}
        onPointerMove={(event) => setCursor(columnAt(event))}
        onPointerUp={(event) => {
          if (isDragging.current && anchor !== null && anchor !== columnAt(event))
            zoomTo(anchor, columnAt(event));
          isDragging.current = false;
          setAnchor(null);
        }}
        onPointerLeave={() => {
          if (!isDragging.current) setCursor(null);
        }}
      >
        <Grid ticks={ticks} y={y} width={width} />
        {selection && (
          <rect
            x={LEFT + selection.from * slot}
            width={(selection.to - selection.from + 1) * slot}
            y={0}
            height={TOTAL}
            className="fill-focus/15"
          />
        )}
        {cursor !== null && selection === null && (
          <rect x={LEFT + cursor * slot} width={slot} y={0} height={TOTAL} className="fill-ink/6" />
        )}
        <g data-bar>
          {columns.map((column, index) => (
            <g key={column.atMs}>
              {column.parts.map(({ kind, from, to }) => (
                <rect
                  key={kind}
                  x={LEFT + index * slot + slot * 0.12}
                  width={slot * 0.76}
                  y={y(to)}
                  height={Math.max(y(from) - y(to), 1)}
                  className={FILL[kind]}
                />
              ))}
            </g>
          ))}
        </g>
        <TimeAxis series={series} slot={slot} spanMs={spanMs} width={inner} />
        <ShadowStrip series={series} slot={slot} width={width} />
      </svg>
      {current && cursor !== null && (
        <ChartTip bucket={current} spanMs={spanMs} leftPx={LEFT + (cursor + 0.5) * slot} widthPx={width} />
      )}
    </div>
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
const LABEL = 'fill-faint text-2xs numeric';

function Grid({
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

function TimeAxis({
  series,
  slot,
  spanMs,
  width,
}: {
  readonly series: readonly Bucket[];
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

/** What guards in shadow mode would have refused: dashed, because nothing happened. */
function ShadowStrip({
  series,
  slot,
  width,
}: {
  readonly series: readonly Bucket[];
  readonly slot: number;
  readonly width: number;
}): ReactNode {
  const highest = Math.max(...series.map(({ wouldRefuse }) => wouldRefuse), 1);
  const bottom = STRIP_TOP + STRIP;
  const path = series
    .map(({ wouldRefuse }, index) => {
      const level = bottom - (wouldRefuse / highest) * (STRIP - 2);
      return `${index === 0 ? 'M' : 'L'}${LEFT + index * slot} ${level}H${LEFT + (index + 1) * slot}`;
    })
    .join('');
  return (
    <g aria-hidden="true">
      <text x={LEFT - 8} y={bottom} dy="-0.1em" textAnchor="end" className={LABEL}>
        0
      </text>
      <text x={LEFT - 8} y={STRIP_TOP} dy="0.7em" textAnchor="end" className={LABEL}>
        {compact(highest)}
      </text>
      <line
        x1={LEFT}
        x2={width}
        y1={bottom}
        y2={bottom}
        className="stroke-line"
        shapeRendering="crispEdges"
      />
      <path d={path} className="fill-none stroke-mute" strokeWidth="1.25" strokeDasharray="3 2.5" />
    </g>
  );
}
