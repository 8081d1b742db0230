import { PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, Kysely, sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { EventFields, EventType } from '../../../core/events.ts';
import type { SqlRunner, SqlStore } from '../../../ports/sql.ts';
import { SqlInjectionError } from './errors.ts';
import { sqlGuard, type SqlGuard } from './guard.ts';
import { MAX_INPUTS, MAX_REQUEST_WORK, requestInputs, type RequestInputs, type WorkLeft } from './inputs.ts';
import type { SqlGuardOptions } from './options.ts';
import { inputScope, nodeSource, webSource } from './scope.ts';
import { SeenTexts } from './seen.ts';
import { guardKysely, guardPg, guardSql } from './wrap.ts';

const asked = (q: string, body?: unknown): RequestInputs =>
  requestInputs({ target: `/find?q=${encodeURIComponent(q)}`, rawHeaders: () => [], body: () => body });
const byName = (name: string): string => `SELECT id FROM users WHERE name = '${name}'`;
const ATTACK = "x' OR '1'='1";

interface Stand {
  readonly guard: SqlGuard;
  readonly events: { readonly type: EventType; readonly fields: EventFields | undefined }[];
  request: RequestInputs | undefined;
}

function stand(options: SqlGuardOptions = {}, request?: RequestInputs): Stand {
  const events: Stand['events'] = [];
  const own: Stand = {
    guard: sqlGuard(options, {
      inputs: () => own.request,
      events: { emit: (type, fields) => void events.push({ type, fields }) },
    }),
    events,
    request,
  };
  return own;
}
const refuses = (text: string, request: RequestInputs | undefined, options?: SqlGuardOptions): boolean => {
  try {
    stand(options, request).guard.check(text);
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(SqlInjectionError);
    return true;
  }
};

describe('the guard of statements', () => {
  it('refuses a statement that a value of the request has changed, and tells it without values', () => {
    const { guard, events } = stand({}, asked("x' OR secret = 'hush"));
    expect(() => guard.check(byName("x' OR secret = 'hush"))).toThrow(SqlInjectionError);
    expect(events).toEqual([
      {
        type: 'SQL_INJECTION_ATTEMPT',
        fields: {
          outcome: 'refused',
          details: {
            statement: 'SELECT id FROM users WHERE name = ? OR secret = ?',
            input: 'query q',
            mode: 'enforce',
          },
        },
      },
    ]);
  });

  it('answers 400 and says nothing of the statement', () => {
    const error = new SqlInjectionError();
    expect(error).toMatchObject({ status: 400, code: 'SQL_INJECTION_REFUSED', details: undefined });
    expect(error.message).not.toMatch(/sql/i);
  });

  it('in shadow mode only tells, and learns nothing from what it would have refused', () => {
    const own = stand({ mode: 'shadow' }, asked(ATTACK));
    own.guard.check(byName(ATTACK));
    own.guard.check(byName(ATTACK));
    expect(own.events.map(({ fields }) => fields?.details?.['mode'])).toEqual(['shadow', 'shadow']);
  });

  it('lets through what stays in its token', () => {
    expect(refuses(byName("O''Brien"), asked("O'Brien"))).toBe(false);
    expect(refuses(byName('anna; -- (really)'), asked('anna; -- (really)'))).toBe(false);
    expect(refuses("SELECT E'C:\\\\temp\\'s'", asked("C:\\temp's"))).toBe(false);
  });

  it('has nothing against parameters, whatever they hold', () => {
    expect(refuses('SELECT id FROM users WHERE name = $1', asked(ATTACK))).toBe(false);
  });

  it('never looks at a request for a statement that it knows', () => {
    let looked = 0;
    const own = stand({}, { list: () => (looked++, { inputs: [], complete: true }) });
    own.guard.check(byName('anna'));
    own.guard.check(byName('anna'));
    own.guard.check(byName("bob''s"));
    expect(looked).toBe(1);
  });

  it('knows a statement by its structure, so that honest code in a value is no alarm', () => {
    const own = stand();
    own.guard.check("SELECT * FROM users WHERE note = 'x'");
    const value = 'SELECT * FROM users WHERE note = ';
    own.request = asked(value);
    own.guard.check(`SELECT * FROM users WHERE note = '${value}'`);
    own.request = asked(ATTACK);
    expect(() => own.guard.check(`SELECT * FROM users WHERE note = '${ATTACK}'`)).toThrow(SqlInjectionError);
  });

  it('does not learn from a statement that something of the request may have shaped', () => {
    const own = stand({}, asked("padding that the application cuts off: '--"));
    own.guard.check("SELECT id FROM users WHERE name = 'a'-- AND active");
    own.request = asked("anna'--");
    expect(() => own.guard.check("SELECT id FROM users WHERE name = 'anna'-- AND active")).toThrow(
      SqlInjectionError,
    );
  });

  it('lets statements outside of requests through', () => {
    expect(refuses(byName(ATTACK), undefined)).toBe(false);
  });

  it('reads backslashes as the server was told', () => {
    const text = "SELECT 1 WHERE a = 'x\\' OR b = ' OR 1=1 --'";
    expect(refuses(text, asked(' OR 1=1 --'), { standardConformingStrings: false })).toBe(true);
    expect(refuses("SELECT 1 WHERE a = 'C:\\'", asked('C:\\'))).toBe(false);
  });

  it.each([
    ['-5', 'SELECT 1 WHERE a = -5'],
    ['u.name', 'SELECT 1 ORDER BY u.name'],
    ['name DESC NULLS LAST', 'SELECT 1 ORDER BY name DESC NULLS LAST'],
    ['id, u.name desc', 'SELECT 1 FROM u ORDER BY a, id, u.name desc LIMIT 1'],
    ['id,name', 'SELECT id,name FROM u'],
    ['1,2, 3', 'SELECT 1 FROM u WHERE id IN (1,2, 3)'],
    ['1,2', 'SELECT 1 FROM u WHERE id = ANY(ARRAY[1,2])'],
    [" 'x' ", "SELECT 1 WHERE a = 'x' "],
    ['1.5e-3', 'SELECT 1.5e-3'],
  ])('lets %s stand for one name or number, or a list of them where a list is', (value, text) => {
    expect(refuses(text, asked(value))).toBe(false);
  });

  it.each([
    ['-5', 'SELECT a--5 FROM t'],
    ['u, secrets', 'SELECT a FROM u, secrets'],
    ["'a', true", "INSERT INTO t VALUES ('a', true)"],
    ['1, 2', 'INSERT INTO t VALUES (1, 2)'],
    ['1) OR (1=1', 'SELECT 1 FROM u WHERE id IN (1) OR (1=1)'],
    ['name, pg_sleep(1)', 'SELECT 1 ORDER BY name, pg_sleep(1)'],
    ['0 union select a from b', 'SELECT 1 LIMIT 0 union select a from b'],
    ["anna' --", "SELECT 1 WHERE a = 'anna' --' AND b"],
    ['*/ DROP TABLE t --', '/* */ DROP TABLE t -- */ SELECT 1'],
    ['/*', '/* /* */ SELECT 1'],
    ['$$; DROP TABLE t; $$', 'SELECT $$$$; DROP TABLE t; $$$$'],
    ['a" FROM b --', 'SELECT "a" FROM b --" FROM c'],
  ])('refuses %s where it is more than that', (value, text) => {
    expect(refuses(text, asked(value))).toBe(true);
  });
});

describe('values of a request', () => {
  const found = (source: Parameters<typeof requestInputs>[0], text = byName(ATTACK)): boolean =>
    refuses(text, requestInputs(source));
  const formOf = (file: File): FormData => {
    const form = new FormData();
    form.append('file', file);
    return form;
  };
  const view = (text: string): DataView => {
    const bytes = new TextEncoder().encode(text);
    return new DataView(bytes.buffer);
  };
  const base64 = Buffer.from(ATTACK).toString('base64');
  const encoded = encodeURIComponent(ATTACK);

  it.each<[string, Parameters<typeof requestInputs>[0]]>([
    ['query', { target: `/?a=${encoded}`, rawHeaders: () => [] }],
    ['query, plus for blanks', { target: `/?a=${encoded.replaceAll('%20', '+')}`, rawHeaders: () => [] }],
    ['query, a name', { target: `/?${encoded}=1`, rawHeaders: () => [] }],
    ['query, percent twice', { target: `/?a=${encodeURIComponent(encoded)}`, rawHeaders: () => [] }],
    ['path', { target: `/users/${encoded}/x`, rawHeaders: () => [] }],
    ['header', { target: '/', rawHeaders: () => ['X-Tenant', ATTACK] }],
    ['cookie', { target: '/', rawHeaders: () => ['Cookie', `a=b; c=${encoded}`] }],
    ['body', { target: '/', rawHeaders: () => [], body: () => ({ a: [{ b: ATTACK }] }) }],
    ['body, a name', { target: '/', rawHeaders: () => [], body: () => ({ [ATTACK]: 1 }) }],
    ['body, a form', { target: '/', rawHeaders: () => [], body: () => new URLSearchParams({ a: ATTACK }) }],
    ['body, bytes', { target: '/', rawHeaders: () => [], body: () => Buffer.from(ATTACK) }],
    ['name of a file', { target: '/', rawHeaders: () => [], body: () => formOf(new File(['a'], ATTACK)) }],
    [
      'type of a file',
      { target: '/', rawHeaders: () => [], body: () => formOf(new File([], 'a', { type: ATTACK })) },
    ],
    ['body, other views of bytes', { target: '/', rawHeaders: () => [], body: () => view(ATTACK) }],
    ['body, text of a form', { target: '/', rawHeaders: () => [], body: () => `a=1&b=${encoded}` }],
    [
      'JSON in a parameter',
      { target: `/?f=${encodeURIComponent(JSON.stringify({ a: ATTACK }))}`, rawHeaders: () => [] },
    ],
    ['Base64', { target: `/?f=${encodeURIComponent(base64)}`, rawHeaders: () => [] }],
    [
      "a token's header",
      {
        target: '/',
        rawHeaders: () => [
          'Authorization',
          `Bearer ${Buffer.from(JSON.stringify({ alg: 'HS256', kid: ATTACK })).toString('base64url')}.e30.x`,
        ],
      },
    ],
  ])('are found in the %s', (_place, source) => {
    expect(found(source)).toBe(true);
    expect(found(source, byName('anna'))).toBe(false);
  });

  it('are found when a parameter comes twice and is joined', () => {
    const text = 'SELECT 1 WHERE a = 1/*,*/or 1=1';
    expect(found({ target: '/?a=1/*&a=*/or%201=1', rawHeaders: () => [] }, text)).toBe(true);
  });

  it('are read again when a body has been parsed since', () => {
    let body: unknown;
    const own = stand({}, requestInputs({ target: '/', rawHeaders: () => [], body: () => body }));
    own.guard.check('SELECT 1');
    body = { a: ATTACK };
    expect(() => own.guard.check(byName(ATTACK))).toThrow(SqlInjectionError);
  });

  it('have a ceiling, beyond which an unknown statement is refused', () => {
    const many = Array.from({ length: MAX_INPUTS + 10 }, (_, i) => `a-${i}`);
    const own = stand();
    own.guard.check('SELECT 1');
    own.request = asked('', many);
    own.guard.check('SELECT 2');
    expect(() => own.guard.check('SELECT 2 + 2')).toThrow(SqlInjectionError);
    expect(own.events[0]?.fields?.details?.['input']).toBe('too many values');
  });

  it('nested beyond measure do no harm', () => {
    let deep: unknown = ATTACK;
    for (let i = 0; i < 10_000; i++) deep = [deep];
    expect(refuses('SELECT 1', asked('', deep))).toBe(true);
  });

  it('are compared within one bound for all statements of a request, beyond which the unknown is refused', () => {
    const long = "x', ".repeat(1_000_000);
    const own = stand({}, asked('', long));
    const work = own.request?.work as WorkLeft;
    own.guard.check('SELECT 1');
    const first = MAX_REQUEST_WORK - work.characters;
    expect(first).toBeGreaterThan(long.length);
    expect(first).toBeLessThan(MAX_REQUEST_WORK);
    const sent = (): void => {
      for (let i = 0; i < 20; i++) own.guard.check(`SELECT ${'a, '.repeat(i)} b`);
    };
    expect(sent).toThrow(SqlInjectionError);
    const spent = work.characters;
    expect(() => own.guard.check('SELECT 1, a')).toThrow(SqlInjectionError);
    expect(work.characters).toBe(spent);
    own.guard.check('SELECT 2');
    own.request = asked('', 'x');
    own.guard.check('SELECT 1, a');
  });

  it('take from that bound whenever a body is read anew', () => {
    let body = '';
    const inputs = requestInputs({ target: '/', rawHeaders: () => [], body: () => body });
    for (let i = 0; i < 100; i++) {
      body = `${'x '.repeat(500_000)}${i}`;
      if (!inputs.list().complete) break;
    }
    expect(body.endsWith(' 99')).toBe(false);
    expect(inputs.list()).toEqual({ inputs: [], complete: false });
  });

  it('take bounded work, however they are made', () => {
    const text = `SELECT ${"'a',".repeat(10_000)} 1`;
    const pumps = ["'a',".repeat(200_000), "',".repeat(400_000), ' '.repeat(500_000), 'a, '.repeat(300_000)];
    for (const pump of pumps) {
      const startedMs = performance.now();
      stand({ mode: 'shadow' }, asked('', { pump })).guard.check(text);
      expect(performance.now() - startedMs).toBeLessThan(5_000);
    }
  });
});

describe('a scope', () => {
  it('carries a request through what is awaited, and keeps requests apart', async () => {
    const scope = inputScope();
    const guard = sqlGuard({}, { inputs: scope.current });
    const answer = (q: string): Promise<string> =>
      scope.run(nodeSource({ url: `/?q=${encodeURIComponent(q)}`, rawHeaders: [] }), async () => {
        await new Promise(setImmediate);
        try {
          guard.check(`SELECT 1 WHERE a = '${ATTACK}'`);
          return 'sent';
        } catch {
          return 'refused';
        }
      });
    expect(await Promise.all([answer(ATTACK), answer('anna')])).toEqual(['refused', 'sent']);
    expect(scope.current()).toBeUndefined();
  });

  it('reads requests of the Fetch standard', () => {
    const request = new Request(`https://a.example/x?q=${encodeURIComponent(ATTACK)}`);
    expect(refuses(byName(ATTACK), requestInputs(webSource(request)))).toBe(true);
    const posted = webSource(new Request('https://a.example/'), () => ({ q: ATTACK }));
    expect(refuses(byName(ATTACK), requestInputs(posted))).toBe(true);
  });
});

describe('what stands before a database', () => {
  const { guard } = stand({}, asked(ATTACK));
  const sent: string[] = [];
  const runner: SqlRunner = {
    async query(text) {
      sent.push(text);
      return { rows: [], affected: 0 };
    },
  };

  it('guards a store and its transactions', async () => {
    const store = guardSql(
      { ...runner, kind: 'embedded', transaction: (work) => work(runner) } as SqlStore,
      guard,
    );
    await expect(store.query(byName(ATTACK))).rejects.toThrow(SqlInjectionError);
    await expect(store.transaction((tx) => tx.query(byName(ATTACK)))).rejects.toThrow(SqlInjectionError);
    await store.query('SELECT 1 AS store');
    expect(sent).toEqual(['SELECT 1 AS store']);
  });

  it('guards a pool of pg, its clients, configurations, cursors and callbacks', async () => {
    const queries: unknown[] = [];
    class Client {
      readonly #own = 'client';
      query(query: unknown, done?: (error: unknown) => void): Promise<string> | undefined {
        queries.push(query);
        done?.(null);
        return done === undefined ? Promise.resolve(this.#own) : undefined;
      }
    }
    class Pool extends Client {
      connect(done?: (error: unknown, client: Client) => void): Promise<Client> | undefined {
        done?.(null, new Client());
        return done === undefined ? Promise.resolve(new Client()) : undefined;
      }
    }
    const pool = guardPg(new Pool(), guard);
    await expect(pool.query(byName(ATTACK))).rejects.toThrow(SqlInjectionError);
    await expect(pool.query({ text: byName(ATTACK), values: [] })).rejects.toThrow(SqlInjectionError);
    await expect(pool.query({ cursor: { text: byName(ATTACK) } })).rejects.toThrow(SqlInjectionError);
    expect(await new Promise((resolve) => void pool.query(byName(ATTACK), resolve))).toBeInstanceOf(
      SqlInjectionError,
    );
    const client = (await pool.connect()) as Client;
    await expect(client.query(byName(ATTACK))).rejects.toThrow(SqlInjectionError);
    const given = await new Promise<Client>((resolve) => void pool.connect((_error, one) => resolve(one)));
    await expect(given.query(byName(ATTACK))).rejects.toThrow(SqlInjectionError);
    expect(queries).toEqual([]);
    expect(await client.query('SELECT 1')).toBe('client');
  });

  it('guards a dialect of Kysely, which gets its own connections back', async () => {
    const released: unknown[] = [];
    const connection = {
      executeQuery: () => Promise.resolve({ rows: [] }),
      // eslint-disable-next-line require-yield
      async *streamQuery() {
        throw new Error('not used');
      },
    };
    const dialect = guardKysely(
      {
        createAdapter: () => new PostgresAdapter(),
        createIntrospector: (db) => new PostgresIntrospector(db),
        createQueryCompiler: () => new PostgresQueryCompiler(),
        createDriver: () => ({
          init: async () => undefined,
          acquireConnection: async () => connection,
          beginTransaction: async () => undefined,
          commitTransaction: async () => undefined,
          rollbackTransaction: async () => undefined,
          releaseConnection: async (own) => void released.push(own),
          destroy: async () => undefined,
        }),
      },
      guard,
    );
    const db = new Kysely<Record<string, never>>({ dialect });
    await expect(sql.raw(byName(ATTACK)).execute(db)).rejects.toThrow(SqlInjectionError);
    await sql`SELECT ${ATTACK}`.execute(db);
    expect(released).toEqual([connection, connection]);
  });
});

describe('texts that were seen', () => {
  it('never are more than two generations', () => {
    const seen = new SeenTexts({ maxTexts: 100, maxCharacters: 10_000 });
    for (let i = 0; i < 10_000; i++) seen.add(`statement ${i}`);
    expect(seen.size).toBeLessThanOrEqual(200);
    seen.add('x'.repeat(5_000));
    expect(seen.has('x'.repeat(5_000))).toBe(false);
  });

  it('stay as long as they are asked for', () => {
    const seen = new SeenTexts({ maxTexts: 100, maxCharacters: 10_000 });
    seen.add('kept');
    for (let i = 0; i < 1_000; i++) {
      seen.add(`passing ${i}`);
      expect(seen.has('kept')).toBe(true);
    }
    expect(seen.has('passing 1')).toBe(false);
  });
});
