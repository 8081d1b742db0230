import type { Framework } from './project.ts';
import { importsOf, isNode, nameOf, type Node, required, textOf, type Tree, walk } from './tree.ts';

/** The place where a file makes its application. */
export interface Application {
  readonly framework: Framework;
  /** Its variable, such as `app`. */
  readonly name: string;
  /** The statement that makes it. */
  readonly statement: Node;
  /** The statements among which it stands. */
  readonly siblings: readonly Node[];
  /** The function that it is made in, or `undefined` at the top of the file. */
  readonly inside: Node | undefined;
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

/** Whether a file has Rampart already. */
export function hasRampart(tree: Tree): boolean {
  return importsOf(tree).some((source) => /^rampart\/(express|fastify|hono|node|web)$/.test(source));
}

/** Applications that a file makes. */
export function applicationsIn(tree: Tree): readonly Application[] {
  const makers = makersIn(tree);
  const found: Application[] = [];
  for (const top of tree.body) {
    walk(top, (node, above) => {
      if (node.type !== 'VariableDeclarator') return;
      const framework = madeBy(node['init'], makers);
      const name = nameOf(node['id']);
      if (framework === undefined || name === '') return;
      const place = placeOf(above, tree);
      if (place) found.push({ framework, name, ...place });
    });
  }
  return found;
}

/** Of several applications the one that is served or handed out; `undefined` when that is not clear. */
export function mainApplication(tree: Tree, all: readonly Application[]): Application | undefined {
  if (all.length < 2) return all[0];
  const served = all.filter(({ name }) => isServed(tree, name));
  return served.length === 1 ? served[0] : undefined;
}

/** Local names that make an application of a framework. */
function makersIn(tree: Tree): ReadonlyMap<string, Framework> {
  const makers = new Map<string, Framework>();
  const note = (local: string, source: string, imported: string): void => {
    if (source === 'express' && imported === 'default') makers.set(local, 'express');
    if (source === 'fastify' && ['default', 'fastify'].includes(imported)) makers.set(local, 'fastify');
    if (source === 'hono' && imported === 'Hono') makers.set(local, 'hono');
  };
  for (const statement of tree.body) {
    if (statement.type === 'ImportDeclaration') {
      for (const one of statement['specifiers'] as readonly Node[]) {
        const imported = one.type === 'ImportSpecifier' ? nameOf(one['imported']) : 'default';
        note(nameOf(one['local']), textOf(statement['source']), imported);
      }
    }
    if (statement.type === 'TSImportEqualsDeclaration') {
      const reference = statement['moduleReference'];
      const source = isNode(reference) ? textOf(reference['expression']) : '';
      note(nameOf(statement['id']), source, 'default');
    }
    if (statement.type === 'VariableDeclaration') {
      for (const one of statement['declarations'] as readonly Node[]) noteRequire(one, note);
    }
  }
  return makers;
}

function noteRequire(one: Node, note: (local: string, source: string, imported: string) => void): void {
  const source = required(one['init']);
  if (source === '') return;
  const id = one['id'];
  if (nameOf(id) !== '') note(nameOf(id), source, 'default');
  if (!isNode(id) || id.type !== 'ObjectPattern') return;
  for (const property of id['properties'] as readonly Node[])
    note(nameOf(property['value']), source, nameOf(property['key']));
}

/** The framework whose application an expression makes: `express()`, `require('fastify')({…})`, `new Hono()`. */
function madeBy(value: unknown, makers: ReadonlyMap<string, Framework>): Framework | undefined {
  if (!isNode(value)) return undefined;
  if (/^TS(As|Satisfies|NonNull)Expression$/.test(value.type)) return madeBy(value['expression'], makers);
  const framework = makers.get(nameOf(value['callee']));
  if (value.type === 'NewExpression') return framework === 'hono' ? framework : undefined;
  if (value.type !== 'CallExpression') return undefined;
  if (framework !== undefined && framework !== 'hono') return framework;
  const source = required(value['callee']);
  return source === 'express' || source === 'fastify' ? source : undefined;
}

function placeOf(
  above: readonly Node[],
  tree: Tree,
): Pick<Application, 'statement' | 'siblings' | 'inside'> | undefined {
  const at = above.findLastIndex((node) => node.type === 'VariableDeclaration');
  const declaration = above[at] as Node;
  const exported = above[at - 1]?.type === 'ExportNamedDeclaration';
  const statement = exported ? (above[at - 1] as Node) : declaration;
  const parent = above[exported ? at - 2 : at - 1];
  const inside = above.findLast((node) => FUNCTIONS.has(node.type));
  if (!parent) return { statement, siblings: tree.body, inside };
  return parent.type === 'BlockStatement'
    ? { statement, siblings: parent['body'] as readonly Node[], inside }
    : undefined;
}

/** `app.listen(…)`, `serve(app)`, `serve({ fetch: app.fetch })`, `export default app`, `module.exports = app`. */
function isServed(tree: Tree, name: string): boolean {
  let served = false;
  const is = (value: unknown): boolean => nameOf(value) === name;
  const look = (node: Node): void => {
    if (node.type === 'MemberExpression' && is(node['object']))
      served ||= ['listen', 'fetch'].includes(nameOf(node['property']));
    if (node.type === 'CallExpression' && nameOf(node['callee']) === 'serve')
      served ||= (node['arguments'] as readonly unknown[]).some(is);
    if (node.type === 'ExportDefaultDeclaration') served ||= is(node['declaration']);
    if (node.type === 'AssignmentExpression' && isNode(node['left']))
      served ||= is(node['right']) && nameOf(node['left']['property']) === 'exports';
  };
  for (const statement of tree.body) walk(statement, look);
  return served;
}

/** Statements beside the application that call a method of it, such as `app.get(…)`, with the method's name. */
export function callsOf({
  name,
  siblings,
}: Application): readonly { method: string; call: Node; statement: Node }[] {
  return siblings.flatMap((statement) => {
    const expression = statement.type === 'ExpressionStatement' ? statement['expression'] : undefined;
    const call =
      isNode(expression) && expression.type === 'AwaitExpression' ? expression['argument'] : expression;
    if (!isNode(call) || call.type !== 'CallExpression') return [];
    const method = outermostMethod(call, name);
    return method === undefined ? [] : [{ method, call, statement }];
  });
}

/** Of `app.route('/a').get(…).post(…)` it is `route`. */
function outermostMethod(call: Node, name: string): string | undefined {
  let at: unknown = call;
  while (isNode(at) && at.type === 'CallExpression') {
    const callee = at['callee'];
    if (!isNode(callee) || callee.type !== 'MemberExpression') return undefined;
    if (nameOf(callee['object']) === name) return nameOf(callee['property']);
    at = callee['object'];
  }
  return undefined;
}
