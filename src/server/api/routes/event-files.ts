import { z } from 'zod';
import { cefLine } from '../../../base/cef/index.ts';
import { type CsvColumn, csvAnswer, download } from '../../../base/csv/index.ts';
import { ocsfEvent } from '../../../base/ocsf/index.ts';
import { lineJson } from '../../../modules/sinks/index.ts';
import { MAX_EVENTS_PAGE } from '../../data/index.ts';
import { audited } from '../audit.ts';
import { CSV_ANSWER, dateOf, fileNameOf, MAX_ROWS, wordsGiven } from '../export.ts';
import type { ApiPorts } from '../ports.ts';
import { type AnswerSpec, route, type Route } from '../route.ts';
import type { EventEntry } from '../types.ts';
import { filtersOf, narrowedBy, narrowedWords, REPEATED } from './event-schemas.ts';

const COLUMNS: readonly CsvColumn<EventEntry>[] = [
  { name: 'at', value: (one) => dateOf(one.atMs) },
  { name: 'event', value: (one) => one.type },
  { name: 'severity', value: (one) => one.severity },
  { name: 'outcome', value: (one) => one.outcome },
  { name: 'about', value: (one) => one.about },
  { name: 'actor', value: (one) => one.actor },
  { name: 'subject', value: (one) => one.subject },
  { name: 'address', value: (one) => one.address },
  { name: 'place', value: (one) => one.place },
  { name: 'userAgent', value: (one) => one.userAgent },
  { name: 'session', value: (one) => one.session },
  { name: 'route', value: (one) => one.route },
  { name: 'node', value: (one) => one.node },
  { name: 'decision', value: (one) => one.decision },
  { name: 'requestId', value: (one) => one.requestId },
  { name: 'traceId', value: (one) => one.traceId },
  { name: 'details', value: (one) => JSON.stringify(one.details) },
  { name: 'resolvedAt', value: (one) => dateOf(one.resolvedAtMs) },
  { name: 'resolvedBy', value: (one) => one.resolvedBy },
  { name: 'id', value: (one) => one.id },
];

const CHUNK_LENGTH = 16_384;

type Rows = AsyncIterable<EventEntry>;

/** A file that events can be taken as. */
interface EventFile {
  /** Last part of the path: `/admin/events.cef`. */
  readonly name: string;
  readonly summary: string;
  readonly answer: AnswerSpec;
  readonly write: (rows: Rows, file: string, version: string) => Response;
}

const FILES: readonly EventFile[] = [
  {
    name: 'csv',
    summary: 'Export events as a table',
    answer: CSV_ANSWER,
    write: (rows, file) => csvAnswer(COLUMNS, rows, { file, maxRows: MAX_ROWS }),
  },
  {
    name: 'ndjson',
    summary: 'Export events as lines of JSON',
    answer: {
      status: 200,
      about: 'One event a line, as a search answers it; all that fit, newest first.',
      type: 'application/x-ndjson',
    },
    write: (rows, file) =>
      lineFile(rows, (event) => lineJson(event), { file, end: 'ndjson', type: 'application/x-ndjson' }),
  },
  {
    name: 'cef',
    summary: 'Export events in the Common Event Format',
    answer: { status: 200, about: 'One event a line, newest first.', type: 'text/plain' },
    write: (rows, file, version) =>
      lineFile(rows, (event) => cefLine(event, { version }), {
        file,
        end: 'cef',
        type: 'text/plain; charset=utf-8',
      }),
  },
  {
    name: 'ocsf',
    summary: 'Export events as objects of OCSF 1.3',
    answer: {
      status: 200,
      about: 'One object of the Open Cybersecurity Schema Framework a line, newest first.',
      type: 'application/x-ndjson',
    },
    write: (rows, file, version) =>
      lineFile(rows, (event) => lineJson(ocsfEvent(event, version)), {
        file: `${file}-ocsf`,
        end: 'ndjson',
        type: 'application/x-ndjson',
      }),
  },
];

/** Events as files: narrowed as a search is, read while they are taken. Who took one is written down before. */
export function eventFileRoutes(ports: ApiPorts): readonly Route[] {
  return FILES.map(({ name, summary, answer, write }) =>
    route({
      method: 'GET',
      path: `/admin/events.${name}`,
      access: 'viewer',
      tag: 'Console',
      summary,
      query: z.strictObject(narrowedBy),
      lists: REPEATED,
      answer,
      handle: async ({ c, caller, query }) => {
        const details = { format: name, ...wordsGiven(narrowedWords(query)) };
        await audited(ports, c, caller, 'DATA_EXPORTED', () =>
          Promise.resolve({ value: true, event: { subject: 'events', details } }),
        );
        const rows = ports.stores.events.all({ ...filtersOf(query), limit: MAX_EVENTS_PAGE });
        return write(rows, fileNameOf('events', ports.clock.now()), ports.facts.version);
      },
    }),
  );
}

function lineFile(
  rows: Rows,
  line: (event: EventEntry) => string,
  options: Parameters<typeof download>[1],
): Response {
  return download(linesOf(rows, line), options);
}

/** In texts of about 16 KiB. */
async function* linesOf(
  rows: Rows,
  line: (event: EventEntry) => string,
): AsyncGenerator<string, void, undefined> {
  let chunk = '';
  for await (const row of rows) {
    chunk += `${line(row)}\n`;
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
