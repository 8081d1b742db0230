import type { SqlRunner } from '../../../ports/sql.ts';
import type { EventFields } from '../../../core/events.ts';
import type { ChangeFeed } from './feed.ts';
import type { GrantSettings } from './options.ts';
import type { GrantActor, GrantPorts, GrantTransaction } from './ports.ts';

/** What every part of the grants works with. */
export interface Kit {
  readonly ports: GrantPorts;
  readonly settings: GrantSettings;
  readonly feed: ChangeFeed;
}

/** A change under way. */
export interface Act extends GrantTransaction {
  readonly nowMs: number;
  /** Names a subject (`user:…`) or key (`key:…`) of which every node shall look again. */
  touch(what: string): void;
}

/**
 * Runs a change. Changes come one after the other, on all nodes: what one looks at stays as it is until it has committed.
 * Afterwards it acts here at once, and everywhere within a second.
 */
export async function act<T>({ ports, feed }: Kit, work: (act: Act) => Promise<T>): Promise<T> {
  let touched = new Set<string>();
  const value = await ports.transaction(async (tx) => {
    // A driver may run the work again after a conflict: only the last run counts.
    touched = new Set();
    await tx.query('SELECT version FROM rampart.access_state FOR UPDATE');
    const value = await work({
      query: (text, values) => tx.query(text, values),
      audit: (type, fields) => tx.audit(type, fields),
      nowMs: ports.clock.now(),
      touch: (what) => void touched.add(what),
    });
    if (touched.size > 0) await feed.write(tx, [...touched]);
    return value;
  });
  if (touched.size > 0) feed.committed([...touched]);
  return value;
}

/** Fields of an audit event. */
export function by(actor: GrantActor, subject: string, details: EventFields['details']): EventFields {
  return { actor: actor.id, address: actor.address, subject, ...(details === undefined ? {} : { details }) };
}

/** A page of a list. */
export interface Page {
  /** 1 to 100. */
  readonly limit: number;
  /** Only what is older than this id. */
  readonly before?: string | undefined;
}

/** Rows as they are, with the type that their statement gives them. */
export async function read<T>(
  sql: SqlRunner,
  text: string,
  values: Parameters<SqlRunner['query']>[1] = [],
): Promise<readonly T[]> {
  return (await sql.query(text, values)).rows as readonly T[];
}
