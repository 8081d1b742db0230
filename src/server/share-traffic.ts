import type { Logger } from '../base/observe/index.ts';
import type { Timers } from '../core/clock.ts';
import { readClientReport, readLevel, type Traffic } from '../modules/shield/index.ts';
import type { Bus } from '../ports/bus.ts';

/** Told on the bus by a node that is pressed: `{ node, level }`. */
export const POSTURE_CHANNEL = 'rampart:posture';
/** Told on the bus by a node some of whose clients send much: `{ node, counts, over }`. */
export const CLIENTS_CHANNEL = 'rampart:clients';

const MAX_NODE_CHARS = 100;
const LOOK_MS = 2_000;

/**
 * Shares between nodes how hard each is pressed, and all take the hardest; and what clients that send much have sent to each,
 * so that whoever spreads it over the nodes is seen whole.
 * Looks every two seconds, so that the posture comes back by itself where nobody asks for anything any more.
 * @returns what ends it
 */
export async function shareTraffic(
  traffic: Traffic,
  bus: Bus,
  { node, timers, log }: { readonly node: string; readonly timers: Timers; readonly log: Logger },
): Promise<() => Promise<void>> {
  const hear = (channel: string, take: (from: string, told: object) => void) =>
    bus.subscribe(channel, (message) => {
      const heard = readMessage(message);
      if (heard !== undefined && heard.node !== node) take(heard.node, heard.told);
    });
  const tell = (channel: string, told: object): void => {
    bus
      .publish(channel, JSON.stringify({ node, ...told }))
      .catch((error: unknown) => log.warn('The other nodes could not be told of the traffic.', { error }));
  };
  const ends = [
    await hear(POSTURE_CHANNEL, (from, told) => {
      const level = readLevel((told as { level?: unknown }).level);
      if (level !== undefined) traffic.heard(from, level);
    }),
    await hear(CLIENTS_CHANNEL, (from, told) => {
      const report = readClientReport(told);
      if (report !== undefined) traffic.heardClients(from, report);
    }),
  ];
  traffic.onOwnLevel((level) => tell(POSTURE_CHANNEL, { level }));
  traffic.onClients((report) => tell(CLIENTS_CHANNEL, report));
  let cancel = (): void => undefined;
  const look = (): void => {
    traffic.posture();
    cancel = timers.after(LOOK_MS, look);
  };
  look();
  return async () => {
    cancel();
    traffic.onOwnLevel(() => undefined);
    traffic.onClients(undefined);
    for (const end of ends)
      await end().catch((error: unknown) => log.warn('A channel of traffic did not close.', { error }));
  };
}

/** `undefined` for another version's word: what cannot be read is not acted on. */
function readMessage(message: string): { readonly node: string; readonly told: object } | undefined {
  try {
    const told = JSON.parse(message) as { node?: unknown } | null;
    const node = told?.node;
    return typeof node === 'string' && node.length <= MAX_NODE_CHARS
      ? { node, told: told as object }
      : undefined;
  } catch {
    return undefined;
  }
}
