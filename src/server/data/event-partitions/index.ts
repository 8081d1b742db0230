export { EventKeeper, type EventKeeperParts } from './keeper.ts';
export { layPart } from './lay.ts';
export { eventPartitions } from './migration.ts';
export { type EventPart, isOpen, isSettled, readParts } from './parts.ts';
export type { SealLimits } from './seal.ts';
export { type EventPartStatus, readEventParts } from './status.ts';
