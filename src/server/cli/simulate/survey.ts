import { filesOf } from './page-files.ts';
import type { Answer, Client } from './send.ts';

/** What the server has, asked before anybody starts. */
export interface Survey {
  /** Whether it has a route, such as `has('POST', '/sample/sign-in')`. */
  has(method: string, path: string): boolean;
  /** Pages for people that are there. */
  readonly pages: readonly string[];
  /** Paths that only read and need nobody signed in, for clients that read a lot. */
  readonly readable: readonly string[];
  /** Value of `Authorization` that speaks for the operator; undefined where the data folder of the server is not here. */
  readonly operator: string | undefined;
  /** Whether mails are kept, and can be read. */
  readonly hasMailbox: boolean;
  /** Addresses whose places the server knows, far apart from each other. */
  readonly places: readonly string[];
  /** Whether one actor can speak from many addresses. */
  readonly roams: boolean;
  /** What was found missing, a sentence each. */
  readonly notes: readonly string[];
}

const PAGES = ['/', '/console', '/docs', '/account'];
const READABLE = ['/openapi.json', '/.well-known/security.txt', '/livez'];

/**
 * @param operator value of `Authorization` that speaks for the operator
 * @param roaming addresses of known places, where one actor can speak from many
 * @returns the survey, or `undefined` when nobody answers
 */
export async function survey(
  client: Client,
  operator?: string,
  roaming?: readonly string[],
): Promise<Survey | undefined> {
  const answer = await client.send({
    path: '/openapi.json',
    headers: { accept: 'application/json', 'user-agent': 'rampart-simulate' },
  });
  if (answer.status === 0) return undefined;
  const paths = answer.status === 200 ? pathsOf(answer.text) : {};
  const notes: string[] = [];
  const pages: string[] = [];
  for (const path of await present(client, PAGES, 'text/html')) {
    const missing = await missingFiles(client, path);
    if (missing.length === 0) pages.push(path);
    else
      notes.push(`Not opened: ${path}; it leads to what is not there (${missing[0]}). Is the console built?`);
  }
  return {
    has: (method, path) => Object.hasOwn(paths[path] ?? {}, method.toLowerCase()),
    pages,
    notes,
    operator,
    places: roaming ?? [],
    roams: roaming !== undefined,
    hasMailbox: operator !== undefined && (await opens(client, '/admin/mailbox', operator)),
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

async function opens(client: Client, path: string, authorization: string): Promise<boolean> {
  const headers = { accept: 'application/json', 'user-agent': 'rampart-simulate', authorization };
  return (await client.send({ path, headers })).status === 200;
}

/** What a page leads to and names that is not there: its own fault, and no refusal of those who open it. */
async function missingFiles(client: Client, path: string): Promise<readonly string[]> {
  const headers = { 'user-agent': 'rampart-simulate' };
  const open = (at: string): Promise<Answer> =>
    client.send({ path: at, headers: { ...headers, accept: 'text/html' } });
  const page = await open(path);
  const { location } = page.headers;
  const isElsewhere = page.status >= 300 && typeof location === 'string' && /^\/(?![/\\])/.test(location);
  const shown = isElsewhere ? await open(location) : page;
  if (shown.status === 404) return [String(location ?? path)];
  const missing: string[] = [];
  for (const file of filesOf(shown.text)) {
    const { status } = await client.send({ path: file, headers: { ...headers, accept: '*/*' } });
    if (status === 404) missing.push(file);
  }
  return missing;
}

async function present(client: Client, paths: readonly string[], accept: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const { status } = await client.send({ path, headers: { accept, 'user-agent': 'rampart-simulate' } });
    if (status > 0 && status < 400) found.push(path);
  }
  return found;
}
