import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { importsOf, type Parse, type Tree } from './tree.ts';

/** What Rampart has a door for. */
export const FRAMEWORKS = ['express', 'fastify', 'hono'] as const;
export type Framework = (typeof FRAMEWORKS)[number];

/** The application's package.json, as far as it is read. */
export interface Package {
  readonly path: string;
  readonly text: string;
  readonly type: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly main: string;
}

/** A source file of the application. */
export interface SourceFile {
  /** Relative to the folder, with slashes. */
  readonly path: string;
  readonly absolute: string;
  readonly tree: Tree;
}

const ENDINGS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.tsx', '.jsx'];
const NAMES = ['index', 'server', 'app', 'main'];
const MAX_FILES = 60;
const MAX_FILE_BYTES = 1024 * 1024;

/** @returns the package, or a sentence that says why there is none */
export function readPackage(folder: string): Package | string {
  const path = join(folder, 'package.json');
  if (!existsSync(path))
    return `There is no package.json in ${folder}. Name the folder of the application: rampart init path/to/app`;
  const text = readFileSync(path, 'utf8');
  try {
    const given = JSON.parse(text) as Partial<Record<string, unknown>>;
    return {
      path,
      text,
      type: typeof given['type'] === 'string' ? given['type'] : 'commonjs',
      dependencies: texts(given['dependencies']),
      scripts: texts(given['scripts']),
      main: typeof given['main'] === 'string' ? given['main'] : '',
    };
  } catch {
    return `${path} is not valid JSON.`;
  }
}

function texts(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** Where the application may start, the likeliest first; absolute paths of files that are there. */
export function entriesOf(folder: string, { scripts, main }: Package): readonly string[] {
  const words = [scripts['start'], scripts['dev'], scripts['serve']].flatMap(
    (script) => script?.split(/\s+/) ?? [],
  );
  const named = [...words.filter((word) => /[./]/.test(word)), main].filter((word) => word !== '');
  // What is built comes from a source beside it.
  const sources = named.map((word) => word.replace(/^(\.\/)?(dist|build|out|lib)\//, 'src/'));
  const common = ['src', '.'].flatMap((place) => NAMES.map((name) => join(place, name)));
  const found = [...sources, ...named, ...common].flatMap((word) => {
    const path = fileFor(resolve(folder, word));
    return path !== undefined && isInside(folder, path) ? [path] : [];
  });
  return [...new Set(found)];
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !way.startsWith('..') && !way.split(sep).includes('node_modules');
}

/** The file behind a path that may lack its ending, or have the one that it will be built with. */
function fileFor(path: string): string | undefined {
  const bare = path.replace(/\.[cm]?jsx?$/, '');
  const tries = [
    path,
    ...(bare === path ? [] : ENDINGS.map((ending) => bare + ending)),
    ...ENDINGS.map((ending) => path + ending),
    ...ENDINGS.map((ending) => join(path, `index${ending}`)),
  ];
  return tries.find((one) => {
    const stat = statSync(one, { throwIfNoEntry: false });
    return stat?.isFile() === true && stat.size <= MAX_FILE_BYTES && !/\.(json|html|css|md)$/.test(one);
  });
}

/** Source files that can be reached from the entries, nearest first; 60 at most. */
export function reachable(folder: string, entries: readonly string[], parse: Parse): readonly SourceFile[] {
  const files: SourceFile[] = [];
  const queue = [...entries];
  const seen = new Set(queue);
  for (let at = 0; at < queue.length && files.length < MAX_FILES; at++) {
    const absolute = queue[at] as string;
    const tree = parse(absolute, readFileSync(absolute, 'utf8'));
    if (!tree) continue;
    files.push({ absolute, path: relative(folder, absolute).split(sep).join('/'), tree });
    for (const source of importsOf(tree)) {
      if (!source.startsWith('.')) continue;
      const next = fileFor(resolve(dirname(absolute), source));
      if (next === undefined || seen.has(next) || !isInside(folder, next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return files;
}
