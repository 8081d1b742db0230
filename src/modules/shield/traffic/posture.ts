import type { Pressure } from './baseline.ts';

/** How hard the site is pressed. */
export const POSTURE_LEVELS = ['normal', 'elevated', 'attack'] as const;
export type PostureLevel = (typeof POSTURE_LEVELS)[number];

/** Where the posture stands, and for how long something has spoken for another. */
export interface PostureState {
  readonly level: PostureLevel;
  /** Seconds without a break in which the site was pressed harder than its posture says. */
  readonly pressedSeconds: number;
  /** Seconds without a break in which it was calm. */
  readonly calmSeconds: number;
}

/** What a second was like. */
export interface PostureSecond {
  readonly pressure: Pressure;
  /** Clients that were blocked for their traffic within the last minute. */
  readonly blocked: number;
}

/** The first posture. */
export const NORMAL: PostureState = { level: 'normal', pressedSeconds: 0, calmSeconds: 0 };

const RAISE_SECONDS = 5;
const CALM_SECONDS = 60;
/** Clients blocked within a minute from which on more than a single one is at work. */
const SEVERAL = 3;
const MANY = 20;

/** What a second asks for. */
export function demandOf({ pressure, blocked }: PostureSecond): PostureLevel {
  if (pressure === 'extreme' || blocked >= MANY) return 'attack';
  return pressure === 'high' || blocked >= SEVERAL ? 'elevated' : 'normal';
}

/**
 * Takes one step at most: up once five seconds in a row asked for more, down once sixty in a row were calm. What lies
 * between calm and pressed moves nothing.
 */
export function stepPosture(state: PostureState, second: PostureSecond): PostureState {
  const at = POSTURE_LEVELS.indexOf(state.level);
  const wanted = POSTURE_LEVELS.indexOf(demandOf(second));
  if (wanted > at) {
    const pressedSeconds = state.pressedSeconds + 1;
    return pressedSeconds >= RAISE_SECONDS
      ? { level: POSTURE_LEVELS[at + 1] as PostureLevel, pressedSeconds: 0, calmSeconds: 0 }
      : { ...state, pressedSeconds, calmSeconds: 0 };
  }
  if (wanted === at && at > 0) return { ...state, pressedSeconds: 0, calmSeconds: 0 };
  // During the attack, what would only be elevated lets it come down by a step.
  const calm = second.pressure !== 'usual' && wanted < at;
  if (!calm) return { ...state, pressedSeconds: 0, calmSeconds: at === 0 ? 0 : state.calmSeconds };
  const calmSeconds = state.calmSeconds + 1;
  return calmSeconds >= CALM_SECONDS
    ? { level: POSTURE_LEVELS[at - 1] as PostureLevel, pressedSeconds: 0, calmSeconds: 0 }
    : { ...state, pressedSeconds: 0, calmSeconds };
}

/** The harder of two. */
export function harder(one: PostureLevel, other: PostureLevel): PostureLevel {
  return POSTURE_LEVELS.indexOf(one) >= POSTURE_LEVELS.indexOf(other) ? one : other;
}
