import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gate } from '../../src/core/gate.ts';
import { handlersAreWatched } from '../../src/core/handler-scope.ts';
import { PASS } from '../../src/core/index.ts';
import { type Database, openDatabase } from '../../src/doors/database.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { testHouse } from '../../src/testing/suites/adapter-house.ts';
import {
  startExpress,
  startFastify,
  startGenericHono,
  startHono,
  startNode,
  startWeb,
} from './careless-apps.ts';

const ATTACK = "x' OR '1'='1";
const ADAPTERS = [
  ['node', startNode],
  ['web', startWeb],
  ['express', startExpress],
  ['fastify', startFastify],
  ['hono', startHono],
  ['hono (Request and Response alone)', startGenericHono],
] as const;

/** A corridor in which every request has to wait, so that its body may be there before the handler. */
function waitingGate(): Gate {
  return testHouse([
    {
      name: 'slow',
      phase: 'admit',
      mode: 'enforce',
      onError: 'deny',
      check: () => new Promise((resolve) => setImmediate(() => resolve(PASS))),
    },
  ]).gate;
}

let database: Database;
beforeAll(async () => {
  expect(handlersAreWatched()).toBe(false);
  database = await openDatabase({ dir: ':memory:' }, { guard: true });
  expect(handlersAreWatched()).toBe(true);
  await database.script("CREATE TABLE people (name text); INSERT INTO people VALUES ('anna'), ('bob')");
});
afterAll(() => database.close());

describe.each(ADAPTERS)('statements in a handler behind the %s adapter', (_name, start) => {
  describe.each([
    ['at once', () => testHouse([]).gate],
    ['after a guard that waits', waitingGate],
  ])('entered %s', (_when, gate) => {
    let app: RunningApp;
    const sent: string[] = [];
    beforeAll(async () => {
      app = await start(gate(), async (name) => {
        const { rows } = await database.query(`SELECT name FROM people WHERE name = '${name}'`);
        sent.push(name);
        return rows.length;
      });
    });
    afterAll(() => app.close());

    const ask = async (
      name: string,
      how: 'query' | 'json' | 'form' = 'query',
      headers: Record<string, string> = {},
    ): Promise<readonly [number, string]> => {
      const url = `http://127.0.0.1:${app.port}/find`;
      const form = new FormData();
      form.set('name', name);
      const answer =
        how === 'query'
          ? await fetch(`${url}?name=${encodeURIComponent(name)}`)
          : await fetch(url, {
              method: 'POST',
              headers: how === 'json' ? { 'content-type': 'application/json', ...headers } : headers,
              body: how === 'json' ? JSON.stringify({ name }) : form,
            });
      return [answer.status, await answer.text()];
    };

    it('that the request has changed are refused with nothing else wired', async () => {
      for (const how of ['query', 'json'] as const) {
        const [status, body] = await ask(ATTACK, how);
        expect([how, status]).toEqual([how, 400]);
        expect(JSON.parse(body)).toMatchObject({ error: { code: 'SQL_INJECTION_REFUSED' } });
        expect(body).not.toContain('people');
      }
      expect(sent).toEqual([]);
    });

    it('that it has not changed are answered, also while attacks are under way', async () => {
      const asked = ['anna', ATTACK, 'bob', ATTACK, 'nobody', ATTACK].flatMap((name) =>
        (['query', 'json'] as const).map((how) => ask(name, how)),
      );
      const answers = (await Promise.all(asked)).map(([status, body]) => (status === 200 ? body : status));
      expect(answers).toEqual(['1', '1', 400, 400, '1', '1', 400, 400, '0', '0', 400, 400]);
    });

    if (/^(?:node|web|hono)/.test(_name)) {
      it('that a field of a form has changed are refused', async () => {
        expect((await ask(ATTACK, 'form'))[0]).toBe(400);
        expect(await ask('anna', 'form')).toEqual([200, '1']);
      });
    }
    if (_name === 'node') {
      it('are looked at whatever the type says, and however the body is read', async () => {
        expect((await ask(ATTACK, 'json', { 'content-type': 'image/png' }))[0]).toBe(400);
        expect((await ask(ATTACK, 'json', { 'x-read': 'iterate' }))[0]).toBe(400);
        expect(await ask('anna', 'json', { 'x-read': 'iterate' })).toEqual([200, '1']);
      });
    }
  });
});

describe('a job beside the requests', () => {
  it('is nobody’s handler: its statements pass', async () => {
    expect((await database.query(`SELECT 1 FROM people WHERE name = '${ATTACK}'`)).rows).toHaveLength(2);
  });
});
