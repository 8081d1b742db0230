import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { afterEach, expect, it } from 'vitest';
import { createLogger } from '../../src/base/observe/index.ts';
import { keepFeeds, lendDomains } from '../../src/server/feeds.ts';
import { ManualClock } from '../../src/testing/clock.ts';
import { listening } from '../adapters/apps.ts';
import { onEmbedded } from './databases.ts';
import { House } from './house.ts';

const PASSWORD = 'correct horse battery staple';

onEmbedded((stores) => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  it('a domain that a file of a feed names is refused at sign-up once the feed has come', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'rampart-disposable-'));
    closing.push(() => rmSync(dataDir, { recursive: true, force: true }));
    const from = join(dataDir, 'published.txt');
    writeFileSync(from, '# thrown away\ntrash.example\n');
    const clock = new ManualClock();
    const feeds = keepFeeds(
      { trash: { kind: 'disposable', from } },
      {
        dataDir,
        clock,
        timers: clock,
        events: { emit: () => undefined },
        log: createLogger({ level: 'silent', sink: { write: () => undefined } }),
      },
    );
    closing.push(() => feeds.close(), lendDomains(feeds));
    const answers = getRequestListener(new House(stores()).app.fetch);
    const app = await listening(createServer((request, response) => void answers(request, response)));
    closing.push(() => app.close());
    const register = async (email: string, name: string): Promise<readonly unknown[]> => {
      const answer = await fetch(`http://127.0.0.1:${app.port}/sample/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, name, password: PASSWORD }),
      });
      const { error } = (await answer.json()) as { error?: { details: readonly { code: string }[] } };
      return [answer.status, ...(error?.details.map(({ code }) => code) ?? [])];
    };

    expect(await register('ada@mail.trash.example', 'Ada Before')).toEqual([201]);
    await feeds.update('trash');
    expect(await register('ada@mail.trash.example', 'Ada After')).toEqual([400, 'EMAIL_DISPOSABLE']);
    expect(await register('ada@lovelace.example', 'Ada Honest')).toEqual([201]);
  });
});
