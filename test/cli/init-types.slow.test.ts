import { spawnSync } from 'node:child_process';
import { symlinkSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { AppFolder } from './init-house.ts';

const ROOT = resolve(import.meta.dirname, '../..');
let folder: AppFolder;
afterEach(() => folder.remove());

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable'],
    module: 'nodenext',
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    types: ['node'],
    paths: { rampart: [join(ROOT, 'src/doors/index.ts')], 'rampart/*': [join(ROOT, 'src/doors/*.ts')] },
  },
  include: ['src'],
};

const MAKE = {
  express: ["import express from 'express';", 'express()', "app.get('/', (req, res) => void res.send('x'));"],
  fastify: ["import Fastify from 'fastify';", 'Fastify()', "app.get('/', () => 'x');"],
  hono: ["import { Hono } from 'hono';", 'new Hono()', "app.get('/', (c) => c.text('x'));"],
} as const;
const FRAMEWORKS = Object.keys(MAKE) as (keyof typeof MAKE)[];

it.each(
  FRAMEWORKS.flatMap((framework) => [
    [framework, 'at the top of a file'] as const,
    [framework, 'in a function that does not wait'] as const,
  ]),
)(
  'what init writes for %s is well typed %s',
  (framework, place) => {
    const [imports, made, route] = MAKE[framework];
    const source = place.startsWith('at')
      ? [imports, `export const app = ${made};`, route]
      : [imports, 'export function build() {', `  const app = ${made};`, `  ${route}`, '  return app;', '}'];
    folder = new AppFolder({
      'package.json': JSON.stringify(
        { type: 'module', scripts: { start: 'node src/index.ts' }, dependencies: { [framework]: '*' } },
        null,
        2,
      ),
      'src/index.ts': `${source.join('\n')}\n`,
      'tsconfig.json': JSON.stringify(TSCONFIG),
    });
    expect(folder.init('--yes').code).toBe(0);
    expect(folder.read('src/index.ts')).toContain('rampart(config)');
    mkdirSync(join(folder.path, 'node_modules'));
    for (const name of ['express', 'fastify', 'hono', '@types', '@hono'])
      symlinkSync(join(ROOT, 'node_modules', name), join(folder.path, 'node_modules', name));
    writeFileSync(join(folder.path, 'src/wrong.ts'), 'export const wrong: number = "text";\n');
    const { stdout } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder.path], {
      encoding: 'utf8',
    });
    const found = stdout
      .split('\n')
      .filter((line) => line.includes('/src/') && line.includes(basename(folder.path)));
    // The planted mistake proves that something was checked.
    expect(found).toMatchObject([expect.stringMatching(/wrong\.ts.*TS2322/)]);
  },
  60_000,
);
