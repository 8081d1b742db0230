import { RampartError } from '../../core/errors.ts';

/**
 * ACCESS_IN_PROCESS_ONLY: a database was asked to carry a predicate of the process.
 * @param what the predicate, or the rule that names it
 */
export function inProcessOnly(what: string): RampartError {
  return new RampartError(
    'ACCESS_IN_PROCESS_ONLY',
    `'${what}' exists only in the process: neither a filter nor row-level security can carry it.`,
  );
}
