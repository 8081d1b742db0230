import { whole } from '../../format/number.ts';
import { MAX_EXPORTED } from './bounds.ts';

/** What somebody typed to say which events are to be proven; empty where they did not. */
export interface RangeText {
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly actor: string;
  readonly subject: string;
}

/** Which events are proven. */
export interface Range {
  readonly from: number;
  readonly to: number;
  readonly type?: string;
  readonly actor?: string;
  readonly subject?: string;
}

/** The range that is meant: without places, all that is signed. @param signed events under the newest checkpoint */
export function rangeOf({ from, to, ...filter }: RangeText, signed: number): Range {
  const wanted = Object.entries(filter).flatMap(([name, text]) =>
    text.trim() === '' ? [] : [[name, text.trim()] as const],
  );
  return {
    from: placeOf(from) ?? 0,
    to: placeOf(to) ?? Math.max(0, signed - 1),
    ...Object.fromEntries(wanted),
  };
}

/** What is wrong with it, by field. */
export function rangeFaults(given: RangeText, signed: number): Partial<Record<keyof RangeText, string>> {
  const bad = 'A place is a whole number from 0.';
  const faults = {
    ...(isPlace(given.from) ? {} : { from: bad }),
    ...(isPlace(given.to) ? {} : { to: bad }),
  };
  if (Object.keys(faults).length > 0) return faults;
  const { from, to } = rangeOf(given, signed);
  if (to >= signed) return { to: `Signed up to ${whole(signed - 1)}; what is younger follows in a minute.` };
  if (from > to) return { from: 'It must not lie behind the end.' };
  if (to - from >= MAX_EXPORTED)
    return { to: `More than ${whole(MAX_EXPORTED)} events: use rampart audit proof.` };
  return {};
}

function isPlace(text: string): boolean {
  return text.trim() === '' || placeOf(text) !== undefined;
}

/** A place as it is written, with or without separators. */
function placeOf(text: string): number | undefined {
  const digits = text.trim().replaceAll(/(?<=\d)[,\u202f\u00a0 ](?=\d)/g, '');
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined;
}
