import type { Logger } from '../base/observe/index.ts';
import type { Foundation } from './foundation.ts';
import type { House } from './house.ts';
import { journalNotices } from './journal-notices.ts';
import { placesOf } from './place-of.ts';
import { Pump, type PumpPorts } from './pump.ts';

/** Carries decisions and events of the server over its journal into its own database. @param house asked late */
export function makePump(
  foundation: Foundation,
  log: Logger,
  house: () => Pick<House, 'events' | 'shield'>,
): Pump {
  const { stores, journal, clock, timers } = foundation;
  const target: PumpPorts['target'] = {
    async insertDecisions(records) {
      const { refused } = await stores.decisions.insertMany(records, undefined, placesOf(house().shield));
      if (refused > 0) log.error('The database cannot take some decision records.', { refused });
    },
    async insertEvents(texts) {
      const { refused } = await stores.events.insertTexts(texts);
      if (refused > 0) log.error('The database cannot take some events.', { refused });
    },
  };
  return noticedPump({ journal, clock, timers, target }, log, house);
}

/** A pump that says in the log and as events when records wait, and when they are taken again. */
export function noticedPump(
  ports: Pick<PumpPorts, 'journal' | 'clock' | 'timers' | 'target'>,
  log: Logger,
  house: () => Pick<House, 'events'>,
): Pump {
  const notices = journalNotices({
    ...ports,
    shed: () => pump.shed + house().events.shed,
    events: () => house().events,
  });
  const pump = new Pump({
    ...ports,
    onStalled(error) {
      log.error('Records wait: the journal or the database does not take them.', { error });
      notices.stalled(error);
    },
    onRecovered() {
      log.info('Records are taken again.');
      notices.recovered();
    },
    onClosed: () => notices.close(),
  });
  return pump;
}
