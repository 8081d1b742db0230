// Not through their door, which brings a package along.
import { checkPlan, type PartitionPlan } from '../base/database/partitions.ts';
import { OptionsError } from '../core/errors.ts';
import { type AlertOptions, readAlertOptions } from '../modules/respond/index.ts';

/** Checks the tables whose partitions are kept in order. @throws OptionsError */
export function readPartitions(value: unknown, path: string): readonly PartitionPlan[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new OptionsError(path, 'expected a list of tables');
  for (const [at, plan] of (value as PartitionPlan[]).entries()) {
    try {
      checkPlan(plan);
    } catch (error) {
      throw new OptionsError(`${path}.${at}`, error instanceof Error ? error.message : 'expected a table');
    }
  }
  return value as readonly PartitionPlan[];
}

/** Checks what is said about alerts. @throws OptionsError */
export function readAlerts(value: unknown, path: string): AlertOptions | undefined {
  readAlertOptions(value ?? {}, path);
  return value as AlertOptions | undefined;
}
