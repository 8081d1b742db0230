import { afterEach, describe, expect, it } from 'vitest';
import { FRESH_APPS } from './init-apps.ts';
import { AppFolder } from './init-house.ts';

/** Of each framework one; among the slow tests all. */
const SHOWN: readonly string[] = ['Express, import', 'Fastify, TypeScript', 'Hono on Node.js'];
const APPS = FRESH_APPS.filter(({ name }) => process.env['RAMPART_SLOW'] === '1' || SHOWN.includes(name));

let folder: AppFolder;
afterEach(() => folder.remove());

describe.each(APPS)('rampart init on $name', ({ files, start }) => {
  it('makes it an application that limits, sets headers and answers errors, by added lines alone', async () => {
    folder = new AppFolder(files);
    const { code, out, err } = folder.init('--yes');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^\+.*rampart\/(express|fastify|hono)/m);
    for (const [name, text] of Object.entries(files)) {
      const lines = folder.read(name).split('\n');
      // What was there is there, in its order.
      let at = 0;
      for (const line of lines) if (line === text.split('\n')[at]) at++;
      expect(at).toBe(text.split('\n').length);
    }
    folder.install();
    const app = await folder.start(start);
    try {
      const first = await fetch(app.url);
      expect([first.status, await first.text()]).toEqual([200, 'hello']);
      expect(first.headers.get('x-ratelimit-limit')).toBe('100');
      expect(first.headers.get('x-content-type-options')).toBe('nosniff');
      const failed = await fetch(`${app.url}/fail`);
      expect([failed.status, await failed.json()]).toMatchObject([
        500,
        { success: false, error: { code: 'INTERNAL_ERROR' } },
      ]);
      const statuses = await Promise.all(
        Array.from({ length: 110 }, () =>
          fetch(app.url).then(async (answer) => (await answer.text(), answer.status)),
        ),
      );
      expect(statuses).toContain(429);
      expect(statuses.filter((status) => status === 200)).toHaveLength(98);
    } finally {
      await app.stop();
    }
    const before = folder.all();
    const again = folder.init('--yes');
    expect([again.code, again.out]).toEqual([0, 'Rampart is already there: nothing to change.\n']);
    expect(folder.all()).toEqual(before);
  });
});
