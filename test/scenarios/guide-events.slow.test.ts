import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineEvents } from '../../src/core/own-events.ts';
import { attach, type Attached } from '../../src/server/attach.ts';
import { type RampartConfig } from '../../src/server/config.ts';
import { openServer } from '../../src/stores/postgres/index.ts';
import type { SqlStore } from '../../src/ports/sql.ts';
import { postgresService, temporaryDatabase } from '../../src/testing/services.ts';

const GUIDE = new URL('../../docs/guide.md', import.meta.url);

/** The pieces of code of a chapter. */
function codeOf(chapter: string): readonly string[] {
  const text = readFileSync(GUIDE, 'utf8').split(`\n## ${chapter}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] as string);
}

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('events of your own, as the guide has them', () => {
  const [definition = '', use = ''] = codeOf('Events of your own');
  let database: Awaited<ReturnType<typeof temporaryDatabase>>;
  let sql: SqlStore;
  let guard: Attached;
  let shop: unknown;
  const dataDir = mkdtempSync(join(tmpdir(), 'rampart-guide-'));

  beforeAll(async () => {
    const code = definition
      .replace('export const shop', 'const shop')
      .replace('export default', 'const config =');
    const define = compileFunction(`${code}; return { shop, config };`, [
      'defineEvents',
      'defineRampart',
      'z',
    ]);
    const made = define(defineEvents, (config: RampartConfig) => config, z) as {
      shop: unknown;
      config: RampartConfig;
    };
    shop = made.shop;
    database = await temporaryDatabase(service.url as string);
    guard = await attach(made.config, { dataDir, databaseUrl: database.url, redisUrl: '' });
    sql = await openServer({ url: database.url });
    await sql.script(
      "CREATE TABLE orders (id text PRIMARY KEY, refunded boolean); INSERT INTO orders VALUES ('order:1', false)",
    );
  });
  afterAll(async () => {
    await guard?.close();
    await sql?.close();
    await database?.drop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const run = (code: string): Promise<void> =>
    compileFunction(`return (async () => { ${code} })();`, ['guard', 'shop', 'database', 'id', 'actor'])(
      guard,
      shop,
      sql,
      'order:1',
      'user:7',
    ) as Promise<void>;
  const kept = async () =>
    (
      await sql.query(`SELECT type, class, actor, subject, details FROM rampart.events
       WHERE type IN ('ORDER_REFUNDED', 'KITCHEN_CLOSED') ORDER BY type`)
    ).rows;
  const refund = {
    type: 'ORDER_REFUNDED',
    class: 'audit',
    actor: 'user:7',
    subject: 'order:1',
    details: { amountMinor: 500, currency: 'EUR' },
  };
  const refunded = async () => (await sql.query('SELECT refunded FROM orders')).rows[0]?.['refunded'];

  it('are emitted, and written in the transaction of their act', async () => {
    await run(use);
    const closed = { type: 'KITCHEN_CLOSED', class: 'signal', subject: 'kitchen:7', details: {} };
    await expect.poll(kept).toMatchObject([closed, refund]);
    expect(await refunded()).toBe(true);
  });

  it('are not without their act, nor the act without them', async () => {
    await sql.script('UPDATE orders SET refunded = false');
    const wrong = use.replace("currency: 'EUR'", "currency: 'euros'");
    expect(wrong).not.toBe(use);
    await expect(run(wrong)).rejects.toMatchObject({ code: 'EVENT_DETAILS_INVALID' });
    expect(await refunded()).toBe(false);
    await expect(run(use.replace('UPDATE orders', 'UPDATE nothing'))).rejects.toThrow(/nothing/);
    expect((await kept()).filter(({ type }) => type === 'ORDER_REFUNDED')).toHaveLength(1);
  });
});
