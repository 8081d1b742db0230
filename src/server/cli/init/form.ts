import { dirname, relative } from 'node:path/posix';
import type { Application } from './application.ts';
import type { Package, SourceFile } from './project.ts';
import { importsOf, type Node, namesIn, type Tree } from './tree.ts';

/** How a file is written, so that what is added looks like it. */
export interface Form {
  /** With import, or with require. */
  readonly importing: 'import' | 'require';
  /** Whether `await` may stand where the application is made. */
  readonly awaits: boolean;
  /** Whether parameters need types where they cannot be derived. */
  readonly typed: boolean;
  readonly semicolon: ';' | '';
  readonly quote: "'" | '"';
  readonly indent: string;
  /** Module name of the configuration as this file must write it. */
  readonly configSource: string;
  /** Names that are still free in the file. */
  readonly names: { readonly rampart: string; readonly config: string; readonly guard: string };
}

/** Where the configuration goes, relative to the folder: beside a compiled source, else at the top. */
export function configPathOf(given: Package, entry: SourceFile, isTypeScript: boolean): string {
  if (!isTypeScript) return given.type === 'module' ? 'rampart.config.js' : 'rampart.config.mjs';
  // Outside the compiler's root it would not be built, or would move what is.
  return entry.path.startsWith('src/') ? 'src/rampart.config.ts' : 'rampart.config.ts';
}

/** Reads how a file is written. */
export function formOf(given: Package, file: SourceFile, application: Application, configPath: string): Form {
  const { tree, path } = file;
  const isEsm =
    tree.isModule && (given.type === 'module' || /\.mts$|\.mjs$/.test(path)) && !/\.c[jt]s$/.test(path);
  const { inside, statement } = application;
  const statementText = tree.text.slice(statement.start, statement.end);
  const names = namesIn(tree);
  const free = (...wanted: readonly string[]): string =>
    wanted.find((name) => !names.has(name)) ?? `${wanted[0]}_`;
  return {
    importing: tree.isModule ? 'import' : 'require',
    awaits: inside === undefined ? isEsm : inside['async'] === true,
    typed: /\.[cm]?tsx?$/.test(path),
    semicolon: statementText.endsWith(';') ? ';' : '',
    quote: quoteOf(tree),
    indent: indentOf(tree.text, statement),
    configSource: configSource(path, configPath, tree, given),
    names: {
      rampart: free('rampart', 'composeRampart'),
      config: free('config', 'rampartConfig'),
      guard: free('guard', 'rampartGuard'),
    },
  };
}

function quoteOf({ text }: Tree): "'" | '"' {
  return text.split('"').length > text.split("'").length ? '"' : "'";
}

function indentOf(text: string, statement: Node): string {
  const from = text.lastIndexOf('\n', statement.start - 1) + 1;
  return /^[ \t]*/.exec(text.slice(from, statement.start))?.[0] ?? '';
}

function configSource(path: string, configPath: string, tree: Tree, given: Package): string {
  const way = relative(dirname(path), configPath);
  const source = way.startsWith('.') ? way : `./${way}`;
  if (!source.endsWith('.ts')) return source;
  const bare = source.slice(0, -3);
  const others = importsOf(tree).filter((one) => one.startsWith('.'));
  const scripts = Object.values(given.scripts).join(' ');
  if (others.some((one) => one.endsWith('.ts')) || /\bnode (--\S+ )*\S+\.ts\b/.test(scripts)) return source;
  if (others.some((one) => /\.[cm]?js$/.test(one))) return `${bare}.js`;
  // CommonJS finds files without endings; ES modules on Node.js do not.
  return others.length > 0 || given.type !== 'module' ? bare : `${bare}.js`;
}
