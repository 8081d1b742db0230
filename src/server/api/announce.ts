import type { ApiPorts } from './ports.ts';
import { BLOCKS_CHANNEL, EXCLUSIONS_CHANNEL, LIMITS_CHANNEL } from './ports.ts';

type BlockReaders = Pick<ApiPorts, 'clock'> & {
  readonly blocks: Pick<ApiPorts['blocks'], 'replaceAll'>;
  readonly stores: Pick<ApiPorts['stores'], 'blocks'>;
};
type ListReaders = Pick<ApiPorts, 'stores' | 'limits'>;
/** What takes over the exclusions of inspection as they stand in the database. */
export interface ExclusionReaders {
  readonly stores: Pick<ApiPorts['stores'], 'exclusions'>;
  readonly shield?: Pick<NonNullable<ApiPorts['shield']>, 'exclusions'>;
  readonly log: Pick<ApiPorts['log'], 'warn'>;
}

/** Has this node take over the blocks as they stand in the database. To be called at the start and for every message on `BLOCKS_CHANNEL`. */
export function reloadBlocks(ports: BlockReaders): Promise<void> {
  return oneAtATime(ports.blocks, async () => {
    ports.blocks.replaceAll(await ports.stores.blocks.standing(ports.clock.now()));
  });
}

/** Has this node take over the lists of the limits. To be called at the start and for every message on `LIMITS_CHANNEL`. */
export function reloadLimitLists(ports: ListReaders): Promise<void> {
  return oneAtATime(ports.limits, async () => {
    ports.limits.replaceLists(await ports.stores.lists.all());
  });
}

/** Has this node take over the exclusions of inspection. To be called at the start and for every message on `EXCLUSIONS_CHANNEL`. */
export function reloadExclusions({ stores, shield, log }: ExclusionReaders): Promise<void> {
  if (shield === undefined) return Promise.resolve();
  return oneAtATime(shield.exclusions, async () => {
    const { unmatched } = shield.exclusions.replace(await stores.exclusions.live());
    if (unmatched.length > 0)
      log.warn('Exclusions of inspection name routes that there cannot be; they act on nothing.', {
        routes: unmatched.slice(0, 10).map(({ route }) => route),
      });
  });
}

/** Last reading per list, so that an older reading never overtakes a newer one. */
const readings = new WeakMap<object, Promise<void>>();

function oneAtATime(what: object, read: () => Promise<void>): Promise<void> {
  const before = readings.get(what) ?? Promise.resolve();
  const next = before.then(read, read);
  readings.set(
    what,
    next.catch(() => undefined),
  );
  return next;
}

/** Makes a change of the blocks act here at once and everywhere within a second. */
export async function announceBlocks(ports: ApiPorts): Promise<void> {
  await reloadBlocks(ports);
  await tell(ports, BLOCKS_CHANNEL, 'blocks');
}

/** Makes a change of the lists of the limits act here at once and everywhere within a second. */
export async function announceLimits(ports: ApiPorts): Promise<void> {
  await reloadLimitLists(ports);
  await tell(ports, LIMITS_CHANNEL, 'limits');
}

/** Makes a change of the exclusions of inspection act here at once and everywhere within a second. */
export async function announceExclusions(ports: ApiPorts): Promise<void> {
  await reloadExclusions(ports);
  await tell(ports, EXCLUSIONS_CHANNEL, 'shield');
}

/** The change stands in the database already, so a bus that is down only delays the other nodes. */
async function tell(ports: ApiPorts, channel: string, what: 'blocks' | 'limits' | 'shield'): Promise<void> {
  ports.live.change(what);
  try {
    await ports.bus.publish(channel, 'changed');
  } catch (error) {
    ports.log.warn('The other nodes could not be told of a change.', {
      channel,
      error: error instanceof Error ? error.message : 'unknown',
    });
  }
}
