import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from '../base/observe/index.ts';
import type { RequestView } from '../core/request.ts';
import { postgresService, temporaryDatabase } from '../testing/services.ts';
import { attach, type Attached } from './attach.ts';
import type { RampartConfig } from './config.ts';

const service = await postgresService();
const CONFIG: RampartConfig = {
  trustProxy: ['loopback'],
  responses: {
    mode: 'enforce',
    rules: { failed_logins_by_address: { responder: 'block', of: 'address', ttl: '5m' } },
  },
};

function asked(address: string): RequestView {
  const headers: Readonly<Record<string, string>> = {
    host: 'app.example',
    'user-agent': 'test/1',
    accept: '*/*',
    'x-forwarded-for': address,
  };
  return {
    method: 'GET',
    target: '/orders',
    peer: '127.0.0.1',
    encrypted: false,
    header: (name) => headers[name],
  };
}

describe('responses inside applications without a database', () => {
  it('do nothing, and say so once', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'rampart-attach-'));
    const lines: string[] = [];
    const log = createLogger({ level: 'warn', sink: { write: (line) => void lines.push(line) } });
    const one = await attach(CONFIG, { dataDir, databaseUrl: '', redisUrl: '', log });
    await one.close();
    rmSync(dataDir, { recursive: true, force: true });
    expect(lines.filter((line) => line.includes('Responses are set to enforce'))).toHaveLength(1);
  });
});

describe.skipIf(service.absent !== undefined)('responses inside applications with a database', () => {
  const dirs: string[] = [];
  const open: Attached[] = [];
  let database: Awaited<ReturnType<typeof temporaryDatabase>>;
  beforeEach(async () => {
    database = await temporaryDatabase(service.url as string);
  });
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
    for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
    await database.drop();
  });

  const application = async (): Promise<Attached> => {
    const dataDir = mkdtempSync(join(tmpdir(), 'rampart-attach-'));
    dirs.push(dataDir);
    const one = await attach(CONFIG, { dataDir, databaseUrl: database.url, redisUrl: '' });
    open.push(one);
    return one;
  };
  const statusOf = async ({ house }: Attached, address: string): Promise<number> => {
    const context = await house.enter(asked(address));
    const status = context.verdict.kind === 'deny' ? context.verdict.refusal.status : 200;
    house.leave(context, status, 0, false);
    return status;
  };

  it('begin by what the detectors of one see, and act in the other too', async () => {
    const [one, other] = [await application(), await application()];
    for (let i = 0; i < 6; i++)
      one.house.events.emit('SIGN_IN_FAILED', { address: '203.0.113.7', details: { account: `a${i}` } });
    for (const node of [one, other]) await expect.poll(() => statusOf(node, '203.0.113.7')).toBe(403);
    expect(await statusOf(other, '203.0.113.8')).toBe(200);
  });
});
