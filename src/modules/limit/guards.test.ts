import { expect, test } from 'vitest';
import { ManualClock } from '../../testing/clock.ts';
import { house } from './test-house.ts';

const API = {
  policies: { api: { max: 3, window: '1m', by: 'ip', code: 'API_RATE_LIMIT_EXCEEDED' } },
  routes: { '/api/*': 'api' },
} as const;

test("refuses the request after the limit with the policy's code and says when to come back", async () => {
  const { ask } = house(API, new ManualClock());
  for (let i = 0; i < 3; i++) expect((await ask({ path: '/api/x' })).status).toBe(200);
  const refused = await ask({ path: '/api/x' });
  expect(refused.status).toBe(429);
  expect(refused.code).toBe('API_RATE_LIMIT_EXCEEDED');
  expect(Object.fromEntries(refused.headers)).toMatchObject({
    'x-ratelimit-limit': '3',
    'x-ratelimit-remaining': '0',
    'ratelimit-policy': '"api";q=3;w=60',
  });
  expect((await ask({ path: '/other' })).headers.size).toBe(0);
});
