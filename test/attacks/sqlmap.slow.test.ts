import express from 'express';
import { createServer } from 'node:http';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { guardExpress } from '../../src/adapters/express/index.ts';
import { guardPg, sqlGuard } from '../../src/doors/database.ts';
import { postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { listening } from '../adapters/apps.ts';
import { cleanUp, temporaryFolder } from '../scenarios/server.ts';
import { type ShieldHouse, shieldHouse } from './shield-house.ts';
import { hasTool, runTool } from './tools.ts';

const isThere = hasTool('sqlmap');
const postgres = await postgresService();
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
const FOUND = 'identified the following injection point';
const NOT_FOUND = 'all tested parameters do not appear to be injectable';
/** What this application means to send, whatever stands between the quotes. */
const MEANT = /^SELECT id, name FROM people WHERE (?:name = '(?:[^']|'')*'|id = [\d.]+)$/;

/** Bounded: the ways of sqlmap that need no long waits, and more of their variants than it tries by default. */
const USUAL = [
  '--batch --flush-session --disable-coloring --skip-waf --dbms=PostgreSQL --level=3 --risk=2 --technique=BEUS',
  '--time-sec=1 --threads=4 --timeout=10 --retries=0 --skip=user-agent,referer,host',
].flatMap((line) => line.split(' '));
/** How a request is made, and which tricks are tried on the way. */
const WAYS: readonly (readonly [name: string, path: string, more: readonly string[]])[] = [
  ['a text of the query', '/people?name=anna', []],
  ['a number of the query', '/people?id=1', []],
  ['a form', '/people', ['--data=name=anna']],
  ['JSON', '/people', ['--data={"name":"anna"}']],
  ['a text whose attacks are disguised', '/people?name=anna', ['--tamper=space2comment,randomcase,between']],
];

/** Requests that applications were sent so far. */
let arrived = 0;

/** Writes what it is sent into its statements, and shows what goes wrong. */
function carelessApp(house: ShieldHouse | undefined, pool: Pick<pg.Pool, 'query'>): Promise<RunningApp> {
  const app = express();
  app.use((_request, _response, next) => {
    arrived++;
    next();
  });
  if (house !== undefined) app.use(guardExpress(house.house));
  app.use(express.json(), express.urlencoded());
  app.all('/people', (request, response) => {
    const { name, id } = { ...request.query, ...(request.body as object | undefined) } as {
      name?: string;
      id?: string;
    };
    const condition = id === undefined ? `name = '${name}'` : `id = ${id}`;
    pool.query(`SELECT id, name FROM people WHERE ${condition}`).then(
      ({ rows }) => response.json(rows),
      (error: unknown) => response.status(500).send(String(error)),
    );
  });
  return listening(createServer(app));
}

describe.skipIf(!isThere || postgres.absent !== undefined)(
  'sqlmap against an application that asks for it',
  () => {
    let database: Awaited<ReturnType<typeof temporaryDatabase>>;
    let pool: pg.Pool;
    const sent: string[] = [];
    const counting = {
      query(text: string) {
        sent.push(text);
        return pool.query(text);
      },
    } as unknown as Pick<pg.Pool, 'query'>;

    beforeAll(async () => {
      database = await temporaryDatabase(postgres.url as string);
      pool = new pg.Pool({ connectionString: database.url, max: 8, statement_timeout: 5_000 });
      await pool.query(
        "CREATE TABLE people (id int, name text); INSERT INTO people VALUES (1, 'anna'), (2, 'bob')",
      );
    });
    afterAll(async () => {
      await pool.end();
      await database.drop();
      await cleanUp();
    });

    async function attack(app: RunningApp, path: string, more: readonly string[]): Promise<string> {
      const url = `http://127.0.0.1:${app.port}${path}`;
      const args = ['-u', url, `--user-agent=${FIREFOX}`, ...USUAL, '--output-dir=.', ...more];
      const { out } = await runTool('sqlmap', args, temporaryFolder(), 100_000);
      return out;
    }

    describe('alone', () => {
      it.each(WAYS)(
        'finds the injection in %s and reads the database',
        async (_name, path, more) => {
          const app = await carelessApp(undefined, counting);
          try {
            const out = await attack(app, path, [...more, '--banner']);
            expect(out).toContain(FOUND);
            expect(out).toMatch(/banner: 'PostgreSQL \d+/);
            expect(sent.some((text) => !MEANT.test(text))).toBe(true);
          } finally {
            await app.close();
          }
        },
        120_000,
      );
    });

    describe.each([
      ['inspection and the guard of statements', 'enforce'],
      ['the guard of statements alone', 'shadow'],
    ] as const)('behind %s', (_what, mode) => {
      let house: ShieldHouse;
      let app: RunningApp;
      beforeAll(async () => {
        // Only what looks into requests is asked here: not who sends how many of them.
        house = shieldHouse({ browser: false, shield: { inspection: { mode } } });
        app = await carelessApp(house, guardPg(counting, sqlGuard()));
      });
      afterAll(async () => {
        await app.close();
        await house.house.close();
      });

      it.each(WAYS)(
        'finds nothing in %s, and none of its statements is sent',
        async (_name, path, more) => {
          const answer = await fetch(`http://127.0.0.1:${app.port}/people?name=anna`, {
            headers: { 'user-agent': FIREFOX },
          });
          expect(await answer.json()).toEqual([{ id: 1, name: 'anna' }]);
          sent.length = 0;
          arrived = 0;
          const out = await attack(app, path, more);
          expect(out).toContain(NOT_FOUND);
          expect(arrived).toBeGreaterThan(100);
          expect(out).not.toContain(FOUND);
          expect(sent.filter((text) => !MEANT.test(text))).toEqual([]);
          expect(house.records.some(({ guard }) => guard === 'inspection')).toBe(mode === 'enforce');
        },
        120_000,
      );
    });
  },
);
