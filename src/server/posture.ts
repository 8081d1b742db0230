import type { Logger } from '../base/observe/index.ts';
import type { Timers } from '../core/clock.ts';
import { readLevel, type Traffic } from '../modules/shield/index.ts';
import type { Bus } from '../ports/bus.ts';

/** Told on the bus by a node that is pressed: `{ node, level }`. */
export const POSTURE_CHANNEL = 'rampart:posture';

const MAX_NODE_CHARS = 100;
const LOOK_MS = 2_000;

/**
 * Shares the posture between nodes: each tells how hard it is pressed itself, and all take the hardest.
 * Looks every two seconds, so that the posture comes back by itself where nobody asks for anything any more.
 * @returns what ends it
 */
export async function sharePosture(
  traffic: Traffic,
  bus: Bus,
  { node, timers, log }: { readonly node: string; readonly timers: Timers; readonly log: Logger },
): Promise<() => Promise<void>> {
  const end = await bus.subscribe(POSTURE_CHANNEL, (message) => {
    const heard = readMessage(message);
    if (heard !== undefined && heard.node !== node) traffic.heard(heard.node, heard.level);
  });
  traffic.onOwnLevel((level) => {
    bus
      .publish(POSTURE_CHANNEL, JSON.stringify({ node, level }))
      .catch((error: unknown) => log.warn('The other nodes could not be told of the posture.', { error }));
  });
  let cancel = (): void => undefined;
  const look = (): void => {
    traffic.posture();
    cancel = timers.after(LOOK_MS, look);
  };
  look();
  return async () => {
    cancel();
    traffic.onOwnLevel(() => undefined);
    await end().catch((error: unknown) => log.warn('The channel of postures did not close.', { error }));
  };
}

function readMessage(message: string) {
  try {
    const read = JSON.parse(message) as { node?: unknown; level?: unknown } | null;
    const level = readLevel(read?.level);
    const node = read?.node;
    if (level === undefined || typeof node !== 'string' || node.length > MAX_NODE_CHARS) return undefined;
    return { node, level };
  } catch {
    // Another version's word: what cannot be read is not acted on.
    return undefined;
  }
}
