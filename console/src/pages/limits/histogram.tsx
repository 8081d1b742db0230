import { useQuery } from '@tanstack/react-query';
import { ChartColumn, Table2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { LimitHistogramAnswer, LimitPolicy } from '../../../../src/server/api/types.ts';
import { histogramQuery } from '../../api/queries.ts';
import { useWidth } from '../../chart/size.ts';
import { percent, whole } from '../../format/number.ts';
import { duration } from '../../format/time.ts';
import { useCommand } from '../../keys/commands.ts';
import { Button, Empty, Panel, Skeleton } from '../../ui/parts.tsx';
import { Loaded } from '../../ui/state.tsx';
import {
  axisMarks,
  binHeight,
  limitAt,
  placeOf,
  positionOf,
  shareOver,
  SLIDER_STEPS,
  sliderTop,
} from './share.ts';
import { HISTOGRAM } from './place.ts';

const HEIGHT = 212;

/** How busy the keys were, with the limit drawn on it and a slider that says what another limit would refuse. */
export function Histogram({ policy }: { readonly policy: LimitPolicy }): ReactNode {
  const query = useQuery(histogramQuery(policy.name));
  const [isTable, setTable] = useState(false);
  useCommand('table', () => setTable(!isTable));
  const place = useRef<HTMLDivElement>(null);
  // It comes after the page: the browser has looked for it before it was there.
  useEffect(() => {
    if (location.hash === `#${HISTOGRAM}`) place.current?.scrollIntoView({ block: 'start' });
  }, []);
  return (
    <div ref={place} id={HISTOGRAM} className="min-w-0 scroll-mt-16">
      <Panel
        title={`Requests per key: ${policy.name}`}
        note="last hour"
        actions={
          <Button small look="quiet" onClick={() => setTable(!isTable)} title="Table or chart (V)">
            {isTable ? <ChartColumn className="size-3.5" /> : <Table2 className="size-3.5" />}
            {isTable ? 'Chart' : 'Table'}
          </Button>
        }
      >
        <Loaded query={query} skeleton={<Skeleton className="h-80" />}>
          {(answer) =>
            answer.bins.length === 0 ? (
              <div className="grid h-80 place-items-center">
                <Empty title="No requests were counted">
                  When this policy has counted for a while, this shows how busy its keys are and which limit
                  would fit.
                </Empty>
              </div>
            ) : (
              <WhatIf answer={answer} isTable={isTable} />
            )
          }
        </Loaded>
      </Panel>
    </div>
  );
}

function WhatIf({
  answer,
  isTable,
}: {
  readonly answer: LimitHistogramAnswer;
  readonly isTable: boolean;
}): ReactNode {
  const [candidate, setCandidate] = useState(answer.max);
  const { max, windowMs, p99, p999 } = answer;
  const now = shareOver(answer.bins, max) ?? 0;
  const then = shareOver(answer.bins, candidate) ?? 0;
  const each = duration(windowMs);
  const top = sliderTop(answer);
  const sentence =
    candidate === max
      ? `The limit of ${whole(max)} per ${each} was too little for ${percent(now)} of keys.`
      : `A limit of ${whole(candidate)} per ${each} would have been too little for ${percent(then)} of keys, instead of ${percent(now)}.`;
  return (
    <>
      <p className="-mt-1 mb-3 min-h-10 text-sm text-mute" aria-live="polite">
        {sentence}
      </p>
      {isTable ? (
        <BinTable answer={answer} />
      ) : (
        <Bars answer={answer} candidate={candidate} label={sentence} />
      )}
      <label className="mt-4 flex items-center gap-3 text-sm">
        <span className="text-mute">Limit to try</span>
        <input
          type="range"
          min={0}
          max={SLIDER_STEPS}
          value={positionOf(candidate, top)}
          aria-valuetext={`${whole(candidate)} per ${each}: ${percent(then)} of keys over it`}
          onChange={(event) => setCandidate(limitAt(Number(event.target.value), candidate, top))}
          className="h-6 min-w-0 flex-1 accent-solid"
        />
        <output className="w-14 text-right font-medium numeric">{whole(candidate)}</output>
      </label>
      <div className="mt-2 flex flex-wrap gap-2">
        <Button small onClick={() => setCandidate(max)} disabled={candidate === max}>
          Present: {whole(max)}
        </Button>
        {p99 !== null && (
          <Button small onClick={() => setCandidate(p99)} title="99 % of keys stay under it">
            99 %: {whole(p99)}
          </Button>
        )}
        {p999 !== null && (
          <Button small onClick={() => setCandidate(p999)} title="99.9 % of keys stay under it">
            99.9 %: {whole(p999)}
          </Button>
        )}
      </div>
    </>
  );
}

function Bars({
  answer,
  candidate,
  label,
}: {
  readonly answer: LimitHistogramAnswer;
  readonly candidate: number;
  readonly label: string;
}): ReactNode {
  const [ref, width] = useWidth();
  const top = sliderTop(answer);
  const most = Math.max(...answer.bins.map(({ keys }) => keys));
  const x = (requests: number): number => placeOf(requests, top) * width;
  return (
    <div ref={ref}>
      <svg width="100%" height={HEIGHT + 20} role="img" aria-label={label} className="block overflow-visible">
        <g data-bar>
          {answer.bins.map(({ from, upTo, keys }) => {
            const end = upTo ?? top;
            const height = Math.max(binHeight(keys, most) * (HEIGHT - 20), keys > 0 ? 2 : 0);
            const isOver = from > candidate;
            return (
              <rect
                key={from}
                x={x(from - 1) + 0.5}
                width={Math.max(1, x(end) - x(from - 1) - 1)}
                y={HEIGHT - height}
                height={height}
                className={isOver ? 'fill-limited' : 'fill-allowed'}
              />
            );
          })}
        </g>
        <line x1={0} x2={width} y1={HEIGHT} y2={HEIGHT} className="stroke-edge" />
        <Mark at={x(answer.max)} width={width} text={`Limit ${whole(answer.max)}`} />
        {candidate !== answer.max && <Mark at={x(candidate)} width={width} text="" dashed />}
        {axisMarks(top).map((mark) => (
          <text
            key={mark}
            x={x(mark)}
            y={HEIGHT + 15}
            textAnchor="middle"
            className="fill-faint text-2xs numeric"
          >
            {whole(mark)}
          </text>
        ))}
        <text x={width} y={HEIGHT + 15} textAnchor="end" className="fill-faint text-2xs numeric">
          {whole(top)} a window
        </text>
      </svg>
      <p className="text-2xs text-faint">
        Across: requests of a key per window, logarithmic. Height: number of keys, square-root scale.
      </p>
    </div>
  );
}

function Mark({
  at,
  width,
  text,
  dashed = false,
}: {
  readonly at: number;
  readonly width: number;
  readonly text: string;
  readonly dashed?: boolean;
}): ReactNode {
  const isRight = at > width - 80;
  return (
    <g>
      <line
        x1={at}
        x2={at}
        y1={dashed ? 16 : 0}
        y2={HEIGHT}
        className="stroke-ink"
        strokeWidth="1.5"
        strokeDasharray={dashed ? '4 3' : undefined}
      />
      <text
        x={at + (isRight ? -6 : 6)}
        y={10}
        textAnchor={isRight ? 'end' : 'start'}
        className="fill-ink text-xs font-medium numeric"
      >
        {text}
      </text>
    </g>
  );
}

function BinTable({ answer }: { readonly answer: LimitHistogramAnswer }): ReactNode {
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label="Requests per key as a table"
      className="relative h-[248px] overflow-auto quiet-scroll"
    >
      <table className="w-full text-xs">
        <caption className="sr-only">How many keys made how many requests per window</caption>
        <thead>
          <tr className="text-left text-faint">
            <th scope="col" className="sticky top-0 bg-panel py-1 font-medium">
              Requests
            </th>
            <th scope="col" className="sticky top-0 bg-panel py-1 text-right font-medium">
              Keys
            </th>
          </tr>
        </thead>
        <tbody>
          {answer.bins.map(({ from, upTo, keys }) => (
            <tr key={from} className="border-t border-line">
              <th scope="row" className="py-1 text-left font-normal text-mute">
                {upTo === null
                  ? `${whole(from)} and more`
                  : from === upTo
                    ? whole(from)
                    : `${whole(from)}–${whole(upTo)}`}
              </th>
              <td className="py-1 text-right">{whole(keys)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
