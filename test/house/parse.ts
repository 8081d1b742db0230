import { posix } from 'node:path';
import { type Comment, parseSync, type Program } from 'oxc-parser';
import type { Source } from './sources.ts';

/** One way in which a file names another. */
export interface ImportLine {
  /** As written. */
  readonly specifier: string;
  /** Path in the house for relative specifiers, else `undefined`. */
  readonly target: string | undefined;
  /**
   * `type` is gone when the program runs; `static` is loaded with the file; `dynamic` is `import()`. An inline
   * `import { type X }` counts as static, because under verbatimModuleSyntax the module is still loaded.
   */
  readonly kind: 'type' | 'static' | 'dynamic';
}

/** What the house rules look at in a file. */
export interface Parsed extends Source {
  readonly imports: readonly ImportLine[];
  readonly hasDefaultExport: boolean;
  readonly exportsAll: boolean;
  readonly program: Program;
  readonly comments: readonly Comment[];
}

/** The parser declares its kinds as an enum of which only the words exist. */
const isKind = (kind: string, word: string): boolean => kind === word;

/** `import type X`, `import type { X }`, but not a default import whose name is `type`. */
const TYPE_IMPORT = /^import\s+type\s+(?!from\s*['"])/;

/** @throws Error when the file is no TypeScript */
export function parse(source: Source): Parsed {
  const { path, text } = source;
  const result = parseSync(path, text);
  if (result.errors.length > 0) throw new Error(`${path}: ${result.errors[0]?.message}`);
  const { module, program, comments } = result;
  const imports: ImportLine[] = [];
  const add = (specifier: string, kind: ImportLine['kind']): void => {
    const relative = specifier.startsWith('.');
    const target = relative ? posix.normalize(posix.join(posix.dirname(path), specifier)) : undefined;
    imports.push({ specifier, target, kind });
  };
  for (const one of module.staticImports) {
    const statement = text.slice(one.start, one.end);
    add(one.moduleRequest.value, TYPE_IMPORT.test(statement) ? 'type' : 'static');
  }
  for (const one of module.staticExports) {
    const request = one.entries.find((entry) => entry.moduleRequest)?.moduleRequest;
    if (request)
      add(request.value, /^export\s+type\b/.test(text.slice(one.start, one.end)) ? 'type' : 'static');
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const written = text.slice(moduleRequest.start, moduleRequest.end);
    const literal = /^(['"`])([^'"`$]+)\1$/.exec(written);
    add(literal?.[2] ?? `(computed: ${written.slice(0, 60)})`, 'dynamic');
  }
  const entries = module.staticExports.flatMap((one) => one.entries);
  return {
    path,
    text,
    imports,
    hasDefaultExport: entries.some(
      ({ exportName }) => isKind(exportName.kind, 'Default') || exportName.name === 'default',
    ),
    exportsAll: entries.some(({ importName }) => isKind(importName.kind, 'AllButDefault')),
    program,
    comments,
  };
}
