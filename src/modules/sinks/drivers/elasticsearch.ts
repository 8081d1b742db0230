import { isIP } from 'node:net';
import type { RampartEvent } from '../../../core/events.ts';
import { type Sent, type SinkDriver, SinkError } from '../driver.ts';
import { timeOf } from '../json.ts';
import type { ReadElasticsearchSink } from '../options.ts';
import { isAboutBody, postTo, waitOf } from './http.ts';
import { type DriverPorts, secretOf } from './ports.ts';

/** Only what is read of the answer: of 500 events it stays small, and no text of theirs comes back. */
const PATH = '_bulk?filter_path=errors,items.*.status,items.*.error.type';

/**
 * The bulk API. Each event is created under its own id, so that one that comes again is a conflict, and counts as taken; it
 * is also what data streams demand.
 */
export function elasticsearchDriver(sink: ReadElasticsearchSink, ports: DriverPorts): SinkDriver {
  const url = new URL(PATH, sink.url.endsWith('/') ? sink.url : `${sink.url}/`).href;
  return {
    async send(events) {
      const headers = { 'content-type': 'application/x-ndjson', ...authorization(sink, ports) };
      const lines = events.flatMap((event) => [
        JSON.stringify({ create: { _index: sink.index, _id: event.id } }),
        JSON.stringify(documentOf(event)),
      ]);
      const answer = await postTo(ports, { ...sink, url }, headers, `${lines.join('\n')}\n`);
      return sentOf(answer.body, events.length, waitOf(answer));
    },
    close: () => Promise.resolve(),
  };
}

function authorization(sink: ReadElasticsearchSink, ports: DriverPorts): Readonly<Record<string, string>> {
  if (sink.apiKey !== null) return { authorization: `ApiKey ${headerOf(secretOf(ports, sink.apiKey))}` };
  if (sink.user === null || sink.password === null) return {};
  const pair = `${sink.user}:${secretOf(ports, sink.password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** @throws SinkError where a header cannot hold it: the platform's own words would show it */
function headerOf(secret: string): string {
  if (!/^[!-~]+$/.test(secret)) throw new SinkError('down', 'The API key holds characters that none has.');
  return secret;
}

/**
 * A document with the names of the Elastic Common Schema. Details are labels, which are texts: the same name may be a number
 * in one type of event and a word in another, and an index takes only one of them.
 */
export function documentOf(event: RampartEvent): Readonly<Record<string, unknown>> {
  const { actor, subject, address, route, decision, session, place, details = {} } = event;
  const labels = Object.entries(details).filter(([, value]) => value !== null);
  return {
    '@timestamp': timeOf(event.atMs),
    message: event.about,
    ecs: { version: '8.11.0' },
    event: {
      id: event.id,
      kind: 'event',
      action: event.type,
      module: 'rampart',
      ...(event.outcome === undefined
        ? {}
        : { outcome: event.outcome === 'refused' ? 'failure' : event.outcome }),
    },
    log: { level: event.severity.toLowerCase() },
    host: { name: event.node },
    ...(actor === undefined ? {} : { user: { id: actor } }),
    ...(address === undefined ? {} : { source: sourceOf(address) }),
    ...(event.userAgent === undefined ? {} : { user_agent: { original: event.userAgent } }),
    ...(event.traceId === undefined ? {} : { trace: { id: event.traceId } }),
    ...(event.requestId === undefined ? {} : { http: { request: { id: event.requestId } } }),
    ...(labels.length === 0
      ? {}
      : {
          labels: Object.fromEntries(
            labels.map(([name, value]) => [name.replaceAll('.', '_'), String(value)]),
          ),
        }),
    rampart: {
      type: event.type,
      severity: event.severity,
      class: event.class,
      ...(event.outcome === undefined ? {} : { outcome: event.outcome }),
      ...(subject === undefined ? {} : { subject }),
      ...(route === undefined ? {} : { route }),
      ...(decision === undefined ? {} : { decision }),
      ...(session === undefined ? {} : { session }),
      ...(place === undefined ? {} : { place }),
    },
  };
}

/** Only what is an address may stand in a field of that type. */
function sourceOf(address: string): Readonly<Record<string, string>> {
  return isIP(address) === 0 ? { address } : { address, ip: address };
}

interface Item {
  readonly status: number;
  readonly type: string | undefined;
}

/** What became of each event. @throws SinkError where the answer is none of the bulk API */
export function sentOf(body: string, count: number, afterMs: number | null): Sent {
  const answer = parsed(body);
  if (answer?.['errors'] === false) return { refused: new Map(), again: null, unnamed: 0 };
  const items = answer?.['items'];
  if (!Array.isArray(items) || items.length !== count)
    throw new SinkError('down', 'The answer is none of the bulk API. Look at the address.');
  const refused = new Map<number, string>();
  const places = new Set<number>();
  let reason = '';
  items.map(itemOf).forEach((item, i) => {
    // A conflict: it was taken before.
    if ((item.status >= 200 && item.status < 300) || item.status === 409) return;
    const words = `The index answered ${item.status}${item.type === undefined ? '' : ` (${item.type})`}.`;
    if (isAboutBody(item.status)) refused.set(i, words);
    else {
      places.add(i);
      reason ||= words;
    }
  });
  return { refused, again: places.size === 0 ? null : { places, reason, afterMs }, unnamed: 0 };
}

function itemOf(item: unknown): Item {
  const [result] = Object.values((item ?? {}) as Record<string, unknown>);
  const { status, error } = (result ?? {}) as { status?: unknown; error?: { type?: unknown } };
  const type = error?.type;
  return {
    status: typeof status === 'number' ? status : 0,
    type: typeof type === 'string' && /^[a-z_]{1,60}$/.test(type) ? type : undefined,
  };
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(body) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
