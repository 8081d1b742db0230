import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SqlStore } from '../ports/sql.ts';
import { openEmbedded } from '../stores/postgres/embedded.ts';

const MODULES = new URL('../../node_modules/', import.meta.url);

/**
 * An empty database in memory for one test file: an embedded PostgreSQL, started from a template that the first test run
 * leaves in node_modules/.cache. `close` it in `afterAll`.
 */
export function memoryDatabase(): Promise<SqlStore> {
  const text = readFileSync(new URL('@electric-sql/pglite/package.json', MODULES), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  const cache = new URL('.cache/rampart/', MODULES);
  mkdirSync(cache, { recursive: true });
  const template = fileURLToPath(new URL(`pglite-${version}.tar.gz`, cache));
  return openEmbedded({ dir: ':memory:', template });
}
