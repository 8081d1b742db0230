import type { ReactNode } from 'react';
import { whole } from '../../format/number.ts';
import { axisTime } from '../../format/time.ts';
import { useSettings } from '../../state/settings.ts';
import { pulseOf } from './pulse.ts';

const PARTS = 32;
const HEIGHT = 24;

/** How the events behind an alert lie in time; nothing where they are too few to say. */
export function PulseBars({
  atMs,
  count,
}: {
  readonly atMs: readonly number[];
  /** All events, of which those handed in are the newest. */
  readonly count: number;
}): ReactNode {
  const { zone } = useSettings();
  const pulse = pulseOf(atMs, PARTS);
  if (pulse === null) return null;
  const { counts, fromMs, toMs, peak } = pulse;
  const from = axisTime(fromMs, toMs - fromMs, zone);
  const to = axisTime(toMs, toMs - fromMs, zone);
  const which =
    count > atMs.length ? `the newest ${atMs.length} of ${whole(count)} events` : `${count} events`;
  return (
    <figure className="mt-3">
      <svg
        role="img"
        aria-label={`${which}, from ${from} to ${to}; ${peak} at most in one of ${PARTS} equal parts.`}
        viewBox={`0 0 ${PARTS * 6} ${HEIGHT}`}
        preserveAspectRatio="none"
        className="h-6 w-full fill-control"
      >
        {counts.map((one, at) => {
          const height = one === 0 ? 1 : Math.max(2, (one / peak) * HEIGHT);
          // Parts keep their places: there is nothing else to name them by.
          return <rect key={at} x={at * 6} y={HEIGHT - height} width="4.5" height={height} />;
        })}
      </svg>
      <figcaption className="mt-1 flex justify-between gap-3 text-2xs text-faint numeric">
        <span>{from}</span>
        <span>{which}</span>
        <span>{to}</span>
      </figcaption>
    </figure>
  );
}
