import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { ago, clockTime, fullTime, momentTime } from '../format/time.ts';
import { useSettings } from '../state/settings.ts';

/** Now in milliseconds since the epoch, renewed every `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** A moment: relative or as clock time, with local time and UTC on hover. */
export function When({
  atMs,
  look = 'ago',
}: {
  readonly atMs: number;
  readonly look?: 'ago' | 'moment' | 'clock' | 'full';
}): ReactNode {
  const { zone } = useSettings();
  const now = useNow(look === 'ago' ? 10_000 : 3_600_000);
  const text =
    look === 'ago'
      ? // What has just come is newer than the last look at the clock, and not of the future.
        ago(atMs, atMs > now ? Math.max(now, Math.min(atMs, Date.now())) : now)
      : look === 'moment'
        ? momentTime(atMs, now, zone)
        : look === 'clock'
          ? clockTime(atMs, zone)
          : fullTime(atMs, zone);
  return (
    <time
      dateTime={new Date(atMs).toISOString()}
      title={`${fullTime(atMs, 'local')} local\n${fullTime(atMs, 'utc')} UTC`}
      className="numeric whitespace-nowrap"
    >
      {text}
      {look !== 'ago' && zone === 'utc' ? ' UTC' : ''}
    </time>
  );
}
