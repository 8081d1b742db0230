import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/clock.ts';
import { createLimiter } from './limiter.ts';
import { mapCounters } from './map-counters.ts';
import { limitRules, limits } from './limits.ts';
import type { LimitsOptions } from './options.ts';
import { presets } from './presets.ts';
import { house } from './test-house.ts';

const api = { max: 60, window: '1m', by: 'ip' };
const make = (options: unknown): unknown => limits(options as LimitsOptions, { clock: new ManualClock() });
const policy = (change: Record<string, unknown>): unknown => ({ policies: { api: { ...api, ...change } } });

describe('refuses at start, with the path and the reason', () => {
  it.each<[string, unknown, string]>([
    ['a limit of 0', policy({ max: 0 }), 'limits.policies.api.max: 0 is outside 1 to'],
    ['a negative limit', policy({ max: -1 }), 'limits.policies.api.max: -1 is outside 1 to'],
    ['a limit that is no number', policy({ max: NaN }), 'limits.policies.api.max: expected a whole number'],
    [
      'a limit that is not there',
      policy({ max: undefined }),
      'limits.policies.api.max: expected a whole number, found nothing',
    ],
    ['a limit without end', policy({ max: Infinity }), 'limits.policies.api.max: expected a whole number'],
    [
      'a table with a wrong number',
      policy({ max: { client: 0 } }),
      'limits.policies.api.max.client: 0 is outside',
    ],
    ['a table without roles', policy({ max: {} }), 'limits.policies.api.max: the table names no role'],
    [
      'a window below a second',
      policy({ window: '500ms' }),
      'limits.policies.api.window: 500ms is shorter than 1s',
    ],
    [
      'a window that is no duration',
      policy({ window: 60 }),
      "limits.policies.api.window: expected a duration such as '10s'",
    ],
    [
      'an unknown option',
      policy({ windows: '1m' }),
      "limits.policies.api.windows: unknown option; did you mean 'window'?",
    ],
    ['an unknown source', policy({ by: 'adress' }), 'limits.policies.api.by:'],
    ['no source', policy({ by: [] }), 'limits.policies.api.by: expected at least one source'],
    [
      'a log of more than 100',
      policy({ algorithm: 'log', max: 101 }),
      "limits.policies.api.max: 101 is more than 'log' can count; it takes at most 100",
    ],
    [
      'too many leases',
      policy({ algorithm: 'concurrency', max: 129 }),
      "limits.policies.api.max: 129 is more than 'concurrency'",
    ],
    [
      'a burst without a bucket',
      policy({ burst: 5 }),
      "limits.policies.api.burst: only the algorithm 'gcra' has a burst",
    ],
    [
      'penalties on leases',
      policy({ algorithm: 'concurrency', max: 2, penalties: true }),
      'limits.policies.api.penalties:',
    ],
    [
      'a penalty shorter than the window',
      policy({ penalties: { max: '30s' } }),
      'limits.policies.api.penalties.max: is shorter than the window',
    ],
    [
      'no penalty steps',
      policy({ penalties: { steps: [] } }),
      'limits.policies.api.penalties.steps: expected at least one step',
    ],
    [
      'a share of nothing',
      policy({ adaptive: [{ above: 0.5, share: 0 }] }),
      'limits.policies.api.adaptive[0].share:',
    ],
    ['a code in lower case', policy({ code: 'limit' }), 'limits.policies.api.code:'],
    [
      'an unknown algorithm',
      policy({ algorithm: 'leaky' }),
      'limits.policies.api.algorithm: expected one of sliding, gcra',
    ],
    [
      'an unknown failure',
      policy({ onStoreFailure: 'pray' }),
      'limits.policies.api.onStoreFailure: expected one of local, open, closed',
    ],
    ['a name that is no name', { policies: { 'a|b': api } }, 'limits.policies.a|b:'],
    [
      'two policies of one name',
      {
        policies: [
          { name: 'api', ...api },
          { name: 'api', ...api },
        ],
      },
      "limits.policies[1]: two policies are named 'api'",
    ],
    [
      'two names that differ in case',
      { policies: { api, API: api } },
      "limits.policies.API: two policies are named 'API'",
    ],
    [
      'a route of an unknown policy',
      { policies: { api }, routes: { '/x': 'ap' } },
      "limits.routes./x: there is no policy 'ap'; known: api",
    ],
    ['a route that is no pattern', { policies: { api }, routes: { x: 'api' } }, 'limits.routes.x:'],
    [
      'a list entry that is no address',
      { policies: { api }, deny: ['10.0.0.0/33'] },
      'limits.deny[0]: is no address',
    ],
    ['policies that are not there', {}, 'limits.policies: expected an object of policies by name'],
  ])('%s', (_what, options, message) => {
    expect(() => make(options)).toThrow(message);
    expect(() => make(options)).toThrow(expect.objectContaining({ code: 'RAMPART_OPTIONS' }));
  });

  it('a route whose settings name a policy that does not exist', () => {
    const rules = [{ match: '/x', settings: { limit: 'nobody' } }];
    expect(() => house({ policies: { api: presets.api } }, new ManualClock(), {}, { rules })).toThrow(
      "routes['/x'].limit: there is no policy 'nobody'",
    );
  });

  it('a store beside the shared one that has to be waited for', () => {
    const local = { ...mapCounters(), kind: 'redis' } as const;
    expect(() => limits({ policies: {} }, { local })).toThrow('ports.local: must be a store of this process');
  });

  it('a limiter that makes no sense', () => {
    expect(() => createLimiter({ max: 0, window: '1m' })).toThrow('limiter.policies[0].max: 0 is outside');
  });
});

it('takes policies as a list as well', () => {
  expect(make({ policies: [{ name: 'api', ...api }] })).toBeTruthy();
});

it('makes rules of its routes', () => {
  expect(
    limitRules({ policies: { api: presets.api }, routes: { '/a': 'api', 'GET /b': ['api'], '/c': false } }),
  ).toEqual([
    { match: '/a', settings: { limit: 'api' } },
    { match: 'GET /b', settings: { limit: ['api'] } },
    { match: '/c', settings: { limit: false } },
  ]);
});

describe('presets', () => {
  it.each([
    ['global', 100, 'RATE_LIMIT_EXCEEDED'],
    ['auth', 5, 'AUTH_RATE_LIMIT_EXCEEDED'],
    ['api', 60, 'API_RATE_LIMIT_EXCEEDED'],
    ['apiAcademy', 100, 'API_RATE_LIMIT_EXCEEDED'],
    ['payment', 10, 'PAYMENT_RATE_LIMIT_EXCEEDED'],
    ['paymentOrder', 10, 'PAYMENT_RATE_LIMIT_EXCEEDED'],
    ['upload', 5, 'UPLOAD_RATE_LIMIT_EXCEEDED'],
    ['uploadAcademy', 10, 'UPLOAD_RATE_LIMIT_EXCEEDED'],
    ['videoToken', 20, 'VIDEO_RATE_LIMIT_EXCEEDED'],
    ['videoStream', 50, 'VIDEO_RATE_LIMIT_EXCEEDED'],
    ['edge', 1000, 'RATE_LIMIT_EXCEEDED'],
  ] as const)('%s grants %i and then refuses with %s', async (name, max, code) => {
    const { ask } = house(
      { policies: { [name]: { ...presets[name], everywhere: true } } },
      new ManualClock(),
    );
    for (let i = 0; i < max; i++) expect((await ask({ account: 'ann' })).status).toBe(200);
    const refused = await ask({ account: 'ann' });
    expect([refused.status, refused.code]).toEqual([429, code]);
  });

  it('close sign-in and payment when the store is gone', () => {
    expect([presets.auth, presets.payment, presets.paymentOrder].map((one) => one.onStoreFailure)).toEqual([
      'closed',
      'closed',
      'closed',
    ]);
  });
});
