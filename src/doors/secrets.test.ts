import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { postgresService, temporaryDatabase } from '../testing/services.ts';
import { openSecrets, type Secrets } from './secrets.ts';

const service = await postgresService();
const config = { encrypted: { 'app.customers': { key: 'id', columns: { email: {} } } } };

describe.skipIf(service.url === undefined)('secrets of an application', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rampart-secrets-'));
  let databaseUrl: string;
  let drop: () => Promise<void>;
  const opened: Secrets[] = [];
  const open = async (): Promise<Secrets> => {
    const secrets = await openSecrets(config, { databaseUrl, dataDir: folder });
    opened.push(secrets);
    return secrets;
  };

  beforeAll(async () => {
    const database = await temporaryDatabase(service.url as string);
    databaseUrl = database.url;
    drop = () => database.drop();
  });
  afterAll(async () => {
    await Promise.all(opened.map((one) => one.close()));
    await drop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are the same on every node', async () => {
    const [one, two] = [await open(), await open()];
    const stored = one.table('app.customers').encrypt({ id: 1, email: 'ada@example.org' });
    expect(stored.email).toMatch(/^rf1\.k1\./);
    expect(await two.table('app.customers').read([stored])).toEqual([{ id: 1, email: 'ada@example.org' }]);
    expect(two.signer('webhook').verify('a', one.signer('webhook').sign('a')).valid).toBe(true);
  });

  it('name a table that was not declared', async () => {
    const secrets = await open();
    expect(() => secrets.table('app.orders')).toThrow('encrypted.app.orders: is not declared');
  });

  it.each([
    [{ 'app.customers; DROP': { key: 'id', columns: { a: {} } } }, 'is not the name'],
    [{ 'app.customers': { key: 'id', columns: {} } }, 'at least one'],
    [{ 'app.customers': { key: 'id', columns: { 'a"b': {} } } }, 'is not the name'],
    [{ 'app.customers': { key: 'id', columns: { a: { type: 'text' } } } }, 'expected one of'],
    [{ 'app.customers': null }, 'expected key and columns'],
  ])('refuse a declaration that is none: %#', async (encrypted, words) => {
    await expect(openSecrets({ encrypted } as never, { databaseUrl, dataDir: folder })).rejects.toThrow(
      words,
    );
  });
});
