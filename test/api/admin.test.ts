import { beforeEach, describe, expect, it } from 'vitest';
import type { Decider } from '../../src/core/decide.ts';
import { deny, pass } from '../../src/core/verdict.ts';
import { createDetector } from '../../src/modules/detect/index.ts';
import type { Bus } from '../../src/ports/bus.ts';
import type { DetectorEventsAnswer, DetectorsAnswer } from '../../src/server/api/detect-types.ts';
import type {
  BlockEntry,
  BlockPreview,
  BlocksAnswer,
  DecisionAnswer,
  DecisionsAnswer,
  EventsAnswer,
  LimitsAnswer,
  OverviewAnswer,
} from '../../src/server/api/types.ts';
import { memoryCounters } from '../../src/stores/memory/counter.ts';
import { onEachDatabase } from './databases.ts';
import { errorOf, House, OPERATOR_KEY, type SignedIn } from './house.ts';
import { decision, event, limited } from './samples.ts';

/** The bus tells in a later turn of the event loop. */
const heardAll = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

onEachDatabase((stores) => {
  let house: House;
  let ada: SignedIn;
  beforeEach(async () => {
    await stores().sql.script(
      'TRUNCATE rampart.decisions, rampart.traffic, rampart.events, rampart.blocks, rampart.limit_lists',
    );
    house = new House(stores());
    ada = await house.signIn();
    await stores().sql.script('TRUNCATE rampart.events');
  });
  const read = async <T>(path: string): Promise<T> => {
    const response = await ada.get(path);
    expect(response.status).toBe(200);
    return (await response.json()) as T;
  };
  const eventTypes = async (): Promise<readonly string[]> =>
    (await stores().events.page({ limit: 50 })).map((one) => `${one.type} ${one.actor} ${one.subject}`);

  describe('decisions', () => {
    it('are paged by what the answer says, to the end', async () => {
      const at = house.clock.now();
      const batch = Array.from({ length: 7 }, (_, i) => decision({ atMs: at - i }));
      await stores().decisions.insertMany(batch);
      const seen: string[] = [];
      let query = '';
      for (;;) {
        const page = await read<DecisionsAnswer>(`/admin/decisions?limit=3${query}`);
        seen.push(...page.decisions.map((one) => one.id));
        if (page.nextBefore === null) break;
        query = `&before=${page.nextBefore}`;
      }
      expect(seen).toEqual(batch.map((one) => one.id));
    });

    it('are filtered and excluded by fields', async () => {
      const at = house.clock.now();
      await stores().decisions.insertMany([
        decision({ atMs: at, route: 'GET /health' }),
        decision({ atMs: at, route: 'GET /a' }),
        limited({ atMs: at, route: 'GET /a' }),
      ]);
      const query = 'filter=route:GET%20/a&exclude=verdict:deny';
      const page = await read<DecisionsAnswer>(`/admin/decisions?${query}`);
      expect(page.decisions.map((one) => [one.route, one.verdict])).toEqual([['GET /a', 'pass']]);
    });

    it('explain themselves: sentence, remedies, replayed steps, related ones and the block', async () => {
      const at = house.clock.now();
      const decider: Decider<{ used: number }, { max: number }> = {
        name: 'limit',
        version: 1,
        decide: ({ used }, { max }) =>
          used > max
            ? deny(
                { status: 429, code: 'X', message: 'm' },
                {
                  code: 'limit.exceeded',
                  text: `${used} of ${max} used.`,
                  remedy: { do: 'wait', seconds: 40 },
                },
              )
            : pass({ code: 'limit.within', text: `${used} of ${max} used.` }),
      };
      house.deciders.set('limit', decider);
      const step = { guard: 'limit', mode: 'enforce', decider: { name: 'limit', version: 1 } } as const;
      const evidence = (used: number) => ({ features: { used }, state: { max: 60 }, atMs: at });
      const record = limited({
        atMs: at,
        steps: [
          { guard: 'blockList', mode: 'enforce', verdict: 'pass' },
          { ...step, guard: 'early', verdict: 'pass', evidence: evidence(3) },
          { ...step, verdict: 'deny', evidence: evidence(61) },
          { ...step, guard: 'changed', verdict: 'pass', evidence: evidence(99) },
          {
            ...step,
            guard: 'older',
            verdict: 'pass',
            evidence: evidence(1),
            decider: { name: 'limit', version: 0 },
          },
        ],
      });
      const other = decision({ atMs: at - 5_000 });
      await stores().decisions.insertMany([record, other]);
      const block = await (
        await ada.send('POST', '/admin/blocks', { target: '203.0.113.0/24', minutes: 5, reason: 'noise' })
      ).json();
      const found = await read<DecisionAnswer>(`/admin/decisions/${record.id}`);
      expect(found.sentence).toBe('Refused by limit: 61 of 60 used.');
      expect(found.remedies).toEqual(['Wait 40 s.']);
      expect(
        found.steps.map((one) => [one.guard, one.phase, one.replayed, one.reason?.text ?? null]),
      ).toEqual([
        ['blockList', null, null, null],
        ['early', null, true, '3 of 60 used.'],
        ['limit', 'admit', true, '61 of 60 used.'],
        ['changed', null, false, '99 of 60 used.'],
        ['older', null, null, null],
      ]);
      expect(found.related.map((one) => one.id)).toEqual([other.id]);
      expect(found.block).toEqual(block);
    });

    it('of an unknown id are not there', async () => {
      for (const id of ['dec_01k9x3v8c0m2n4p6q8r0s2t4v6', 'x', "'--"]) {
        const response = await ada.get(`/admin/decisions/${encodeURIComponent(id)}`);
        expect(response.status).toBe(404);
      }
    });
  });

  describe('the overview', () => {
    it('adds up, and says in a sentence what it shows', async () => {
      const at = Math.floor(house.clock.now() / 10_000) * 10_000 - 60_000;
      const counts = { allowed: 980, answered: 0, challenged: 0, limited: 15, blocked: 5, wouldRefuse: 2 };
      await stores().traffic.add([{ bucketMs: at, node: 'one', route: 'GET /a', counts }]);
      const found = await read<OverviewAnswer>(
        `/admin/stats/overview?fromMs=${at - 600_000}&toMs=${at + 10_000}`,
      );
      expect(found.totals).toEqual(counts);
      expect(found.summary).toBe(
        '1,000 requests, 98 % let through, 15 limited, 5 blocked. Guards in shadow mode would have refused 2 more.',
      );
      expect(found.topRoutes).toEqual([{ value: 'GET /a', requests: 1_000, refused: 20 }]);
    });

    it('takes no span that ends before it begins or exceeds 90 days', async () => {
      for (const query of ['fromMs=2&toMs=1', 'fromMs=0&toMs=9000000000000', 'fromMs=5&toMs=5']) {
        expect((await ada.get(`/admin/stats/overview?${query}`)).status).toBe(400);
      }
    });
  });

  describe('blocks', () => {
    const add = (body: object): Promise<Response> => ada.send('POST', '/admin/blocks', body);

    it('act at once here, are announced to the other nodes, and stand in the audit trail', async () => {
      const heard: string[] = [];
      await house.bus.subscribe('rampart:blocks', (message) => heard.push(message));
      const response = await add({ target: '::ffff:203.0.113.7', minutes: 60, reason: ' noise ' });
      expect(response.status).toBe(201);
      const block = (await response.json()) as BlockEntry;
      expect(block).toMatchObject({
        target: '203.0.113.7',
        reason: 'noise',
        createdBy: 'ada',
        createdAtMs: house.clock.now(),
        expiresAtMs: house.clock.now() + 3_600_000,
        hits: 0,
      });
      expect(house.blocks.find('203.0.113.7')?.id).toBe(block.id);
      await heardAll();
      expect(heard).toHaveLength(1);
      expect((await read<BlocksAnswer>('/admin/blocks')).blocks).toEqual([block]);

      expect((await ada.send('DELETE', `/admin/blocks/${block.id}`)).status).toBe(204);
      expect(house.blocks.find('203.0.113.7')).toBeUndefined();
      const restored = await ada.send('POST', `/admin/blocks/${block.id}/restore`);
      expect(await restored.json()).toEqual(block);
      expect(house.blocks.find('203.0.113.7')?.id).toBe(block.id);
      expect(await eventTypes()).toEqual([
        'BLOCK_ADDED ada 203.0.113.7',
        'BLOCK_REMOVED ada 203.0.113.7',
        'BLOCK_ADDED ada 203.0.113.7',
      ]);
    });

    it('are refused for the own address, loopback, everybody, and nonsense; nothing is written', async () => {
      const addresses = [
        '192.0.2.10',
        '192.0.2.0/24',
        '127.0.0.1',
        '::1',
        '0.0.0.0/0',
        'example.org',
        '1.2.3',
      ];
      const others = ['asn:64500', 'country:DE', 'asn:x', 'country:Germany', 'user:', 'user:a b', 'tenant:a'];
      const targets = [...addresses, ...others, `session:${'x'.repeat(201)}`];
      for (const target of targets) {
        const response = await add({ target, minutes: 5, reason: 'x' });
        expect([target, response.status]).toEqual([target, 400]);
        expect((await errorOf(response)).code).toBe('VALIDATION_ERROR');
      }
      expect((await read<BlocksAnswer>('/admin/blocks')).blocks).toEqual([]);
      expect(await eventTypes()).toEqual([]);
    });

    it('are of users, sessions and devices, too, and stand beside the decisions of whom they hit', async () => {
      const made: BlockEntry[] = [];
      for (const target of ['user:42', 'session:ses_1', 'device:dev_1', 'user:service:billing']) {
        const response = await add({ target, minutes: 5, reason: 'x' });
        expect([target, response.status]).toEqual([target, 201]);
        made.push((await response.json()) as BlockEntry);
      }
      expect(made.map(({ kind, target }) => `${kind} ${target}`)).toEqual([
        'user user:42',
        'session session:ses_1',
        'device device:dev_1',
        'user user:service:billing',
      ]);
      expect(house.blocks.findCaller({ session: 'ses_1' })?.id).toBe(made[1]?.id);
      const seen = decision({ atMs: house.clock.now(), principal: 'user:42' });
      await stores().decisions.insertMany([seen]);
      expect((await read<DecisionAnswer>(`/admin/decisions/${seen.id}`)).block).toEqual(made[0]);
      expect((await read<BlocksAnswer>('/admin/blocks')).blocks).toEqual(made.toReversed());
    });

    it('are not written without their audit event', async () => {
      await stores().sql.script('ALTER TABLE rampart.events RENAME TO events_away');
      const response = await add({ target: '203.0.113.7', minutes: 5, reason: 'x' });
      await stores().sql.script('ALTER TABLE rampart.events_away RENAME TO events');
      expect(response.status).toBe(500);
      expect((await read<BlocksAnswer>('/admin/blocks')).blocks).toEqual([]);
      expect(house.blocks.find('203.0.113.7')).toBeUndefined();
    });

    it('stand even when the bus is down', async () => {
      const bus: Bus = {
        kind: 'memory',
        publish: () => Promise.reject(new Error('bus is down')),
        subscribe: () => Promise.resolve(() => Promise.resolve()),
        close: () => Promise.resolve(),
      };
      house = new House(stores(), { bus });
      ada = await house.signIn();
      expect((await add({ target: '203.0.113.7', minutes: null, reason: 'x' })).status).toBe(201);
      expect(house.warned).toHaveLength(1);
    });

    it('are previewed: whom they would have hit, and why they would be refused', async () => {
      const at = house.clock.now();
      await stores().decisions.insertMany([
        decision({ atMs: at - 1_000, weight: 10, principal: 'user:1' }),
        limited({ atMs: at - 1_000 }),
        decision({ atMs: at - 86_400_001 }),
      ]);
      const preview = async (target: string): Promise<BlockPreview> =>
        (await (await ada.send('POST', '/admin/blocks/preview', { target })).json()) as BlockPreview;
      expect(await preview('203.0.113.0/24')).toEqual({
        kind: 'range',
        target: '203.0.113.0/24',
        requests: 11,
        passed: 10,
        principals: 1,
        sinceMs: house.clock.now() - 86_400_000,
        refused: null,
        note: null,
      });
      expect(await preview('user:user:1')).toMatchObject({ kind: 'user', target: 'user:1', passed: 10 });
      expect((await preview('asn:64500')).refused).toContain('shield.place.files');
      expect((await preview('session:ses_1')).note).toContain('No accounts are kept here');
      expect((await preview('192.0.2.10')).refused).not.toBeNull();
    });

    it('twice on one target conflict, and unknown ones are not there', async () => {
      await add({ target: '203.0.113.7', minutes: 5, reason: 'x' });
      expect((await add({ target: '203.0.113.7/32', minutes: 9, reason: 'y' })).status).toBe(409);
      expect((await ada.send('DELETE', '/admin/blocks/blk_none')).status).toBe(404);
      expect((await ada.send('POST', '/admin/blocks/blk_none/restore')).status).toBe(404);
    });
  });

  describe('limits', () => {
    it('show policies, keys and figures; an unknown policy is not there', async () => {
      const found = await read<LimitsAnswer>('/admin/limits');
      expect(found).toMatchObject({ store: { kind: 'memory' }, allow: [], deny: [] });
      expect(await read('/admin/limits/api/keys?search=')).toMatchObject({ keys: [{ used: 12 }] });
      expect(await read('/admin/limits/api/histogram')).toMatchObject({ max: 60 });
      for (const path of ['keys', 'histogram']) {
        expect((await ada.get(`/admin/limits/none/${path}`)).status).toBe(404);
      }
    });

    it('forget a key, and write down who had it forgotten', async () => {
      const reset = (policy: string, key: string): Promise<Response> =>
        ada.send('POST', `/admin/limits/${policy}/reset`, { key });
      expect(await (await reset('api', 'ip:203.0.113.7')).json()).toEqual({ reset: true });
      expect(await (await reset('api', 'ip:203.0.113.8')).json()).toEqual({ reset: false });
      expect((await reset('none', 'x')).status).toBe(404);
      expect(house.resets).toEqual(['ip:203.0.113.7', 'ip:203.0.113.8']);
      expect(await eventTypes()).toEqual([
        'LIMIT_RESET ada ip:203.0.113.8',
        'LIMIT_RESET ada ip:203.0.113.7',
      ]);
    });

    it('take entries on their lists in one form, tell all nodes, and write it down', async () => {
      const heard: string[] = [];
      await house.bus.subscribe('rampart:limits', (message) => heard.push(message));
      const add = (list: string, value: string): Promise<Response> =>
        ada.send('POST', `/admin/limits/${list}`, { value, note: 'office' });
      expect((await add('allow', '::FFFF:10.0.0.0/120')).status).toBe(204);
      expect((await add('allow', '10.0.0.0/24')).status).toBe(409);
      expect((await add('deny', 'user:42')).status).toBe(204);
      expect((await add('deny', '10.0.0')).status).toBe(400);
      expect(house.lists.allow.map((one) => [one.value, one.addedBy])).toEqual([['10.0.0.0/24', 'ada']]);
      expect(house.lists.deny.map((one) => one.value)).toEqual(['user:42']);
      const path = `/admin/limits/allow/${encodeURIComponent('10.0.0.0/24')}`;
      expect((await ada.send('DELETE', path)).status).toBe(204);
      expect((await ada.send('DELETE', path)).status).toBe(404);
      expect(house.lists.allow).toEqual([]);
      await heardAll();
      expect(heard).toHaveLength(3);
      expect(await eventTypes()).toEqual([
        'LIMIT_LIST_CHANGED ada 10.0.0.0/24',
        'LIMIT_LIST_CHANGED ada user:42',
        'LIMIT_LIST_CHANGED ada 10.0.0.0/24',
      ]);
    });
  });

  describe('events', () => {
    it('are paged and chosen by type and severity', async () => {
      const at = house.clock.now();
      await stores().events.insertMany([
        event('GUARD_FAILED', at - 3),
        event('REQUEST_REFUSED', at - 2),
        event('CSRF_ATTEMPT', at - 1),
      ]);
      const first = await read<EventsAnswer>('/admin/events?limit=2');
      expect(first.events.map((one) => one.type)).toEqual(['CSRF_ATTEMPT', 'REQUEST_REFUSED']);
      const second = await read<EventsAnswer>(`/admin/events?limit=2&before=${first.nextBefore}`);
      expect(second.events.map((one) => one.type)).toEqual(['GUARD_FAILED']);
      expect(second.nextBefore).toBeNull();
      const severe = await read<EventsAnswer>('/admin/events?severity=HIGH&severity=CRITICAL');
      expect(severe.events.map((one) => one.type)).toEqual(['GUARD_FAILED']);
      expect((await ada.get('/admin/events?severity=WORST')).status).toBe(400);
    });
  });

  describe('detectors', () => {
    const detector = createDetector(
      { rules: { mass_read: false } },
      { store: memoryCounters(), events: () => ({ emit: () => undefined }) },
    );
    const detection = (rule: string, atMs: number, type: 'DETECTION' | 'BRUTE_FORCE_ATTEMPT' = 'DETECTION') =>
      event(type, atMs, { details: { detection: 'det_1', rule } });
    const signIn = async (): Promise<void> => {
      house = new House(stores(), { ports: { detector } });
      ada = await house.signIn();
      await stores().sql.script('TRUNCATE rampart.events');
    };

    it('are listed with how often they spoke, and when last', async () => {
      await signIn();
      const at = house.clock.now();
      await stores().events.insertMany([
        detection('brute_force', at - 1_000, 'BRUTE_FORCE_ATTEMPT'),
        detection('brute_force', at - 2_000, 'BRUTE_FORCE_ATTEMPT'),
        detection('mass_export', at - 5 * 86_400_000),
        // Told by the application itself, and by nobody of these.
        event('BRUTE_FORCE_ATTEMPT', at - 500, { details: { rule: 'brute_force' } }),
        event('DETECTION_UPDATED', at - 400, { details: { detection: 'det_1', rule: 'brute_force' } }),
      ]);
      const { detectors, counts } = await read<DetectorsAnswer>('/admin/detectors');
      const of = (name: string) => detectors.find((one) => one.name === name);
      expect(counts).toBe('shared');
      expect(of('brute_force')).toMatchObject({
        fired: 2,
        lastMs: at - 1_000,
        enabled: true,
        severity: 'HIGH',
      });
      expect(of('mass_export')).toMatchObject({ fired: 0, lastMs: at - 5 * 86_400_000 });
      expect(of('mass_read')).toMatchObject({ enabled: false, fired: 0, lastMs: null });
      const week = await read<DetectorsAnswer>(`/admin/detectors?fromMs=${at - 7 * 86_400_000}`);
      expect(week.detectors.find((one) => one.name === 'mass_export')?.fired).toBe(1);
      expect((await ada.get(`/admin/detectors?fromMs=${at + 60_000}`)).status).toBe(400);
    });

    it('hand out events oldest first to the command line alone, each as it was emitted', async () => {
      await signIn();
      const at = house.clock.now();
      const kept = [3, 2, 1].map((i) =>
        event('CSRF_ATTEMPT', at - i, { address: '192.0.2.1', outcome: 'refused', details: { n: i } }),
      );
      await stores().events.insertMany(kept);
      const since = `/admin/detectors/events?sinceMs=${at - 2}`;
      expect((await ada.get(since)).status).toBe(403);
      const ask = async (path: string) =>
        (await (
          await house.fetch(path, { headers: { authorization: `Bearer ${OPERATOR_KEY}` } })
        ).json()) as DetectorEventsAnswer;
      expect((await ask(since)).events).toEqual(kept.slice(1));
      expect((await ask(`/admin/detectors/events?after=${kept[1]?.id}&limit=1`)).events).toEqual(
        kept.slice(2),
      );
    });
  });

  it('answers health and reports of browsers', async () => {
    expect(await read('/admin/health')).toMatchObject({ state: 'ok' });
    expect(await read('/admin/csp')).toMatchObject({ groups: [{ directive: 'script-src' }] });
  });
});
