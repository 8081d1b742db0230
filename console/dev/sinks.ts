/** Made-up sinks for building the console. */
import type { SinkEntry, SinksAnswer } from '../../src/server/api/sink-types.ts';
import { fail, ok } from './call.ts';
import type { Answer, Call } from './call.ts';

const MINUTE = 60_000;
const start = Date.now();

const sink = (name: string, kind: string, target: string, rest: Partial<SinkEntry> = {}): SinkEntry => ({
  name,
  kind,
  target,
  state: 'working',
  waiting: 0,
  oldestAtMs: null,
  sent: 184_220,
  refused: 0,
  lost: 0,
  sentAtMs: start - 3_000,
  failingSinceMs: null,
  attempts: 0,
  nextAtMs: null,
  error: null,
  refusal: null,
  configured: true,
  ...rest,
});

const sinks: readonly SinkEntry[] = [
  sink('audit-copy', 'syslog', 'tls://siem.example.com:6514', { waiting: 3, oldestAtMs: start - 2_000 }),
  sink('otel', 'otlp', 'https://collector.example.com:4318', {
    refused: 12,
    refusal: 'The collector refused it.',
  }),
  sink('search', 'elasticsearch', 'https://search-of-the-security-team.example.com:9200', {
    state: 'failing',
    waiting: 48_210,
    oldestAtMs: start - 47 * MINUTE,
    sent: 1_920_411,
    sentAtMs: start - 47 * MINUTE,
    failingSinceMs: start - 47 * MINUTE,
    attempts: 51,
    nextAtMs: start + 24_000,
    error: 'The server answered 403. Look at the key or the password.',
  }),
  sink('stdout', 'log', 'standard output', { state: 'unknown', waiting: 1, sent: 0, sentAtMs: null }),
];

/** GET /admin/sinks. */
export function sinkCall({ parts, method, mode }: Call): Answer {
  if (method !== 'GET') {
    const found = sinks.find(({ name }) => name === parts[1]);
    return found && parts[2] === 'retry' ? ok(found) : fail(404, 'NOT_FOUND', 'There is no such sink.');
  }
  return ok({ sinks: mode === 'empty' ? [] : sinks } satisfies SinksAnswer);
}
