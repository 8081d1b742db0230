const WHOLE = new Intl.NumberFormat('en-GB');
const COMPACT = new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 });

/** 12,345 */
export function whole(value: number): string {
  return WHOLE.format(Math.round(value));
}

/** 12.3K: for axes and tiles; below ten thousand the whole number. */
export function compact(value: number): string {
  return Math.abs(value) < 10_000 ? whole(value) : COMPACT.format(value);
}

/** Share between 0 and 1 as per cent: `< 0.1 %`, `4.2 %`, `37 %`. */
export function percent(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const value = share * 100;
  if (value === 0) return '0 %';
  if (value < 0.1) return '< 0.1 %';
  if (value > 99.9 && value < 100) return '> 99.9 %';
  return `${value < 10 ? value.toFixed(1).replace('.0', '') : Math.round(value).toString()} %`;
}

/** How a total stands to the span before: `{ text: '+12 %', direction: 'up' }`. */
export function change(
  now: number,
  before: number,
): { readonly text: string; readonly direction: 'up' | 'down' | 'same' | 'new' } {
  if (before === 0)
    return now === 0 ? { text: 'no change', direction: 'same' } : { text: 'new', direction: 'new' };
  const ratio = now / before;
  if (Math.abs(ratio - 1) < 0.005) return { text: 'no change', direction: 'same' };
  if (ratio >= 10) return { text: `× ${Math.round(ratio)}`, direction: 'up' };
  const share = Math.round(Math.abs(ratio - 1) * 100);
  return ratio > 1 ? { text: `+${share} %`, direction: 'up' } : { text: `−${share} %`, direction: 'down' };
}

/** Bytes as B, kB, MB. */
export function bytes(value: number): string {
  if (value < 1000) return `${Math.round(value)} B`;
  if (value < 1_000_000) return `${(value / 1000).toFixed(1)} kB`;
  return `${(value / 1_000_000).toFixed(1)} MB`;
}

/** Milliseconds with a useful number of places: `0.04 ms`, `3.2 ms`, `1.24 s`. */
export function millis(value: number): string {
  if (value >= 1000) return `${(value / 1000).toFixed(2)} s`;
  if (value >= 100) return `${Math.round(value)} ms`;
  return `${value < 1 ? value.toFixed(2) : value.toFixed(1)} ms`;
}

/** `1 thing`, `2 things`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${whole(count)} ${count === 1 ? one : many}`;
}

/** Sampling in words: a share of 0.1 is `1 : 10 sample of passes`; null when everything was kept. */
export function sampling(share: number): string | null {
  return share >= 1 || share <= 0 ? null : `1 : ${whole(1 / share)} sample of passes`;
}
