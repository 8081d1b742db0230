const QUARTER_MS = 900_000;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** Day of the week (ISO, 1 is Monday) and minute of the day in a zone. */
export interface LocalTime {
  readonly day: number;
  readonly minute: number;
}

/**
 * Local time of a zone. Zones change their offset only at full quarters of an hour, so that the offset is asked once per
 * quarter.
 * @param zone a name that `Intl.DateTimeFormat` knows
 */
export function localTime(zone: string): (nowMs: number) => LocalTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  let quarter = Number.NaN;
  let offsetMs = 0;
  return (nowMs) => {
    const found = Math.floor(nowMs / QUARTER_MS);
    if (found !== quarter) {
      offsetMs = offsetAt(format, found * QUARTER_MS);
      quarter = found;
    }
    const minutes = Math.floor((nowMs + offsetMs) / MINUTE_MS);
    const days = Math.floor(minutes / DAY_MINUTES);
    // 1970-01-01 was a Thursday.
    return { day: ((((days + 3) % 7) + 7) % 7) + 1, minute: minutes - days * DAY_MINUTES };
  };
}

function offsetAt(format: Intl.DateTimeFormat, ms: number): number {
  const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute) - ms;
}
