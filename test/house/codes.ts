import { visitorKeys } from 'oxc-parser';
import type { Parsed } from './parse.ts';

/** A node of the syntax tree as the walk sees it. */
interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

const CODE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;
/** Codes of the platform, which are read and not given: ENOENT, ECONNRESET, ERR_… */
const PLATFORM = /^(E[A-Z0-9]+|ERR_[A-Z_]+)$/;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

function asCode(value: unknown): readonly string[] {
  if (!isNode(value)) return [];
  if (value.type === 'TSAsExpression') return asCode(value['expression']);
  if (value.type === 'ConditionalExpression')
    return [...asCode(value['consequent']), ...asCode(value['alternate'])];
  if (value.type === 'LogicalExpression') return [...asCode(value['left']), ...asCode(value['right'])];
  const text = value.type === 'Literal' ? value['value'] : undefined;
  return typeof text === 'string' && text.length > 2 && CODE.test(text) && !PLATFORM.test(text) ? [text] : [];
}

function nameOf(value: unknown): string {
  if (!isNode(value)) return '';
  if (value.type === 'Super') return 'super';
  const name = value['name'] ?? value['value'];
  return typeof name === 'string' ? name : '';
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Codes that one node gives: as a property, to an error's constructor, or in a table by status. */
function codesAt(node: Node): readonly string[] {
  switch (node.type) {
    case 'Property':
    case 'PropertyDefinition': {
      const { key, value } = node;
      // A table by HTTP status: `404: ['NOT_FOUND', 'There is nothing here.']`.
      if (
        isNode(key) &&
        typeof key['value'] === 'number' &&
        isNode(value) &&
        value.type === 'ArrayExpression'
      )
        return asCode(list(value['elements'])[0]);
      return /^(code|.*Code|.*_CODE)$/.test(nameOf(key)) ? asCode(value) : [];
    }
    case 'VariableDeclarator':
      return /(^code|Code|_CODE)$/.test(nameOf(node['id'])) ? asCode(node['init']) : [];
    case 'NewExpression':
      return /(?<!Options)Error$/.test(nameOf(node['callee'])) ? list(node['arguments']).flatMap(asCode) : [];
    case 'CallExpression':
      return /^(super|misfit|refus\w*|deny\w*|fail\w*)$/.test(nameOf(node['callee']))
        ? list(node['arguments']).flatMap(asCode)
        : [];
    default:
      return [];
  }
}

/** Whether a node is one line of a ValidationError's details: it names a field, or is a ready field's refusal. */
function isFieldLine(node: Node): boolean {
  if (node.type === 'CallExpression' && nameOf(node['callee']) === 'misfit') return true;
  const names = node.type === 'ObjectExpression' ? list(node['properties']) : [];
  return names.some((property) => isNode(property) && nameOf(property['key']) === 'field');
}

/**
 * Every error code that a file throws or answers with.
 * @param kind `error` for codes of errors and refusals, `field` for those of the fields in a ValidationError's details
 */
export function codesOf(file: Parsed, kind: 'error' | 'field' = 'error'): ReadonlySet<string> {
  const found = new Set<string>();
  const walk = (node: Node, inField: boolean): void => {
    const here = inField || isFieldLine(node);
    if (here === (kind === 'field')) for (const code of codesAt(node)) found.add(code);
    for (const key of visitorKeys[node.type] ?? []) {
      for (const child of [node[key]].flat()) if (isNode(child)) walk(child, here);
    }
  };
  walk(file.program as unknown as Node, false);
  return found;
}
