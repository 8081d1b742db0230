import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createLogger } from '../base/observe/index.ts';
import { openFoundation } from './foundation.ts';
import { watchOwnStatements } from './own-statements.ts';

it('a slow statement of the server’s own database is an event without values, and stands where others read it', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'rampart-own-'));
  const log = createLogger({ level: 'error', sink: { write: () => undefined } });
  const options = { dataDir, databaseUrl: undefined, redisUrl: undefined };
  const foundation = await openFoundation(options, log, { counted: '1ms', slow: '1ms' });
  try {
    const told: unknown[] = [];
    const events = { emit: (type: string, fields?: object) => void told.push({ type, ...fields }) };
    const { reporter, statements } = watchOwnStatements(foundation, events, log);
    await foundation.sql.query("SELECT count(*), 'hush' FROM generate_series(1, $1::int)", [400_000]);
    const statement = 'SELECT count(*), ? FROM generate_series(?::int)';
    const listed = statements.queries().statements.find(({ shape }) => shape.includes('generate_series'));
    expect(told).toContainEqual({
      type: 'DATABASE_QUERY_SLOW',
      subject: listed?.id,
      details: { durationMs: expect.any(Number) as number, statement: listed?.shape },
    });
    expect(listed?.shape).toBe(statement);
    expect(JSON.stringify(told)).not.toMatch(/hush|400000/);
    await reporter.stop();
    const kept = await foundation.stores.queryReports.find(foundation.node, 'rampart');
    expect(kept?.report.statements.map(({ id }) => id)).toContain(listed?.id);
  } finally {
    await foundation.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
});
