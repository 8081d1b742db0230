import { z } from 'zod';
import { ConflictError, NotFoundError } from '../../../core/errors.ts';
import type { EventType } from '../../../core/events.ts';
import { UPLOAD_STATES, type UploadRow, type UploadState } from '../../../modules/upload/index.ts';
import { UploadStore } from '../../uploads/records.ts';
import { audited } from '../audit.ts';
import { type Caller, nameOf } from '../caller.ts';
import { freshActor } from '../fresh-actor.ts';
import type { ApiPorts } from '../ports.ts';
import { type ApiContext, empty, json, route, type Route } from '../route.ts';
import { idOf } from '../schemas.ts';
import type { UploadEntry, UploadsAnswer } from '../upload-types.ts';

const TAG = 'Uploads';
const state = z.enum(UPLOAD_STATES);
const entry = z.object({
  id: z.string(),
  upload: z.string(),
  owner: z.string().nullable(),
  state,
  reason: z.string().nullable(),
  signature: z.string().nullable().meta({ description: 'What the scanner found.' }),
  type: z.string().nullable().meta({ description: 'By content.' }),
  displayName: z.string(),
  bytes: z.int(),
  sha256: z.string().nullable(),
  flags: z.array(z.string()),
  width: z.int().nullable(),
  height: z.int().nullable(),
  address: z.string().nullable(),
  decision: z.string().nullable(),
  atMs: z.int(),
  changedBy: z.string().nullable(),
  changedAtMs: z.int().nullable(),
}) satisfies z.ZodType<UploadEntry>;
const answer = z.object({
  uploads: z.array(entry),
  nextCursor: z.string().nullable(),
  counts: z.object({ kept: z.int(), held: z.int(), infected: z.int(), refused: z.int() }),
  kinds: z.array(z.object({ name: z.string(), scanned: z.boolean() })),
}) satisfies z.ZodType<UploadsAnswer>;
const page = {
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: idOf('upl').optional(),
};
const byId = z.object({ id: z.string().max(100) });
const QUARANTINE: readonly UploadState[] = ['held', 'infected'];

/** Files that people sent, as administrators see them. Never what is in them. */
export function uploadRoutes(ports: ApiPorts): readonly Route[] {
  const { uploads } = ports;
  return uploads === undefined
    ? []
    : [
        ...listRoutes(uploads),
        deleteRoute(ports, uploads),
        releaseRoute(ports, uploads),
        destroyRoute(ports, uploads),
      ];
}

type Uploads = NonNullable<ApiPorts['uploads']>;
interface Page {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly states: readonly UploadState[] | undefined;
}

async function listed({ records, uploaders }: Uploads, { limit, cursor, states }: Page): Promise<Response> {
  const found = await records.list({
    limit: limit + 1,
    ...(cursor === undefined ? {} : { before: cursor }),
    ...(states === undefined ? {} : { states }),
  });
  const uploads = found.slice(0, limit).map(entryOf);
  return json({
    uploads,
    nextCursor: found.length > limit ? (uploads.at(-1)?.id ?? null) : null,
    counts: await records.counts(),
    kinds: [...uploaders.values()].map(({ name, options }) => ({
      name,
      scanned: options.scan !== undefined,
    })),
  } satisfies UploadsAnswer);
}

function entryOf({ extension: _extension, ...row }: UploadRow): UploadEntry {
  return row;
}

function listRoutes(uploads: Uploads): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/admin/uploads',
      access: 'viewer',
      tag: TAG,
      summary: 'List files that people sent',
      about: 'What was refused is remembered for 30 days.',
      query: z.strictObject({ ...page, state: z.array(state).max(4).optional() }),
      lists: ['state'],
      answer: { status: 200, about: 'A page; pass `nextCursor` as `cursor` for the next.', schema: answer },
      handle: ({ query }) => listed(uploads, { ...query, states: query.state }),
    }),
    route({
      method: 'GET',
      path: '/admin/quarantine',
      access: 'viewer',
      tag: TAG,
      summary: 'List files that are infected, or wait for the scanner',
      query: z.strictObject(page),
      answer: { status: 200, about: 'A page; pass `nextCursor` as `cursor` for the next.', schema: answer },
      handle: ({ query }) => listed(uploads, { ...query, states: QUARANTINE }),
    }),
  ];
}

function deleteRoute(ports: ApiPorts, uploads: Uploads): Route {
  return route({
    method: 'DELETE',
    path: '/admin/uploads/:id',
    access: 'admin',
    tag: TAG,
    summary: 'Delete a file that is kept',
    about: 'The owner loses it for good. Asks for a fresh second factor.',
    params: byId,
    answer: { status: 204, about: 'Deleted.' },
    refusals: [404],
    handle: ({ c, caller, params }) =>
      remove(ports, uploads, c, caller, params.id, ['kept'], 'UPLOAD_DELETED'),
  });
}

function destroyRoute(ports: ApiPorts, uploads: Uploads): Route {
  return route({
    method: 'DELETE',
    path: '/admin/quarantine/:id',
    access: 'admin',
    tag: TAG,
    summary: 'Delete a file from quarantine',
    about: 'Asks for a fresh second factor.',
    params: byId,
    answer: { status: 204, about: 'Deleted.' },
    refusals: [404],
    handle: ({ c, caller, params }) =>
      remove(ports, uploads, c, caller, params.id, QUARANTINE, 'QUARANTINE_DELETED'),
  });
}

const NONE = 'There is no such file, or it is no longer there.';

async function remove(
  ports: ApiPorts,
  { store, records }: Uploads,
  c: ApiContext,
  caller: Caller,
  id: string,
  states: readonly UploadState[],
  type: EventType,
): Promise<Response> {
  await freshActor(ports, c, caller);
  const row = await records.get(id);
  const gone = await audited(ports, c, caller, type, async (sql) => {
    if (row === undefined || !(await new UploadStore(sql).remove(id, states))) return undefined;
    return { value: row, event: { subject: id, details: detailsOf(row) } };
  });
  if (!gone) throw new NotFoundError(NONE);
  // Without its row nobody can reach it; where it is still there, it takes room and nothing else.
  await store.remove(zoneOf(gone.state), id);
  return empty();
}

function zoneOf(state: UploadState): 'kept' | 'held' | 'quarantine' {
  return state === 'kept' || state === 'held' ? state : 'quarantine';
}

function detailsOf({ upload, owner, type, bytes, signature, state: was }: UploadRow) {
  return { upload, owner, type, bytes, signature, state: was };
}

function releaseRoute(ports: ApiPorts, uploads: Uploads): Route {
  return route({
    method: 'POST',
    path: '/admin/quarantine/:id/release',
    access: 'admin',
    tag: TAG,
    summary: 'Release a file from quarantine',
    about:
      'Its owner can have it from then on, against the word of the scanner or without it. Asks for a fresh second factor.',
    params: byId,
    body: z.strictObject({ reason: z.string().trim().min(1).max(500) }),
    answer: { status: 200, about: 'The file as it is now.', schema: entry },
    refusals: [404, 409],
    handle: ({ c, caller, params, body }) => release(ports, uploads, c, caller, params.id, body.reason),
  });
}

async function release(
  ports: ApiPorts,
  uploads: Uploads,
  c: ApiContext,
  caller: Caller,
  id: string,
  reason: string,
): Promise<Response> {
  const { store, records } = uploads;
  await freshActor(ports, c, caller);
  const row = await records.get(id);
  const nowMs = ports.clock.now();
  const change = {
    state: 'kept',
    reason: row?.reason ?? null,
    signature: row?.signature ?? null,
    changedBy: nameOf(caller),
  } as const;
  if (row === undefined || !QUARANTINE.includes(row.state)) throw new NotFoundError(NONE);
  // First, since decrypting asks for a key, and a transaction may hold the only connection. The row closes the file until
  // it says `kept`.
  const zone = zoneOf(row.state);
  if (!(await store.move(zone, id, 'kept')) && !(await isKept(store, id)))
    throw new ConflictError('The file is no longer in quarantine.');
  let released: UploadRow | undefined;
  try {
    released = await audited(ports, c, caller, 'QUARANTINE_RELEASED', async (sql) => {
      if (!(await new UploadStore(sql).change(id, row.state, change, nowMs))) return undefined;
      return { value: row, event: { subject: id, details: { ...detailsOf(row), reason } } };
    });
  } finally {
    if (released === undefined) await putBack(ports, uploads, id, zone);
  }
  if (!released) throw new NotFoundError(NONE);
  return json(entryOf({ ...released, ...change, changedAtMs: nowMs }));
}

/** Whether somebody moved it before and got no further. */
async function isKept(store: Uploads['store'], id: string): Promise<boolean> {
  const file = await store.open('kept', id);
  await file?.close();
  return file !== undefined;
}

/** What was not released after all goes back, unless somebody else released or deleted it meanwhile. */
async function putBack(
  { log }: ApiPorts,
  { store, records }: Uploads,
  id: string,
  zone: 'kept' | 'held' | 'quarantine',
): Promise<void> {
  try {
    const row = await records.get(id);
    if (row === undefined) await store.remove('kept', id);
    else if (row.state !== 'kept') await store.move('kept', id, zone);
  } catch (error) {
    // Its row still closes it.
    log.warn('A file could not be put back into quarantine.', { error });
  }
}
