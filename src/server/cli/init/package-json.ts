import type { Insertion } from './insertion.ts';
import type { Package } from './project.ts';
import { isNode, lineAt, type Node, type Parse, textOf } from './tree.ts';

/**
 * Adds a dependency by whole lines, where its name belongs in the alphabet or before the last one.
 * @returns `undefined` when the file is written so that it takes more than that
 */
export function addDependency(
  given: Package,
  name: string,
  range: string,
  parse: Parse,
): Insertion | undefined {
  const prefix = 'void ';
  const tree = parse('package.js', `${prefix}${given.text}`);
  const statement = tree?.body[0];
  const expression =
    statement && isNode(statement['expression']) ? statement['expression']['argument'] : undefined;
  if (!isNode(expression)) return undefined;
  const line = (offset: number): number => lineAt(given.text, offset - prefix.length);
  const properties = propertiesOf(expression);
  const step = stepOf(given.text);
  const entry = `${JSON.stringify(name)}: ${JSON.stringify(range)}`;
  const dependencies = properties.find((one) => textOf(one['key']) === 'dependencies');
  if (!dependencies) {
    const last = properties.at(-1);
    if (!last || !standsAlone(properties, line)) return undefined;
    const lines = [`${step}"dependencies": {`, `${step}${step}${entry}`, `${step}},`];
    return { afterLine: line(last.start), lines };
  }
  const value = dependencies['value'];
  const known = isNode(value) ? propertiesOf(value) : [];
  const last = known.at(-1);
  if (!last || !standsAlone(known, line) || line(known[0]?.start as number) === line(dependencies.start))
    return undefined;
  const next = known.find((one) => textOf(one['key']) > name) ?? last;
  return { afterLine: line(next.start), lines: [`${step}${step}${entry},`] };
}

function propertiesOf(node: Node): readonly Node[] {
  return node.type === 'ObjectExpression' ? (node['properties'] as readonly Node[]) : [];
}

function standsAlone(properties: readonly Node[], line: (offset: number) => number): boolean {
  return new Set(properties.map((one) => line(one.start))).size === properties.length;
}

/** How far the file indents a step. */
function stepOf(text: string): string {
  return /\n([ \t]+)"/.exec(text)?.[1] ?? '  ';
}
