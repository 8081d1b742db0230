import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';

const RECORDER = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
await import(process.argv[1]);
console.log(JSON.stringify(loaded));
`;

/** What a program loads that imports one file and nothing else, asked of a fresh Node.js. */
export interface Loaded {
  /** Packages from node_modules. */
  readonly packages: readonly string[];
  /** Files, packages' files included. */
  readonly files: number;
}

/** @param file absolute path of a TypeScript or JavaScript module */
export function whatLoads(file: string): Loaded {
  const output = execFileSync(
    process.execPath,
    ['--no-warnings', '--input-type=module', '--eval', RECORDER, pathToFileURL(file).href],
    { encoding: 'utf8', timeout: 20_000 },
  );
  const urls = JSON.parse(output.trim().split('\n').at(-1) ?? '[]') as string[];
  const packages = urls.flatMap((url) => {
    const inside = url.split('/node_modules/').at(-1);
    if (inside === undefined || inside === url) return [];
    return inside
      .split('/')
      .slice(0, inside.startsWith('@') ? 2 : 1)
      .join('/');
  });
  return { packages: [...new Set(packages)], files: urls.filter((url) => url.startsWith('file:')).length };
}
