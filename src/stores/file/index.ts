export { openJournal, type JournalPorts } from './journal.ts';
export type { JournalOptions } from './options.ts';
export { type LineFile, openLines, readLines } from './lines.ts';
