import { expect } from 'vitest';
import type { RampartConfig } from '../../src/server/config.ts';
import type { FalseAlarm, ShieldAnswer, ShieldExclusion } from '../../src/server/api/shield-types.ts';
import { eventually, type Running } from './server.ts';
import { decisionOf, from } from './traffic.ts';

/** Addresses of tests are trusted to say for whom they ask. */
export const CONFIG: RampartConfig = { trustProxy: ['loopback'], routes: { '/livez': {} } };

/** A name that inspection takes for an attack, in a search that honest people send. */
export const SEARCH = `/livez?q=${encodeURIComponent("1' UNION SELECT password FROM users--")}`;

/** Within this time every node acts on a change. */
const SECOND = 1_000;

/**
 * From a refusal that should not have been to its exclusion, and back.
 * @param others who must follow within a second: what they answer to the same search, by status
 */
export async function tune(node: Running, others: readonly (() => Promise<number>)[]): Promise<void> {
  const search = () => node.send(from('198.51.100.7', { path: SEARCH }));
  const all = [async () => (await search()).status, ...others];
  const everybody = async (status: number): Promise<void> => {
    const ask = (one: () => Promise<number>) => eventually(one, (got) => got === status, SECOND);
    await Promise.all(all.map(ask));
  };
  await everybody(403);
  const decision = decisionOf(await search()) as string;
  const reported = await eventually(
    () => node.ask<FalseAlarm>('POST', '/admin/shield/reports', { decision, note: 'a search' }),
    ({ status }) => status === 201,
  );
  const [finding] = reported.body.findings;
  const { route } = reported.body;
  expect([route, finding?.name]).toEqual(['GET /livez', 'q']);
  const rules = [...new Set(reported.body.findings.map(({ rule }) => rule))];
  const draft = { route, field: 'q', rules, reason: 'people search for such words' };
  const { body: made } = await node.ask<ShieldExclusion>('POST', '/admin/shield/exclusions', draft);
  const path = `/admin/shield/exclusions/${made.id}`;
  expect((await node.ask('POST', `${path}/publish`, {})).status).toBe(409);
  await everybody(403);
  const replayed = await node.ask<ShieldExclusion>('POST', `${path}/replay?days=1`);
  expect(replayed.body.replay).toMatchObject({ reported: 1, suspicious: 0 });
  const wouldPass = replayed.body.replay?.wouldPass ?? 0;
  expect(wouldPass).toBeGreaterThan(0);
  expect((await node.ask('POST', `${path}/publish`, { confirm: wouldPass })).status).toBe(200);
  await everybody(200);
  const accepted = `/admin/shield/reports/${reported.body.id}/accept`;
  expect((await node.ask('POST', accepted, { exclusion: made.id })).status).toBe(200);
  const { body: seen } = await node.ask<ShieldAnswer>('GET', '/admin/shield');
  expect(seen.classes[0]).toMatchObject({ class: 'sql', wouldRefuse: 0, below: 0 });
  expect(seen.classes[0]?.refused).toBeGreaterThan(0);
  expect((await node.ask('POST', `${path}/withdraw`)).status).toBe(200);
  await everybody(403);
  expect((await node.ask('POST', `${path}/restore`)).status).toBe(200);
  await everybody(200);
}
