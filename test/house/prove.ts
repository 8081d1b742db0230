import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from 'recheck';
import { BOUNDED, BUILT, OWN_INPUT } from './bounded-patterns.ts';
import { type Pattern, patternsOf, proofOf } from './patterns.ts';
import { isTest, readSources, ROOT } from './sources.ts';

/** Where proofs are kept that cost minutes to find again. */
export const PROOFS = join(ROOT, 'test', 'house', 'proven-patterns.json');

/** Version of the prover: another one proves all anew. */
export const PROVER = (
  JSON.parse(readFileSync(join(ROOT, 'node_modules', 'recheck', 'package.json'), 'utf8')) as {
    version: string;
  }
).version;

/** Expressions as they stand in the sources, without those that read the input of their own user, each once. */
export function housePatterns(): readonly Pattern[] {
  const sources = readSources('src', /\.tsx?$/).filter(({ path }) => !isTest(path));
  const all = sources
    .filter(({ path }) => !OWN_INPUT.some((folder) => path.startsWith(folder)))
    .flatMap((source) => patternsOf(source).literals);
  const built = Object.entries(BUILT).flatMap(([path, list]) =>
    list.map(([source, flags]) => ({ path, source, flags })),
  );
  return [...new Map([...all, ...built].map((one) => [`/${one.source}/${one.flags}`, one])).values()];
}

/** Sites in the sources where expressions are built, counted by file. */
export function builtSites(): Readonly<Record<string, number>> {
  const counts = readSources('src', /\.tsx?$/)
    .filter(({ path }) => !isTest(path) && !OWN_INPUT.some((folder) => path.startsWith(folder)))
    .map((source) => [source.path, patternsOf(source).built.length] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** Whether the time of an expression is bounded by a reason that was written down. */
export function isBounded({ source, flags }: Pattern): boolean {
  return Object.hasOwn(BOUNDED, `/${source}/${flags}`);
}

/** Asks the prover; what it found, or null where the expression is safe. */
export async function fault({ path, source, flags }: Pattern): Promise<string | null> {
  const found = await check(source, flags, { timeout: 60_000 });
  if (found.status === 'safe') return null;
  const what = found.status === 'vulnerable' ? found.complexity.summary : `not proven: ${found.error.kind}`;
  return `${path}: /${source}/${flags} is ${what}; bound its input, or write it without an overlap`;
}

/** Proofs that were kept. */
export function keptProofs(): ReadonlySet<string> {
  return new Set(JSON.parse(readFileSync(PROOFS, 'utf8')) as string[]);
}

/** The proof of an expression, as it is kept. */
export function proof(pattern: Pattern): string {
  return proofOf(pattern, PROVER);
}
