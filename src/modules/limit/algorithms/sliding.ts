import type { Algorithm } from './algorithm.ts';
import { ARG, programOf } from './algorithm.ts';

/**
 * Sliding-window counter in three numbers: the index of the newest bucket, and two that pack the counts of 2 × D buckets
 * (D digits each, newest lowest). The window is cut into K = 2D − 1 buckets; the buckets that it covers whole count in
 * full, the oldest, which it covers in part, is taken to be even up to its fair share (limit ÷ K) and is counted whole
 * beyond that.
 *
 * Error bound: no window ever holds more than limit × (1 + 1/K), whatever the traffic: at D = 4 limits below 7 are
 * exact and all others never exceeded by more than a seventh. The price is on the other side: a burst above the fair
 * share is given back up to one bucket (window ÷ K) late.
 *
 * | largest limit | D | error at most |
 * |---|---|---|
 * | 8,191 | 4 | 1/7 |
 * | 131,071 | 3 | 1/5 |
 * | 67,108,863 | 2 | 1/3 |
 * | more | 1 | 1 (the usual two-counter estimate: d after a burst at most limit × (1 + d ÷ window)) |
 */
export interface Sliding extends Algorithm {
  /** Buckets per window. */
  readonly buckets: number;
  /** Largest limit that its counts hold. */
  readonly most: number;
}

const DIGIT_BITS = [0, 52, 26, 17, 13] as const;
/** A sum of fractions may miss a whole number by this much. */
const TOLERANCE = 1e-9;

/** A row brought to the present: filled by `load`, so that looking allocates nothing. */
const now = { index: 0, a: 0, b: 0, part: 0 };

function makeSliding(digits: 1 | 2 | 3 | 4): Sliding {
  const base = 2 ** DIGIT_BITS[digits];
  const top = base ** (digits - 1);
  const slots = digits * 2;
  const buckets = slots - 1;

  /** Moves the counts on by one bucket. */
  const shift = (): void => {
    const fromA = Math.floor(now.a * perTop);
    now.a = (now.a - fromA * top) * base;
    now.b = (now.b - Math.floor(now.b * perTop) * top) * base + fromA;
  };
  // Reciprocals of powers of two are exact. A unit that the packing does not have counts nothing.
  const reciprocal = (power: number): number => (power < digits ? 1 / base ** power : 0);
  const [one, two, three] = [reciprocal(1), reciprocal(2), reciprocal(3)];
  const perTop = 1 / top;
  /** The sum of all digits: the numbers themselves, less what the places of the digits add to them. */
  const total = (a: number, b: number): number => {
    const higher =
      Math.floor(a * one) +
      Math.floor(a * two) +
      Math.floor(a * three) +
      Math.floor(b * one) +
      Math.floor(b * two) +
      Math.floor(b * three);
    return a + b - (base - 1) * higher;
  };
  const load = (row: Float64Array, at: number, args: readonly number[], nowMs: number): void => {
    const bucketMs = args[ARG.window] as number;
    const stored = row[at] as number;
    let index = Math.floor(nowMs / bucketMs);
    let part = nowMs / bucketMs - index;
    let steps = index - stored;
    now.a = row[at + 1] as number;
    now.b = row[at + 2] as number;
    if (steps < 0) {
      // The clock stepped back. Within a window time stands still; beyond that all counts become the newest.
      if (steps < -slots) {
        now.a = Math.min(total(now.a, now.b), base - 1);
        now.b = 0;
      } else {
        index = stored;
        part = 0;
      }
    } else if (steps >= slots) now.a = now.b = 0;
    else for (; steps > 0; steps--) shift();
    now.index = index;
    now.part = part;
  };
  const estimate = (max: number): number => {
    const oldest = Math.floor(now.b * perTop);
    return total(now.a, now.b) - Math.min(oldest, max / buckets) * now.part;
  };
  const used: Algorithm['used'] = (row, at, args, nowMs) => {
    load(row, at, args, nowMs);
    return estimate(args[ARG.max] as number);
  };
  const hasRoom = (args: readonly number[]): boolean =>
    estimate(args[ARG.max] as number) + (args[ARG.cost] as number) <= (args[ARG.max] as number) + TOLERANCE;
  /** Counts into the row what `load` brought to the present. */
  const write = (row: Float64Array, at: number, cost: number): void => {
    const newest = now.a - Math.floor(now.a * one) * base;
    row[at] = now.index;
    row[at + 1] = now.a - newest + Math.min(newest + cost, base - 1);
    row[at + 2] = now.b;
  };

  return {
    name: 'sliding',
    buckets,
    most: base - 1,
    program: programOf({
      name: `sliding${digits}.v1`,
      columns: 3,
      look(row, at, args, nowMs) {
        load(row, at, args, nowMs);
        return hasRoom(args);
      },
      add(row, at, args, nowMs) {
        load(row, at, args, nowMs);
        write(row, at, args[ARG.cost] as number);
      },
      take(row, at, args, nowMs) {
        load(row, at, args, nowMs);
        if (!hasRoom(args)) return false;
        write(row, at, args[ARG.cost] as number);
        return true;
      },
      ttlMs: (args) => slots * (args[ARG.window] as number),
      lua: luaOf(digits, base, top, slots),
    }),
    used,
    freeAtMs(row, at, args, nowMs) {
      const max = args[ARG.max] as number;
      const bucketMs = args[ARG.window] as number;
      load(row, at, args, nowMs);
      for (let step = 0; step <= slots; step++, now.part = 0, shift()) {
        const oldest = Math.floor(now.b * perTop);
        const even = Math.min(oldest, max / buckets);
        const over = total(now.a, now.b) + (args[ARG.cost] as number) - max - TOLERANCE;
        const part = over <= 0 ? 0 : over / even;
        if (part >= 1 || (over > 0 && even === 0)) continue;
        const freeMs = Math.ceil((now.index + step + Math.max(part, now.part)) * bucketMs);
        // A bucket may end between the fraction and the next whole millisecond: it is free then too.
        return Math.max(nowMs, freeMs);
      }
      return Math.ceil((now.index + slots) * bucketMs);
    },
    resetAtMs(row, at, args, nowMs) {
      load(row, at, args, nowMs);
      const bucketMs = args[ARG.window] as number;
      if (now.a === 0 && now.b === 0) return nowMs;
      return Math.min((now.index + slots) * bucketMs, nowMs + buckets * bucketMs);
    },
  };
}

/**
 * The same in Lua, where `x % 1` and `x % base` cost a fraction of `math.floor`. Both languages count in 64-bit floats and
 * every step is exact, so the rows are equal bit by bit.
 */
function luaOf(
  digits: number,
  base: number,
  top: number,
  slots: number,
): { look: string; add: string; take: string } {
  const load = `local ratio, last, a, b = now / args[2], row[1], row[2], row[3]
local part = ratio % 1
local index = ratio - part
if index ~= last then
  local steps = index - last
  if steps < -${slots} then
    a = math.min(${luaTotal('a', digits, base)} + ${luaTotal('b', digits, base)}, ${base - 1})
    b = 0
  elseif steps < 0 then
    index = last
    part = 0
  elseif steps >= ${slots} then
    a = 0
    b = 0
  else
    for _ = 1, steps do
      local rest = a % ${top}
      b = b % ${top} * ${base} + (a - rest) / ${top}
      a = rest * ${base}
    end
  end
end`;
  const used = `local even, oldest = args[1] / ${slots - 1}, (b - b % ${top}) / ${top}
if oldest < even then even = oldest end
local used = ${luaTotal('a', digits, base)} + ${luaTotal('b', digits, base)} - even * part`;
  const count = `local newest = a % ${base}
local count = newest + args[3]
if count > ${base - 1} then count = ${base - 1} end`;
  return {
    look: `${load}
${used}
return used + args[3] <= args[1] + ${TOLERANCE}`,
    add: `${load}
${count}
row[1] = index
row[2] = a - newest + count
row[3] = b`,
    take: `${load}
${used}
if not (used + args[3] <= args[1] + ${TOLERANCE}) then return false end
${count}
return true, index, a - newest + count, b`,
  };
}

/** The sum of the digits of a packed number, as an expression. */
function luaTotal(name: string, digits: number, base: number): string {
  const upTo = (place: number): string => (place === digits ? name : `${name} % ${base ** place}`);
  const places = Array.from({ length: digits }, (_, i) =>
    i === 0 ? upTo(1) : `(${upTo(i + 1)} - ${upTo(i)}) / ${base ** i}`,
  );
  return `(${places.join(' + ')})`;
}

/** From the finest to the coarsest. */
export const SLIDING: readonly Sliding[] = [makeSliding(4), makeSliding(3), makeSliding(2), makeSliding(1)];

/** The finest that holds counts up to `max`. */
export function slidingFor(max: number): Sliding {
  return SLIDING.find((one) => max <= one.most) ?? (SLIDING[3] as Sliding);
}
