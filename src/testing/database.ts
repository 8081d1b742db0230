import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MODULES = new URL('../../node_modules/', import.meta.url);

/**
 * Where the first test run leaves an empty embedded database, from which later ones start in a third of the time:
 * `openEmbedded({ dir: ':memory:', template: databaseTemplate() })`.
 */
export function databaseTemplate(): string {
  const text = readFileSync(new URL('@electric-sql/pglite/package.json', MODULES), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  const cache = new URL('.cache/rampart/', MODULES);
  mkdirSync(cache, { recursive: true });
  return fileURLToPath(new URL(`pglite-${version}.tar.gz`, cache));
}
