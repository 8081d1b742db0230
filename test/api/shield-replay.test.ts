import { beforeEach, describe, expect, it } from 'vitest';
import { INSPECTION } from '../../src/server/data/index.ts';
import { replayExclusion } from '../../src/server/exclusion-replay.ts';
import { inspection, type LiveExclusion } from '../../src/modules/shield/index.ts';
import { onEachDatabase } from './databases.ts';
import { decision } from './samples.ts';
import { found, type Inspected, inspected, shieldOf } from './shield-records.ts';

const NOW = 1_795_000_000_000;
const DAY_MS = 86_400_000;
const SQL = found('sql.union');
const XSS = found('xss.tag');
const DRAFT: LiveExclusion = { route: null, field: null, rules: ['sql'] };

onEachDatabase((stores) => {
  let at: number;
  beforeEach(async () => {
    at = NOW - 60_000;
    await stores().sql.script('TRUNCATE rampart.decisions, rampart.shield_exclusions, rampart.false_alarms');
  });
  const keep = async (more: Partial<Inspected>) => {
    const record = inspected({ findings: [SQL], ...more, atMs: more.atMs ?? (at += 1) });
    await stores().decisions.insertMany([record]);
    return record;
  };
  const replay = (exclusion = DRAFT, shield = shieldOf()) =>
    replayExclusion({ stores: stores(), shield }, exclusion, { fromMs: NOW - DAY_MS, nowMs: NOW });
  const publish = (content: LiveExclusion) =>
    stores().sql.transaction(async (sql) => {
      const { id } = await stores().exclusions.add(sql, { ...content, reason: 'r' }, 'ada', NOW);
      await stores().exclusions.move(sql, id, ['draft', 'live'], 'ada', NOW);
    });

  describe('a replayed exclusion', () => {
    it('tells of requests that would pass, refused or only watched, and what is left of them', async () => {
      const first = await keep({ findings: [SQL, found('xss.tag', { weight: 2 })] });
      const second = await keep({ shadow: true, address: '198.51.100.1', group: '198.51.100.1' });
      await keep({ findings: [XSS] });
      await keep({ problem: 'too-deep' });
      await keep({ atMs: NOW - DAY_MS - 1 });
      await keep({ findings: [found('sql.union', { weight: 1 })] });
      const { samples, ...counts } = await replay();
      expect(counts).toMatchObject({ refused: 4, replayed: 4, wouldPass: 2, reported: 0, atMs: NOW });
      expect(samples).toMatchObject([
        { decision: second.id, address: '198.51.100.1', left: [] },
        { decision: first.id, route: '/orders/:id', left: ['xss.tag'] },
      ]);
    });

    it('counts decisions that were reported, but for dismissed reports', async () => {
      const [one, two] = [await keep({}), await keep({})];
      for (const { id: decided } of [one, two])
        await stores().sql.transaction((sql) =>
          stores().falseAlarms.add(
            sql,
            {
              decision: decided,
              note: '',
              reportedBy: 'ada',
              guard: null,
              route: null,
              address: null,
              findings: [],
            },
            NOW,
          ),
        );
      const report = await stores().falseAlarms.of(two.id);
      const dismissal = { state: 'dismissed', exclusion: null, by: 'ada' } as const;
      await stores().sql.transaction((sql) =>
        stores().falseAlarms.settle(sql, report?.id as string, dismissal, NOW),
      );
      const { reported, samples } = await replay();
      expect([reported, samples.map((sample) => sample.reported)]).toEqual([1, [false, true]]);
    });

    it('suspects callers who were refused for something else, too: by inspection or by another guard of the shield', async () => {
      const of = (group: string) => ({ group, address: group });
      await keep(of('192.0.2.1'));
      await keep({ ...of('192.0.2.1'), findings: [XSS] });
      await keep(of('192.0.2.2'));
      await keep(of('192.0.2.2'));
      await keep(of('192.0.2.3'));
      await keep(of('192.0.2.4'));
      const more = [
        decision({
          atMs: at,
          ...of('192.0.2.2'),
          verdict: 'deny',
          guard: 'shield.bots',
          status: 403,
          code: 'B',
        }),
        // Neither a limit nor missing rights make an attacker.
        decision({ atMs: at, ...of('192.0.2.3'), verdict: 'deny', guard: 'limit', status: 429, code: 'L' }),
        decision({ atMs: at, ...of('192.0.2.4'), verdict: 'deny', guard: 'access', status: 403, code: 'F' }),
      ];
      await stores().decisions.insertMany(more);
      const { suspicious, wouldPass, samples } = await replay();
      expect([wouldPass, suspicious]).toEqual([5, 2]);
      expect(samples.filter((sample) => sample.suspicious).map(({ address }) => address)).toEqual([
        '192.0.2.2',
        '192.0.2.2',
        '192.0.2.1',
      ]);
    });

    it('acts on its route as the corridor would find it', async () => {
      await keep({ path: '/search', route: 'GET /search' });
      await keep({ path: '/files/7', route: '/files/:id' });
      await keep({ path: '/other', route: '*' });
      const shield = shieldOf({ planOf: (_method, path) => (path === '/search' ? '/search' : '*') });
      const on = async (route: string) => (await replay({ ...DRAFT, route }, shield)).wouldPass;
      expect([
        await on('/search'),
        await on('GET /files/:id'),
        await on('POST /files/:id'),
        await on('*'),
      ]).toEqual([1, 1, 0, 2]);
    });

    it('counts neither what live exclusions let through by now, nor what another guard refused', async () => {
      await keep({ path: '/a' });
      await keep({ path: '/b', findings: [SQL, XSS] });
      const watched = inspected({ atMs: (at += 1), findings: [SQL], shadow: true });
      await stores().decisions.insertMany([{ ...watched, verdict: 'deny', guard: 'access', status: 403 }]);
      expect(await replay()).toMatchObject({ refused: 3, replayed: 3, wouldPass: 1 });
      await publish({ route: null, field: null, rules: ['xss'] });
      expect(await replay()).toMatchObject({ wouldPass: 2 });
      await publish({ route: '/a', field: null, rules: ['sql'] });
      expect(await replay()).toMatchObject({ replayed: 3, wouldPass: 1 });
    });

    it('leaves out what an older or newer inspection decided, and says so', async () => {
      await keep({ version: 999 });
      await keep({});
      expect(await replay()).toMatchObject({ refused: 2, replayed: 1, wouldPass: 1 });
    });

    it('looks at the newest up to a bound, and says of how many', async () => {
      for (let i = 0; i < 4; i++) await keep({ shadow: i % 2 === 0 });
      const last = await keep({});
      const span = { fromMs: NOW - DAY_MS, nowMs: NOW };
      const found = await replayExclusion({ stores: stores(), shield: shieldOf() }, DRAFT, span, 3);
      expect(found).toMatchObject({ refused: 5, replayed: 3, wouldPass: 3 });
      expect(found.samples[0]?.decision).toBe(last.id);
    });

    it('finds inspection under the name that its guard has', () => {
      expect(inspection({}, { events: { emit: () => undefined } }).name).toBe(INSPECTION);
    });
  });
});
