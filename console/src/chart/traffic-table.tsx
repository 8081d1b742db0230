import type { ReactNode } from 'react';
import { whole } from '../format/number.ts';
import { clockTime, shortTime } from '../format/time.ts';
import { useSettings } from '../state/settings.ts';
import { CLASS_LABEL } from '../ui/verdict.tsx';
import { CLASSES, requests } from './stack.ts';
import type { Bucket } from './stack.ts';

/** The numbers behind the chart, newest first, in the chart's own space. */
export function TrafficTable({
  series,
  bucketMs,
  caption,
}: {
  readonly series: readonly Bucket[];
  readonly bucketMs: number;
  readonly caption: string;
}): ReactNode {
  const { zone } = useSettings();
  const isLong = bucketMs * series.length > 86_400_000;
  const head = 'sticky top-0 bg-panel px-2 py-1.5 font-medium text-faint';
  return (
    <div
      tabIndex={0}
      role="region"
      aria-label="Traffic as a table"
      className="relative h-[276px] overflow-auto quiet-scroll"
    >
      <table className="w-full text-xs">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            <th scope="col" className={`${head} text-left`}>
              From
            </th>
            <th scope="col" className={`${head} text-right`}>
              Requests
            </th>
            {CLASSES.map((kind) => (
              <th key={kind} scope="col" className={`${head} text-right`}>
                {CLASS_LABEL[kind]}
              </th>
            ))}
            <th scope="col" className={`${head} text-right whitespace-nowrap`}>
              Would refuse
            </th>
          </tr>
        </thead>
        <tbody>
          {series.toReversed().map((bucket) => (
            <tr key={bucket.atMs} className="border-t border-line">
              <th scope="row" className="px-2 py-1 text-left font-normal whitespace-nowrap text-mute">
                {isLong ? shortTime(bucket.atMs, zone) : clockTime(bucket.atMs, zone)}
              </th>
              <td className="px-2 py-1 text-right font-medium">{whole(requests(bucket))}</td>
              {CLASSES.map((kind) => (
                <td key={kind} className={`px-2 py-1 text-right ${bucket[kind] === 0 ? 'text-faint' : ''}`}>
                  {whole(bucket[kind])}
                </td>
              ))}
              <td className={`px-2 py-1 text-right ${bucket.wouldRefuse === 0 ? 'text-faint' : ''}`}>
                {whole(bucket.wouldRefuse)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
