import type { ReactNode } from 'react';
import { whole } from '../format/number.ts';
import { clockTime, shortTime } from '../format/time.ts';
import { useSettings } from '../state/settings.ts';
import { CLASS_LABEL, Glyph } from '../ui/verdict.tsx';
import { CLASSES, requests } from './stack.ts';
import type { Bucket } from './stack.ts';

const WIDTH = 176;

/** The numbers of the column under the pointer. Readers of the screen hear them from the chart itself. */
export function ChartTip({
  bucket,
  spanMs,
  leftPx,
  widthPx,
}: {
  readonly bucket: Bucket;
  readonly spanMs: number;
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
        <span>
          {spanMs > 86_400_000
            ? shortTime(bucket.atMs, zone)
            : clockTime(bucket.atMs, zone, spanMs < 3_600_000)}
        </span>
        <span className="numeric">{whole(requests(bucket))}</span>
      </p>
      {CLASSES.toReversed().map((kind) => (
        <p key={kind} className="flex items-center gap-1.5 py-px text-mute">
          <Glyph kind={kind} className="size-2" />
          {CLASS_LABEL[kind]}
          <span className="ml-auto text-ink numeric">{whole(bucket[kind])}</span>
        </p>
      ))}
      {bucket.wouldRefuse > 0 && (
        <p className="mt-1 flex border-t border-dashed border-edge pt-1 text-mute">
          Would be refused<span className="ml-auto text-ink numeric">{whole(bucket.wouldRefuse)}</span>
        </p>
      )}
    </div>
  );
}
