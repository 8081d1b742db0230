import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refusalOf } from '../../core/reply.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { openEmbedded, openServer } from '../../stores/postgres/index.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { postgresService, temporaryDatabase } from '../../testing/services.ts';
import { databaseFailure, withFailures } from './failures.ts';

const SECRET = 'hunter2';

function failures(open: () => Promise<{ store: SqlStore; remove(): Promise<void> }>): void {
  let store: SqlStore;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    const opened = await open();
    store = opened.store;
    remove = () => opened.remove();
    await store.script(`
      CREATE TABLE shops (id int PRIMARY KEY, name text UNIQUE);
      CREATE TABLE dishes (id int PRIMARY KEY, shop int NOT NULL REFERENCES shops, price int CHECK (price > 0), code varchar(3));
      INSERT INTO shops VALUES (1, '${SECRET}'); INSERT INTO dishes VALUES (1, 1, 5, 'a')`);
  });
  afterAll(() => remove?.());

  it.each([
    ['INSERT INTO shops VALUES (2, $1)', 400, 'VALIDATION_ERROR', [{ field: 'name', code: 'unique' }]],
    [
      'INSERT INTO dishes VALUES (2, 99, 1, left($1, 1))',
      400,
      'VALIDATION_ERROR',
      [{ field: 'shop', code: 'reference' }],
    ],
    ['DELETE FROM shops WHERE name = $1', 409, 'CONFLICT', undefined],
    [
      'INSERT INTO dishes VALUES (3, NULL, 1, left($1, 1))',
      400,
      'VALIDATION_ERROR',
      [{ field: 'shop', code: 'required' }],
    ],
    [
      'INSERT INTO dishes VALUES (4, 1, -1, left($1, 1))',
      400,
      'VALIDATION_ERROR',
      [{ field: '', code: 'check' }],
    ],
    ['INSERT INTO dishes VALUES (5, 1, 1, $1)', 400, 'VALIDATION_ERROR', [{ field: '', code: 'invalid' }]],
    ['SELECT $1::int', 400, 'VALIDATION_ERROR', [{ field: '', code: 'invalid' }]],
    ['SELECT secret_column FROM shops WHERE name = $1', 500, 'INTERNAL_ERROR', undefined],
    ['SELEC $1', 500, 'INTERNAL_ERROR', undefined],
  ])('%s answers %i %s', async (text, status, code, details) => {
    const failed = withFailures(() => store.query(text, [SECRET]));
    const error = await failed.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ status, code, ...(details === undefined ? {} : { details }) });
    // What reaches the caller holds neither the value nor the statement.
    const { refusal } = refusalOf(error, 'e1');
    expect(JSON.stringify(refusal)).not.toMatch(/hunter2|secret_column|shops|SELEC|_key|_fkey|_check/);
  });
}

describe('errors of the embedded database', () => {
  failures(async () => {
    const store = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
    return { store, remove: () => store.close() };
  });
});

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('errors of a server', () => {
  failures(async () => {
    const database = await temporaryDatabase(service.url as string);
    const store = await openServer({ url: database.url });
    const remove = async (): Promise<void> => {
      await store.close();
      await database.drop();
    };
    return { store, remove };
  });
});

describe('errors that pass', () => {
  it.each([
    ['40001', 'DATABASE_CONTENTION'],
    ['40P01', 'DATABASE_CONTENTION'],
    ['57014', 'DATABASE_TIMEOUT'],
    ['DATABASE_UNAVAILABLE', 'DATABASE_UNAVAILABLE'],
  ])('%s answers 503 and says when to come back', (sqlState, code) => {
    const failure = databaseFailure(Object.assign(new Error('x'), { code: sqlState }));
    expect(refusalOf(failure, 'e1').refusal).toMatchObject({
      status: 503,
      code,
      headers: ['retry-after', '1'],
    });
  });

  it('leaves alone what is no error of a database', () => {
    expect(databaseFailure(new Error('x'))).toBeUndefined();
    expect(databaseFailure(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))).toBeUndefined();
    expect(databaseFailure(undefined)).toBeUndefined();
  });
});
