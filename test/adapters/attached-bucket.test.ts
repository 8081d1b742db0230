import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Guard, rampart } from '../../src/doors/node.ts';
import { examineUploadStore } from '../../src/server/cli/doctor/uploads.ts';
import { readConfig } from '../../src/server/config.ts';
import { readEnvironment } from '../../src/server/environment.ts';
import { ACCESS, TestS3 } from '../../src/stores/s3/test-server.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { listening } from './apps.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'rampart-attached-'));
const s3 = new TestS3();
let endpoint: string;
let guard: Guard;
let app: RunningApp;
const MIB = 1_048_576;

beforeAll(async () => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', ACCESS.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', ACCESS.secretAccessKey);
  endpoint = await s3.open();
  guard = await rampart(
    {
      uploads: {
        notes: { types: ['text/plain'], maxFileBytes: 12 * MIB },
        // Nobody listens there.
        scanned: { types: ['text/plain'], scan: { clamd: '127.0.0.1:1', onDown: 'hold' } },
      },
      uploadStore: { s3: { bucket: 'uploads', region: 'eu-central-1', endpoint } },
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
  vi.unstubAllEnvs();
  await app.close();
  await guard.close();
  await s3.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const send = (text: string, path = '/'): Promise<Response> => {
  const body = new FormData();
  body.set('file', new File([text], 'a.txt', { type: 'text/plain' }));
  return fetch(`http://127.0.0.1:${app.port}${path}`, { method: 'POST', body, headers: { accept: '*/*' } });
};

it('keeps files in a bucket, hands them out and deletes them; nothing lies in the data folder', async () => {
  const [file] = (await (await send('hello')).json()) as { id: string }[];
  expect([...s3.objects.keys()]).toEqual([`kept/${file?.id}`]);
  const opened = await guard.uploads?.open(file?.id ?? '');
  expect(Buffer.from((await opened?.file.read(0, 10)) ?? []).toString()).toBe('hello');
  expect(await guard.uploads?.remove(file?.id ?? '')).toBe(true);
  expect(s3.objects.size).toBe(0);
  expect(readdirSync(dataDir)).not.toContain('uploads');
});

it('leaves no part and no object of what is refused', async () => {
  expect((await send('<script>')).status).toBe(415);
  expect((await send('x'.repeat(12.5 * MIB))).status).toBe(413);
  expect(s3.seen.some((one) => one.includes('partNumber'))).toBe(true);
  expect([s3.objects.size, s3.uploads.size]).toEqual([0, 0]);
});

it('keeps what waits for the scanner encrypted there', async () => {
  const [file] = (await (await send('a secret of mine', '/scanned')).json()) as {
    id: string;
    state: string;
  }[];
  expect(file?.state).toBe('held');
  expect([...s3.objects.keys()]).toEqual([`held/${file?.id}`]);
  expect([...s3.objects.values()][0]?.body.includes('secret of mine')).toBe(false);
  expect(await guard.uploads?.remove(file?.id ?? '')).toBe(true);
});

it('is looked at by the doctor', async () => {
  const examined = (more: object, env: Record<string, string>) =>
    examineUploadStore(
      readEnvironment(env, false),
      readConfig({ uploadStore: { s3: { bucket: 'uploads', region: 'eu-central-1', endpoint, ...more } } }),
    );
  const env = { AWS_ACCESS_KEY_ID: ACCESS.accessKeyId, AWS_SECRET_ACCESS_KEY: ACCESS.secretAccessKey };
  expect(await examined({}, env)).toEqual([
    { check: 'files of uploads', fine: 'bucket uploads, private', findings: [] },
  ]);
  s3.isPublic = true;
  expect(await examined({}, env)).toMatchObject([{ findings: [{ level: 'error' }] }]);
  expect(await examined({}, {})).toMatchObject([
    { findings: [{ text: expect.stringContaining('AWS_ACCESS_KEY_ID') }] },
  ]);
  expect(await examineUploadStore(readEnvironment({}, false), readConfig({}))).toEqual([]);
});

it.each<[object, string]>([
  [{ disk: {} }, 'uploadStore'],
  [{ s3: { bucket: 'x' } }, 'uploadStore.s3.bucket'],
  [{ s3: { bucket: 'uploads' } }, 'uploadStore.s3.region'],
])('refuses %j', (uploadStore, path) => {
  expect(() => readConfig({ uploadStore })).toThrow(path);
});
