import { Visitor } from 'oxc-parser';
import type { Parsed } from './parse.ts';
import type { Source } from './sources.ts';

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Whether a doc comment stands right before a place. */
function documented(file: Parsed, at: number): boolean {
  return file.comments.some(
    (comment) =>
      comment.type === 'Block' &&
      comment.value.startsWith('*') &&
      comment.end <= at &&
      /^\s*$/.test(file.text.slice(comment.end, at)),
  );
}

/** Right below the other: a one-line type that belongs to the documented list above it, or an overload. */
function directlyBelow(file: Parsed, above: Span, below: Span): boolean {
  return /^\r?\n?[ \t]*$/.test(file.text.slice(above.end, below.start));
}

/** Exported declarations that nobody explains, as `path: name`. */
export function undocumentedExports(file: Parsed): readonly string[] {
  const found: string[] = [];
  let above: Span | undefined;
  for (const node of file.program.body) {
    if (node.type !== 'ExportNamedDeclaration' || !node.declaration) {
      above = undefined;
      continue;
    }
    const fine = documented(file, node.start) || (above !== undefined && directlyBelow(file, above, node));
    if (!fine) found.push(`${file.path}: ${nameOf(file, node.declaration)}`);
    above = fine ? node : undefined;
  }
  return found;
}

function nameOf(file: Parsed, declaration: Span): string {
  const head = file.text.slice(declaration.start, declaration.end).split('\n')[0] ?? '';
  return head.slice(0, 60);
}

/** What options became once they were read is not for the user: `ResolvedLimitOptions`. */
const INNER = /^(Resolved|Parsed|Read|Compiled)/;

/** The members of a file's exported interfaces that a user fills in, with their places. */
function optionMembers(file: Parsed): readonly { readonly name: string; readonly start: number }[] {
  return file.program.body.flatMap((node) => {
    const declaration = node.type === 'ExportNamedDeclaration' ? node.declaration : undefined;
    if (declaration?.type !== 'TSInterfaceDeclaration' || INNER.test(declaration.id.name)) return [];
    return declaration.body.body.flatMap((member) => {
      if (member.type !== 'TSPropertySignature' && member.type !== 'TSMethodSignature') return [];
      return member.key.type === 'Identifier' ? [{ name: member.key.name, start: member.start }] : [];
    });
  });
}

/** Names of the options that a module's options.ts offers. */
export function publicOptions(file: Parsed): readonly string[] {
  return optionMembers(file).map((member) => member.name);
}

/** Options that say nothing of unit, default or bounds, as `path: name`. */
export function undocumentedOptions(file: Parsed): readonly string[] {
  return optionMembers(file)
    .filter((member) => !documented(file, member.start))
    .map((member) => `${file.path}: ${member.name}`);
}

/** Lines of every function of a file that has a body in braces, the outer ones with what they hold. */
export function functionLengths(file: Parsed): readonly number[] {
  const found: number[] = [];
  const measure = (node: { readonly body: Span | null }): void => {
    if (node.body === null || file.text[node.body.start] !== '{') return;
    found.push(file.text.slice(node.body.start, node.body.end).split('\n').length);
  };
  new Visitor({
    FunctionDeclaration: measure,
    FunctionExpression: measure,
    ArrowFunctionExpression: measure,
  }).visit(file.program);
  return found;
}

/** One rule, for one line, and why. */
const EXPLAINED = /^\s*oxlint-disable-next-line [\w/-]+ -- \S/;

/** Notes that silence a check without saying which and why, or that silence the compiler. */
export function silencedChecks(file: Parsed): readonly string[] {
  return file.comments
    .filter(({ value }) => /@ts-(ignore|expect-error|nocheck)|(oxlint|eslint)-disable/.test(value))
    .filter(({ value }) => !EXPLAINED.test(value))
    .map(({ value }) => `${file.path}: ${value.trim().slice(0, 60)}`);
}

/** Lines of a file. */
export function lineCount(source: Source): number {
  return source.text.split('\n').length - 1;
}

/** The value below which a share of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
