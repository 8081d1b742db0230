import { type EventPart, isSettled } from './parts.ts';

/** So many partitions of a size become one of the next size. */
export const MERGE_FACTOR = 8;
/** Partitions of this size and above stay as they are: 8⁴ times the smallest. */
const LAST_SIZE = 4;

/**
 * Which partitions to merge next: the oldest eight of the smallest size that has as many beside each other, with what is
 * smaller between them. Each event is so written again once for every size, and of each size there are seven at most.
 * @param unitBytes of the smallest size
 * @returns adjacent partitions, the oldest first; none where there are too few
 */
export function planMerge(parts: readonly EventPart[], unitBytes: number): readonly EventPart[] {
  for (let size = 0; size < LAST_SIZE; size += 1) {
    let run: EventPart[] = [];
    for (const part of parts) {
      const own = sizeOf(part, unitBytes);
      if (!isSettled(part) || own > size) run = [];
      else if (own === size || run.length > 0) run.push(part);
      const count = run.filter((one) => sizeOf(one, unitBytes) === size).length;
      if (count === MERGE_FACTOR) return run;
    }
  }
  return [];
}

/** 0 for the smallest, and one more for each eight times; between two the nearer one. */
function sizeOf({ bytes }: EventPart, unitBytes: number): number {
  return Math.max(0, Math.round(Math.log(Math.max(1, bytes) / unitBytes) / Math.log(MERGE_FACTOR)));
}

/** Empty partitions beside each other, which can be one. */
export function planJoin(parts: readonly EventPart[]): readonly EventPart[] {
  let run: EventPart[] = [];
  for (const part of parts) {
    if (isSettled(part) && part.bytes === 0) run.push(part);
    else if (run.length > 1) return run;
    else run = [];
  }
  return run.length > 1 ? run : [];
}
