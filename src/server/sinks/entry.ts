import type { ReadSink, SinkState } from '../../modules/sinks/index.ts';
import type { SinkEntry } from '../api/sink-types.ts';

/** A sink as it is shown. Pure. @param configured those of this process */
export function sinkEntry(
  state: SinkState,
  configured: readonly Pick<ReadSink, 'name'>[],
  nowMs: number,
): SinkEntry {
  const { name, kind, target, waiting, oldestAtMs, sent, refused, lost } = state;
  const { sentAtMs, failingSinceMs, attempts, error, refusal } = state;
  // Somebody holds it, or let go of it a moment ago.
  const isHeld = state.heldUntilMs > nowMs || configured.some((one) => one.name === name);
  return {
    name,
    kind,
    target,
    state: isHeld ? (error === null ? 'working' : 'failing') : 'unknown',
    waiting,
    oldestAtMs,
    sent,
    refused,
    lost,
    sentAtMs,
    failingSinceMs,
    attempts,
    nextAtMs: error === null ? null : Math.max(state.dueMs, nowMs),
    error,
    refusal,
    configured: configured.some((one) => one.name === name),
  };
}
