import { beforeEach, describe, expect, it, vi } from 'vitest';
import { AuthorizationError } from '../../src/core/errors.ts';
import type { RampartEvent } from '../../src/core/events.ts';
import { readResponseOptions, type ResponseOptions } from '../../src/modules/respond/index.ts';
import type { ResponseEntry, ResponsesAnswer } from '../../src/server/api/response-types.ts';
import type { Stores } from '../../src/server/data/index.ts';
import { openResponses } from '../../src/server/responses/open.ts';
import { ResponseEngine } from '../../src/server/responses/engine.ts';
import type { ResponseParts } from '../../src/server/responses/parts.ts';
import { memoryBus } from '../../src/stores/memory/bus.ts';
import { newId } from '../../src/core/id.ts';
import { errorOf, House } from './house.ts';
import { decision } from './samples.ts';

const QUIET = { debug() {}, info() {}, warn() {}, error() {} };
const DAY_MS = 86_400_000;
const SEEN = {
  id: 'det_1',
  rule: 'scanner_fingerprint',
  title: 'A scanner',
  group: { network: '203.0.113.7' },
  events: ['evt_1'],
  updated: false,
};

/** Leases over the database and the API. */
export function responseSuite(stores: () => Stores): void {
  let house: House;
  let engine: ResponseEngine;
  let told: RampartEvent[];
  let ended: string[];
  let now: number;

  function partsOf(options: ResponseOptions): ResponseParts {
    const identity = {
      accounts: {
        list: () => Promise.resolve({ users: [{ id: 'acc_last' }], total: 1, nextCursor: null }),
        endSessions: (id: string) => Promise.resolve(ended.push(id)),
      },
    };
    return {
      options: readResponseOptions({ mode: 'enforce', ...options }),
      node: 'one',
      // The house of the test may be made anew with this engine in it.
      clock: { now: () => house.clock.now(), monotonic: () => house.clock.monotonic() },
      timers: house.clock,
      log: { ...QUIET, child: () => QUIET } as never,
      stores: stores(),
      bus: memoryBus(),
      house: () =>
        ({ blocks: house.blocks, shield: { traffic: null, onChallenge: () => undefined } }) as never,
      identity: () => identity as never,
      notice: (event) => void told.push(event),
      changed: () => undefined,
    };
  }

  function stand(options: ResponseOptions = {}): ResponseEngine {
    const parts = partsOf(options);
    const made = new ResponseEngine(parts);
    const { mode, budget } = parts.options;
    house = new House(stores(), { ports: { responses: { engine: made, mode, budget } } });
    return made;
  }

  beforeEach(async () => {
    await stores().sql.script('TRUNCATE rampart.responses, rampart.decisions, rampart.limit_lists');
    told = [];
    ended = [];
    house = new House(stores());
    engine = stand();
    now = house.clock.now();
  });

  /** Traffic of the last day: `people` have come for five days, each with one request from an address. */
  async function traffic(people: readonly (readonly [string, string])[], others = 0): Promise<void> {
    const records = people.flatMap(([principal, address]) => [
      decision({
        id: newId('dec', now - 5 * DAY_MS),
        atMs: now - 5 * DAY_MS,
        principal,
        address,
        group: address,
      }),
      decision({
        id: newId('dec', now - 3_600_000),
        atMs: now - 3_600_000,
        principal,
        address,
        group: address,
      }),
    ]);
    for (let i = 0; i < others; i++) {
      const address = `198.51.100.${i}`;
      const atMs = now - 7_200_000;
      records.push(
        decision({ id: newId('dec', atMs), atMs, principal: null, address, group: address, weight: 10 }),
      );
    }
    await stores().decisions.insertMany(records);
  }

  const list = async (): Promise<ResponsesAnswer> =>
    (await (await house.operator('GET', '/admin/responses')).json()) as ResponsesAnswer;
  const draft = (responder: string, target: string) => ({
    responder,
    target,
    minutes: 10,
    reason: 'of a test',
  });
  const post = async (path: string, body?: unknown): Promise<ResponseEntry> => {
    const answer = await house.operator('POST', `/admin/responses${path}`, body);
    expect(answer.status).toBe(200);
    return (await answer.json()) as ResponseEntry;
  };

  describe('what a detector asks for', () => {
    it('begins at once where nobody honest is in reach, once, with its audit event', async () => {
      await engine.detected(SEEN, now);
      await engine.detected(SEEN, now);
      const { responses, acting } = await list();
      expect(acting).toBe(1);
      expect(responses).toMatchObject([
        {
          state: 'full',
          responder: 'block',
          target: '203.0.113.7',
          automatic: true,
          evidence: ['det_1', 'evt_1'],
        },
      ]);
      expect(told.map(({ type, subject }) => [type, subject])).toEqual([['RESPONSE_STARTED', '203.0.113.7']]);
      const kept = await stores().sql.query(
        "SELECT 1 FROM rampart.events WHERE type = 'RESPONSE_STARTED' AND id = $1",
        [told[0]?.id as string],
      );
      expect(kept.rows).toHaveLength(1);
    });

    it('A87: asks a person where it would touch people in good standing, as behind the address of an office, and acts on a part of them first', async () => {
      await traffic([
        ['user:a', '203.0.113.7'],
        ['user:b', '198.51.100.1'],
      ]);
      await engine.detected(SEEN, now);
      const { responses, waiting } = await list();
      expect(waiting).toBe(1);
      expect(responses[0]).toMatchObject({
        state: 'waiting',
        approvalsNeeded: 1,
        radius: { good: 2, goodTargeted: 1, share: 0.5 },
      });
      const codes = responses[0]?.radius?.objections.map(({ code }) => code);
      expect(codes).toEqual(['accounts-budget']);
      const approved = await post(`/${responses[0]?.id}/approve`);
      expect(approved).toMatchObject({ state: 'staged', stage: 0.05, approvedBy: ['operator'] });
    });

    it('does not let the traffic of the attack itself stand in its way', async () => {
      await traffic([], 10);
      const flood = Array.from({ length: 50 }, () =>
        decision({
          id: newId('dec', now - 60_000),
          atMs: now - 60_000,
          principal: null,
          address: '203.0.113.7',
        }),
      );
      await stores().decisions.insertMany(flood);
      const lease = await engine.detected(SEEN, now - 120_000);
      expect(lease).toMatchObject({ state: 'full', radius: { requests: 100, targeted: 0 } });
    });

    it('counts nobody as good who only came with the attack', async () => {
      const fresh = Array.from({ length: 5 }, (_, i) =>
        decision({
          id: newId('dec', now - 3_600_000),
          atMs: now - 3_600_000,
          principal: `user:new${i}`,
          address: '203.0.113.7',
        }),
      );
      await stores().decisions.insertMany(fresh);
      const { radius } = (await engine.detected(SEEN, now)) ?? {};
      expect(radius).toMatchObject({ good: 0, goodTargeted: 0, targeted: 5 });
    });

    it('is only written down in shadow, and gives way to what a person asks for', async () => {
      engine = stand({ mode: 'shadow' });
      expect(await engine.detected(SEEN, now)).toMatchObject({ state: 'shadow', stage: 0 });
      expect(await stores().responses.shadowed()).toEqual({ count: 1, sinceMs: now });
      expect(engine.book.isEmpty).toBe(true);
      expect(await post('', draft('block', '203.0.113.7'))).toMatchObject({ state: 'full' });
    });

    it('A87: is refused for whom nobody may hit: never-block, allow list, people at the console', async () => {
      await house.operator('POST', '/admin/limits/allow', { value: '203.0.113.7', note: 'office' });
      const { allow } = await stores().lists.all();
      expect(allow.map(({ value }) => value)).toContain('203.0.113.7');
      expect(await engine.detected(SEEN, now)).toMatchObject({
        state: 'refused',
        objections: [{ code: 'allow-listed' }],
      });
      const loopback = { ...SEEN, group: { network: '127.0.0.1' } };
      expect(await engine.detected(loopback, now)).toMatchObject({
        state: 'refused',
        objections: [{ code: 'never-block' }],
      });
      await traffic([['admin:ada', '198.51.100.77']]);
      const admin = { ...SEEN, group: { network: '198.51.100.77' } };
      expect(await engine.detected(admin, now)).toMatchObject({
        state: 'refused',
        objections: [{ code: 'operators' }],
      });
      expect(engine.book.isEmpty).toBe(true);
    });

    it('is not begun late where somebody has decided about it meanwhile', async () => {
      const undecidedSinceMs = now;
      house.clock.advance(1_000);
      const lease = await engine.detected(SEEN, now, { undecidedSinceMs });
      expect(lease?.state).toBe('full');
      await post(`/${lease?.id}/undo`);
      expect(await engine.detected(SEEN, now, { undecidedSinceMs })).toBeUndefined();
      house.clock.advance(1_000);
      const later = { undecidedSinceMs: house.clock.now() };
      expect((await engine.detected(SEEN, now, later))?.state).toBe('full');
    });

    it('never exceeds the budget together, on two nodes at the same moment', async () => {
      await traffic([], 100);
      const nodes = [engine, stand()] as const;
      await Promise.all(
        Array.from({ length: 12 }, (_, i) =>
          nodes[i % 2 === 0 ? 0 : 1].detected(
            { ...SEEN, id: `det_${i}`, group: { network: `198.51.100.${i}` } },
            now,
          ),
        ),
      );
      const { rows } = await stores().sql.query(
        'SELECT state, count(*)::int AS count FROM rampart.responses GROUP BY state ORDER BY state',
      );
      // Each is 1 % of the traffic, and 5 % may be touched.
      expect(rows).toEqual([
        { state: 'full', count: 5 },
        { state: 'waiting', count: 7 },
      ]);
    });
  });

  describe('people', () => {
    it('undo with one call, for all and at once, and twice is once', async () => {
      const lease = await engine.detected(SEEN, now);
      expect(engine.book.ofAddress('203.0.113.7', now)).toHaveLength(1);
      expect(await post(`/${lease?.id}/undo`)).toMatchObject({
        state: 'undone',
        endedBy: 'operator',
        canUndo: false,
      });
      expect(engine.book.isEmpty).toBe(true);
      expect((await house.operator('POST', `/admin/responses/${lease?.id}/undo`)).status).toBe(409);
      expect((await house.operator('POST', `/admin/responses/rsp_${'0'.repeat(26)}/undo`)).status).toBe(404);
    });

    it('close the house only in twos, of whom each counts once', async () => {
      const asked = await post('', draft('lockdown', 'read-only'));
      expect(asked).toMatchObject({ state: 'waiting', approvalsNeeded: 2, approvedBy: ['operator'] });
      expect((await house.operator('POST', `/admin/responses/${asked.id}/approve`)).status).toBe(409);
      const ada = await house.signIn('ada');
      const approved = await ada.send('POST', `/admin/responses/${asked.id}/approve`);
      expect(await approved.json()).toMatchObject({ state: 'full', approvedBy: ['operator', 'ada'] });
      expect(engine.book.ofAll(house.clock.now())).toHaveLength(1);
      await ada.send('POST', `/admin/responses/${asked.id}/undo`);
      const told = await stores().events.page({ limit: 5, types: ['MAINTENANCE_MODE'] });
      const changes = told.map(({ actor, subject, details }) => [actor, subject, details]);
      expect(changes).toHaveLength(2);
      for (const on of [true, false])
        expect(changes).toContainEqual(['ada', 'read-only', { on, response: asked.id }]);
    });

    it('end alone what concerns everybody where they are administrators, analysts only the rest', async () => {
      const begin = async (target: string) => {
        const { id } = await post('', draft('lockdown', target));
        await post(`/${id}/break-glass`, { reason: 'nobody else is awake' });
        return id;
      };
      const id = await begin('read-only');
      const analyst = { name: 'user:acc_2', isLesser: true };
      const undo = { kind: 'undo', by: analyst.name } as const;
      await expect(engine.act(id, undo, analyst)).rejects.toThrow(AuthorizationError);
      expect(await post(`/${id}/undo`)).toMatchObject({ state: 'undone', approvedBy: ['operator'] });
      const waits = await post('', draft('lockdown', 'admins-only'));
      expect(await engine.act(waits.id, undo, analyst)).toMatchObject({ state: 'undone' });
      const block = await post('', draft('block', '203.0.113.7'));
      expect(await engine.act(block.id, undo, analyst)).toMatchObject({ state: 'undone' });
    });

    it('break the glass alone, loudly', async () => {
      const asked = await post('', draft('freeze-payments', 'all'));
      expect(asked.state).toBe('waiting');
      const short = await house.operator('POST', `/admin/responses/${asked.id}/break-glass`, {
        reason: 'now',
      });
      expect(short.status).toBe(400);
      const broken = await post(`/${asked.id}/break-glass`, { reason: 'cards are being tested this minute' });
      expect(broken.state).toBe('full');
      expect(told.at(-1)).toMatchObject({
        type: 'RESPONSE_BREAK_GLASS',
        severity: 'CRITICAL',
        details: { reason: 'cards are being tested this minute' },
      });
    });

    it('refuse what waits, and extend what acts', async () => {
      const waits = await post('', draft('lockdown', 'admins-only'));
      expect(await post(`/${waits.id}/refuse`)).toMatchObject({ state: 'refused' });
      const acts = await post('', draft('tighten-limits', '203.0.113.0/24'));
      const longer = await post(`/${acts.id}/extend`, { minutes: 5 });
      expect(longer.expiresAtMs - acts.expiresAtMs).toBe(300_000);
    });

    it('see whom it would touch before they ask, and nothing begins', async () => {
      await traffic([['user:a', '203.0.113.7']], 2);
      const dry = await house.operator('POST', '/admin/responses', {
        ...draft('block', '203.0.113.7'),
        dryRun: true,
      });
      expect(await dry.json()).toMatchObject({
        outcome: 'wait',
        approvalsNeeded: 2,
        radius: { requests: 21, targeted: 1, good: 1, goodTargeted: 1 },
      });
      const read = await house.operator(
        'GET',
        '/admin/responses/estimate?responder=block&target=203.0.113.9',
      );
      expect(await read.json()).toMatchObject({ outcome: 'act', radius: { targeted: 0 } });
      expect((await list()).responses).toEqual([]);
    });

    it('are refused what nobody may do, naming it', async () => {
      const own = await house.operator('POST', '/admin/responses', draft('block', '192.0.2.10'));
      expect([own.status, (await errorOf(own)).details]).toMatchObject([400, [{ code: 'own-address' }]]);
      const last = await house.operator('POST', '/admin/responses', draft('lock-account', 'user:acc_last'));
      expect([last.status, (await errorOf(last)).details]).toMatchObject([400, [{ code: 'last-admin' }]]);
      const wrong = await house.operator('POST', '/admin/responses', draft('lockdown', 'all'));
      expect([wrong.status, (await errorOf(wrong)).details]).toMatchObject([400, [{ code: 'NOT_A_TARGET' }]]);
    });

    it('page through the past', async () => {
      for (let i = 1; i <= 3; i++) {
        const { id } = await post('', draft('block', `203.0.113.${i}`));
        await post(`/${id}/undo`);
      }
      const page = async (query: string) =>
        (await (await house.operator('GET', `/admin/responses?limit=2${query}`)).json()) as ResponsesAnswer;
      const first = await page('');
      expect(first.responses.map(({ target }) => target)).toEqual(['203.0.113.3', '203.0.113.2']);
      const second = await page(`&cursor=${first.nextCursor}`);
      expect(second.responses.map(({ target }) => target)).toEqual(['203.0.113.1']);
      expect(second.nextCursor).toBeNull();
    });
  });

  it('are found by state, responder, and words', async () => {
    const past = await post('', draft('block', '203.0.113.9'));
    await post(`/${past.id}/undo`);
    await post('', draft('tighten-limits', '203.0.113.9'));
    await post('', { ...draft('lockdown', 'read-only'), reason: 'Cards are tested' });
    const found = async (query: string): Promise<readonly string[]> => {
      const answer = await house.operator('GET', `/admin/responses?${query}`);
      const { responses } = (await answer.json()) as ResponsesAnswer;
      return responses.map(({ responder }) => responder);
    };
    expect(await found('state=waiting&state=undone')).toEqual(['lockdown', 'block']);
    expect(await found('state=full')).toEqual(['tighten-limits']);
    expect(await found('responder=block')).toEqual(['block']);
    expect(await found('q=CARDS')).toEqual(['lockdown']);
    expect(await found('q=.113.9')).toEqual(['tighten-limits', 'block']);
    expect(await found(`alert=alr_${'0'.repeat(26)}`)).toEqual([]);
    expect((await house.operator('GET', '/admin/responses?state=open')).status).toBe(400);
  });

  describe('time', () => {
    it('ends a response on every node, and one look writes it down once', async () => {
      await post('', draft('block', '203.0.113.7'));
      const [here, { engine: other }] = [engine, { engine: stand() }];
      await other.reload();
      house.clock.advance(600_100);
      for (const { book } of [here, other])
        expect(book.ofAddress('203.0.113.7', house.clock.now())).toEqual([]);
      await Promise.all([here.tick(() => undefined), other.tick(() => undefined)]);
      await here.tick(() => undefined);
      expect(told.filter(({ type }) => type === 'RESPONSE_EXPIRED')).toHaveLength(1);
      expect((await list()).responses[0]?.state).toBe('expired');
    });

    it('takes back a staged block that would meet people in good standing, and widens one that does not', async () => {
      await traffic([
        ['user:a', '203.0.113.7'],
        ['user:b', '203.0.113.8'],
      ]);
      const running = openResponses(partsOf({}));
      await running.start();
      const staged = async (address: string) => {
        const lease = await running.engine.detected({ ...SEEN, group: { network: address } }, now);
        const by = { name: 'operator' };
        return running.engine.act(lease?.id as string, { kind: 'approve', by: 'operator' }, by);
      };
      const harmful = await staged('203.0.113.7');
      const harmless = await staged('203.0.113.8');
      expect([harmful.state, harmless.state]).toEqual(['staged', 'staged']);
      for (const person of ['a', 'c', 'd', 'd']) running.engine.book.meetPerson(harmful.id, person);
      for (const person of ['b', 'b', 'b', 'c']) running.engine.book.meetPerson(harmless.id, person);
      const states = async () => {
        const { responses } = await list();
        return [harmful, harmless].map(({ id }) => responses.find((one) => one.id === id)?.state);
      };
      house.clock.advance(2_000);
      await expect.poll(states).toEqual(['rolled-back', 'staged']);
      const later = () => {
        house.clock.advance(10_000);
        return states();
      };
      await expect.poll(later).toEqual(['rolled-back', 'full']);
      await running.close();
    });

    it('counts the requests that it met on all nodes together, and loses none of a node that stops', async () => {
      const nodes = [openResponses(partsOf({})), openResponses(partsOf({}))] as const;
      const [one, other] = nodes;
      for (const node of nodes) await node.start();
      const lease = await one.engine.detected(SEEN, now);
      const id = lease?.id as string;
      await other.engine.reload();
      for (let i = 0; i < 5; i++) one.engine.book.meet(id);
      other.engine.book.meet(id);
      const counted = () => {
        house.clock.advance(2_000);
        return nodes.map(({ engine }) => engine.book.met(id));
      };
      await expect.poll(counted).toEqual([6, 6]);
      other.engine.book.meet(id);
      await other.close();
      await expect.poll(() => counted()[0]).toBe(7);
      one.engine.book.meet(id);
      expect(one.engine.book.met(id)).toBe(8);
      await one.close();
      const { rows } = await stores().sql.query('SELECT met FROM rampart.responses WHERE id = $1', [id]);
      expect(Number(rows[0]?.['met'])).toBe(8);
    });

    it('counts later what could not be counted', async () => {
      const running = openResponses(partsOf({}));
      await running.start();
      const id = (await running.engine.detected(SEEN, now))?.id as string;
      const addMet = vi.spyOn(stores().responses, 'addMet').mockRejectedValueOnce(new Error('down'));
      running.engine.book.meet(id, 3);
      const kept = async () => {
        house.clock.advance(2_000);
        expect(running.engine.book.met(id)).toBe(3);
        return (await stores().responses.met()).get(id);
      };
      await expect.poll(kept).toBe(3);
      expect(addMet).toHaveBeenCalledTimes(2);
      await running.close();
    });

    it('takes back a response that does harm, with its reason', async () => {
      await engine.detected(SEEN, now);
      await engine.tick(() => 'The share of sign-ins that succeed fell from 90 % to 40 %.');
      expect((await list()).responses[0]).toMatchObject({
        state: 'rolled-back',
        endedBy: expect.stringContaining('40 %'),
      });
      expect(told.at(-1)?.type).toBe('RESPONSE_ROLLED_BACK');
      expect(engine.book.isEmpty).toBe(true);
    });
  });

  it('ends sessions once, also where a crash came between the decision and the act', async () => {
    const lease = await engine.ask(
      {
        responder: 'end-sessions',
        target: 'user:acc_1',
        how: 'deny',
        reason: 'of a test',
        startedBy: 'operator',
        automatic: false,
        evidence: [],
        ttlMs: 600_000,
      },
      { name: 'operator' },
    );
    expect(ended).toEqual(['acc_1']);
    await stores().sql.query(
      `UPDATE rampart.responses SET lease = jsonb_set(lease, '{actedAtMs}', 'null') WHERE id = $1`,
      [lease.id],
    );
    const after = stand();
    await after.reload();
    await after.tick(() => undefined);
    await after.tick(() => undefined);
    expect(ended).toEqual(['acc_1', 'acc_1']);
    const [entry] = (await list()).responses;
    expect(entry).toMatchObject({ state: 'full', canUndo: false });
    expect(entry?.approvedBy).toEqual(['operator']);
  });
}
