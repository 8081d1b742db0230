import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { insertLines, unifiedDiff } from '../../src/server/cli/init/insertion.ts';
import { type Plan, planFor as planWith } from '../../src/server/cli/init/plan.ts';
import { FRESH_APPS } from './init-apps.ts';
import { openParser } from '../../src/server/cli/init/tree.ts';
import { AppFolder } from './init-house.ts';

const parse = await openParser();
if (!parse) throw new Error('no parser');
const planFor = (path: string): Plan | string => planWith(path, parse);

let folder: AppFolder | undefined;
afterEach(() => folder?.remove());

const packageOf = (framework: string, more: object = {}): string =>
  JSON.stringify(
    { name: 'x', type: 'module', main: 'app.js', dependencies: { [framework]: '*' }, ...more },
    null,
    2,
  );

function plan(framework: string, text: string, more: object = {}): Plan {
  folder?.remove();
  folder = new AppFolder({ 'package.json': packageOf(framework, more), 'app.js': text });
  const made = planFor(folder.path);
  if (typeof made === 'string') throw new Error(made);
  return made;
}

/** What the entry file would become. */
function written(made: Plan): string {
  const change = made.changes.find(({ path }) => path === 'app.js');
  return change ? insertLines(change.text ?? '', change.insertions) : '';
}

const IMPORT = "import { Hono } from 'hono';\n";

describe('where the place is not clear', () => {
  it.each([
    [
      'several applications of which none is served',
      'hono',
      `${IMPORT}const a = new Hono();\nconst b = new Hono();\n`,
    ],
    [
      'routes chained to the application',
      'hono',
      `${IMPORT}const app = new Hono().get('/', (c) => c.text('x'));\n`,
    ],
    ['an application that a class makes', 'hono', `${IMPORT}class A { app = new Hono(); }\n`],
    [
      'a statement behind it on its line',
      'hono',
      `${IMPORT}const app = new Hono(); app.get('/', () => 0);\n`,
    ],
    [
      'several declarations at once, of which another is made later',
      'hono',
      `${IMPORT}if (x) var app = new Hono();\n`,
    ],
    ['no application at all', 'express', 'export const a = 1;\n'],
  ])('touches no source and gives the lines: %s', (_what, framework, text) => {
    const made = plan(framework, text);
    expect(written(made)).toBe('');
    expect(made.paste.join('\n')).toMatch(/from 'rampart\/(hono|express)'[^]*await rampart\(config\)/);
    expect(made.changes.map(({ path }) => path)).toEqual(['rampart.config.js', 'package.json']);
  });

  it('leaves the last line to a person when routes stand elsewhere', () => {
    const made = plan('express', "import express from 'express';\nexport const app = express();\n");
    expect(written(made)).toMatch(/app\.use\(guard\);/);
    expect(made.notes.join()).toMatch(/after the last one/);
    expect(made.paste).toEqual(['app.use(guard.errors);']);
  });
});

describe('what it finds', () => {
  it('takes the application that is served', () => {
    const text = `${IMPORT}const api = new Hono();\nconst app = new Hono();\napp.route('/api', api);\nexport default app;\n`;
    expect(written(plan('hono', text))).toMatch(
      /const app = new Hono\(\);\nconst guard = .*\napp\.use\(guard\)/,
    );
  });

  it('gives names that are free', () => {
    const text = `${IMPORT}const guard = 1, config = 2;\nfunction rampart() {}\nconst app = new Hono();\n`;
    expect(written(plan('hono', text))).toMatch(
      /import \{ rampart as composeRampart \}[^]*const rampartGuard = await composeRampart\(rampartConfig\);/,
    );
  });

  it('leaves handlers of the application their place', () => {
    const made = plan('hono', `${IMPORT}const app = new Hono();\napp.onError((e, c) => c.text('no'));\n`);
    expect(written(made)).not.toMatch(/guard\.onError/);
    expect(written(made)).toMatch(/guard\.notFound/);
    expect(made.notes).toHaveLength(1);
    const express = plan(
      'express',
      "import express from 'express';\nconst app = express();\napp.use((e, q, s, n) => s.end());\n",
    );
    expect(express.notes).toMatchObject([expect.stringMatching(/error handler of its own/)]);
  });

  it('puts the error handler behind routes that a function adds', () => {
    const text = "import express from 'express';\nconst app = express();\naddRoutes(app);\napp.listen(1);\n";
    expect(written(plan('express', text))).toMatch(
      /addRoutes\(app\);\napp\.use\(guard\.errors\);\napp\.listen/,
    );
  });

  it('keeps line ends, quotes and the lack of semicolons', () => {
    const text =
      'import { Hono } from "hono"\r\nconst app = new Hono()\r\napp.get("/", (c) => c.text("x"))\r\n';
    const after = written(plan('hono', text));
    expect(after.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(after).toMatch(/import \{ rampart \} from "rampart\/hono"\r\n/);
    expect(after).not.toContain(';');
  });

  it('says what to install when package.json is written on one line', () => {
    folder = new AppFolder({
      'package.json': '{"type":"module","dependencies":{"hono":"*"}}',
      'index.js': `${IMPORT}const app = new Hono();\n`,
    });
    const made = planFor(folder.path) as Plan;
    expect(made.notes).toMatchObject([expect.stringMatching(/npm install rampart@\^\d/)]);
    expect(made.changes.map(({ path }) => path)).toEqual(['index.js', 'rampart.config.js']);
  });

  it.each([[{ alpha: '1', hono: '1', zeta: '1' }], [{ alpha: '1', hono: '1' }], [{ hono: '1', zeta: '1' }]])(
    'leaves package.json valid and complete: %o',
    (dependencies) => {
      const made = plan('hono', `${IMPORT}const app = new Hono();\n`, { dependencies });
      const change = made.changes.find(({ path }) => path === 'package.json');
      const after = JSON.parse(insertLines(change?.text ?? '', change?.insertions ?? [])) as {
        dependencies: object;
      };
      expect(after.dependencies).toEqual({ ...dependencies, rampart: expect.stringMatching(/^\^\d/) });
    },
  );

  it('adds what is missing beside a guard that is there', () => {
    const made = plan('hono', "import { rampart } from 'rampart/hono';\n");
    expect(made.changes.map(({ path }) => path)).toEqual(['package.json']);
  });
});

describe('rampart init', () => {
  const [app] = FRESH_APPS;
  if (!app) throw new Error('no application');

  it.each([[[]], [['--dry-run']], [['--dry-run', '--yes']]])('writes nothing with %o', (options) => {
    folder = new AppFolder(app.files);
    const { code, out } = folder.init(...options);
    expect([code, folder.all()]).toEqual([0, app.files]);
    expect(out).toMatch(/Nothing was written/);
    expect(out).not.toContain('\u001b');
  });

  it('ends with 1 and a sentence where there is nothing to protect', () => {
    folder = new AppFolder({ 'package.json': '{ "dependencies": { "koa": "1" } }' });
    expect(folder.init('--yes')).toMatchObject({ code: 1, err: expect.stringMatching(/none of express/) });
    expect(existsSync(join(folder.path, 'rampart.config.mjs'))).toBe(false);
    expect(planFor(join(folder.path, 'nowhere'))).toMatch(/no package\.json/);
  });

  it.each(FRESH_APPS)('shows a diff that other tools apply alike: $name', ({ files }) => {
    folder = new AppFolder(files);
    const { changes } = planFor(folder.path) as Plan;
    const diff = changes.map(({ path, text, insertions }) => unifiedDiff(path, text, insertions)).join('');
    const { status, stderr } = spawnSync('git', ['apply', '-'], {
      cwd: folder.path,
      input: diff,
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
    for (const { path, text, insertions } of changes) {
      const expected = insertLines(text ?? '', insertions);
      expect(folder.read(path)).toBe(expected);
    }
  });
});
