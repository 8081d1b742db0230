import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../../core/context.ts';
import { createCorridor, type RouteRule } from '../../../core/corridor.ts';
import type { Decider, Evidence } from '../../../core/decide.ts';
import type { EventFields } from '../../../core/events.ts';
import { addressReader } from '../../../core/proxy.ts';
import { ManualClock } from '../../../testing/clock.ts';
import {
  inspection,
  DeclaredFields,
  type InspectionFeatures,
  type InspectionOptions,
  type InspectionRouteOptions,
} from './index.ts';

const ATTACK = "1' UNION SELECT password FROM users--";

interface Sent {
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function house(
  options: InspectionOptions = {},
  rules: readonly RouteRule[] = [],
  declared = new DeclaredFields(),
) {
  const clock = new ManualClock();
  const events: (EventFields | undefined)[] = [];
  const guard = inspection(
    options,
    { events: { emit: (_type, fields) => void events.push(fields) } },
    (route) => route.settings['inspection'] as InspectionRouteOptions | false | undefined,
    declared,
  );
  const readClient = addressReader({ trustProxy: false });
  const corridor = createCorridor({ guards: [guard], rules, clock, readClient });
  const send = ({ target = '/', headers = {}, body }: Sent): RequestContext => {
    const all: Record<string, string> = {
      ...headers,
      ...(body === undefined ? {} : { 'content-length': '1' }),
    };
    const context = corridor.enter({
      method: 'POST',
      target,
      peer: '203.0.113.7',
      encrypted: true,
      header: (name) => all[name],
      rawHeaders: () => Object.entries(all).flat(),
    }) as RequestContext;
    const walk = context.reply === null && body !== undefined ? corridor.openBody(context) : null;
    if (walk !== null && !walk.write(Buffer.from(body as string))) walk.end();
    return context;
  };
  const evidence = (context: RequestContext) => guard.evidence?.(context) as Evidence<InspectionFeatures>;
  return { guard, send, events, clock, evidence };
}

const status = (context: RequestContext): number | undefined => context.reply?.status;
const query = (value: string, name = 'q'): Sent => ({ target: `/?${name}=${encodeURIComponent(value)}` });
const json = (value: unknown): Sent => ({
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json' },
});

describe('request inspection', () => {
  it('lets honest requests pass, and leaves nothing behind', () => {
    const { send, evidence, events } = house();
    const context = send({
      target: "/products/42?q=O'Brien+%26+sons&page=2",
      headers: {
        'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:127.0)',
        cookie: 'sid=abc; theme=dark',
        'content-type': 'application/json',
      },
      body: '{"note":"Please don\'t ring, it\'s late; thank you"}',
    });
    expect([context.verdict.kind, context.trail, events]).toEqual(['pass', null, []]);
    expect(evidence(context).features.findings).toEqual([]);
  });

  it.each<[string, Sent]>([
    ['path', { target: `/items/${encodeURIComponent(ATTACK)}` }],
    ['query', query(ATTACK)],
    ['query', query(encodeURIComponent(encodeURIComponent(ATTACK)))],
    ['header', { headers: { 'x-forwarded-host': ATTACK } }],
    ['cookie', { headers: { cookie: `a=1; b=${encodeURIComponent(ATTACK)}` } }],
    [
      'form',
      {
        body: `a=1&b=${encodeURIComponent(ATTACK)}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
    ],
    ['json', json({ a: [{ b: ATTACK }] })],
    ['json', json({ a: JSON.stringify({ b: ATTACK }) })],
    ['query', query(Buffer.from(ATTACK).toString('base64'))],
    ['query', query(JSON.stringify({ filter: ATTACK }))],
  ])('refuses an attack in the %s', (place, sent) => {
    const { send, evidence } = house();
    const context = send(sent);
    expect(status(context)).toBe(403);
    expect(JSON.parse(context.reply?.body as string)).toMatchObject({ error: { code: 'REQUEST_BLOCKED' } });
    expect(evidence(context).features.findings[0]).toMatchObject({ class: 'sql', place, soft: false });
  });

  it('holds a stream of binary back no longer than its first bytes, and text until it is whole', () => {
    const { guard, send } = house();
    const context = send({ headers: { 'content-type': 'application/octet-stream' } });
    const binary = guard.openBody?.(context);
    expect(binary?.holdBytes).toBe(1_048_576);
    binary?.write(Buffer.from([0, 0, 0, 0, 5]));
    expect(binary?.holdBytes).toBe(0);
    const text = guard.openBody?.(context);
    text?.write(Buffer.from('{'));
    expect(text?.holdBytes).toBe(1_048_576);
  });

  it('looks for a body that nothing tells of, but for methods that have none', () => {
    const { guard, send } = house();
    const context = send({});
    expect(guard.openBody?.(context)).not.toBeNull();
    const got = { plan: context.plan, request: { ...context.request, method: 'GET' } };
    expect(guard.openBody?.(got as unknown as RequestContext)).toBeNull();
  });

  it('tells the operator rules and fields, the caller nothing, and nobody the value', () => {
    const { send, evidence } = house();
    const context = send(json({ user: { note: `${ATTACK} hunter2` } }));
    const { reason } = context.verdict;
    expect(reason).toMatchObject({ code: 'inspection.attack', values: { threshold: 5, classes: 'sql' } });
    expect(reason?.because?.[0]).toMatchObject({ values: { place: 'json', name: 'user.note' } });
    expect(JSON.stringify(context.reply)).not.toMatch(/sql|note|union/i);
    expect(JSON.stringify([context.verdict, evidence(context)])).not.toMatch(/hunter2|UNION|password/);
  });

  it('shows the shape of what was found where that is wished, and no letter of it', () => {
    const { send, evidence } = house({ excerpt: 16 });
    const found = evidence(send(query(ATTACK))).features.findings[0];
    expect(found?.excerpt).toBe("0' aaaaa aaaaaa ");
  });

  it('says from the record what it said', () => {
    const { guard, send, evidence } = house();
    for (const sent of [
      query(ATTACK),
      query('hello'),
      json({ a: ATTACK }),
      { ...json(1), body: '['.repeat(70) },
    ]) {
      const context = send(sent);
      const kept = JSON.parse(JSON.stringify(evidence(context))) as Evidence;
      const again = (guard.decider as Decider).decide(kept.features, kept.state, kept.atMs);
      expect(again.kind).toBe(context.verdict.kind);
      if (again.kind === 'deny') expect(again).toEqual(context.verdict);
    }
  });

  it('adds up what stands in several fields, and counts each rule once', () => {
    const { send, evidence } = house({ threshold: 100 });
    const both = send({
      ...query(ATTACK),
      ...json({ a: '<script>alert(1)</script>', b: ATTACK, c: ATTACK }),
    });
    const one = send(query(ATTACK));
    const two = send(json({ a: '<script>alert(1)</script>' }));
    const score = (context: RequestContext): number => {
      const rules = new Map(evidence(context).features.findings.map((found) => [found.rule, found.weight]));
      return [...rules.values()].reduce((sum, weight) => sum + weight, 0);
    };
    const { guard } = house();
    const decide = (context: RequestContext) =>
      (guard.decider as Decider).decide(evidence(context).features, { threshold: 1 }, 0).reason?.values?.[
        'score'
      ];
    expect(decide(both)).toBe(score(one) + score(two));
  });

  it('never refuses by a field alone that holds HTML, code or a secret', () => {
    const fields = { body: 'html', 'user.snippet': 'code', plain: 'text', 'x.password': 'text' } as const;
    const { send } = house({ fields });
    expect(status(send(json({ body: `<script>alert(1)</script> ${ATTACK}` })))).toBeUndefined();
    expect(status(send(json({ user: { snippet: ATTACK } })))).toBeUndefined();
    for (const name of ['password', 'newPassword', 'user[password]', 'client_secret', 'recovery_code'])
      expect(status(send(query(ATTACK, name))), name).toBeUndefined();
    expect(status(send(json({ x: { password: ATTACK } })))).toBe(403);
    expect(status(send(json({ plain: ATTACK })))).toBe(403);
  });

  it('takes a typed field at its word, and refuses what is not of its type', () => {
    const fields = { id: 'uuid', n: 'number', at: 'date', mail: 'email', state: ['a=b or c=d'] } as const;
    const { send, evidence } = house({ fields });
    expect(status(send(query('a=b or c=d', 'state')))).toBeUndefined();
    for (const name of Object.keys(fields)) {
      const context = send(query(ATTACK, name));
      expect([status(context), evidence(context).features]).toEqual([
        400,
        { findings: [], problem: 'wrong-type', field: name },
      ]);
    }
  });

  it('leaves out classes, rules and fields that it is told to', () => {
    expect(status(house({ off: ['sql'] }).send(query(ATTACK)))).toBeUndefined();
    expect(status(house({ exclude: [{ field: 'q' }] }).send(query(ATTACK)))).toBeUndefined();
    expect(status(house({ exclude: [{ field: 'p' }] }).send(query(ATTACK)))).toBe(403);
    expect(status(house({ exclude: [{ field: 'q', rules: ['sql'] }] }).send(query(ATTACK)))).toBeUndefined();
    expect(status(house({ exclude: [{ field: 'q', rules: ['xss'] }] }).send(query(ATTACK)))).toBe(403);
  });

  it('is tuned by route, what is absent as everywhere', () => {
    const rules: RouteRule[] = [
      { match: '/off', settings: { inspection: false } },
      { match: '/wide', settings: { inspection: { threshold: 100 } } },
      { match: '/html', settings: { inspection: { fields: { q: 'html' } } } },
      { match: '/bodiless', settings: { inspection: { bodies: false } } },
    ];
    const { send } = house({ fields: { other: 'html' } }, rules);
    const on = (path: string, name = 'q') =>
      status(send({ target: `${path}?${name}=${encodeURIComponent(ATTACK)}` }));
    expect([on('/off'), on('/wide'), on('/html'), on('/html', 'other'), on('/else')]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      403,
    ]);
    expect(status(send({ ...json({ a: ATTACK }), target: '/bodiless' }))).toBeUndefined();
    expect(() => house({}, [{ match: '/x', settings: { inspection: { mode: 'shadow' } } }])).toThrow(
      /routes\['\/x'\]\.shield\.inspection\.mode/,
    );
  });

  it('forgets on one route what another route does not look for', () => {
    const { send } = house({}, [{ match: '/lenient', settings: { inspection: { off: ['sql'] } } }]);
    const headers = { 'user-agent': ATTACK };
    expect(status(send({ target: '/lenient', headers }))).toBeUndefined();
    expect(status(send({ headers }))).toBe(403);
  });

  it('only records in shadow mode', () => {
    const { send } = house({ mode: 'shadow' });
    for (const sent of [query(ATTACK), json({ a: ATTACK })]) {
      const context = send(sent);
      expect(context.verdict.kind).toBe('pass');
      expect(context.trail).toMatchObject([{ guard: 'inspection', shadow: true, verdict: { kind: 'deny' } }]);
    }
  });

  it('tells of the first, tenth, hundredth attempt of ten seconds for each client and class', () => {
    const { send, events, clock } = house();
    const before = (): readonly unknown[] => events.map((one) => one?.details?.['before']);
    for (let i = 0; i < 5; i++) send(query(ATTACK));
    expect(events).toMatchObject([{ address: '203.0.113.7', details: { class: 'sql', before: 0 } }]);
    for (let i = 0; i < 120; i++) send(query(ATTACK));
    expect(before()).toEqual([0, 8, 89]);
    clock.advance(10_000);
    send(query(ATTACK));
    // Each attempt was told or counted.
    expect(before()).toEqual([0, 8, 89, 25]);
  });

  it('reads a long value piece by piece, and refuses what it can not read to its end', () => {
    const { send } = house({ maxWork: 16_384 });
    expect(status(send(json({ a: 'a'.repeat(100_000) })))).toBeUndefined();
    expect(status(send(json({ a: 'a'.repeat(100_000) + ATTACK })))).toBe(403);
    expect(status(send(json({ a: '<p>word</p> '.repeat(10_000) })))).toBe(413);
    expect(status(send(json({ a: `${'x'.repeat(4_080)}${ATTACK}` })))).toBe(403);
  });

  it('does not let a declared field use up what others need', () => {
    const { send } = house({ maxWork: 16_384, fields: { body: 'html' } });
    const long = '<p>word</p> '.repeat(10_000);
    expect(status(send(json({ body: long, a: '<b>' })))).toBeUndefined();
    expect(status(send(json({ body: long, a: ATTACK })))).toBe(403);
  });

  it.each([
    [{ threshold: 0 }, 'threshold'],
    [{ off: ['sqli'] }, 'off[0]'],
    [{ exclude: [{ rules: ['sqli.x'] }] }, 'exclude[0].rules'],
    [{ fields: { a: 'money' } }, 'fields.a'],
    [{ maxBodyBytes: 1 }, 'maxBodyBytes'],
    [{ thresholt: 5 }, 'thresholt'],
  ])('refuses %j at construction', (options, path) => {
    expect(() => house(options as InspectionOptions)).toThrow(
      expect.objectContaining({ name: 'OptionsError', path: `shield.inspection.${path}` }),
    );
  });
});

describe('fields that a schema knows', () => {
  const declared = (): DeclaredFields => {
    const fields = new DeclaredFields();
    fields.add('POST /orders/:id', {
      query: { page: 'number' },
      body: {
        id: 'uuid',
        'items.quantity': 'number',
        state: ["'; DROP--", 'open'],
        bio: 'html',
        mail: 'email',
      },
    });
    return fields;
  };
  const at = (sent: Sent, target = '/orders/7'): Sent => ({ target, ...sent });
  const UUID = '0f8fad5b-d9cb-469f-a165-70867728950e';

  it('are left to the schema where they hold what it says, whatever that looks like', () => {
    const { send } = house({}, [], declared());
    const body = { id: UUID, items: [{ quantity: 1 }], state: "'; DROP--", mail: "o'brien@example.ie" };
    expect(status(send(at(json(body))))).toBeUndefined();
    expect(status(send(at(json({ bio: '<b>hello</b><script>alert(1)</script>' }))))).toBeUndefined();
  });

  it('answer 400 where they hold something suspicious instead', () => {
    const { send } = house({}, [], declared());
    for (const body of [{ id: ATTACK }, { items: [{ quantity: ATTACK }] }, { state: ATTACK }])
      expect(status(send(at(json(body))))).toBe(400);
    expect(status(send({ target: `/orders/7?page=${encodeURIComponent(ATTACK)}` }))).toBe(400);
    expect(status(send(at(json({ mail: "x'or'1'='1'union/**/select(1)--@a.example" }))))).toBe(403);
  });

  it('are known on their route, in their place and under their full name alone', () => {
    const { send } = house({}, [], declared());
    const script = '<script>alert(document.cookie)</script>';
    expect(status(send(at(json({ bio: script }))))).toBeUndefined();
    expect(status(send(at(json({ bio: script }), '/comments')))).toBe(403);
    expect(status(send(at(json({ other: { bio: script } }))))).toBe(403);
    expect(status(send({ target: `/orders/7?bio=${encodeURIComponent(script)}` }))).toBe(403);
    expect(status(send(at({ headers: { bio: script } })))).toBe(403);
    expect(status(send(at(json({ note: ATTACK }))))).toBe(403);
  });

  it('give way to what the configuration says of them', () => {
    const { send } = house({ fields: { bio: 'text' } }, [], declared());
    expect(status(send(at(json({ bio: '<script>alert(document.cookie)</script>' }))))).toBe(403);
  });

  it('need a route that is one', () => {
    expect(() => new DeclaredFields().add('orders', {})).toThrow('expected a pattern');
  });
});

describe('the memory for bodies that wait', () => {
  const ports = { events: { emit: () => undefined } };

  it('is an option of the house, within bounds, and of no route', () => {
    expect(inspection({}, ports).maxHeldBytes).toBe(268_435_456);
    expect(inspection({ maxHeldBytes: 1_048_576 }, ports).maxHeldBytes).toBe(1_048_576);
    for (const maxHeldBytes of [0, 1_048_575, 1.5e15, Number.NaN])
      expect(() => inspection({ maxHeldBytes }, ports)).toThrow('shield.inspection.maxHeldBytes');
    const onRoute = inspection({}, ports, () => ({ maxHeldBytes: 2_000_000 }) as never);
    expect(() => onRoute.appliesTo?.({ name: '/a', settings: {} })).toThrow('same on all routes');
  });
});

describe('a great many short values', () => {
  const form = (value: string, count: number): Sent => ({
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `${value}&`.repeat(count),
  });

  it('that are single signs are passed over', () => {
    expect(status(house({ maxWork: 16_384 }).send(form('`', 10_000)))).toBeUndefined();
  });

  it('are counted as what it costs to ask the detectors about them', () => {
    expect(status(house({ maxWork: 16_384 }).send(form('`a', 1_900)))).toBeUndefined();
    expect(status(house({ maxWork: 16_384 }).send(form('`a', 2_100)))).toBe(413);
  });

  it('do not let a field hold a sign that was declared to hold a number', () => {
    const { send } = house({ fields: { age: 'number' } });
    expect(status(send({ target: '/?age=%60' }))).toBe(400);
  });
});
