import { expect } from 'vitest';
import type { Database } from '../../src/base/database/index.ts';
import type { SqlRunner } from '../../src/ports/sql.ts';
import { CHANGES, insert, newRowOf, personOf, restore, rowOf, tableOf, type Values } from './food-rows.ts';
import { type Action, may, MAY, type Resource, type Role, type Whose } from './food-table.ts';

/** Sends a request as somebody. */
export type Send = (method: string, path: string, body?: unknown) => Promise<Response>;

/** Somebody at a resource. */
export interface Visit {
  readonly role: Role;
  readonly resource: Resource;
  readonly send: Send;
  readonly sql: SqlRunner;
}

/** Fields as requests name them. */
export const bodyOf = (row: Values): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );

/** A restaurant as its rule set takes it: what is null is left out, and coordinates stand together. */
function restaurantBody(row: Values): Record<string, unknown> {
  const { latitude, longitude, description: _none, ...rest } = bodyOf(row);
  return { ...rest, coordinates: { latitude, longitude } };
}

/** Whether a row can be made over HTTP; nothing of it stays. */
export async function createdOverHttp({ role, resource, send, sql }: Visit, whose: Whose): Promise<boolean> {
  // An order is always that of whoever places it; an administrator may do what that way cannot be asked.
  if (resource === 'orders' && whose === 'foreign') return may(role, resource, 'create', whose);
  const { id, national_id: _hidden, ...row } = newRowOf(resource, role, whose);
  const body =
    resource === 'orders'
      ? { items: [{ name: 'Tea', quantity: 1 }] }
      : resource === 'restaurants'
        ? restaurantBody(row)
        : bodyOf(resource === 'profile' ? { id: id as string, ...row } : row);
  const answer = await send('POST', `/sample/${resource}`, body);
  expect([201, 403]).toContain(answer.status);
  if (answer.status === 403) return false;
  const made = (await answer.json()) as { readonly id: string };
  await sql.query(`DELETE FROM ${tableOf(resource)} WHERE id = $1`, [made.id]);
  return true;
}

const METHODS = { read: 'GET', update: 'PATCH', delete: 'DELETE' } as const;

/** Refused is 403 where the row may be read, and otherwise as if it were not there. */
export async function triedOverHttp(
  { role, resource, send, sql }: Visit,
  whose: Whose,
  action: Exclude<Action, 'create'>,
): Promise<boolean> {
  const row = rowOf(resource, role, whose);
  const isSeen = may(role, resource, 'read', whose);
  const path = `/sample/${resource}/${encodeURIComponent(String(row['id']))}`;
  const body = action === 'update' ? bodyOf(CHANGES[resource]) : undefined;
  const { status } = await send(METHODS[action], path, body);
  if (action === 'read') {
    const list = await send('GET', `/sample/${resource}?limit=100`);
    const mayRead = MAY[role][resource]?.read !== undefined;
    if (resource !== 'orders') expect(list.status).toBe(mayRead ? 200 : 403);
    expect((await list.text()).includes(`"id":"${String(row['id'])}"`)).toBe(isSeen);
  }
  const isDone = status === (action === 'delete' ? 204 : 200);
  if (!isDone) expect(status).toBe(isSeen ? 403 : 404);
  else if (action !== 'read') await restore(sql, resource, row);
  return isDone;
}

class Undone extends Error {}

/** Whether somebody may do it in SQL; nothing of it stays. */
export async function triedInSql(
  database: Database,
  role: Role,
  work: (sql: SqlRunner) => Promise<number>,
): Promise<boolean> {
  let isDone = false;
  try {
    await database.withPrincipal(personOf(role), async (sql) => {
      isDone = (await work(sql)) === 1;
      throw new Undone();
    });
  } catch (error) {
    // 42501: the new row violates row-level security.
    if (!(error instanceof Undone) && (error as { code?: string }).code !== '42501') throw error;
  }
  return isDone;
}

/** Does it, and tells how many rows it found. */
export async function affectedBy(
  sql: SqlRunner,
  { role, resource, whose, action }: { role: Role; resource: Resource; whose: Whose; action: Action },
): Promise<number> {
  const table = tableOf(resource);
  const id = rowOf(resource, role, whose)['id'] as string;
  const [[column, value] = ['', null]] = Object.entries(CHANGES[resource]);
  switch (action) {
    case 'create':
      await insert(sql, resource, newRowOf(resource, role, whose));
      return 1;
    case 'read':
      return (await sql.query(`SELECT id FROM ${table} WHERE id = $1`, [id])).rows.length;
    case 'update':
      return (await sql.query(`UPDATE ${table} SET ${column} = $1 WHERE id = $2`, [value, id])).affected;
    case 'delete':
      return (await sql.query(`DELETE FROM ${table} WHERE id = $1`, [id])).affected;
  }
}
