export * from './bus.ts';
export * from './counter.ts';
export * from './files.ts';
export * from './journal.ts';
export * from './sql.ts';
