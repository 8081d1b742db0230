import type { Duration } from '../../core/duration.ts';
import { duration, type Fields, number, readOptions } from '../../core/options.ts';

/** How the log is kept. */
export interface AuditOptions {
  /** How often waiting events are given their places: 50ms to 10s. Default 500ms. */
  readonly sequenceEvery?: Duration;
  /** A checkpoint is signed after this time at the latest, where there is something new: 1s to 1h. Default 60s. */
  readonly checkpointEvery?: Duration;
  /** And after this many events: 1 to 1,000,000. Default 1,000. */
  readonly checkpointEvents?: number;
}

/** What {@link AuditOptions} became: durations in milliseconds. */
export interface ReadAuditOptions {
  readonly sequenceEvery: number;
  readonly checkpointEvery: number;
  readonly checkpointEvents: number;
}

/** Readers of {@link AuditOptions}. */
export const auditFields: Fields<ReadAuditOptions> = {
  sequenceEvery: duration({ min: '50ms', max: '10s', default: '500ms' }),
  checkpointEvery: duration({ min: '1s', max: '1h', default: '60s' }),
  checkpointEvents: number({ min: 1, max: 1_000_000, default: 1_000 }),
};

/** Reads the options. @throws OptionsError naming the path and the reason */
export function readAuditOptions(options: AuditOptions = {}, path = 'audit'): ReadAuditOptions {
  return readOptions(path, options, auditFields);
}
