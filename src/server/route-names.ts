import type { Hono } from 'hono';
import { parsePattern, RouteTable } from '../core/route.ts';
import type { ApiEnv } from './api/route.ts';

/** Finds the name of the API's route for a request, so that counts, records and log lines of refused requests have it too. */
export function routeNames(api: Hono<ApiEnv>): RouteTable<string> {
  const names = new RouteTable<string>();
  for (const { method, path } of api.routes) {
    const pattern = method === 'ALL' ? undefined : parsePattern(`${method} ${path}`);
    if (pattern) names.add(pattern, `${method} ${path}`);
  }
  return names;
}
