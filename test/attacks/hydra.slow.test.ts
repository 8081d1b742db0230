import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp, type Running, start, temporaryFolder } from '../scenarios/server.ts';
import { signIn, signUp } from './person.ts';
import { hasTool, runTool, type ToolRun } from './tools.ts';
import { Visitor } from './visitor.ts';

const isThere = hasTool('hydra');
/** hydra encodes what it sends as a form would: letters and digits are themselves everywhere. */
const RIGHT = 'sevenQuietHeronsWalking';
/** The right one stands behind so many wrong ones. */
const WRONG = 400;
const LIST = [...Array.from({ length: WRONG }, (_, i) => `wrongHorseBattery${i}`), RIGHT];
const FOUND = /\[http-post-form\].*password: (.*)/;
const OWNER = '203.0.113.1';
const ATTACKER = '198.51.100.7';

/** Whether a password opens the account. */
type Check = (password: string) => Promise<boolean>;

/** The sign-in page of an application, as hydra knows them: a form, and a word in the page that comes back. */
async function formOf(check: Check): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      void check(new URLSearchParams(text).get('password') ?? '').then((right) =>
        response.end(right ? 'Welcome' : 'Wrong'),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server };
}

/** Sends hydra with sixteen connections. @returns the password that it found, and how many it had checked */
async function guess(check: Check): Promise<{ found: string | undefined; checked: number; run: ToolRun }> {
  const folder = temporaryFolder();
  const list = join(folder, 'passwords');
  writeFileSync(list, `${LIST.join('\n')}\n`);
  let checked = 0;
  const { port, server } = await formOf((password) => {
    checked++;
    return check(password);
  });
  const args = ['-l', 'owner', '-P', list, '-t', '16', '-f', '-I', '-s', String(port), '127.0.0.1'];
  try {
    const form = '/sign-in:name=^USER^&password=^PASS^:S=Welcome';
    const run = await runTool('hydra', [...args, 'http-post-form', form], folder, 60_000);
    return { found: FOUND.exec(run.out)?.[1]?.trim(), checked, run };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe.skipIf(!isThere)('A24: hydra with a list in which the right password stands late', () => {
  let server: Running;
  beforeAll(async () => {
    server = await start({ dir: temporaryFolder(), config: { trustProxy: ['loopback'], identity: {} } });
  });
  afterAll(cleanUp);

  it('finds it where nothing slows it', async () => {
    const { found, checked } = await guess(async (password) => password === RIGHT);
    expect(found).toBe(RIGHT);
    expect(checked).toBeGreaterThan(WRONG);
  });

  it('does not find it here, and the owner still signs in from where they were', async () => {
    const { email } = await signUp(server, undefined, RIGHT, { address: OWNER });
    const owner = new Visitor(server.port, { address: OWNER });
    expect((await signIn(owner, email, RIGHT)).status).toBe(200);
    await owner.post('/auth/sign-out');
    const statuses = new Map<number, number>();
    const { found, checked } = await guess(async (password) => {
      const attacker = new Visitor(server.port, { address: ATTACKER });
      const { status } = await signIn(attacker, email, password);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      return status === 200;
    });
    expect(found).toBeUndefined();
    expect(checked).toBeGreaterThan(WRONG);
    expect(statuses.has(200)).toBe(false);
    expect((await signIn(owner, email, RIGHT)).status).toBe(200);
  });
});
