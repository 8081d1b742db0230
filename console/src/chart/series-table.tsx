import type { ReactNode } from 'react';
import { whole } from '../format/number.ts';
import { clockTime, shortTime } from '../format/time.ts';
import { useSettings } from '../state/settings.ts';

/** A row of the table: a column of the chart. */
export interface SeriesRow {
  readonly atMs: number;
  readonly total: number;
  /** In the order of the heads. */
  readonly values: readonly number[];
}

/** The numbers behind a chart, newest first, in the chart's own space. */
export function SeriesTable({
  label,
  caption,
  total,
  heads,
  rows,
  bucketMs,
  heightPx,
}: {
  readonly label: string;
  readonly caption: string;
  /** Head of the sum. */
  readonly total: string;
  readonly heads: readonly string[];
  /** Oldest first. */
  readonly rows: readonly SeriesRow[];
  readonly bucketMs: number;
  /** Of the chart that it stands for, so that nothing moves. */
  readonly heightPx: number;
}): ReactNode {
  const { zone } = useSettings();
  const isLong = bucketMs * rows.length > 86_400_000;
  const head = 'sticky top-0 bg-panel px-2 py-1.5 font-medium whitespace-nowrap text-faint';
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label={label}
      style={{ height: heightPx }}
      className="relative overflow-auto quiet-scroll"
    >
      <table className="w-full text-xs">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            <th scope="col" className={`${head} text-left`}>
              From
            </th>
            {[total, ...heads].map((name) => (
              <th key={name} scope="col" className={`${head} text-right`}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.toReversed().map((row) => (
            <tr key={row.atMs} className="border-t border-line">
              <th scope="row" className="px-2 py-1 text-left font-normal whitespace-nowrap text-mute">
                {isLong ? shortTime(row.atMs, zone) : clockTime(row.atMs, zone)}
              </th>
              <td className="px-2 py-1 text-right font-medium">{whole(row.total)}</td>
              {row.values.map((value, at) => (
                <td key={heads[at]} className={`px-2 py-1 text-right ${value === 0 ? 'text-faint' : ''}`}>
                  {whole(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
