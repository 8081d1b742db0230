import { z } from 'zod';
import { AuthorizationError, NotFoundError } from '../../../../core/errors.ts';
import { nodeBody, webBody } from '../../../../core/http/body-source.ts';
import type { AccessPrincipal } from '../../../../modules/access/index.ts';
import { type Opened, openUpload, type UploadRow } from '../../../../modules/upload/index.ts';
import type { ApiPorts } from '../../ports.ts';
import { empty, json, route, type Route } from '../../route.ts';
import { idOf } from '../../schemas.ts';
import { askerFor, policy } from './asker.ts';

/** Name of the sample application's upload in the configuration. */
export const SAMPLE_UPLOAD = 'sample';
/** Files that are kept per person and in all; the oldest go first. */
const MAX_EACH = 20;
const MAX_ALL = 500;

const TAG = 'Sample';
const NONE = 'There is no such file.';
const byId = z.object({ id: idOf('upl') });
const fileAnswer = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  bytes: z.int(),
  sha256: z.string(),
  state: z.enum(['kept', 'held']).meta({ description: '`held` waits for the virus scanner.' }),
  width: z.int().nullable(),
  height: z.int().nullable(),
  createdAtMs: z.int(),
});
type Uploads = NonNullable<ApiPorts['uploads']>;

/** The sample application's files: of whoever sent them, and of administrators. */
export function sampleUploadRoutes(ports: ApiPorts): readonly Route[] {
  const { uploads } = ports;
  if (!uploads?.uploaders.has(SAMPLE_UPLOAD)) return [];
  return [
    sendRoute(ports, uploads),
    listRoute(ports, uploads),
    readRoute(ports, uploads),
    deleteRoute(ports, uploads),
  ];
}

function shown(row: UploadRow): z.infer<typeof fileAnswer> {
  const { id, type, bytes, sha256, width, height } = row;
  const state = row.state === 'held' ? 'held' : 'kept';
  return {
    id,
    name: row.displayName,
    type: type ?? 'application/octet-stream',
    bytes,
    sha256: sha256 ?? '',
    state,
    width,
    height,
    createdAtMs: row.atMs,
  };
}

/** Where it may not be read, it looks as if it were not there. */
async function seen({ records }: Uploads, asker: AccessPrincipal, id: string): Promise<UploadRow> {
  const row = await records.get(id);
  const isThere = row?.upload === SAMPLE_UPLOAD && (row.state === 'kept' || row.state === 'held');
  if (!isThere || !policy.can(asker, 'uploads:read', { id, owner: row.owner })) throw new NotFoundError(NONE);
  return row;
}

function sendRoute(ports: ApiPorts, uploads: Uploads): Route {
  return route({
    method: 'POST',
    path: '/sample/uploads',
    access: 'sample',
    tag: TAG,
    summary: 'Send a file',
    about:
      'A form with one file of at most 10 MiB: a picture, a PDF, a text, or an archive. Looked through, and scanned where a scanner is configured.',
    rawBody: ['multipart/form-data'],
    answer: { status: 201, about: 'The file.', schema: fileAnswer },
    refusals: [400, 408, 413, 415, 422, 503],
    handle: async ({ c, caller }) => {
      const asker = await askerFor(ports, c, caller);
      if (!policy.can(asker, 'uploads:create', { id: '', owner: asker.id })) throw new AuthorizationError();
      const { context, incoming } = c.env ?? {};
      const intake = uploads.intake(SAMPLE_UPLOAD);
      if (!context || !intake) throw new NotFoundError();
      const { files } = await intake(context, incoming ? nodeBody(incoming) : webBody(c.req.raw));
      await trim(uploads, asker.id);
      const row = await uploads.records.get(files[0]?.id ?? '');
      if (!row) throw new NotFoundError(NONE);
      return json(shown(row), 201, { location: `/sample/uploads/${row.id}` });
    },
  });
}

/** Keeps the sample within its ceilings. */
async function trim(uploads: Uploads, owner: string): Promise<void> {
  const { records } = uploads;
  const states = ['kept', 'held'] as const;
  const own = await records.list({ upload: SAMPLE_UPLOAD, owner, states, limit: MAX_EACH + 10 });
  const all = await records.list({ upload: SAMPLE_UPLOAD, states, limit: MAX_ALL + 10 });
  for (const row of [...own.slice(MAX_EACH), ...all.slice(MAX_ALL)]) await remove(uploads, row);
}

async function remove({ store, records }: Uploads, { id, state }: UploadRow): Promise<boolean> {
  if (!(await records.remove(id, [state]))) return false;
  await store.remove(state === 'held' ? 'held' : 'kept', id);
  return true;
}

function listRoute(ports: ApiPorts, { records }: Uploads): Route {
  return route({
    method: 'GET',
    path: '/sample/uploads',
    access: 'sample',
    tag: TAG,
    summary: 'List files, newest first',
    answer: { status: 200, about: 'At most 100.', schema: z.object({ uploads: z.array(fileAnswer) }) },
    handle: async ({ c, caller }) => {
      const asker = await askerFor(ports, c, caller);
      const everybody = policy.can(asker, 'uploads:read', { id: '', owner: '' });
      const found = await records.list({
        upload: SAMPLE_UPLOAD,
        states: ['kept', 'held'],
        limit: 100,
        ...(everybody ? {} : { owner: asker.id }),
      });
      const readable = found.filter(({ id, owner }) => policy.can(asker, 'uploads:read', { id, owner }));
      return json({ uploads: readable.map(shown) });
    },
  });
}

function readRoute(ports: ApiPorts, uploads: Uploads): Route {
  return route({
    method: 'GET',
    path: '/sample/uploads/:id',
    access: 'sample',
    tag: TAG,
    summary: 'Download a file',
    params: byId,
    answer: { status: 200, about: 'Its bytes, to be saved.', type: 'application/octet-stream' },
    refusals: [404],
    handle: async ({ c, caller, params }) => {
      const asker = await askerFor(ports, c, caller);
      await seen(uploads, asker, params.id);
      const opened = await openUpload(uploads, params.id);
      if (!opened) throw new NotFoundError('The file waits for the virus scanner.');
      return download(opened, c.req.method === 'HEAD');
    },
  });
}

function download({ file, headers: flat }: Opened, headOnly: boolean): Response {
  const headers = new Headers();
  for (let i = 0; i < flat.length; i += 2) headers.set(flat[i] as string, flat[i + 1] as string);
  const pieces = file.stream()[Symbol.asyncIterator]();
  const close = (): Promise<void> => file.close();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done !== true) {
        controller.enqueue(value);
        return;
      }
      await close();
      controller.close();
    },
    cancel: close,
  });
  if (!headOnly) return new Response(body, { headers });
  void close();
  return new Response(null, { headers });
}

function deleteRoute(ports: ApiPorts, uploads: Uploads): Route {
  return route({
    method: 'DELETE',
    path: '/sample/uploads/:id',
    access: 'sample',
    tag: TAG,
    summary: 'Delete a file',
    params: byId,
    answer: { status: 204, about: 'Deleted.' },
    refusals: [404],
    handle: async ({ c, caller, params }) => {
      const asker = await askerFor(ports, c, caller);
      const row = await seen(uploads, asker, params.id);
      if (!policy.can(asker, 'uploads:delete', { id: row.id, owner: row.owner }))
        throw new AuthorizationError();
      if (!(await remove(uploads, row))) throw new NotFoundError(NONE);
      return empty();
    },
  });
}
