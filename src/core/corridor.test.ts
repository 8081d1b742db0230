import { describe, expect, it, vi } from 'vitest';
import { ManualClock } from '../testing/clock.ts';
import type { RequestContext } from './context.ts';
import { type Corridor, createCorridor, type CorridorParts } from './corridor.ts';
import { fact } from './fact.ts';
import type { Guard } from './guard.ts';
import { addressReader } from './proxy.ts';
import type { RequestView } from './request.ts';
import { createRecorder } from './recorder.ts';
import { replayStep, type DecisionRecord } from './decision.ts';
import type { Decider } from './decide.ts';
import { answer, deny, PASS, type Verdict } from './verdict.ts';

const REFUSED = deny({ status: 403, code: 'NO', message: 'No.' }, { code: 'test.no', text: 'Because.' });

function guard(name: string, check: Guard['check'], more: Partial<Guard> = {}): Guard {
  return { name, phase: 'screen', mode: 'enforce', onError: 'deny', check, ...more };
}

function request(target = '/', headers: Record<string, string> = {}, method = 'GET') {
  return { method, target, peer: '203.0.113.7', encrypted: false, header: (name: string) => headers[name] };
}

function bind(built: Corridor, clock: ManualClock) {
  return {
    clock,
    enter: (view: RequestView) => built.enter(view),
    leave: (...args: Parameters<Corridor['leave']>) => built.leave(...args),
  };
}

function corridor(guards: Guard[], more: Partial<CorridorParts> = {}) {
  const clock = new ManualClock();
  const built = createCorridor({
    guards,
    clock,
    readClient: addressReader({ trustProxy: ['loopback'] }),
    ...more,
  });
  return bind(built, clock);
}

describe('the corridor', () => {
  it('asks guards phase by phase and ends at the first refusal', () => {
    const asked: string[] = [];
    const note = (name: string, phase: Guard['phase'], verdict: Verdict = PASS): Guard =>
      guard(name, () => (asked.push(name), verdict), { phase });
    const { enter } = corridor([
      note('meter', 'meter', REFUSED),
      note('assess', 'assess'),
      note('admit', 'admit'),
      note('identify', 'identify'),
    ]);
    const context = enter(request()) as RequestContext;
    expect(asked).toEqual(['admit', 'identify', 'meter']);
    expect(context.verdict).toBe(REFUSED);
    expect(context.reply).toMatchObject({ status: 403 });
    expect(JSON.parse(context.reply?.body as string)).toEqual({
      success: false,
      error: { code: 'NO', message: 'No.', decision: context.decisionId },
    });
  });

  it('answers without a promise as long as no guard waits, and goes on after one that does', async () => {
    const after = vi.fn(() => PASS);
    const plain = corridor([guard('a', () => PASS)]).enter(request());
    expect(plain).not.toBeInstanceOf(Promise);
    const waiting = corridor([guard('a', async () => Promise.resolve(PASS)), guard('b', after)]).enter(
      request(),
    );
    expect(waiting).toBeInstanceOf(Promise);
    expect((await waiting).verdict.kind).toBe('pass');
    expect(after).toHaveBeenCalledOnce();
    const refused = await corridor([
      guard('a', async () => Promise.resolve(REFUSED)),
      guard('b', after),
    ]).enter(request());
    expect(refused.verdict).toBe(REFUSED);
    expect(after).toHaveBeenCalledOnce();
  });

  it('sends a preflight the way of the request that it announces', () => {
    const { enter } = corridor([], {
      rules: [
        { match: 'POST /orders', settings: {} },
        { match: 'OPTIONS /orders', settings: {} },
      ],
    });
    const routeOf = (headers: Record<string, string>): string =>
      (enter(request('/orders', headers, 'OPTIONS')) as RequestContext).plan.route.name;
    const asks = { 'access-control-request-method': 'POST' };
    expect(routeOf({ origin: 'https://a.example', ...asks })).toBe('POST /orders');
    expect(routeOf({ origin: 'https://a.example' })).toBe('OPTIONS /orders');
    expect(routeOf(asks)).toBe('OPTIONS /orders');
  });

  it('lets the request go on when a shadow guard would refuse it, and keeps that in the trail', () => {
    const context = corridor([guard('shy', () => REFUSED, { mode: 'shadow' })]).enter(
      request(),
    ) as RequestContext;
    expect(context.verdict.kind).toBe('pass');
    expect(context.reply).toBeNull();
    expect(context.trail).toEqual([{ guard: 'shy', verdict: REFUSED, shadow: true }]);
  });

  it.each([
    ['deny', 'throws', 503],
    ['deny', 'rejects', 503],
    ['allow', 'throws', undefined],
    ['allow', 'rejects', undefined],
  ] as const)(
    'turns a crash into a line of the trail, onError %s when it %s',
    async (onError, how, status) => {
      const failures: unknown[] = [];
      const crash =
        how === 'throws'
          ? () => {
              throw new Error('boom');
            }
          : () => Promise.reject(new Error('boom'));
      const { enter } = corridor([guard('weak', crash, { onError })], {
        onGuardFailure: (name, error) => failures.push([name, error]),
      });
      const context = await enter(request());
      expect(context.reply?.status).toBe(status);
      expect(context.trail?.[0]?.verdict.reason).toMatchObject({
        code: 'guard.failed',
        values: { error: 'Error: boom' },
      });
      expect(failures).toEqual([['weak', new Error('boom')]]);
      expect(JSON.stringify(context.reply)).not.toContain('boom');
    },
  );

  it('gives back what was held once, in every exit, even when one release throws', async () => {
    for (const verdict of [PASS, REFUSED]) {
      const released = vi.fn();
      const holder = guard('holder', (context) => {
        context.hold(() => {
          throw new Error('stuck');
        });
        context.hold(released);
        return PASS;
      });
      const { enter, leave } = corridor([holder, guard('next', () => verdict)]);
      const context = await enter(request());
      expect(released).not.toHaveBeenCalled();
      leave(context, 200, 0, false);
      leave(context, 200, 0, false);
      expect(released).toHaveBeenCalledOnce();
      const late = vi.fn();
      context.hold(late);
      expect(late).toHaveBeenCalledOnce();
    }
  });

  it('runs finishers in order with what happened, and survives one that throws', () => {
    const ends: unknown[] = [];
    const finishers = [
      {
        name: 'bad',
        end: () => {
          throw new Error('no');
        },
      },
      { name: 'good', end: (_context: RequestContext, end: unknown) => ends.push(end) },
    ];
    const onGuardFailure = vi.fn();
    const { enter, leave, clock } = corridor([], { finishers: finishers, onGuardFailure });
    const context = enter(request()) as RequestContext;
    clock.advance(12);
    leave(context, 201, 345, true);
    expect(ends).toEqual([{ status: 201, bytes: 345, aborted: true, durationMs: 12 }]);
    expect(onGuardFailure).toHaveBeenCalledWith('bad', expect.any(Error), context);
  });

  it('compiles guards and headers once per route, a later guard replacing a header of the same name', () => {
    const staticHeaders = vi.fn((route: { settings: Record<string, unknown> }) => [
      'X-A',
      String(route.settings['a']),
    ]);
    const only = guard('only', () => REFUSED, { appliesTo: (route) => route.settings['strict'] === true });
    const one = corridor(
      [
        guard('headers', () => PASS, { staticHeaders: staticHeaders }),
        guard('over', () => PASS, {
          staticHeaders: () => ['x-a', 'over', 'X-B', '2'],
          removesHeaders: () => ['x-powered-by'],
        }),
        only,
      ],
      {
        rules: [{ match: ['POST /pay/*', '/pay/:id'], settings: { strict: true, a: 1 } }],
        defaults: { a: 0 },
      },
    );
    const { enter } = one;
    for (let i = 0; i < 3; i++) void enter(request('/pay/7'));
    expect(staticHeaders).toHaveBeenCalledTimes(2);
    const paid = enter(request('/PAY//7;x=1')) as RequestContext;
    expect(paid.plan.route.name).toBe('POST /pay/*');
    expect(paid.reply?.status).toBe(403);
    expect(paid.plan.headers).toEqual(['x-a', 'over', 'x-b', '2']);
    expect(paid.plan.removes).toEqual(['x-powered-by']);
    const free = enter(request('/free')) as RequestContext;
    expect(free.reply).toBeNull();
    expect(free.plan.route.settings).toEqual({ a: 0 });
  });

  it("writes a guard's own answer, with the headers of route, request and answer", () => {
    const preflight = answer(
      { status: 204, headers: ['Vary', 'origin'], body: null },
      { code: 'cors.preflight', text: 'Answered.' },
    );
    const { enter } = corridor([
      guard('headers', (context) => (context.header('x-dyn', '1'), PASS), {
        staticHeaders: () => ['vary', 'accept'],
      }),
      guard('cors', () => preflight),
    ]);
    const context = enter(request('/', {}, 'OPTIONS')) as RequestContext;
    expect(context.reply).toEqual({
      status: 204,
      headers: ['vary', 'accept, origin', 'x-dyn', '1'],
      body: null,
    });
    expect(context.decisionId).toBeNull();
  });

  it('keeps every cookie of a refusal', () => {
    const cookies = answer(
      { status: 204, headers: ['set-cookie', 'b=2', 'set-cookie', 'c=3'], body: null },
      { code: 'x', text: 'Answered.' },
    );
    const { enter } = corridor([
      guard('one', (context) => (context.header('set-cookie', 'a=1'), PASS)),
      guard('two', () => cookies),
    ]);
    const { reply } = enter(request('/')) as RequestContext;
    expect(reply?.headers).toEqual(['set-cookie', 'a=1', 'set-cookie', 'b=2', 'set-cookie', 'c=3']);
  });

  it('speaks problem+json when that is asked for', () => {
    const { enter } = corridor([guard('no', () => REFUSED)]);
    const context = enter(request('/', { accept: 'application/problem+json' })) as RequestContext;
    expect(context.reply?.headers).toContain('application/problem+json');
    expect(JSON.parse(context.reply?.body as string)).toMatchObject({
      title: 'No.',
      status: 403,
      code: 'NO',
      decision: context.decisionId,
    });
  });

  it('refuses more forwarded hops than are accepted, before any guard is asked', () => {
    const check = vi.fn(() => PASS);
    const { enter } = corridor([guard('a', check)]);
    const context = enter({
      ...request('/', { 'x-forwarded-for': '1.1.1.1,'.repeat(9) }),
      peer: '127.0.0.1',
    }) as RequestContext;
    expect(context.reply?.status).toBe(400);
    expect(check).not.toHaveBeenCalled();
  });

  it('refuses two guards of one name and patterns that cannot be read', () => {
    expect(() => corridor([guard('a', () => PASS), guard('a', () => PASS)])).toThrow(
      /two guards are named 'a'/,
    );
    expect(() => corridor([], { rules: [{ match: 'nonsense', settings: {} }] })).toThrow(
      /routes\[0\]\.match\[0\]/,
    );
  });

  it('carries facts to later guards', () => {
    const Colour = fact<string>('colour');
    const seen: unknown[] = [];
    void corridor([
      guard('a', (context) => (context.set(Colour, 'red'), PASS)),
      guard('b', (context) => (seen.push(context.get(Colour)), PASS)),
    ]).enter(request());
    expect(seen).toEqual(['red']);
  });
});

describe('decision records', () => {
  const evenDecider: Decider<{ n: number }, { bound: number }> = {
    name: 'even',
    version: 1,
    decide: ({ n }, { bound: most }, nowMs) =>
      n > most
        ? deny(
            { status: 403, code: 'TOO_BIG', message: 'Too big.' },
            { code: 'even.big', text: `At ${nowMs}.`, values: { n, most } },
          )
        : PASS,
  };
  const even = guard(
    'even',
    (context) => evenDecider.decide({ n: context.path.length }, { bound: 5 }, context.nowMs),
    {
      decider: evenDecider,
      evidence: (context) => ({
        features: { n: context.path.length },
        state: { bound: 5 },
        atMs: context.nowMs,
      }),
    },
  );

  function recording(guards: Guard[], passShare = 1) {
    const records: DecisionRecord[] = [];
    const clock = new ManualClock();
    const recorder = createRecorder({
      node: 'n1',
      policy: 'p1',
      clock,
      passShare,
      sink: { write: (record) => records.push(structuredClone(record)) },
    });
    const built = createCorridor({
      guards,
      clock,
      readClient: addressReader({ trustProxy: false }),
      finishers: [recorder],
      onRefused: (context) => recorder.refused(context),
    });
    return { records, ...bind(built, clock) };
  }

  it('hold enough to compute every step again, refusals and passes alike', () => {
    const { records, enter, leave } = recording([even]);
    for (const target of ['/ab', '/abcdefgh'])
      leave(enter(request(`${target}?secret=1`)) as RequestContext, 200, 0, false);
    expect(records.map((record) => record.verdict)).toEqual(['pass', 'deny']);
    const deciders = new Map([['even', evenDecider as Decider]]);
    for (const record of JSON.parse(JSON.stringify(records)) as DecisionRecord[]) {
      const [step] = record.steps;
      if (!step) throw new Error('no step');
      const again = replayStep(step, deciders);
      expect(again.kind).toBe(record.verdict);
      if (step.reason) expect(again.reason).toEqual(step.reason);
    }
    expect(JSON.stringify(records)).not.toContain('secret');
  });

  it('cannot be computed again by another version, and say so', () => {
    const { records, enter } = recording([even]);
    void enter(request('/abcdefgh'));
    const step = records[0]?.steps[0];
    if (!step) throw new Error('no step');
    const newer = { ...evenDecider, version: 2 } as Decider;
    expect(() => replayStep(step, new Map([['even', newer]]))).toThrow(
      expect.objectContaining({ code: 'DECISION_NOT_REPLAYABLE' }),
    );
    expect(() => replayStep({ guard: 'x', mode: 'enforce', verdict: 'pass' }, new Map())).toThrow(
      /no evidence/,
    );
  });

  it('of refusals exist before the refusal is sent, once', () => {
    const { records, enter, leave } = recording([guard('no', () => REFUSED)], 0);
    const context = enter(request()) as RequestContext;
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      id: context.decisionId,
      guard: 'no',
      code: 'NO',
      status: 403,
      weight: 1,
      address: '203.0.113.7',
    });
    leave(context, 403, 10, false);
    expect(records).toHaveLength(1);
  });

  it('of passes are kept whole per caller, and weighted by the share', () => {
    const { records, enter, leave } = recording([even], 0.25);
    for (let caller = 0; caller < 400; caller++) {
      for (let i = 0; i < 3; i++) {
        leave(
          enter({ ...request('/a'), peer: `10.0.${caller >> 8}.${caller & 255}` }) as RequestContext,
          200,
          0,
          false,
        );
      }
    }
    const perCaller = new Map<string, number>();
    for (const record of records) perCaller.set(record.address, (perCaller.get(record.address) ?? 0) + 1);
    expect(new Set(perCaller.values())).toEqual(new Set([3]));
    expect(perCaller.size).toBeGreaterThan(50);
    expect(perCaller.size).toBeLessThan(150);
    expect(new Set(records.map((record) => record.weight))).toEqual(new Set([4]));
  });

  it('of would-have-been refusals are always kept', () => {
    const { records, enter, leave } = recording([guard('shy', () => REFUSED, { mode: 'shadow' })], 0);
    leave(enter(request()) as RequestContext, 200, 0, false);
    expect(records[0]).toMatchObject({ verdict: 'pass', wouldRefuse: ['shy'], weight: 1 });
  });
});
