/** Growing delays, as a rule. */
export interface DelayRule {
  /** Length of the first delay; each further one is twice as long. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** After the end of a delay one level is taken back for each such time without another. */
  readonly decayMs: number;
}

/** Where growing delays stand. */
export interface Delay {
  /** 0: none; n: the n-th delay was imposed. */
  readonly level: number;
  /** Until when attempts wait, milliseconds since the epoch. */
  readonly blockedUntilMs: number;
}

/** No delay. */
export const NO_DELAY: Delay = { level: 0, blockedUntilMs: 0 };

/** How long the delay of a level is, milliseconds; level 0 has none. */
export function delayMs(level: number, rule: DelayRule): number {
  return level <= 0 ? 0 : Math.min(rule.firstMs * 2 ** (level - 1), rule.longestMs);
}

/** The level that is left at a time: what is quiet is forgiven step by step. */
export function levelAt(delay: Delay, nowMs: number, rule: DelayRule): number {
  const quietMs = Math.max(0, nowMs - delay.blockedUntilMs);
  return Math.max(0, delay.level - Math.floor(quietMs / rule.decayMs));
}

/** How long is to be waited yet, milliseconds; never longer than the longest delay, even where a clock was set back. */
export function waitMs(delay: Delay, nowMs: number, rule: DelayRule): number {
  return Math.min(Math.max(0, delay.blockedUntilMs - nowMs), rule.longestMs);
}

/** Imposes the next delay from now on. Levels stop growing where the delay does, so that they decay from there. */
export function raised(delay: Delay, nowMs: number, rule: DelayRule): Delay {
  const most = 1 + Math.ceil(Math.log2(Math.max(1, rule.longestMs / rule.firstMs)));
  const level = Math.min(levelAt(delay, nowMs, rule) + 1, most);
  return { level, blockedUntilMs: nowMs + delayMs(level, rule) };
}

/** Takes back the delay that an attempt at `atMs` imposed, if it was that one. */
export function lowered(delay: Delay, atMs: number, rule: DelayRule): Delay {
  if (delay.level === 0 || delay.blockedUntilMs !== atMs + delayMs(delay.level, rule)) return delay;
  return { level: delay.level - 1, blockedUntilMs: atMs };
}
