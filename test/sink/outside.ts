import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { requestInputs } from '../../src/base/database/sink/inputs.ts';

/** Values of a list that lies outside of the project. */
export interface OutsideList {
  readonly name: string;
  readonly attack: readonly string[];
  readonly honest: readonly string[];
}

/**
 * Reads lists where they lie: `*.jsonl.gz` of requests with `label` and `class`, a folder of sqlmap's payloads
 * (`data/xml`), or a text file with an attack per line.
 */
export function readLists(paths: readonly string[]): readonly OutsideList[] {
  return paths.filter((path) => path !== '' && existsSync(path)).flatMap(readList);
}

function readList(path: string): readonly OutsideList[] {
  if (statSync(path).isDirectory()) {
    if (existsSync(join(path, 'payloads'))) return [{ name: 'sqlmap', attack: sqlmap(path), honest: [] }];
    return readLists(
      readdirSync(path)
        .filter((file) => /\.(?:jsonl\.gz|txt)$/.test(file))
        .map((file) => join(path, file)),
    );
  }
  if (path.endsWith('.jsonl.gz')) return [requests(path)];
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  return [{ name: basename(path), attack: unique(lines), honest: [] }];
}

interface Recorded {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [string, string])[];
  readonly body?: string | null;
  readonly label: string;
  readonly class?: string;
}

function requests(path: string): OutsideList {
  const attack: string[] = [];
  const honest: string[] = [];
  for (const line of gunzipSync(readFileSync(path)).toString('utf8').split('\n')) {
    if (line === '') continue;
    const one = JSON.parse(line) as Recorded;
    const isAttack = one.label === 'attack';
    if (isAttack && !/sql/i.test(one.class ?? '')) continue;
    const { inputs } = requestInputs({
      target: one.path,
      rawHeaders: () => [],
      body: () => bodyOf(one.body ?? ''),
    }).list();
    (isAttack ? attack : honest).push(...inputs.map(({ value }) => value));
  }
  return { name: basename(path, '.jsonl.gz'), attack: unique(attack), honest: unique(honest) };
}

function bodyOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Payloads of sqlmap for PostgreSQL and for any database, between its boundaries, blanks in them filled in. */
function sqlmap(folder: string): readonly string[] {
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  const boundaries = [...read('boundaries.xml').matchAll(/<boundary>([\s\S]*?)<\/boundary>/g)].map(
    ([, inner]) => [element(inner as string, 'prefix'), element(inner as string, 'suffix')],
  );
  const pairs = [...new Map(boundaries.map((pair) => [pair.join('\0'), pair])).values()];
  const payloads = readdirSync(join(folder, 'payloads'))
    .flatMap((file) => [...read(join('payloads', file)).matchAll(/<test>([\s\S]*?)<\/test>/g)])
    .map(([, inner]) => inner as string)
    .filter((test) => !/<dbms>(?![^<]*PostgreSQL)/.test(test))
    .flatMap((test) => ['payload', 'comparison'].map((name) => element(test, name)))
    .filter((payload) => payload !== '');
  return unique(
    payloads.flatMap((payload, i) =>
      pairs
        .filter((_, j) => (i + j) % 4 === 0)
        .map(([prefix, suffix]) => filled(`1${prefix} ${payload} ${suffix}`)),
    ),
  );
}

function element(text: string, name: string): string {
  const found = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(text)?.[1] ?? '';
  return found
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll('&quot;', '"');
}

function filled(text: string): string {
  return text
    .replaceAll(/\[RANDNUM\d?\]|\[ORIGVALUE\]|\[GENERIC_SQL_COMMENT\]|\[SLEEPTIME\]|\[ORIGINAL\]/g, (word) =>
      word === '[GENERIC_SQL_COMMENT]' ? '-- ' : '4242',
    )
    .replaceAll(/\[[A-Z_]*STR\d?\]|\[DELIMITER_[A-Z]*\]/g, 'qzx')
    .replaceAll(/\[(?:INFERENCE|QUERY|RANDNUM.*?|[A-Z_]+)\]/g, '7=7');
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}
