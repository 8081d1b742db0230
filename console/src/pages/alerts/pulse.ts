/** How events lie in time. */
export interface Pulse {
  /** Events in each part of the span, oldest first. */
  readonly counts: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly peak: number;
}

/** Cuts the span of some moments into equal parts and counts; null where they are too few to say anything. */
export function pulseOf(atMs: readonly number[], parts: number): Pulse | null {
  if (atMs.length < 3) return null;
  const fromMs = Math.min(...atMs);
  const toMs = Math.max(...atMs);
  if (toMs === fromMs) return null;
  const counts = Array.from({ length: parts }, () => 0);
  for (const one of atMs) {
    const part = Math.min(parts - 1, Math.floor(((one - fromMs) / (toMs - fromMs)) * parts));
    counts[part] = (counts[part] ?? 0) + 1;
  }
  return { counts, fromMs, toMs, peak: Math.max(...counts) };
}
