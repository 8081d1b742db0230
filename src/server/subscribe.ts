import type { Logger } from '../base/observe/index.ts';
import {
  ALERTS_CHANNEL,
  type ApiPorts,
  BLOCKS_CHANNEL,
  EXCLUSIONS_CHANNEL,
  LIMITS_CHANNEL,
  type LiveHub,
  reloadBlocks,
  reloadExclusions,
  reloadLimitLists,
} from './api/index.ts';

/** Every node reads blocks and lists again when one of them changed something. */
export async function subscribe(ports: ApiPorts, live: LiveHub, log: Logger): Promise<() => Promise<void>> {
  const failed = (error: unknown): void =>
    log.warn('A change could not be read from the database.', { error });
  const ends = await Promise.all([
    ports.bus.subscribe(BLOCKS_CHANNEL, () => {
      reloadBlocks(ports).then(() => live.change('blocks'), failed);
    }),
    ports.bus.subscribe(LIMITS_CHANNEL, () => {
      reloadLimitLists(ports).then(() => live.change('limits'), failed);
    }),
    ports.bus.subscribe(EXCLUSIONS_CHANNEL, () => {
      reloadExclusions(ports).then(() => live.change('shield'), failed);
    }),
    ports.bus.subscribe(ALERTS_CHANNEL, () => live.change('alerts')),
  ]);
  return async () => {
    for (const end of ends) await end().catch(failed);
  };
}
