/** A node of the syntax tree (ESTree), read by its fields. */
export interface Node {
  readonly type: string;
  /** Offsets into the text, in UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A file that was parsed. */
export interface Tree {
  readonly text: string;
  readonly body: readonly Node[];
  /** Whether it is written with import and export. */
  readonly isModule: boolean;
}

/** Reads a file: the tree, or `undefined` when it is no JavaScript or TypeScript. */
export type Parse = (path: string, text: string) => Tree | undefined;

/**
 * Loads the parser, which nothing but `rampart init` needs.
 * @returns `undefined` when the package `oxc-parser` is not installed
 */
export async function openParser(): Promise<Parse | undefined> {
  const parser = await import('oxc-parser').catch(() => undefined);
  if (!parser) return undefined;
  return (path, text) => {
    const lang = /\.[cm]?tsx?$/.test(path) ? (path.endsWith('x') ? 'tsx' : 'ts') : 'jsx';
    const { program, errors, module } = parser.parseSync(path, text, { lang, sourceType: 'unambiguous' });
    if (errors.length > 0) return undefined;
    return { text, body: program.body as unknown as readonly Node[], isModule: module.hasModuleSyntax };
  };
}

/** Whether a value is a node. */
export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** The nodes right below a node. */
export function childrenOf(node: Node): readonly Node[] {
  return Object.values(node).flat().filter(isNode);
}

/** Calls `visit` for a node and everything below it, with the nodes above, outermost first. */
export function walk(
  node: Node,
  visit: (node: Node, above: readonly Node[]) => void,
  above: readonly Node[] = [],
): void {
  visit(node, above);
  const path = [...above, node];
  for (const child of childrenOf(node)) walk(child, visit, path);
}

/** The name of an identifier, else an empty text. */
export function nameOf(value: unknown): string {
  return isNode(value) && value.type === 'Identifier' ? String(value['name']) : '';
}

/** The text of a literal, else an empty text. */
export function textOf(value: unknown): string {
  return isNode(value) && value.type === 'Literal' && typeof value['value'] === 'string'
    ? value['value']
    : '';
}

/** What `require('…')` asks for, else an empty text. */
export function required(value: unknown): string {
  if (!isNode(value) || value.type !== 'CallExpression' || nameOf(value['callee']) !== 'require') return '';
  return textOf((value['arguments'] as readonly unknown[])[0]);
}

/** Modules that a file names in imports, requires and re-exports. */
export function importsOf(tree: Tree): readonly string[] {
  const found: string[] = [];
  for (const statement of tree.body) {
    walk(statement, (node) => {
      const source = textOf(node['source']) || required(node);
      if (source !== '') found.push(source);
    });
  }
  return found;
}

/** Every name that stands in a file. */
export function namesIn(tree: Tree): ReadonlySet<string> {
  const found = new Set<string>();
  for (const statement of tree.body) walk(statement, (node) => void found.add(nameOf(node)));
  return found;
}

/** How many line ends stand before an offset. */
export function lineAt(text: string, offset: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
