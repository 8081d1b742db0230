import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Guard, rampart } from '../../src/doors/node.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { listening } from './apps.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'rampart-attached-'));
let guard: Guard;
let app: RunningApp;
beforeAll(async () => {
  guard = await rampart(
    {
      uploads: {
        notes: { types: ['text/plain'] },
        // Nobody listens there.
        scanned: { types: ['text/plain'], scan: { clamd: '127.0.0.1:1', onDown: 'hold' } },
      },
      records: { passes: 0 },
    },
    { dataDir, databaseUrl: '', redisUrl: '' },
  );
  const listener = guard(async (request, response) => {
    const { files } = await guard.upload(request.url === '/scanned' ? 'scanned' : 'notes', request);
    response.end(JSON.stringify(files));
  });
  app = await listening(createServer(listener));
});
afterAll(async () => {
  await app.close();
  await guard.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const send = (text: string, path = '/'): Promise<Response> => {
  const body = new FormData();
  body.set('file', new File([text], 'a.txt', { type: 'text/plain' }));
  return fetch(`http://127.0.0.1:${app.port}${path}`, { method: 'POST', body, headers: { accept: '*/*' } });
};

it('keeps files inside an application, hands them out and deletes them', async () => {
  const [file] = (await (await send('hello')).json()) as { id: string }[];
  const id = file?.id ?? '';
  const kept = join(dataDir, 'uploads', 'kept', id);
  expect(statSync(kept).mode & 0o777).toBe(0o600);
  const opened = await guard.uploads?.open(id);
  expect(opened?.row).toMatchObject({ upload: 'notes', owner: null, state: 'kept', displayName: 'a.txt' });
  await opened?.file.close();
  expect(await guard.uploads?.remove(id)).toBe(true);
  expect(await guard.uploads?.remove(id)).toBe(false);
  expect(readdirSync(join(dataDir, 'uploads', 'kept'))).toEqual([]);
});

it('has a refusal on record, under the id that the sender was told, computed by the phase that validates', async () => {
  const response = await send('<script>');
  const id = response.headers.get('x-rampart-decision');
  expect(response.status).toBe(415);
  const record = guard.recent().find((one) => one.id === id);
  expect(record).toMatchObject({ guard: 'upload', verdict: 'deny', status: 415, code: 'FILE_TYPE_REFUSED' });
  expect(guard.house.phaseOf('upload')).toBe('validate');
  expect(await guard.uploads?.records.list({ limit: 1 })).toMatchObject([{ decision: id, state: 'refused' }]);
});

it('keeps what waits for the scanner encrypted', async () => {
  const [file] = (await (await send('a secret of mine', '/scanned')).json()) as {
    id: string;
    state: string;
  }[];
  expect(file?.state).toBe('held');
  const path = join(dataDir, 'uploads', 'held', file?.id ?? '');
  expect(readFileSync(path, 'latin1')).toMatch(/^age-encryption\.org\/v1\n/);
  expect(readFileSync(path).includes('secret of mine')).toBe(false);
  expect(await guard.uploads?.open(file?.id ?? '')).toBeUndefined();
  expect(await guard.uploads?.remove(file?.id ?? '')).toBe(true);
  expect(readdirSync(join(dataDir, 'uploads', 'held'))).toEqual([]);
});
