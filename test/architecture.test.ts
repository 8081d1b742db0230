import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { circles, consoleViolations, doorViolations, floorViolations, placeOf } from './house/floors.ts';
import {
  functionLengths,
  lineCount,
  percentile,
  silencedChecks,
  undocumentedExports,
  undocumentedOptions,
} from './house/habits.ts';
import { parse } from './house/parse.ts';
import { isTest, readSources, ROOT } from './house/sources.ts';

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};
const packages = { dependencies: new Set(Object.keys(manifest.dependencies)) };
const files = readSources('src', /\.tsx?$/)
  .filter((source) => !isTest(source.path))
  .map(parse);
const consoleFiles = readSources('console/src', /\.tsx?$/).map(parse);

const planted = (path: string, text: string): readonly string[] =>
  floorViolations(parse({ path, text }), packages);

describe('the floors of the house', () => {
  it('were all looked at', () => {
    expect(files.length).toBeGreaterThan(35);
    const floors = new Set(files.map((file) => placeOf(file.path)?.floor));
    expect(floors).toContain('core');
    expect(floors).toContain('modules');
    expect(files.flatMap((file) => file.imports).length).toBeGreaterThan(100);
  });

  it('hold: nobody imports what stands above', () => {
    expect(files.flatMap((file) => floorViolations(file, packages))).toEqual([]);
  });

  it.each([
    ['core looks at nothing but itself', 'src/core/x.ts', `import type { A } from '../ports/sql.ts';`],
    ['core loads no package', 'src/core/x.ts', `import pino from 'pino';`],
    ['core loads no package later either', 'src/core/x.ts', `export const a = () => import('pino');`],
    ['ports know core alone', 'src/ports/x.ts', `import { a } from '../base/observe/index.ts';`],
    ['stores know no module', 'src/stores/redis/x.ts', `export * from '../../modules/limit/index.ts';`],
    ['base knows no store', 'src/base/database/x.ts', `import { a } from '../../stores/memory/x.ts';`],
    ['base enters base through the door', 'src/base/a/x.ts', `import { a } from '../b/inner.ts';`],
    [
      'modules enter base through the door',
      'src/modules/a/x.ts',
      `import { a } from '../../base/b/inner.ts';`,
    ],
    ['modules never import each other', 'src/modules/a/x.ts', `import type { B } from '../b/index.ts';`],
    ['modules know no store', 'src/modules/a/x.ts', `import { a } from '../../stores/memory/x.ts';`],
    ['adapters know no module', 'src/adapters/web/x.ts', `import { a } from '../../modules/limit/index.ts';`],
    ['adapters never import each other', 'src/adapters/web/x.ts', `import { a } from '../node/index.ts';`],
    ['adapters load no framework', 'src/adapters/express/x.ts', `import { Router } from 'express';`],
    ['an inline type still loads', 'src/adapters/express/x.ts', `import { type Express } from 'express';`],
    ['the server ships no test code', 'src/server/x.ts', `import { a } from '../testing/clock.ts';`],
    ['nothing outside src is shipped', 'src/server/x.ts', `import { a } from '../../bench/main.ts';`],
    ['tests are not imported', 'src/core/x.ts', `import { a } from './y.test.ts';`],
    ['nor what helps tests', 'src/modules/a/x.ts', `import { a } from './test-house.ts';`],
    ['development tools stay out', 'src/server/x.ts', `import { test } from 'vitest';`],
    ['builtins carry their prefix', 'src/server/x.ts', `import { a } from 'fs';`],
  ])('would be missed: %s', (_rule, path, text) => {
    expect(planted(path, text)).toHaveLength(1);
  });

  it.each([
    ['src/core/x.ts', `import { a } from './y.ts'; import { b } from 'node:crypto';`],
    ['src/stores/redis/x.ts', `import type { B } from 'redis'; export const a = () => import('redis');`],
    ['src/modules/a/x.ts', `import { a } from '../../base/b/index.ts'; import { b } from './y.ts';`],
    ['src/adapters/express/x.ts', `import type { Express } from 'express';`],
    ['src/server/x.ts', `import { Hono } from 'hono/tiny'; import { a } from '../modules/limit/index.ts';`],
    ['src/testing/suites/x.ts', `import { it } from 'vitest'; import type { A } from '../../ports/sql.ts';`],
  ])('let through what is allowed in %s', (path, text) => {
    expect(planted(path, text)).toEqual([]);
  });

  it('refuse a folder that the plan does not know', () => {
    expect(() => placeOf('src/helpers/x.ts')).toThrow(/no floor/);
  });
});

describe('circles', () => {
  it('are nowhere', () => {
    expect(circles(files)).toEqual([]);
  });

  it('would be found, and only where files load each other', () => {
    const a = parse({ path: 'src/core/a.ts', text: `import { b } from './b.ts';` });
    const b = parse({ path: 'src/core/b.ts', text: `export { c } from './c.ts';` });
    const c = parse({ path: 'src/core/c.ts', text: `import { a } from './a.ts';` });
    const typed = parse({ path: 'src/core/c.ts', text: `import type { a } from './a.ts';` });
    expect(circles([a, b, c])).toEqual(['src/core/a.ts → src/core/b.ts → src/core/c.ts → src/core/a.ts']);
    expect(circles([a, b, typed])).toEqual([]);
  });
});

describe('doors', () => {
  it('hand out names, and nothing is exported by default', () => {
    expect(files.flatMap(doorViolations)).toEqual([]);
  });

  it('would be caught handing out everything', () => {
    const door = (text: string): readonly string[] =>
      doorViolations(parse({ path: 'src/modules/a/index.ts', text }));
    expect(door(`export * from './b.ts';`)).toHaveLength(1);
    expect(door(`export default 1;`)).toHaveLength(1);
    expect(door(`export { b as default } from './b.ts';`)).toHaveLength(1);
    expect(door(`export { b } from './b.ts';`)).toEqual([]);
  });
});

describe('the console', () => {
  it('takes nothing but types from the server', () => {
    expect(consoleFiles.flatMap(consoleViolations)).toEqual([]);
  });

  it('would be caught loading the server', () => {
    const look = (text: string): readonly string[] =>
      consoleViolations(parse({ path: 'console/src/pages/x.ts', text }));
    expect(look(`import { TRAFFIC_CLASSES } from '../../../src/server/api/types.ts';`)).toHaveLength(1);
    expect(look(`import type { A } from '../../../src/core/events.ts';`)).toHaveLength(1);
    expect(
      look(`import type { A } from '../../../src/server/api/types.ts'; import x from './y.ts';`),
    ).toEqual([]);
  });
});

describe('habits of writing', () => {
  it('keep files short: nine of ten within 250 lines, none above 400', () => {
    const lengths = files.map(lineCount);
    expect(percentile(lengths, 0.9)).toBeLessThanOrEqual(250);
    expect(files.filter((file) => lineCount(file) > 400).map((file) => file.path)).toEqual([]);
  });

  it('measure length rightly', () => {
    expect(lineCount({ path: 'a', text: 'a\nb\n' })).toBe(2);
    expect(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 500], 0.9)).toBe(500);
    expect(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 500], 0.5)).toBe(6);
  });

  it('keep functions short: nine of ten within 30 lines', () => {
    const lengths = files.flatMap(functionLengths);
    expect(lengths.length).toBeGreaterThan(200);
    expect(percentile(lengths, 0.9)).toBeLessThanOrEqual(30);
  });

  it('measure functions with what they hold', () => {
    const text = `function a() {\n  const b = () => {\n    return 1;\n  };\n  const c = () => 2;\n}`;
    expect(functionLengths(parse({ path: 'x.ts', text }))).toEqual([6, 3]);
  });

  it('silence no check but one rule for one line, with its reason', () => {
    expect(files.flatMap(silencedChecks)).toEqual([]);
    const planted = `// @ts-ignore later\nconst a = 1; /* oxlint-disable no-eval */ const b = '@ts-ignore';`;
    expect(silencedChecks(parse({ path: 'x.ts', text: planted }))).toHaveLength(2);
    const bare = `// oxlint-disable-next-line no-eval\neval('1');`;
    expect(silencedChecks(parse({ path: 'x.ts', text: bare }))).toHaveLength(1);
    const explained = `// oxlint-disable-next-line no-eval -- the sandbox is what is tested\neval('1');`;
    expect(silencedChecks(parse({ path: 'x.ts', text: explained }))).toEqual([]);
  });

  it('explain every exported declaration', () => {
    expect(files.flatMap(undocumentedExports)).toEqual([]);
  });

  it('explain every member of the options of a module', () => {
    const options = files.filter((file) => /^src\/modules\/[^/]+\/options\.ts$/.test(file.path));
    expect(options.flatMap(undocumentedOptions)).toEqual([]);
    expect(options.length).toBeGreaterThan(0);
  });

  it('would catch an export without a word', () => {
    const look = (text: string): readonly string[] =>
      undocumentedExports(parse({ path: 'src/core/x.ts', text }));
    expect(look(`export function a(): void {}`)).toHaveLength(1);
    expect(look(`// a note\nexport const a = 1;`)).toHaveLength(1);
    expect(look(`/** About b. */\nconst b = 1;\nexport const a = b;`)).toHaveLength(1);
    expect(
      look(`/** Words. */\nexport const A = ['x'] as const;\nexport type B = (typeof A)[number];`),
    ).toEqual([]);
    expect(look(`/** Words. */\nexport const a = 1;\n\nexport const b = 2;`)).toHaveLength(1);
  });

  it('would catch an option without a word', () => {
    const text = `/** A. */\nexport interface A {\n  /** Told. */\n  readonly a: 1;\n  readonly b: 2;\n}`;
    expect(undocumentedOptions(parse({ path: 'x.ts', text }))).toEqual(['x.ts: b']);
  });
});
