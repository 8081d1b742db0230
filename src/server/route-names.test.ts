import { Hono } from 'hono';
import { expect, it } from 'vitest';
import type { ApiEnv } from './api/route.ts';
import { routeNames } from './route-names.ts';

it('names a request by the route that would answer it, and leaves unknown ones without a name', () => {
  const api = new Hono<ApiEnv>();
  api.use(async (_c, next) => next());
  api.get('/admin/decisions/:id', (c) => c.text(''));
  api.post('/admin/blocks', (c) => c.text(''));
  api.get('/console/*', (c) => c.text(''));
  const names = routeNames(api);
  expect(names.find('GET', '/admin/decisions/dec_1')).toBe('GET /admin/decisions/:id');
  expect(names.find('POST', '/admin/blocks')).toBe('POST /admin/blocks');
  expect(names.find('GET', '/console/assets/x.js')).toBe('GET /console/*');
  expect(names.find('DELETE', '/admin/blocks')).toBeUndefined();
  expect(names.find('GET', '/etc/passwd')).toBeUndefined();
});
