import type { Client } from './send.ts';

/** What the server has, asked before anybody starts. */
export interface Survey {
  /** Whether it has a route, such as `has('POST', '/sample/sign-in')`. */
  has(method: string, path: string): boolean;
  /** Pages for people that are there. */
  readonly pages: readonly string[];
  /** Paths that only read and need nobody signed in, for clients that read a lot. */
  readonly readable: readonly string[];
}

const PAGES = ['/', '/console', '/docs', '/account'];
const READABLE = ['/openapi.json', '/.well-known/security.txt', '/livez'];

/** @returns the survey, or `undefined` when nobody answers */
export async function survey(client: Client): Promise<Survey | undefined> {
  const answer = await client.send({
    path: '/openapi.json',
    headers: { accept: 'application/json', 'user-agent': 'rampart-simulate' },
  });
  if (answer.status === 0) return undefined;
  const paths = answer.status === 200 ? pathsOf(answer.text) : {};
  return {
    has: (method, path) => Object.hasOwn(paths[path] ?? {}, method.toLowerCase()),
    pages: await present(client, PAGES, 'text/html'),
    readable: await present(client, READABLE, '*/*'),
  };
}

function pathsOf(text: string): Readonly<Record<string, object>> {
  try {
    const { paths } = JSON.parse(text) as { paths?: Record<string, object> };
    return paths ?? {};
  } catch {
    return {};
  }
}

async function present(client: Client, paths: readonly string[], accept: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const { status } = await client.send({ path, headers: { accept, 'user-agent': 'rampart-simulate' } });
    if (status > 0 && status < 400) found.push(path);
  }
  return found;
}
