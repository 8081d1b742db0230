import { z } from 'zod';
import { AppError } from '../../../core/errors.ts';
import { readText } from '../body.ts';
import { addressOf } from '../caller.ts';
import type { ApiPorts } from '../ports.ts';
import { empty, route, type Route } from '../route.ts';

const STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Proxies that collect answers would hold the stream back.
  'x-accel-buffering': 'no',
};
const REPORT_TYPES = ['application/csp-report', 'application/reports+json', 'application/json'];

/** What flows: the live stream outwards, reports of browsers inwards. */
export function streamRoutes(ports: ApiPorts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/stream',
      access: 'viewer',
      tag: 'Console',
      summary: 'Watch live',
      about:
        'Server-sent events: `tick` once a second, `decision` at most 20 a second, `notice` for events of severity MEDIUM and above, `change` when blocks, limits or health changed. Ends with the session and when the server stops.',
      answer: { status: 200, about: 'A stream.', type: 'text/event-stream', schema: z.string() },
      refusals: [503],
      handle: ({ c, caller }) => {
        // HEAD has no body: a stream opened for it would have no reader.
        if (c.req.method === 'HEAD') return new Response(null, { headers: STREAM_HEADERS });
        const stream = ports.live.open(async () => {
          if (caller.kind !== 'administrator') return true;
          return (await ports.stores.sessions.find(caller.token, ports.clock.now(), false)) !== undefined;
        });
        return new Response(stream, { headers: STREAM_HEADERS });
      },
    }),
    route({
      method: 'POST',
      path: '/csp-reports',
      access: 'public',
      tag: 'Reports',
      summary: 'Report a violation of the Content-Security-Policy',
      about: 'For browsers; both forms of report are taken.',
      rawBody: REPORT_TYPES,
      answer: { status: 204, about: 'Taken.' },
      refusals: [400, 413, 415],
      handle: async ({ c }) => {
        const type = (c.req.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
        if (!REPORT_TYPES.includes(type)) {
          throw new AppError(
            'Reports come as application/csp-report or application/reports+json.',
            415,
            'UNSUPPORTED_MEDIA_TYPE',
          );
        }
        const text = await readText(c.req.raw);
        if (!ports.csp.take(type, text, addressOf(c))) {
          throw new AppError('The report could not be read.', 400, 'INVALID_REQUEST');
        }
        return empty();
      },
    }),
  ];
}
