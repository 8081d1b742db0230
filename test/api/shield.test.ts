import { beforeEach, describe, expect, it } from 'vitest';
import type {
  ExclusionsAnswer,
  FalseAlarm,
  ReportsAnswer,
  ShieldAnswer,
  ShieldExclusion,
} from '../../src/server/api/shield-types.ts';
import { onEachDatabase } from './databases.ts';
import { errorOf, House, type SignedIn } from './house.ts';
import { decision, limited } from './samples.ts';
import { found, inspected, shieldOf } from './shield-records.ts';

const DAY_MS = 86_400_000;
const DRAFT = { route: null, field: 'q', rules: ['sql'], reason: 'of a test' };

onEachDatabase((stores) => {
  let house: House;
  let ada: SignedIn;
  let shield: ReturnType<typeof shieldOf>;
  beforeEach(async () => {
    await stores().sql.script(
      'TRUNCATE rampart.decisions, rampart.events, rampart.shield_exclusions, rampart.false_alarms',
    );
    shield = shieldOf();
    house = new House(stores(), { ports: { shield } });
    ada = await house.signIn();
    await stores().sql.script('TRUNCATE rampart.events');
  });
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- says what the test expects to be told
  const act = async <T>(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: T }> => {
    const response = await (method === 'GET' ? ada.get(path) : ada.send(method, path, body));
    return { status: response.status, body: (response.status === 204 ? null : await response.json()) as T };
  };
  const refusal = async (method: string, path: string, body?: unknown) => {
    const response = await ada.send(method, path, body);
    return [response.status, (await errorOf(response)).message];
  };
  const eventTypes = async () =>
    (await stores().events.page({ limit: 50 })).map((one) => `${one.type} ${one.actor} ${one.subject}`);
  const keep = (...records: Parameters<typeof inspected>[0][]) =>
    stores().decisions.insertMany(records.map(inspected));

  describe('figures', () => {
    const read = async (query = '') => (await act<ShieldAnswer>('GET', `/admin/shield?${query}`)).body;

    it('count requests by class, rule and guard, weighted back to all traffic', async () => {
      const at = Math.floor(house.clock.now() / 60_000) * 60_000 - 60_000;
      const union = found('sql.union');
      await keep(
        {
          atMs: at,
          findings: [union, found('sql.comment'), found('xss.tag', { name: 'bio', place: 'json' })],
        },
        { atMs: at + 1, findings: [union], route: 'GET /search' },
        { atMs: at + 2, findings: [union], shadow: true, route: 'GET /search' },
        { atMs: at + 3, findings: [found('sql.comment', { weight: 1 })], weight: 10, route: 'GET /notes' },
        { atMs: at + 4, findings: [], problem: 'too-deep' },
        { atMs: at + 5, findings: [] },
        { atMs: at - DAY_MS * 2, findings: [union] },
      );
      await stores().decisions.insertMany([
        decision({ atMs: at, verdict: 'challenge', guard: 'shield.bots', status: 403, code: 'C' }),
        decision({ atMs: at, verdict: 'deny', guard: 'shield.bots', status: 403, code: 'C' }),
        limited({ atMs: at }),
      ]);
      const body = await read(`fromMs=${at - 60_000}&toMs=${at + 60_000}&buckets=2`);
      expect(body.classes).toEqual([
        { class: 'sql', refused: 2, wouldRefuse: 1, below: 10 },
        { class: 'xss', refused: 1, wouldRefuse: 0, below: 0 },
      ]);
      const place = { place: 'query', field: 'q' };
      expect(body.rules).toEqual([
        { rule: 'sql.union', class: 'sql', refused: 3, below: 0, route: 'GET /search', ...place },
        { rule: 'sql.comment', class: 'sql', refused: 1, below: 10, route: 'GET /notes', ...place },
        {
          rule: 'xss.tag',
          class: 'xss',
          refused: 1,
          below: 0,
          route: '/orders/:id',
          place: 'json',
          field: 'bio',
        },
      ]);
      expect(body.guards).toEqual([
        { name: 'inspection', refused: 3, challenged: 0 },
        { name: 'shield.bots', refused: 1, challenged: 1 },
      ]);
      expect(body.series.map(({ atMs, counts }) => [atMs, counts])).toEqual([
        [at - 60_000, {}],
        [at, { sql: 3, xss: 1 }],
      ]);
      expect([body.bucketMs, body.sinceMs]).toEqual([60_000, undefined]);
    });

    it('are of those alone whom the filters leave', async () => {
      const at = house.clock.now() - 60_000;
      const [union, tag] = [found('sql.union'), found('xss.tag')];
      await keep(
        { atMs: at, findings: [union], route: 'GET /search' },
        { atMs: at + 1, findings: [union], route: 'GET /search', weight: 4 },
        { atMs: at + 2, findings: [tag], route: 'GET /notes' },
      );
      const seen = async (query: string) => {
        const { rules, classes, guards } = await read(query);
        return [rules.map(({ rule, refused }) => [rule, refused]), classes.length, guards[0]?.refused];
      };
      expect(await seen('')).toEqual([
        [
          ['sql.union', 5],
          ['xss.tag', 1],
        ],
        2,
        6,
      ]);
      expect(await seen('filter=route:GET%20/search')).toEqual([[['sql.union', 5]], 1, 5]);
      expect(await seen('exclude=route:GET%20/search')).toEqual([[['xss.tag', 1]], 1, 1]);
      expect(await seen('filter=route:GET%20/nothing')).toEqual([[], 0, undefined]);
      expect((await ada.get('/admin/shield?filter=weather:fine')).status).toBe(400);
    });

    it('come with the parts that are on, and how many reports wait', async () => {
      const record = inspected({ atMs: house.clock.now(), findings: [found('sql.union')] });
      await stores().decisions.insertMany([record]);
      await act('POST', '/admin/shield/reports', { decision: record.id });
      expect(await read()).toMatchObject({
        posture: null,
        parts: [{ name: 'inspection', mode: 'enforce' }],
        threshold: 5,
        challenges: { shown: 3, solved: 2, refused: 1 },
        openReports: 1,
        toMs: expect.any(Number) as number,
      });
      expect((await ada.get('/admin/shield?fromMs=2&toMs=1')).status).toBe(400);
    });
  });

  describe('reports of false alarms', () => {
    const report = (id: string, note?: string) =>
      act<FalseAlarm>('POST', '/admin/shield/reports', {
        decision: id,
        ...(note === undefined ? {} : { note }),
      });

    it('copy what the decision says, once for each decision, with an audit event', async () => {
      const record = inspected({ atMs: house.clock.now(), findings: [found('sql.union')] });
      await stores().decisions.insertMany([record]);
      const first = await report(record.id, 'a customer named O’Brien');
      expect(first).toMatchObject({
        status: 201,
        body: {
          decision: record.id,
          state: 'open',
          note: 'a customer named O’Brien',
          reportedBy: 'ada',
          guard: 'inspection',
          route: '/orders/:id',
          address: '203.0.113.7',
          findings: [{ rule: 'sql.union', class: 'sql', weight: 5, place: 'query', name: 'q' }],
        },
      });
      await stores().sql.script('TRUNCATE rampart.decisions');
      const again = await report(record.id, 'another note');
      expect([again.status, again.body]).toEqual([200, first.body]);
      expect(await eventTypes()).toEqual([`FALSE_ALARM_REPORTED ada ${record.id}`]);
    });

    it('are taken of whatever was refused, or would have been, and of nothing else', async () => {
      const at = house.clock.now();
      const [watched, limit, passed] = [
        inspected({ atMs: at, findings: [found('xss.tag')], shadow: true }),
        limited({ atMs: at }),
        decision({ atMs: at }),
      ];
      await stores().decisions.insertMany([watched, limit, passed]);
      expect((await report(watched.id)).body).toMatchObject({ guard: 'inspection', note: '' });
      expect((await report(limit.id)).body).toMatchObject({ guard: 'limit', findings: [] });
      expect((await report(passed.id)).status).toBe(400);
      expect((await report(passed.id.replace(/.$/, (last) => (last === '0' ? '1' : '0')))).status).toBe(404);
    });

    it('are paged, filtered, counted and settled once', async () => {
      const at = house.clock.now();
      const records = Array.from({ length: 5 }, (_, i) =>
        inspected({ atMs: at + i, findings: [found('sql.union')] }),
      );
      await stores().decisions.insertMany(records);
      const reports: FalseAlarm[] = [];
      for (const { id } of records) reports.push((await report(id)).body);
      const [first, second] = reports as [FalseAlarm, FalseAlarm];
      const { body: made } = await act<ShieldExclusion>('POST', '/admin/shield/exclusions', DRAFT);
      const accepted = await act('POST', `/admin/shield/reports/${first.id}/accept`, { exclusion: made.id });
      expect(accepted.body).toMatchObject({ state: 'accepted', settledBy: 'ada', exclusion: made.id });
      expect((await act('POST', `/admin/shield/reports/${second.id}/dismiss`)).body).toMatchObject({
        state: 'dismissed',
      });
      expect(await refusal('POST', `/admin/shield/reports/${first.id}/dismiss`)).toEqual([
        409,
        'The report is settled already.',
      ]);
      expect((await refusal('POST', '/admin/shield/reports/fal_x/dismiss'))[0]).toBe(404);
      const page = async (query: string) =>
        (await act<ReportsAnswer>('GET', `/admin/shield/reports?${query}`)).body;
      const open = await page('state=open&limit=2');
      expect(open.counts).toEqual({ open: 3, accepted: 1, dismissed: 1 });
      const rest = await page(`state=open&limit=2&cursor=${open.nextCursor}`);
      expect([...open.reports, ...rest.reports].map(({ id }) => id)).toEqual(
        reports
          .slice(2)
          .map(({ id }) => id)
          .toReversed(),
      );
      expect(rest.nextCursor).toBeNull();
      expect((await page(`decision=${second.decision}`)).reports).toMatchObject([{ id: second.id }]);
      await act('DELETE', `/admin/shield/exclusions/${made.id}`);
      expect((await page('state=accepted')).reports).toMatchObject([{ exclusion: null }]);
    });

    it('do not name an exclusion that is not there', async () => {
      const record = inspected({ atMs: house.clock.now(), findings: [found('sql.union')] });
      await stores().decisions.insertMany([record]);
      const { body } = await report(record.id);
      const exclusion = `exc_${record.id.slice(4)}`;
      expect((await refusal('POST', `/admin/shield/reports/${body.id}/accept`, { exclusion }))[0]).toBe(404);
      expect((await act<ReportsAnswer>('GET', '/admin/shield/reports')).body.counts.open).toBe(1);
    });
  });

  describe('exclusions', () => {
    const draft = async (more: object = {}) =>
      (await act<ShieldExclusion>('POST', '/admin/shield/exclusions', { ...DRAFT, ...more })).body;
    const on = (id: string, what: string, body?: unknown) =>
      act<ShieldExclusion>('POST', `/admin/shield/exclusions/${id}/${what}`, body);
    const publish = async (more: object = {}) => {
      const { id } = await draft(more);
      await on(id, 'replay');
      return on(id, 'publish', {});
    };

    it('act once they are published, and until they are withdrawn; each act is on record', async () => {
      const made = await draft();
      expect(made).toMatchObject({ ...DRAFT, state: 'draft', createdBy: 'ada', replay: null });
      await on(made.id, 'replay');
      expect(shield.exclusions.list()).toEqual([]);
      expect(await on(made.id, 'publish', { confirm: 0 })).toMatchObject({
        status: 200,
        body: { state: 'live', changedBy: 'ada' },
      });
      expect(shield.exclusions.list()).toMatchObject([{ id: made.id, field: 'q' }]);
      expect((await on(made.id, 'withdraw')).body.state).toBe('withdrawn');
      expect(shield.exclusions.list()).toEqual([]);
      expect((await on(made.id, 'restore')).body.state).toBe('live');
      expect(shield.exclusions.list()).toHaveLength(1);
      expect(await eventTypes()).toEqual(
        ['PUBLISHED', 'WITHDRAWN', 'PUBLISHED', 'DRAFTED'].map(
          (type) => `SHIELD_EXCLUSION_${type} ada ${made.id}`,
        ),
      );
    });

    it('are published only as they were replayed, lately, and as they were seen', async () => {
      await keep({ atMs: house.clock.now(), findings: [found('sql.union')] });
      const { id } = await draft();
      const path = `/admin/shield/exclusions/${id}`;
      const because = async () => refusal('POST', `${path}/publish`, { confirm: 1 });
      expect(await because()).toEqual([409, expect.stringContaining('Replay the draft first')]);
      expect((await on(id, 'replay')).body.replay?.wouldPass).toBe(1);
      await act('PATCH', path, { ...DRAFT, field: 'p' });
      expect(await because()).toEqual([409, expect.stringContaining('Replay the draft first')]);
      expect((await on(id, 'replay')).body.replay?.wouldPass).toBe(0);
      expect(await because()).toEqual([409, expect.stringContaining('replayed anew')]);
      await act('PATCH', path, DRAFT);
      await on(id, 'replay');
      house.clock.advance(DAY_MS);
      ada = await house.signIn();
      expect(await because()).toEqual([409, expect.stringContaining('older than a day')]);
      await on(id, 'replay');
      expect((await on(id, 'publish', { confirm: 1 })).status).toBe(200);
      expect((await refusal('PATCH', path, DRAFT))[0]).toBe(409);
      expect((await refusal('DELETE', path))[0]).toBe(409);
      expect((await refusal('POST', `${path}/replay`))[0]).toBe(409);
    });

    it('are restored within an hour, and never twice', async () => {
      const { id } = (await publish()).body;
      await on(id, 'withdraw');
      house.clock.advance(3_600_001);
      ada = await house.signIn();
      expect(await refusal('POST', `/admin/shield/exclusions/${id}/restore`)).toEqual([
        409,
        expect.stringContaining('more than an hour'),
      ]);
      expect((await refusal('POST', '/admin/shield/exclusions/exc_x/restore'))[0]).toBe(404);
    });

    it('leave no more than three whole classes out without a field', async () => {
      const three = ['sql', 'xss', 'ssrf'];
      expect((await publish({ field: null, rules: [...three, 'crlf'] })).status).toBe(409);
      expect((await publish({ field: 'q', rules: [...three, 'crlf'] })).status).toBe(200);
      expect((await publish({ field: null, route: '/a', rules: ['crlf'] })).status).toBe(200);
      expect((await publish({ field: null, rules: three })).status).toBe(200);
      for (const route of [null, '*', 'POST /*', '/a'])
        expect((await publish({ field: null, route, rules: ['ldap'] })).status, `${route}`).toBe(409);
    });

    it.each([
      [{ rules: [] }, 'rules'],
      [{ rules: ['sql.nothing'] }, 'rules.0'],
      [{ rules: ['sql'], reason: ' ' }, 'reason'],
      [{ route: 'a route' }, 'route'],
      [{ field: '' }, 'field'],
      [{ more: 1 }, 'body'],
    ])('are refused as %j', async (more, field) => {
      const response = await ada.send('POST', '/admin/shield/exclusions', { ...DRAFT, ...more });
      expect([response.status, (await errorOf(response)).details]).toMatchObject([400, [{ field }]]);
    });

    it('are listed by state, with what the configuration leaves out', async () => {
      const { id: gone } = (await publish()).body;
      await on(gone, 'withdraw');
      const { id: live } = (await publish()).body;
      const { id: older } = await draft();
      const { id: newer } = await draft();
      const { body } = await act<ExclusionsAnswer>('GET', '/admin/shield/exclusions');
      expect(body.exclusions.map(({ id }) => id)).toEqual([newer, older, live, gone]);
      expect(body.configured).toEqual([{ route: null, field: 'bio', rules: ['xss'] }]);
      expect((await act('DELETE', `/admin/shield/exclusions/${older}`)).status).toBe(204);
      expect((await act('DELETE', `/admin/shield/exclusions/${older}`)).status).toBe(404);
    });
  });
});
