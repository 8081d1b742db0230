import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../../core/context.ts';
import { createCorridor } from '../../../core/corridor.ts';
import type { Evidence } from '../../../core/decide.ts';
import { addressReader } from '../../../core/proxy.ts';
import { ManualClock } from '../../../testing/clock.ts';
import { RULES } from './detect/rules.ts';
import {
  DeclaredFields,
  exclusionFits,
  type Finding,
  inspection,
  inspectionDecider,
  type InspectionFeatures,
  type InspectionOptions,
  type InspectionState,
  isInspectionRule,
  type LiveExclusion,
  LiveExclusions,
  MAX_LIVE_EXCLUSIONS,
  replayInspection,
  wholeClassesOf,
} from './index.ts';

const ATTACK = "1' UNION SELECT password FROM users--";

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly field?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function house(options: InspectionOptions = {}) {
  const exclusions = new LiveExclusions();
  const declared = new DeclaredFields();
  declared.add('/declared', { query: { page: 'number' } });
  const ports = { events: { emit: () => undefined }, exclusions };
  const guard = inspection(options, ports, () => undefined, declared);
  const corridor = createCorridor({
    guards: [guard],
    rules: [{ match: 'GET /search', settings: {} }],
    clock: new ManualClock(),
    readClient: addressReader({ trustProxy: false }),
  });
  const send = ({ method = 'GET', path = '/', field, headers = {}, body }: Sent): RequestContext => {
    const all: Record<string, string> = {
      ...headers,
      ...(body === undefined ? {} : { 'content-length': '1', 'content-type': 'application/json' }),
    };
    const context = corridor.enter({
      method,
      target: field === undefined ? path : `${path}?${field}=${encodeURIComponent(ATTACK)}`,
      peer: '203.0.113.7',
      encrypted: true,
      header: (name) => all[name],
      rawHeaders: () => Object.entries(all).flat(),
    }) as RequestContext;
    const walk = context.reply === null && body !== undefined ? corridor.openBody(context) : null;
    if (walk !== null && !walk.write(Buffer.from(body as string))) walk.end();
    return context;
  };
  const evidence = (context: RequestContext) =>
    guard.evidence?.(context) as Evidence<InspectionFeatures, InspectionState>;
  const refused = (sent: Sent): boolean => {
    const context = send(sent);
    return context.trail?.some(({ verdict }) => verdict.kind === 'deny') ?? false;
  };
  return { exclusions, send, refused, evidence };
}

const excluding = (more: Partial<LiveExclusion> = {}): LiveExclusion => ({
  route: null,
  field: null,
  rules: ['sql'],
  ...more,
});

describe.each(['enforce', 'shadow'] as const)('live exclusions of inspection that is to %s', (mode) => {
  it('act from the next request on, and no longer than they stand', () => {
    const { exclusions, refused } = house({ mode });
    const sent = { field: 'q' };
    expect(refused(sent)).toBe(true);
    exclusions.replace([excluding()]);
    expect(refused(sent)).toBe(false);
    exclusions.replace([]);
    expect(refused(sent)).toBe(true);
  });

  it('leave out one field, one rule, or one class, and nothing beside it', () => {
    const { exclusions, refused } = house({ mode });
    exclusions.replace([excluding({ field: 'q' })]);
    expect([refused({ field: 'q' }), refused({ field: 'p' })]).toEqual([false, true]);
    exclusions.replace([excluding({ rules: ['xss'] })]);
    expect(refused({ field: 'q' })).toBe(true);
    exclusions.replace([excluding({ rules: ['sql.nothing-of-that-name'] })]);
    expect(refused({ field: 'q' })).toBe(true);
  });

  it('leave out what stands in bodies, by the path of the key', () => {
    const { exclusions, refused } = house({ mode });
    const sent = { method: 'POST', body: JSON.stringify({ user: { note: ATTACK } }) };
    exclusions.replace([excluding({ field: 'user.note' })]);
    expect(refused(sent)).toBe(false);
    expect(refused({ ...sent, body: JSON.stringify({ user: { name: ATTACK } }) })).toBe(true);
  });

  it('act on a route alone: by its pattern, by the name of its rule, by `*` for what no rule names', () => {
    const { exclusions, refused } = house({ mode });
    const on = (route: string) => {
      exclusions.replace([excluding({ route })]);
      return [
        refused({ path: '/search', field: 'q' }),
        refused({ path: '/search', field: 'q', method: 'POST' }),
        refused({ path: '/files/7', field: 'q' }),
        refused({ path: '/', field: 'q' }),
      ];
    };
    expect(on('GET /search')).toEqual([false, true, true, true]);
    expect(on('/search')).toEqual([false, false, true, true]);
    expect(on('GET /files/:id')).toEqual([true, true, false, true]);
    expect(on('/files/*')).toEqual([true, true, false, true]);
    expect(on('*')).toEqual([true, false, false, false]);
    expect(on('/nowhere')).toEqual([true, true, true, true]);
  });

  it('come and go where a schema tells of the fields, too', () => {
    const { exclusions, refused } = house({ mode });
    const sent = { path: '/declared', field: 'q' };
    expect(refused(sent)).toBe(true);
    exclusions.replace([excluding()]);
    expect(refused(sent)).toBe(false);
    exclusions.replace([]);
    expect(refused(sent)).toBe(true);
  });

  it('do not act on a path that a router could read as another one', () => {
    const { exclusions, refused } = house({ mode });
    exclusions.replace([excluding({ route: '/files/*' })]);
    expect(refused({ path: '/files/a%20b', field: 'q' })).toBe(false);
    for (const path of ['/files%2f7', '/x/..%2ffiles/7', '/files;a/7'])
      expect(refused({ path, field: 'q' }), path).toBe(true);
  });

  it('forget no agent that only they left out', () => {
    const { exclusions, refused } = house({ mode });
    const sent = { headers: { 'user-agent': ATTACK } };
    exclusions.replace([excluding({ route: '/search' })]);
    expect(refused({ ...sent, path: '/search' })).toBe(false);
    expect(refused(sent)).toBe(true);
    exclusions.replace([excluding()]);
    expect([refused(sent), refused(sent)]).toEqual([false, false]);
    exclusions.replace([]);
    expect([refused(sent), refused({ ...sent, path: '/search' })]).toEqual([true, true]);
  });

  it('know a field by the name that its record shows', () => {
    const { exclusions, send, refused, evidence } = house({ mode });
    const field = `ü${'n'.repeat(100)}`;
    const shown = evidence(send({ field })).features.findings[0]?.name as string;
    expect(shown).toHaveLength(80);
    exclusions.replace([excluding({ field: shown })]);
    expect(refused({ field })).toBe(false);
  });
});

describe('a list of live exclusions', () => {
  it('tells which of them name no route that there could be', () => {
    const { exclusions } = house();
    const lost = excluding({ route: '/files/[id' });
    const odd = excluding({ route: 'a route' });
    const list = [excluding(), excluding({ route: '*' }), excluding({ route: '/later' }), lost, odd];
    expect(exclusions.replace(list).unmatched).toEqual([odd]);
    expect(exclusions.list()).toEqual(list);
  });

  it('is bounded, and stays as it was where it is too long', () => {
    const { exclusions, refused } = house();
    exclusions.replace([excluding()]);
    const many = Array.from({ length: MAX_LIVE_EXCLUSIONS + 1 }, () => excluding({ field: 'x' }));
    expect(() => exclusions.replace(many)).toThrow(expect.objectContaining({ path: 'exclusions' }));
    expect(refused({ field: 'q' })).toBe(false);
  });

  it('knows rules and classes, and which classes a list empties', () => {
    const xss = RULES.filter((rule) => rule.class === 'xss').map(({ rule }) => rule);
    expect([isInspectionRule('sql'), isInspectionRule(xss[0] as string), isInspectionRule('sql.x')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(wholeClassesOf(['sql', ...xss])).toEqual(['sql', 'xss']);
    expect(wholeClassesOf(xss.slice(1))).toEqual([]);
  });
});

const finding = fc.record({
  rule: fc.constantFrom(...RULES),
  place: fc.constantFrom('query', 'json', 'header'),
  name: fc.constantFrom('q', 'p', 'user.note'),
  soft: fc.boolean(),
});
const features = fc.record({
  findings: fc.array(finding, { maxLength: 12 }).map((many) =>
    many.map(({ rule, ...rest }): Finding => ({
      rule: rule.rule,
      class: rule.class,
      weight: rule.weight,
      ...rest,
    })),
  ),
  problem: fc.option(fc.constantFrom('too-deep', 'wrong-type'), { freq: 8 }),
  field: fc.constant(''),
});
const recorded = fc.record({
  features,
  state: fc.record({ threshold: fc.integer({ min: 1, max: 12 }) }),
  atMs: fc.constant(0),
});
const exclusion = fc.record({
  route: fc.constant(null),
  field: fc.option(fc.constantFrom('q', 'p', 'user.note')),
  rules: fc.array(fc.constantFrom(...RULES.flatMap((rule) => [rule.rule, rule.class])), {
    minLength: 1,
    maxLength: 4,
  }),
});

describe('a replayed inspection', () => {
  it('gives the recorded verdict where nothing is excluded', () => {
    fc.assert(
      fc.property(recorded, (evidence) => {
        const { verdict, left } = replayInspection(evidence, []);
        expect(verdict).toEqual(inspectionDecider.decide(evidence.features, evidence.state, 0));
        expect(left).toEqual(evidence.features.findings);
      }),
    );
  });

  it('never refuses more the more is excluded', () => {
    fc.assert(
      fc.property(recorded, fc.array(exclusion, { maxLength: 5 }), exclusion, (evidence, some, more) => {
        const refusedWith = (list: readonly LiveExclusion[]): boolean =>
          replayInspection(evidence, list).verdict.kind === 'deny';
        if (!refusedWith(some)) expect(refusedWith([...some, more])).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves a problem as it is, whatever is excluded', () => {
    fc.assert(
      fc.property(recorded, (evidence) => {
        const everything = [...new Set(RULES.map((rule) => rule.class))];
        const { verdict } = replayInspection(evidence, [excluding({ rules: everything })]);
        expect(verdict.kind).toBe(evidence.features.problem === null ? 'pass' : 'deny');
      }),
    );
  });

  it('says of a recorded request what the guard says once the exclusion stands', () => {
    for (const field of ['q', 'p', null])
      for (const rules of [['sql'], ['xss']]) {
        const { exclusions, send, refused, evidence } = house();
        const one = excluding({ field, rules });
        const before = evidence(send({ field: 'q' }));
        exclusions.replace([one]);
        expect(replayInspection(before, [one]).verdict.kind === 'deny').toBe(refused({ field: 'q' }));
      }
  });

  it('acts on the routes on which the guard would leave out', () => {
    const visit = { path: '/search', request: { method: 'GET', target: '/search' } };
    const fits = (route: string | null, plan = 'GET /search'): boolean =>
      exclusionFits(excluding({ route }), plan, visit);
    expect([null, 'GET /search', '/search', '/*', '*', 'POST /search', '/x'].map((one) => fits(one))).toEqual(
      [true, true, true, true, false, false, false],
    );
    expect([fits('*', '*'), fits('not a pattern', '*')]).toEqual([true, false]);
  });
});
