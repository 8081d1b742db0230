import type { SqlFilter } from '../../../../modules/access/index.ts';
import { audited } from '../../audit.ts';
import type { Caller } from '../../caller.ts';
import type { ApiPorts } from '../../ports.ts';
import type { ApiContext } from '../../route.ts';

/** Tables that hold what is personal, or money. */
const SENSITIVE: ReadonlySet<string> = new Set([
  'orders',
  'profile',
  'addresses',
  'payments',
  'payouts',
  'earnings',
  'locations',
]);

/** What is looked at, and by which right. */
export interface Look {
  readonly table: string;
  readonly filter: SqlFilter;
  /** Rows that are about to be shown. */
  readonly count: number;
  /** The row, where it is a single one. */
  readonly id?: string;
}

/**
 * Writes down that somebody looked at sensitive rows of everybody, before they are handed out: where that cannot be
 * written, nothing is shown. People who look at what is theirs leave no event.
 */
export async function noteViewed(
  ports: ApiPorts,
  c: ApiContext,
  caller: Caller,
  { table, filter, count, id }: Look,
): Promise<void> {
  if (filter.kind !== 'all' || count === 0 || !SENSITIVE.has(table)) return;
  const subject = id === undefined ? table : `${table}:${id}`;
  const event = { subject, details: { table, count } };
  await audited(ports, c, caller, 'DATA_VIEWED', () => Promise.resolve({ value: true, event }));
}
