/** How many alerts were told lately. Times are milliseconds since the epoch. */
export interface Storm {
  readonly windowStartMs: number;
  /** Alerts that people were told of one by one in this window. */
  readonly told: number;
  /** Of them, CRITICAL ones, which have as many to themselves. */
  readonly critical: number;
  /** Alerts that wait for the digest. */
  readonly held: number;
  /** Whether the window before had more than may be told one by one: this one is told as a digest alone. */
  readonly raging: boolean;
}

/** Bounds of a storm. */
export interface StormRules {
  readonly atMost: number;
  readonly withinMs: number;
}

/** No storm. */
export const CALM: Storm = { windowStartMs: 0, told: 0, critical: 0, held: 0, raging: false };

/**
 * Counts an alert that is to be told. Pure.
 * @returns `one` when people are told of it by itself, `held` when it goes into the digest
 */
export function admitTelling(
  storm: Storm,
  rules: StormRules,
  isCritical: boolean,
  nowMs: number,
): { readonly storm: Storm; readonly how: 'one' | 'held' } {
  const now = opened(storm, rules, nowMs);
  const used = isCritical ? now.critical : now.told;
  // A storm of small things must not silence a great one.
  if (used >= rules.atMost || (now.raging && !isCritical))
    return { storm: { ...now, held: now.held + 1 }, how: 'held' };
  return {
    storm: isCritical ? { ...now, critical: now.critical + 1 } : { ...now, told: now.told + 1 },
    how: 'one',
  };
}

/** When the digest is due; null where none waits. */
export function digestAtMs({ held, windowStartMs }: Storm, { withinMs }: StormRules): number | null {
  return held === 0 ? null : windowStartMs + withinMs;
}

/**
 * Takes out what waits for the digest, once its window is over. Pure.
 * @returns how many alerts the digest is about; 0 while none is due
 */
export function takeDigest(
  storm: Storm,
  rules: StormRules,
  nowMs: number,
): { readonly storm: Storm; readonly count: number } {
  const atMs = digestAtMs(storm, rules);
  if (atMs === null || nowMs < atMs) return { storm, count: 0 };
  const raging = storm.told + storm.held > rules.atMost;
  return { storm: { ...CALM, windowStartMs: nowMs, raging }, count: storm.held };
}

function opened(storm: Storm, { withinMs }: StormRules, nowMs: number): Storm {
  const isOver = nowMs - storm.windowStartMs >= withinMs || nowMs < storm.windowStartMs;
  // What is held stays until it was told.
  return !isOver || storm.held > 0 ? storm : { ...CALM, windowStartMs: nowMs };
}
