import type { Decider } from '../../../core/decide.ts';
import { deny, pass, type Refusal } from '../../../core/verdict.ts';

/** What is known of a client's traffic. */
export interface TrafficFeatures {
  /** What counts as one client. */
  readonly client: string;
  /** Requests within the last second, this one included; never more than there were. */
  readonly second: number;
  /** Requests within the last minute, on all nodes together. */
  readonly minute: number;
  /** Why the client is never refused here; null for no reason. */
  readonly spared: 'never-block' | 'own-network' | null;
}

/** By which it is judged. */
export interface TrafficState {
  /** Requests within a second that are still honest. */
  readonly burst: number;
  /** Requests per second over a minute that are still honest. */
  readonly sustained: number;
  readonly blockSeconds: number;
}

/** What went beyond its bound. */
export type TrafficExcess = 'burst' | 'sustained';

/** Seconds over which what is sustained is counted. */
export const MINUTE_SECONDS = 60;

/** Which bound was passed, or `undefined`. */
export function excessOf(
  { second, minute }: Pick<TrafficFeatures, 'second' | 'minute'>,
  { burst, sustained }: Pick<TrafficState, 'burst' | 'sustained'>,
): TrafficExcess | undefined {
  if (second > burst) return 'burst';
  return minute > sustained * MINUTE_SECONDS ? 'sustained' : undefined;
}

/** The refusal of who sends too much; the block list uses it for blocks that this guard set. */
export function tooMuchTraffic(retryAfterSeconds: number): Refusal {
  return {
    status: 429,
    code: 'DDOS_PROTECTION',
    message: 'There were far too many requests from your network. Wait before you try again.',
    headers: ['retry-after', String(Math.max(1, retryAfterSeconds))],
  };
}

/** Refuses a client that sends more than any honest one. */
export const trafficDecider: Decider<TrafficFeatures, TrafficState> = {
  name: 'shield.traffic',
  version: 1,
  decide(features, state) {
    const excess = excessOf(features, state);
    const { client, second, minute } = features;
    const values = { client, second, minute, burst: state.burst, sustained: state.sustained };
    if (excess === undefined)
      return pass({ code: 'traffic.within', text: `${client} asks within its bounds.`, values });
    if (features.spared !== null)
      return pass({
        code: 'traffic.spared',
        text: `${client} asks beyond its bounds, and is not refused: ${SPARED[features.spared]}.`,
        values: { ...values, spared: features.spared },
      });
    return deny(tooMuchTraffic(state.blockSeconds), {
      code: `traffic.${excess}`,
      text:
        excess === 'burst'
          ? `${client} sent ${Math.floor(second)} requests within a second; ${state.burst} are still honest.`
          : `${client} sent ${Math.floor(minute)} requests within a minute; ${state.sustained * MINUTE_SECONDS} are still honest.`,
      values,
      remedy: { do: 'wait', seconds: state.blockSeconds },
    });
  },
};

const SPARED = {
  'never-block': 'it is on the list of what is never blocked',
  'own-network': 'it may be a proxy of this house, behind which everybody else is',
} as const;
