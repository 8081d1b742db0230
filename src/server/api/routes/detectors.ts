import { z } from 'zod';
import { ValidationError } from '../../../core/errors.ts';
import { type Rule, wordsOf } from '../../../modules/detect/index.ts';
import type { DetectionCount } from '../../data/index.ts';
import type { DetectorEntry, DetectorEventsAnswer, DetectorsAnswer } from '../detect-types.ts';
import type { ApiPorts } from '../ports.ts';
import { json, route, type Route } from '../route.ts';
import { idOf } from '../schemas.ts';
import { detectorEventsAnswer, detectorsAnswer } from './detect-schemas.ts';

const DAY_MS = 86_400_000;
const MAX_SPAN_MS = 90 * DAY_MS;
const timeMs = z.coerce.number().int().min(0).max(8.64e15);

/** What is looked for in events; none where nothing looks. */
export function detectorRoutes(ports: ApiPorts): readonly Route[] {
  const { detector } = ports;
  if (detector === undefined) return [];
  return [
    route({
      method: 'GET',
      path: '/admin/detectors',
      access: 'viewer',
      tag: 'Console',
      summary: 'List detectors and how often they spoke',
      query: z.strictObject({ fromMs: timeMs.optional() }),
      answer: {
        status: 200,
        about: 'All of them, those that are switched off too.',
        schema: detectorsAnswer,
      },
      handle: async ({ query }) => {
        const nowMs = ports.clock.now();
        const fromMs = query.fromMs ?? nowMs - DAY_MS;
        if (fromMs > nowMs || nowMs - fromMs > MAX_SPAN_MS) throw badSpan();
        const counts = await ports.stores.detections.counts(fromMs, nowMs);
        const byRule = new Map(counts.map((one) => [one.rule, one]));
        const { counts: counted, sinceMs, waiting, skipped } = detector.state();
        const answer: DetectorsAnswer = {
          counts: counted,
          countsSinceMs: sinceMs,
          waiting,
          skipped,
          fromMs,
          detectors: detector.rules.map((rule) => entryOf(rule, byRule.get(rule.name))),
        };
        return json(answer);
      },
    }),
    route({
      method: 'GET',
      path: '/admin/detectors/events',
      access: 'operator',
      tag: 'Console',
      summary: 'Read events oldest first, for a replay',
      query: z.strictObject({
        sinceMs: timeMs.optional(),
        after: idOf('evt').optional(),
        limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
      }),
      answer: { status: 200, about: 'A page; an empty one is the end.', schema: detectorEventsAnswer },
      handle: async ({ query: { after, sinceMs = 0, limit } }) => {
        const events = await ports.stores.detections.events(
          after === undefined ? { sinceMs } : { afterId: after },
          limit,
        );
        return json({ events } satisfies DetectorEventsAnswer);
      },
    }),
  ];
}

function badSpan(): ValidationError {
  const message = 'Must lie in the past, by 90 days at most.';
  return new ValidationError('The request is not valid.', {
    details: [{ field: 'fromMs', code: 'SPAN', message }],
  });
}

function entryOf(rule: Rule, count: DetectionCount | undefined): DetectorEntry {
  return {
    name: rule.name,
    title: rule.title,
    description: rule.description,
    enabled: rule.enabled,
    severity: rule.severity,
    kind: rule.kind,
    on: rule.on === '*' ? null : rule.on,
    group: rule.group,
    windowMs: rule.windowMs,
    coolDownMs: rule.coolDownMs,
    looksFor: wordsOf(rule),
    references: rule.references,
    recommended: rule.recommended,
    fired: count?.fired ?? 0,
    lastMs: count?.lastMs ?? null,
  };
}
