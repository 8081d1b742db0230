import type { Clock } from '../core/clock.ts';
import type { RampartEvent } from '../core/events.ts';
import { makeEvent } from '../core/make-event.ts';
import type { ReadConfig } from './config.ts';
import { SettingStore, type Stores } from './data/index.ts';

const NAME = 'policy';

/** What a configuration is kept on. */
export interface PolicyParts {
  readonly stores: Pick<Stores, 'sql' | 'policies' | 'events'>;
  readonly clock: Clock;
  readonly node: string;
  /** Told of the event once it is written. */
  readonly notice: (event: RampartEvent) => void;
}

/**
 * Keeps the configuration under its hash, so that decisions can be computed again. Where the last start had another one, an audit
 * event says so: one for all nodes that start with it.
 */
export async function keepPolicy(
  { policyHash, policy }: Pick<ReadConfig, 'policyHash' | 'policy'>,
  { stores, clock, node, notice }: PolicyParts,
): Promise<void> {
  const nowMs = clock.now();
  await stores.policies.save(policyHash, policy, nowMs);
  const event = await stores.sql.transaction(async (tx) => {
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('rampart policy', 0))");
    const settings = new SettingStore(tx);
    const before = await settings.get(NAME);
    if (before === policyHash) return undefined;
    await settings.set(tx, NAME, policyHash, node, nowMs);
    if (typeof before !== 'string') return undefined;
    const details = { before, after: policyHash, how: 'file' };
    const made = makeEvent('CONFIGURATION_CHANGE', node, nowMs, {
      subject: NAME,
      outcome: 'success',
      details,
    });
    await stores.events.write(tx, made);
    return made;
  });
  if (event !== undefined) notice(event);
}
