import { expect } from 'vitest';
import { eventually, start, temporaryFolder } from './server.ts';
import { clients, eventIds, refusalsOf, type Seen, SMALL_LIMIT, unknownTo } from './traffic.ts';

/** Kills a server in the middle of its traffic and asks the next one about everything that clients were told. */
export async function crash(env: Readonly<Record<string, string>>): Promise<void> {
  const dir = temporaryFolder();
  const first = await start({ dir, config: SMALL_LIMIT, env });
  const seen: Seen = { answers: [], broken: 0 };
  const traffic = clients(first, 8, seen);
  const told = new Set<string>();
  await eventually(
    async () => {
      for (const id of await eventIds(first)) told.add(id);
      return refusalsOf(seen.answers).length;
    },
    (refused) => refused >= 300,
  );
  expect(await first.kill()).toEqual({ code: null, signal: 'SIGKILL' });
  await traffic;
  const refused = refusalsOf(seen.answers);
  expect(refused.length).toBeGreaterThanOrEqual(300);
  expect(new Set(refused).size).toBe(refused.length);
  expect(seen.answers.filter(({ status }) => status === 429)).toHaveLength(refused.length);

  const second = await start({ dir, config: SMALL_LIMIT, env });
  await eventually(
    async () => (await second.ask<{ journal: { waiting: number } }>('GET', '/admin/health')).body.journal,
    ({ waiting }) => waiting === 0,
  );
  expect(await unknownTo(second, refused)).toEqual([]);
  const now = new Set(await eventIds(second));
  expect(told.size).toBeGreaterThan(5);
  expect([...told].filter((id) => !now.has(id))).toEqual([]);
  expect(await second.stop()).toEqual({ code: 0, signal: null });
}
