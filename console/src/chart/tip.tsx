import type { ReactNode } from 'react';
import { whole } from '../format/number.ts';
import { useSettings } from '../state/settings.ts';
import { columnTime } from './words.ts';

const WIDTH = 208;

/** A number of a column with its sign. */
export interface TipLine {
  readonly name: string;
  readonly value: number;
  readonly sign?: ReactNode;
}

/** The numbers of the column under the pointer. Readers of the screen hear them from the chart itself. */
export function Tip({
  atMs,
  spanMs,
  total,
  lines,
  rest,
  leftPx,
  widthPx,
}: {
  readonly atMs: number;
  readonly spanMs: number;
  readonly total: number;
  readonly lines: readonly TipLine[];
  /** Not part of the total. */
  readonly rest?: TipLine;
  readonly leftPx: number;
  readonly widthPx: number;
}): ReactNode {
  const { zone } = useSettings();
  const isRight = leftPx + WIDTH + 16 > widthPx;
  return (
    <div
      aria-hidden="true"
      style={{ left: isRight ? Math.max(0, leftPx - WIDTH - 12) : leftPx + 12, width: WIDTH }}
      className="pointer-events-none absolute top-0 z-10 rounded-lg bg-raised p-2.5 text-xs shadow-pop"
    >
      <p className="mb-1.5 flex justify-between font-medium">
        <span>{columnTime(atMs, spanMs, zone)}</span>
        <span className="numeric">{whole(total)}</span>
      </p>
      {lines.map(({ name, value, sign }) => (
        <p key={name} className="flex items-center gap-1.5 py-px text-mute">
          {sign}
          {name}
          <span className="ml-auto text-ink numeric">{whole(value)}</span>
        </p>
      ))}
      {rest !== undefined && rest.value > 0 && (
        <p className="mt-1 flex border-t border-dashed border-edge pt-1 text-mute">
          {rest.name}
          <span className="ml-auto text-ink numeric">{whole(rest.value)}</span>
        </p>
      )}
    </div>
  );
}
