import { gateValue } from '../gate/gate.ts';
import type { ValueSink } from './sink.ts';

const QUOTE = 34;
const BACKSLASH = 92;

/**
 * Looks at the strings of a GraphQL document. What stands between them is grammar, which the application's parser refuses
 * when it is anything else.
 */
export function scanGraphql(text: string, name: string, sink: ValueSink): void {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // A comment ends with its line.
    if (code === 35) {
      const end = text.indexOf('\n', i);
      i = end < 0 ? text.length : end;
    } else if (code === QUOTE) i = scanString(text, i, name, sink);
  }
}

/** @returns where the string's last quote stands */
function scanString(text: string, at: number, name: string, sink: ValueSink): number {
  if (text.startsWith('"""', at)) {
    const end = text.indexOf('"""', at + 3);
    const to = end < 0 ? text.length : end;
    suspect(text.slice(at + 3, to), name, sink);
    return to + 2;
  }
  let to = at + 1;
  while (to < text.length && text.charCodeAt(to) !== QUOTE) to += text.charCodeAt(to) === BACKSLASH ? 2 : 1;
  suspect(unescaped(text.slice(at + 1, to)), name, sink);
  return to;
}

function suspect(value: string, name: string, sink: ValueSink): void {
  if (gateValue(value)) sink.suspect(value, 'graphql', name);
}

function unescaped(raw: string): string {
  if (!raw.includes('\\')) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return raw;
  }
}

/** Whether a request's path is one where GraphQL is served by custom. */
export function isGraphqlPath(target: string): boolean {
  const end = target.indexOf('?');
  const path = (end < 0 ? target : target.slice(0, end)).toLowerCase();
  return path.includes('/graphql') || path.includes('/gql');
}

/** Whether a text begins like a document of GraphQL, and not like JSON. */
export function looksLikeGraphql(text: string): boolean {
  const start = text.trimStart().slice(0, 40);
  return /^(?:query|mutation|subscription|fragment)[\s({@]/.test(start) || /^\{\s*[A-Za-z_.#]/.test(start);
}
