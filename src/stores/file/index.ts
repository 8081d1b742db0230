export { openJournal, type JournalPorts } from './journal.ts';
export type { JournalOptions } from './options.ts';
