/** A place of the feed, and what stands there. */
export interface Candidate {
  readonly place: number;
  /** Null where the event was deleted. */
  readonly id: string | null;
  /** Bytes of its details. */
  readonly bytes: number;
  /** Whether the sink takes events of its kind. */
  readonly wanted: boolean;
}

/** Where a batch ends. */
export interface Cut {
  readonly ids: readonly string[];
  readonly places: readonly number[];
  /** Place up to which everything is in the batch, not wanted, or lost. */
  readonly through: number;
  /** Places up to there whose event was deleted. */
  readonly lost: readonly number[];
}

/** Takes candidates in order while they fit; the first one always does. Pure. @param candidates at least one */
export function cutBatch(candidates: readonly Candidate[], maxEvents: number, maxBytes: number): Cut {
  const taken: { readonly id: string; readonly place: number }[] = [];
  let bytes = 0;
  const lost: number[] = [];
  let through = 0;
  for (const { place, id, bytes: size, wanted } of candidates) {
    if (id === null) lost.push(place);
    else if (wanted) {
      const isFull = taken.length >= maxEvents || (taken.length > 0 && bytes + size > maxBytes);
      if (isFull) break;
      bytes += size;
      taken.push({ id, place });
    }
    through = place;
  }
  return { ids: taken.map(({ id }) => id), places: taken.map(({ place }) => place), through, lost };
}
