import type { RampartEvent, Severity } from '../../../core/events.ts';
import { ALL_SENT, type Sent, type SinkDriver, SinkError } from '../driver.ts';
import type { ReadOtlpSink } from '../options.ts';
import { postTo } from './http.ts';
import { type DriverPorts, secretOf } from './ports.ts';

/** SeverityNumber of the data model: INFO, WARN, ERROR, FATAL. */
const NUMBERS: Readonly<Record<Severity, number>> = { LOW: 9, MEDIUM: 13, HIGH: 17, CRITICAL: 21 };

/** Log records of OpenTelemetry over HTTP, as JSON (OTLP 1). */
export function otlpDriver(sink: ReadOtlpSink, ports: DriverPorts): SinkDriver {
  return {
    async send(events) {
      const headers: Record<string, string> = { 'content-type': 'application/json' };
      for (const [name, variable] of Object.entries(sink.headers))
        headers[name.toLowerCase()] = headerOf(secretOf(ports, variable), variable);
      const body = JSON.stringify(requestOf(events, ports.now(), ports.version));
      const answer = await postTo(ports, sink, headers, body);
      return sentOf(answer.body, events.length);
    },
    close: () => Promise.resolve(),
  };
}

/** @throws SinkError where a header cannot hold it: the platform's own words would show it */
function headerOf(value: string, variable: string): string {
  if (!/^[ -~]+$/.test(value))
    throw new SinkError('down', `The variable ${variable} holds what no header can hold.`);
  return value;
}

/** One resource for each node that emitted. */
export function requestOf(
  events: readonly RampartEvent[],
  nowMs: number,
  version: string,
): Readonly<Record<string, unknown>> {
  const byNode = Map.groupBy(events, ({ node }) => node);
  return {
    resourceLogs: [...byNode].map(([node, some]) => ({
      resource: {
        attributes: attributes({
          'service.name': 'rampart',
          'service.version': version,
          'service.instance.id': node,
        }),
      },
      scopeLogs: [
        { scope: { name: 'rampart', version }, logRecords: some.map((one) => recordOf(one, nowMs)) },
      ],
    })),
  };
}

function recordOf(event: RampartEvent, nowMs: number): Readonly<Record<string, unknown>> {
  const { traceId } = event;
  const details = Object.entries(event.details ?? {}).map(([name, value]) => [
    `rampart.details.${name}`,
    value,
  ]);
  return {
    timeUnixNano: nanoseconds(event.atMs),
    observedTimeUnixNano: nanoseconds(nowMs),
    severityNumber: NUMBERS[event.severity],
    severityText: event.severity,
    eventName: `rampart.${event.type.toLowerCase()}`,
    body: { stringValue: event.about.toWellFormed() },
    attributes: attributes({
      'log.record.uid': event.id,
      'rampart.type': event.type,
      'rampart.class': event.class,
      'rampart.subject': event.subject,
      'rampart.decision': event.decision,
      'rampart.outcome': event.outcome,
      'user.id': event.actor,
      'client.address': event.address,
      'http.route': event.route,
      'session.id': event.session,
      'user_agent.original': event.userAgent,
      'rampart.place': event.place,
      'rampart.request_id': event.requestId,
      ...(Object.fromEntries(details) as Record<string, unknown>),
    }),
    ...(traceId !== undefined && isTraceId(traceId) ? { traceId } : {}),
  };
}

/** 64 bits as text, since JSON's numbers do not hold them. */
function nanoseconds(atMs: number): string {
  return String(BigInt(Math.max(0, Math.floor(atMs))) * 1_000_000n);
}

function isTraceId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text) && !/^0+$/.test(text);
}

function attributes(values: Readonly<Record<string, unknown>>): readonly object[] {
  return Object.entries(values).flatMap(([key, value]) => {
    const typed = valueOf(value);
    return typed === undefined ? [] : [{ key, value: typed }];
  });
}

function valueOf(value: unknown): object | undefined {
  if (typeof value === 'string') return { stringValue: value.toWellFormed() };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/**
 * A collector says how many it refused, never which; they must not be sent again (OTLP, "Partial Success").
 * @throws SinkError where it took none
 */
export function sentOf(body: string, count: number): Sent {
  const rejected = rejectedOf(body);
  if (rejected === 0) return ALL_SENT;
  if (rejected >= count) throw new SinkError('refused', 'The collector refused it.');
  return { ...ALL_SENT, unnamed: rejected };
}

function rejectedOf(body: string): number {
  try {
    const { partialSuccess } = JSON.parse(body) as { partialSuccess?: { rejectedLogRecords?: unknown } };
    const count = Number(partialSuccess?.rejectedLogRecords ?? 0);
    return Number.isSafeInteger(count) && count > 0 ? count : 0;
  } catch {
    // An answer of 200 without a body, or of another kind: it was taken.
    return 0;
  }
}
