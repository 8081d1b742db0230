import { type Application, callsOf } from './application.ts';
import type { Form } from './form.ts';
import type { Insertion } from './insertion.ts';
import { type GuardLines, linesFor } from './lines.ts';
import type { SourceFile } from './project.ts';
import { isNode, lineAt, nameOf, type Node, required, type Tree } from './tree.ts';

/** What is done to the file that makes the application. */
export interface Edit {
  readonly insertions: readonly Insertion[];
  /** What a person should know or do besides, a sentence each. */
  readonly notes: readonly string[];
  /** Lines that a person must put there, because their place is not clear. */
  readonly paste: readonly string[];
}

const ROUTES = new Set([
  'use',
  'get',
  'post',
  'put',
  'patch',
  'delete',
  'all',
  'options',
  'head',
  'route',
  'param',
  'on',
  'mount',
]);
const SERVES = /^(listen|serve|createServer|createAdaptorServer)$/;

/** Works out which lines go where. */
export function editFor(file: SourceFile, application: Application, form: Form): Edit {
  const { tree } = file;
  const calls = callsOf(application);
  const own = {
    onError: calls.some(({ method }) => method === 'onError'),
    notFound: calls.some(({ method }) => method === 'notFound'),
  };
  const lines = linesFor(application.framework, application.name, form, own);
  const notes: string[] = [];
  if (application.framework === 'hono' && (own.onError || own.notFound))
    notes.push(
      'The application answers errors by itself; let it use guard.onError and guard.notFound where Rampart shall.',
    );
  const guardAt = lineAfter(tree, application.statement);
  const importsAt = importLine(tree, application, form);
  if (guardAt === undefined || importsAt === undefined)
    return { insertions: [], notes, paste: [...lines.imports, ...lines.guard, ...lines.errors] };
  const insertions = together([
    { afterLine: importsAt, lines: lines.imports },
    { afterLine: guardAt, lines: lines.guard },
  ]);
  if (lines.errors.length === 0) return { insertions, notes, paste: [] };
  return withErrors(tree, application, lines, { insertions, notes, paste: [] });
}

function withErrors(tree: Tree, application: Application, lines: GuardLines, edit: Edit): Edit {
  const routes = routeStatements(application);
  const last = routes.at(-1);
  const errorsAt = last && lineAfter(tree, last);
  if (errorsAt === undefined) {
    const note = 'No route stands beside the application: after the last one, wherever that is, put:';
    return { ...edit, notes: [...edit.notes, note], paste: lines.errors };
  }
  const answers = callsOf(application).some(({ call }) => isErrorHandler(call));
  const note = 'The application has an error handler of its own: it answers before guard.errors does.';
  return {
    insertions: [...edit.insertions, { afterLine: errorsAt, lines: lines.errors }],
    notes: answers ? [...edit.notes, note] : edit.notes,
    paste: [],
  };
}

function isErrorHandler(call: Node): boolean {
  return (call['arguments'] as readonly unknown[]).some(
    (one) => isNode(one) && Array.isArray(one['params']) && one['params'].length === 4,
  );
}

/** `app.get(…)` and the like, and calls that are handed the application: `addRoutes(app)`. */
function routeStatements(application: Application): readonly Node[] {
  const { siblings, statement, name } = application;
  const routed = new Set(
    callsOf(application)
      .filter(({ method }) => ROUTES.has(method))
      .map((one) => one.statement),
  );
  return siblings.filter((one) => one.start > statement.start && (routed.has(one) || isHanded(one, name)));
}

function isHanded(statement: Node, name: string): boolean {
  const expression = statement.type === 'ExpressionStatement' ? statement['expression'] : undefined;
  const call =
    isNode(expression) && expression.type === 'AwaitExpression' ? expression['argument'] : expression;
  if (!isNode(call) || call.type !== 'CallExpression') return false;
  const callee = call['callee'];
  const called = nameOf(callee) || (isNode(callee) ? nameOf(callee['property']) : '');
  const isPassed = (call['arguments'] as readonly unknown[]).some((one) => nameOf(one) === name);
  return isPassed && !SERVES.test(called);
}

/** The line after a statement, or `undefined` when something else stands behind it on its last line. */
function lineAfter({ text }: Tree, { end }: Node): number | undefined {
  const lineEnd = text.indexOf('\n', end);
  const rest = text.slice(end, lineEnd === -1 ? text.length : lineEnd);
  return /^[ \t]*;?[ \t]*(?:\/\/[^\n]*)?\r?$/.test(rest) ? lineAt(text, end) + 1 : undefined;
}

/** Where imports go: after the last of them, else before the first statement that is no directive. */
function importLine(tree: Tree, application: Application, form: Form): number | undefined {
  const { statement } = application;
  const before = tree.body.filter((one) => one.end <= statement.start && one !== statement);
  const last = before.findLast((one) =>
    form.importing === 'import' ? one.type === 'ImportDeclaration' : isRequire(one),
  );
  if (last) return lineAfter(tree, last);
  const first = tree.body.find((one) => typeof one['directive'] !== 'string');
  return first && lineAt(tree.text, first.start);
}

function isRequire(statement: Node): boolean {
  return (
    statement.type === 'VariableDeclaration' &&
    (statement['declarations'] as readonly Node[]).every((one) => required(one['init']) !== '')
  );
}

/** Insertions at the same place as one. */
function together(insertions: readonly [Insertion, Insertion]): readonly Insertion[] {
  const [first, second] = insertions;
  return first.afterLine === second.afterLine
    ? [{ afterLine: first.afterLine, lines: [...first.lines, ...second.lines] }]
    : insertions;
}
