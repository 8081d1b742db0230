import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/core/errors.ts';
import type { ShieldExclusion } from '../../src/server/api/shield-types.ts';
import {
  MAX_DRAFTS,
  MAX_LIVE,
  MAX_OPEN_REPORTS,
  MAX_REPORTS,
  MAX_WITHDRAWN,
} from '../../src/server/data/index.ts';
import type { Stores } from '../../src/server/data/index.ts';
import { AuthHouse } from './auth-house.ts';
import { onEmbedded } from './databases.ts';
import { found, inspected, shieldOf } from './shield-records.ts';

const T0 = 1_795_000_000_000;
const DRAFT = { route: null, field: 'q', rules: ['sql'], reason: 'of a test' };

onEmbedded((stores: () => Stores) => {
  beforeEach(() =>
    stores().sql.script(
      'TRUNCATE rampart.decisions, rampart.events, rampart.shield_exclusions, rampart.false_alarms',
    ),
  );

  describe('who may tune the shield', () => {
    const path = '/admin/shield/exclusions';
    const houseOf = () => {
      const house = new AuthHouse(stores(), { shield: shieldOf() });
      const as = (role: string) => {
        const { bearer } = house.session({ roles: [role], aal: 2 });
        return (method: string, at: string, body?: unknown) => house.send(method, at, body, bearer);
      };
      return { house, as };
    };
    const replayed = async (send: ReturnType<ReturnType<typeof houseOf>['as']>): Promise<string> => {
      const { id } = (await (await send('POST', path, DRAFT)).json()) as ShieldExclusion;
      await send('POST', `${path}/${id}/replay`);
      return `${path}/${id}`;
    };

    it('viewers look, analysts draft, replay and withdraw, administrators publish', async () => {
      const { as } = houseOf();
      const [viewer, analyst, administrator] = [as('viewer'), as('analyst'), as('administrator')];
      for (const at of ['/admin/shield', '/admin/shield/reports', path])
        expect((await viewer('GET', at)).status, at).toBe(200);
      expect((await viewer('POST', path, DRAFT)).status).toBe(403);
      const one = await replayed(analyst);
      expect((await viewer('POST', `${one}/replay`)).status).toBe(403);
      expect((await analyst('POST', `${one}/publish`, {})).status).toBe(403);
      expect((await administrator('POST', `${one}/publish`, {})).status).toBe(200);
      expect((await viewer('POST', `${one}/withdraw`)).status).toBe(403);
      expect((await analyst('POST', `${one}/withdraw`)).status).toBe(200);
      expect((await analyst('POST', `${one}/restore`)).status).toBe(403);
    });

    it('nobody publishes or restores without a fresh second factor; withdrawing needs none', async () => {
      const { house, as } = houseOf();
      const send = as('administrator');
      const [draft, live, gone] = [await replayed(send), await replayed(send), await replayed(send)];
      for (const one of [live, gone]) await send('POST', `${one}/publish`, {});
      await send('POST', `${gone}/withdraw`);
      house.answers['requireFresh'] = new AppError('Prove it.', 401, 'FRESH_AUTH_REQUIRED');
      expect((await send('POST', `${draft}/publish`, {})).status).toBe(401);
      expect((await send('POST', `${gone}/restore`)).status).toBe(401);
      expect((await send('POST', `${live}/withdraw`)).status).toBe(200);
      expect(await stores().exclusions.live()).toEqual([]);
    });
  });

  describe('tables of the shield', () => {
    const fill = (table: string, columns: string, values: string, count: number) =>
      stores().sql.script(
        `INSERT INTO rampart.${table} (${columns}) SELECT ${values} FROM generate_series(1, ${count}) AS n`,
      );
    const exclusions = (state: string, count: number) =>
      fill(
        'shield_exclusions',
        'id, state, rules, reason, created_by, created_at_ms, changed_at_ms',
        `'exc_' || '${state}' || n, '${state}', '["sql"]', 'r', 'ada', n, n`,
        count,
      );
    const reports = (state: string, count: number) =>
      fill(
        'false_alarms',
        'id, decision, state, note, reported_by, at_ms, findings',
        `'fal_' || '${state}' || lpad(n::text, 6, '0'), 'dec_' || '${state}' || n, '${state}', '', 'ada', n, '[]'`,
        count,
      );
    const inOne = <T>(
      work: (sql: Parameters<Parameters<Stores['sql']['transaction']>[0]>[0]) => Promise<T>,
    ) => stores().sql.transaction(work);
    const report = {
      decision: 'dec_new',
      note: '',
      reportedBy: 'ada',
      guard: null,
      route: null,
      address: null,
      findings: [],
    };

    it('take no more drafts, live exclusions and waiting reports than anybody could look through', async () => {
      await exclusions('draft', MAX_DRAFTS - 1);
      const add = () => inOne((sql) => stores().exclusions.add(sql, DRAFT, 'ada', T0));
      const { id } = await add();
      await expect(add()).rejects.toMatchObject({ status: 409 });
      await exclusions('live', MAX_LIVE);
      const publish = inOne((sql) => stores().exclusions.move(sql, id, ['draft', 'live'], 'ada', T0));
      await expect(publish).rejects.toMatchObject({ status: 409 });
      await reports('open', MAX_OPEN_REPORTS);
      await expect(inOne((sql) => stores().falseAlarms.add(sql, report, T0))).rejects.toMatchObject({
        status: 409,
      });
    });

    it('forget the oldest of what is over', async () => {
      await exclusions('withdrawn', MAX_WITHDRAWN);
      const { id } = await inOne((sql) => stores().exclusions.add(sql, DRAFT, 'ada', T0));
      await inOne((sql) => stores().exclusions.move(sql, id, ['draft', 'live'], 'ada', T0));
      await inOne((sql) => stores().exclusions.move(sql, id, ['live', 'withdrawn'], 'ada', T0));
      expect(await stores().exclusions.get('exc_withdrawn1')).toBeUndefined();
      expect((await stores().exclusions.list()).map((one) => one.id)).toContain(id);
      await reports('dismissed', MAX_REPORTS);
      await inOne((sql) => stores().falseAlarms.add(sql, report, T0));
      expect((await stores().falseAlarms.counts()).dismissed).toBe(MAX_REPORTS - 1);
      expect(await stores().falseAlarms.of('dec_dismissed1')).toBeUndefined();
    });

    it('do not keep a replay of a draft that was changed meanwhile', async () => {
      const made = await inOne((sql) => stores().exclusions.add(sql, DRAFT, 'ada', T0));
      await inOne((sql) => stores().exclusions.change(sql, made.id, { ...DRAFT, field: 'p' }, 'ada', T0 + 1));
      const replay = {
        atMs: T0,
        fromMs: 0,
        toMs: T0,
        refused: 0,
        replayed: 0,
        wouldPass: 0,
        reported: 0,
        suspicious: 0,
        samples: [],
      };
      expect(await stores().exclusions.keepReplay(made, replay)).toBeUndefined();
      expect((await stores().exclusions.get(made.id))?.replay).toBeNull();
    });

    it('take one report of a decision, however many come at the same moment', async () => {
      const record = inspected({ atMs: T0, findings: [found('sql.union')] });
      await stores().decisions.insertMany([record]);
      const house = new AuthHouse(stores(), { shield: shieldOf() });
      const { bearer } = house.session({ roles: ['analyst'], aal: 2 });
      const answers = await Promise.all(
        Array.from({ length: 8 }, () =>
          house.send('POST', '/admin/shield/reports', { decision: record.id }, bearer),
        ),
      );
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
        200, 200, 200, 200, 200, 200, 200, 201,
      ]);
      expect(await stores().events.page({ limit: 10 })).toHaveLength(1);
    });
  });
});
