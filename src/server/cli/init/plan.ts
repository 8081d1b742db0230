import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '../../version.ts';
import { type Application, applicationsIn, hasRampart, mainApplication } from './application.ts';
import { CONFIG_LINES } from './config-file.ts';
import { editFor } from './edit.ts';
import { configPathOf, type Form, formOf } from './form.ts';
import type { Insertion } from './insertion.ts';
import { linesFor } from './lines.ts';
import { addDependency } from './package-json.ts';
import {
  entriesOf,
  type Framework,
  FRAMEWORKS,
  type Package,
  reachable,
  readPackage,
  type SourceFile,
} from './project.ts';
import type { Parse } from './tree.ts';

/** A file that is changed or made. */
export interface Change {
  /** Relative to the folder. */
  readonly path: string;
  /** What it holds; `undefined` when it is new. */
  readonly text: string | undefined;
  readonly insertions: readonly Insertion[];
}

/** Everything that `rampart init` would do. */
export interface Plan {
  readonly framework: Framework;
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
  /** Lines to be put in by hand. */
  readonly paste: readonly string[];
}

/** @returns the plan, or a sentence that says why there is none */
export function planFor(folder: string, parse: Parse): Plan | string {
  const given = readPackage(folder);
  if (typeof given === 'string') return given;
  const present = FRAMEWORKS.find((name) => name in given.dependencies);
  if (present === undefined)
    return `package.json names none of ${FRAMEWORKS.join(', ')} among its dependencies. For node:http and others there are rampart/node and rampart/web.`;
  const files = reachable(folder, entriesOf(folder, given), parse);
  const [first] = files;
  if (!first)
    return 'No source file was found: name the one that starts the application in "main" or "scripts.start" of package.json.';
  const guarded = files.find((file) => hasRampart(file.tree) && !file.path.includes('rampart.config'));
  const found = guarded ? undefined : findApplication(files);
  const file = guarded ?? found?.file ?? first;
  const configPath = configPathOf(given, file, /\.[cm]?tsx?$/.test(file.path));
  const framework = found?.application?.framework ?? present;
  const dependency = packageChange(given, parse);
  const base = [...configChange(folder, configPath, guarded !== undefined), ...dependency.changes];
  if (guarded) return { framework, changes: base, notes: dependency.notes, paste: [] };
  if (!found?.application) return byHand(given, file, framework, configPath, base);
  const form = formOf(given, file, found.application, configPath);
  const edit = editFor(file, found.application, form);
  const change = { path: file.path, text: file.tree.text, insertions: edit.insertions };
  return {
    framework,
    changes: [...(edit.insertions.length > 0 ? [change] : []), ...base],
    notes: [...edit.notes, ...dependency.notes],
    paste: edit.paste,
  };
}

/** The nearest file that makes an application; none where it makes several and which counts is not clear. */
function findApplication(
  files: readonly SourceFile[],
): { file: SourceFile; application: Application | undefined } | undefined {
  for (const file of files) {
    const all = applicationsIn(file.tree);
    if (all.length > 0) return { file, application: mainApplication(file.tree, all) };
  }
  return undefined;
}

function configChange(folder: string, path: string, guarded: boolean): readonly Change[] {
  const there = ['', 'src/'].some((place) =>
    ['ts', 'js', 'mjs'].some((ending) => existsSync(join(folder, `${place}rampart.config.${ending}`))),
  );
  if (there || guarded) return [];
  return [{ path, text: undefined, insertions: [{ afterLine: 0, lines: CONFIG_LINES }] }];
}

function packageChange(
  given: Package,
  parse: Parse,
): { changes: readonly Change[]; notes: readonly string[] } {
  if ('rampart' in given.dependencies) return { changes: [], notes: [] };
  const insertion = addDependency(given, 'rampart', `^${VERSION}`, parse);
  if (!insertion)
    return { changes: [], notes: [`Add the dependency yourself: npm install rampart@^${VERSION}`] };
  return { changes: [{ path: 'package.json', text: given.text, insertions: [insertion] }], notes: [] };
}

/** Where the application's place is not clear, a person puts the lines in. */
function byHand(
  given: Package,
  file: SourceFile,
  framework: Framework,
  configPath: string,
  changes: readonly Change[],
): Plan {
  const isModule = file.tree.isModule;
  const form: Form = {
    importing: isModule ? 'import' : 'require',
    awaits: isModule && given.type === 'module',
    typed: false,
    semicolon: ';',
    quote: "'",
    indent: '',
    configSource: `./${configPath.replace(/^src\//, '').replace(/\.ts$/, '.js')}`,
    names: { rampart: 'rampart', config: 'config', guard: 'guard' },
  };
  const lines = linesFor(framework, 'app', form, { onError: false, notFound: false });
  return {
    framework,
    changes,
    notes: [
      `Where the application is made is not clear from ${file.path}. Put the imports at the top of that file, the guard right after the application is made (before its first route), and what handles errors after the last route:`,
    ],
    paste: [...lines.imports, ...lines.guard, ...lines.errors],
  };
}
