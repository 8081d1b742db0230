import { z } from 'zod';
import { NotFoundError } from '../../../core/errors.ts';
import { SinkError } from '../../../modules/sinks/index.ts';
import { sinkEntry } from '../../sinks/entry.ts';
import { audited } from '../audit.ts';
import type { ApiPorts } from '../ports.ts';
import { json, route, type Route } from '../route.ts';
import { SINK_STATES, type SinkEntry, type SinksAnswer, type SinkTestAnswer } from '../sink-types.ts';

const TAG = 'Sinks';
const atMs = z.int().nullable();
const entry = z.object({
  name: z.string(),
  kind: z.string(),
  target: z.string().meta({ description: 'Without path, user and secret.' }),
  state: z.enum(SINK_STATES),
  waiting: z.int(),
  oldestAtMs: atMs,
  sent: z.int(),
  refused: z.int(),
  lost: z.int(),
  sentAtMs: atMs,
  failingSinceMs: atMs,
  attempts: z.int(),
  nextAtMs: atMs,
  error: z.string().nullable(),
  refusal: z.string().nullable(),
  configured: z.boolean(),
}) satisfies z.ZodType<SinkEntry>;
const answer = z.object({ sinks: z.array(entry) }) satisfies z.ZodType<SinksAnswer>;
const tested = z.object({
  taken: z.boolean(),
  durationMs: z.number(),
  error: z.string().nullable(),
}) satisfies z.ZodType<SinkTestAnswer>;
const byName = z.object({ name: z.string().max(40) });
const NONE = 'There is no sink of this name.';

/** Where events are sent to; none where there are no sinks. */
export function sinkRoutes(ports: ApiPorts): readonly Route[] {
  const { sinks: opened, clock } = ports;
  if (opened === undefined) return [];
  const { sinks } = opened;
  const list = async (): Promise<readonly SinkEntry[]> =>
    (await sinks.states()).map((one) => sinkEntry(one, sinks.configured, clock.now()));
  return [
    route({
      method: 'GET',
      path: '/admin/sinks',
      access: 'viewer',
      tag: TAG,
      summary: 'List sinks and what waits for them',
      about: 'Also those of applications that use the same database.',
      answer: { status: 200, about: 'In the order of their names.', schema: answer },
      handle: async () => json({ sinks: await list() } satisfies SinksAnswer),
    }),
    route({
      method: 'POST',
      path: '/admin/sinks/:name/retry',
      access: 'analyst',
      tag: TAG,
      summary: 'Have a sink tried again at once',
      about: 'Ends the pause after a failure; whichever node has the sink tries.',
      params: byName,
      answer: { status: 200, about: 'How the sink stands before the try.', schema: entry },
      refusals: [404],
      async handle({ c, caller, params: { name } }) {
        const done = await audited(ports, c, caller, 'SINK_RETRIED', async (sql) =>
          (await sinks.retry(name, sql)) ? { value: true, event: { subject: name } } : undefined,
        );
        if (done === undefined) throw new NotFoundError(NONE);
        opened.wake(name);
        const found = (await list()).find((one) => one.name === name);
        if (found === undefined) throw new NotFoundError(NONE);
        return json(found);
      },
    }),
    route({
      method: 'POST',
      path: '/admin/sinks/:name/test',
      access: 'admin',
      tag: TAG,
      summary: 'Send a test event to a sink',
      about: 'From the node that answers, past those that wait; answers once the receiver has.',
      params: byName,
      answer: { status: 200, about: 'What came of it.', schema: tested },
      refusals: [404],
      async handle({ c, caller, params: { name } }) {
        if (!sinks.configured.some((one) => one.name === name)) throw new NotFoundError(NONE);
        await audited(ports, c, caller, 'SINK_TESTED', () =>
          Promise.resolve({ value: true, event: { subject: name } }),
        );
        const startedMs = clock.monotonic();
        const error = await sinks.test(name).then(
          () => null,
          (thrown: unknown) => (thrown instanceof SinkError ? thrown.message : 'It could not be sent.'),
        );
        const durationMs = Math.round(clock.monotonic() - startedMs);
        return json({ taken: error === null, durationMs, error } satisfies SinkTestAnswer);
      },
    }),
  ];
}
