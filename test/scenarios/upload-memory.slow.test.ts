import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { RampartConfig } from '../../src/server/config.ts';
import { preparedFolder } from './prepared.ts';
import { cleanUp, type Running, start } from './server.ts';

afterAll(cleanUp);

const MIB = 1_048_576;
const LIMIT = 256 * MIB;
const SENT = 10_000_000_000;
const CONFIG: RampartConfig = {
  trustProxy: ['loopback'],
  uploads: {
    sample: {
      types: ['text/plain', 'video/mp4'],
      maxFileBytes: LIMIT,
      maxTotalBytes: 100 * 1_073_741_824,
      within: '10m',
    },
  },
};

/** Sends a form whose file does not end before so many bytes, without saying how long it is. */
function flood(server: Running, token: string, bytes: number): Promise<{ status: number; sent: number }> {
  return new Promise((resolve) => {
    let sent = 0;
    const out = request({
      agent: false,
      port: server.port,
      host: '127.0.0.1',
      method: 'POST',
      path: '/sample/uploads',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'multipart/form-data; boundary=b',
        'user-agent': 'flood',
        accept: '*/*',
      },
    });
    const chunk = Buffer.alloc(MIB, 'all work and no play\n');
    const more = (): void => {
      while (sent < bytes && !out.destroyed) {
        sent += chunk.byteLength;
        if (!out.write(chunk)) {
          out.once('drain', more);
          return;
        }
      }
      out.end('\r\n--b--\r\n');
    };
    out.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, sent });
      response.once('end', () => out.destroy());
    });
    // Whoever goes on sending may meet the end of the connection before the answer.
    out.on('error', () => resolve({ status: 0, sent }));
    out.write('--b\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n');
    more();
  });
}

it(
  'an upload of 10 GB is refused at its limit, with constant memory and nothing left of it',
  { timeout: 600_000 },
  async () => {
    const dir = await preparedFolder();
    const server = await start({ dir, config: CONFIG });
    const { body } = await server.ask<{ token: string }>('POST', '/sample/sign-in', { name: 'ada' });
    await flood(server, body.token, LIMIT + 2 * MIB);
    const before = server.rss();
    let most = before;
    const watch = setInterval(() => (most = Math.max(most, server.rss())), 50);
    const { status, sent } = await flood(server, body.token, SENT).finally(() => clearInterval(watch));
    process.stdout.write(
      `resident: ${Math.round(before / 1e6)} MB before, ${Math.round(most / 1e6)} MB at most; ${Math.round(sent / 1e6)} MB taken\n`,
    );
    expect([0, 413]).toContain(status);
    const { body: told } = await server.ask<{ uploads: { reason: string }[] }>(
      'GET',
      '/admin/uploads?state=refused',
    );
    expect(told.uploads.map(({ reason }) => reason)).toEqual(['upload.file_bytes', 'upload.file_bytes']);
    expect(sent).toBeGreaterThan(LIMIT);
    expect(sent).toBeLessThan(LIMIT + 64 * MIB);
    expect(most - before).toBeLessThan(96_000_000);
    for (const zone of ['stage', 'kept', 'held'])
      expect(readdirSync(join(dir, 'data', 'uploads', zone))).toEqual([]);
    await server.stop();
  },
);
