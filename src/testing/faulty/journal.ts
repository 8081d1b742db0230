import type { Journal } from '../../ports/journal.ts';
import { type FaultControl, faultControl } from './control.ts';

/** A twin of a journal that fails or waits as the test says. Calls are named `append`, `sync`, `peek`, `take`. */
export function faultyJournal(journal: Journal): {
  readonly journal: Journal;
  readonly control: FaultControl;
} {
  const gate = faultControl();
  const twin: Journal = {
    append(entries) {
      gate.pass('append');
      journal.append(entries);
    },
    async sync() {
      await gate.enter('sync');
      return journal.sync();
    },
    async peek(maxEntries) {
      await gate.enter('peek');
      return journal.peek(maxEntries);
    },
    async take(batch) {
      await gate.enter('take');
      return journal.take(batch);
    },
    stats: () => journal.stats(),
    close: () => journal.close(),
  };
  return { journal: twin, control: gate };
}
