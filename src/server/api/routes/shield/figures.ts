import { z } from 'zod';
import { readFilters, shieldFigures } from '../../../data/index.ts';
import { json, route, type Route } from '../../route.ts';
import { readSpan, timeMs } from '../../span.ts';
import type { ShieldAnswer } from '../../shield-types.ts';
import { type ShieldPorts, TAG } from './common.ts';
import { shieldAnswer } from './schemas.ts';

const DAY_MS = 86_400_000;
const filterList = z.array(z.string().max(400)).default([]);

/** How hard the site is pressed, what stands against it, and what that refused. */
export function figureRoutes(ports: ShieldPorts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/shield',
      access: 'viewer',
      tag: TAG,
      summary: 'Read the posture, and what the shield refused in a span',
      query: z.strictObject({
        fromMs: timeMs.optional(),
        toMs: timeMs.optional(),
        buckets: z.coerce.number().int().min(1).max(500).default(60),
        filter: filterList,
        exclude: filterList,
      }),
      lists: ['filter', 'exclude'],
      answer: {
        status: 200,
        about: 'Counts, weighted back to all traffic; of the newest 20,000 records where there are more.',
        schema: shieldAnswer,
      },
      handle: async ({ query }) => {
        const { fromMs, toMs } = readSpan(ports.clock.now(), query, DAY_MS);
        const { shield, stores } = ports;
        const filters = readFilters(query.filter, query.exclude);
        const [figures, counts] = await Promise.all([
          shieldFigures(stores.sql, { fromMs, toMs, buckets: query.buckets, filters }, shield.guards),
          stores.falseAlarms.counts(),
        ]);
        return json({
          ...figures,
          posture: shield.posture(),
          parts: shield.parts,
          threshold: shield.threshold,
          challenges: shield.challenges(),
          openReports: counts.open,
        } satisfies ShieldAnswer);
      },
    }),
  ];
}
