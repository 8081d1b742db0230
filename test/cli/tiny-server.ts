import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { guardNode, onClientError } from '../../src/adapters/node/index.ts';
import { AppError, NotFoundError, ValidationError } from '../../src/core/index.ts';
import { limitRules, limits, type LimitsOptions } from '../../src/modules/limit/index.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { testHouse } from '../../src/testing/suites/adapter-house.ts';
import { listening } from '../adapters/apps.ts';

const PATHS = {
  '/sample/sign-in': { post: {} },
  '/sample/orders': { get: {}, post: {} },
  '/sample/orders/{id}': { get: {} },
};
const PAGE = '<!doctype html><script src="/app.js"></script><link rel="stylesheet" href="/app.css">';

/** A small protected server in the form of the sample application. */
export function startTinyServer(options: LimitsOptions): Promise<RunningApp> {
  const { gate } = testHouse(limits(options).guards, limitRules(options));
  const server = createServer(guardNode(gate)(answer));
  server.on('clientError', onClientError(gate));
  return listening(server);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? '').split('?')[0] ?? '';
  const body = await readBody(request);
  const json = (value: unknown): void => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(value));
  };
  if (path === '/openapi.json') return json({ paths: PATHS });
  if (path === '/' || path === '/app.js' || path === '/app.css') return void response.end(PAGE);
  if (path === '/sample/sign-in' && request.method === 'POST') {
    const name = nameIn(body);
    return json({ token: `t-${name}` });
  }
  if (path.startsWith('/sample/orders')) {
    if (!request.headers.authorization?.startsWith('Bearer t-'))
      throw new AppError('Sign in first.', 401, 'AUTHENTICATION_ERROR');
    return json({ id: 'ord_1', orders: [] });
  }
  throw new NotFoundError();
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of request.setEncoding('utf8') as AsyncIterable<string>) {
    text += piece;
    if (text.length > 10_000) throw new AppError('Too large.', 413, 'PAYLOAD_TOO_LARGE');
  }
  return text;
}

function nameIn(body: string): string {
  try {
    const name: unknown = (JSON.parse(body) as { name?: unknown }).name;
    if (typeof name === 'string' && name.length < 50) return name;
  } catch {
    // Said below.
  }
  throw new ValidationError();
}
