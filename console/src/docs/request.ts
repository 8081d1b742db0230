import type { Operation } from './document.ts';

/** The address of a call: path parameters filled in, given query parameters appended. */
export function addressOf(operation: Operation, values: Readonly<Record<string, string>>): string {
  const path = operation.path.replaceAll(/\{([^}]+)\}/g, (_, name: string) =>
    encodeURIComponent(values[name] ?? `{${name}}`),
  );
  const query = new URLSearchParams();
  for (const { name, in: place, schema } of operation.parameters) {
    const value = values[name];
    if (place !== 'query' || value === undefined || value === '') continue;
    const isList = schema?.type === 'array';
    for (const one of isList ? value.split(',') : [value]) query.append(name, one.trim());
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** The same call for a shell. Single quotes are closed, escaped and opened again. */
export function curlOf(origin: string, operation: Operation, address: string, body: string): string {
  const quote = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;
  const lines = [
    `curl ${operation.method === 'GET' ? '' : `-X ${operation.method} `}${quote(origin + address)}`,
  ];
  if (body !== '') lines.push(`-H 'content-type: application/json'`, `-d ${quote(body)}`);
  return lines.join(' \\\n  ');
}

/** What came back. */
export interface Outcome {
  readonly status: number;
  readonly statusText: string;
  readonly durationMs: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly text: string;
}

const MAX_TEXT = 200_000;

/**
 * Makes the call with the cookies of this browser; writes carry the console's anti-forgery token where there is a session.
 * @throws TypeError when no answer came
 */
export async function send(
  operation: Operation,
  address: string,
  body: string,
  bearer: string,
): Promise<Outcome> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== '') headers['content-type'] = 'application/json';
  const isWrite = operation.method !== 'GET' && operation.method !== 'HEAD';
  if (bearer !== '') headers['authorization'] = `Bearer ${bearer}`;
  else if (isWrite && operation.isProtected) {
    const session = await fetch('/admin/session');
    if (session.ok) headers['x-rampart-csrf'] = ((await session.json()) as { csrfToken: string }).csrfToken;
  }
  const startMs = performance.now();
  const response = await fetch(address, {
    method: operation.method,
    headers,
    ...(body === '' || !isWrite ? {} : { body }),
  });
  const text = await response.text();
  return {
    status: response.status,
    statusText: response.statusText,
    durationMs: performance.now() - startMs,
    headers: [...response.headers],
    text: pretty(text).slice(0, MAX_TEXT),
  };
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
