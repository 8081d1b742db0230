import { createHash } from 'node:crypto';
import { parseSync } from 'oxc-parser';
import type { Source } from './sources.ts';

/** A regular expression of the house. */
export interface Pattern {
  readonly path: string;
  readonly source: string;
  readonly flags: string;
}

/** What a file says of regular expressions: its literals, and the texts of what it builds while it runs. */
export interface Patterns {
  readonly literals: readonly Pattern[];
  readonly built: readonly string[];
}

interface Node {
  readonly type?: string;
  readonly start?: number;
  readonly end?: number;
  readonly regex?: { readonly pattern: string; readonly flags: string };
  readonly callee?: { readonly name?: string };
}

/** Collects the regular expressions of a file. */
export function patternsOf({ path, text }: Source): Patterns {
  const literals: Pattern[] = [];
  const built: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const node = value as Node;
    if (node.regex !== undefined)
      literals.push({ path, source: node.regex.pattern, flags: node.regex.flags });
    const builds = node.type === 'NewExpression' || node.type === 'CallExpression';
    if (builds && node.callee?.name === 'RegExp') built.push(text.slice(node.start, node.end));
    for (const child of Object.values(value)) visit(child);
  };
  visit(parseSync(path, text).program);
  return { literals, built };
}

/** By what a proof is known: the expression and the version of the prover. */
export function proofOf({ source, flags }: Omit<Pattern, 'path'>, version: string): string {
  return createHash('sha256').update(`${version} /${source}/${flags}`).digest('base64url').slice(0, 16);
}
