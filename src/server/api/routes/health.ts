import { z } from 'zod';
import type { ApiPorts } from '../ports.ts';
import { json, route, type Route } from '../route.ts';
import { healthAnswer } from '../schemas.ts';

const bare = z.object({ status: z.enum(['ok', 'unavailable']) });

/** Probes of the platform, metrics, and the whole picture for administrators. */
export function healthRoutes(ports: ApiPorts): readonly Route[] {
  const probe = (path: string, summary: string, about: string, ask: () => boolean): Route =>
    route({
      method: 'GET',
      path,
      access: 'public',
      tag: 'Health',
      summary,
      about,
      answer: { status: 200, about: 'Yes.', schema: bare },
      refusals: [503],
      handle: () => (ask() ? json({ status: 'ok' }) : json({ status: 'unavailable' }, 503)),
    });
  const { health } = ports;
  return [
    probe('/livez', 'Ask whether the process works', 'On 503 the platform should start it anew.', () =>
      health.live(),
    ),
    probe('/readyz', 'Ask whether requests may be sent', '503 while starting and while draining.', () =>
      health.ready(),
    ),
    probe('/startupz', 'Ask whether the start is over', '503 until then.', () => health.started()),
    route({
      method: 'GET',
      path: '/metrics',
      access: 'metrics',
      tag: 'Health',
      summary: 'Read metrics',
      about: 'For administrators, the operator key, and anybody on the machine itself.',
      answer: { status: 200, about: 'Prometheus text format 0.0.4.', type: 'text/plain' },
      handle: async () =>
        new Response(await ports.metrics(), {
          headers: {
            'content-type': 'text/plain; version=0.0.4; charset=utf-8',
            'cache-control': 'no-store',
          },
        }),
    }),
    route({
      method: 'GET',
      path: '/admin/health',
      access: 'viewer',
      tag: 'Console',
      summary: 'Read the state of the house',
      answer: { status: 200, about: 'Checks, runtime, journal and findings.', schema: healthAnswer },
      handle: async () => json(await health.report()),
    }),
  ];
}
