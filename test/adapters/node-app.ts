import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { contextOf, guardNode } from '../../src/adapters/node/index.ts';
import { CspNonce, NotFoundError } from '../../src/core/index.ts';
import { type Stage, type StartApp, thrown } from '../../src/testing/suites/adapter-app.ts';
import { countBytes, listening } from './apps.ts';

type Route = (request: IncomingMessage, response: ServerResponse, rest: string) => void | Promise<void>;

/** The suite's application on bare node:http. */
export const startNodeApp: StartApp = (gate, stage) => {
  const routes = routesOf(stage);
  const handler = (request: IncomingMessage, response: ServerResponse): void | Promise<void> => {
    const [, name = '', rest = ''] = (request.url ?? '').split(/[/?]/);
    const route = routes[name];
    if (route === undefined) throw new NotFoundError();
    stage.calls++;
    return route(request, response, rest);
  };
  return listening(createServer(guardNode(gate, { timers: stage.clock })(handler)));
};

function routesOf(stage: Stage): Readonly<Record<string, Route>> {
  return {
    hello: (_request, response) => {
      response.setHeader('content-type', 'text/plain');
      response.end('hello');
    },
    nonce: (request, response) => {
      response.writeHead(200, 'Fine', ['content-type', 'text/plain']);
      response.end(contextOf(request)?.get(CspNonce));
    },
    own: (_request, response) => {
      response.writeHead(200, {
        'X-Frame-Options': 'SAMEORIGIN',
        Vary: 'accept',
        'X-Powered-By': 'app',
        'Set-Cookie': 'app=1',
      });
      response.end('own');
    },
    redirect: (_request, response) => {
      response.statusCode = 302;
      response.setHeader('location', '/hello');
      response.end();
    },
    empty: (_request, response) => void response.writeHead(204).end(),
    items: (_request, response, rest) => void response.end(rest),
    echo: async (request, response) => void response.end(await countBytes(request)),
    throw: (_request, _response, rest) => {
      throw thrown(rest);
    },
    reject: async (_request, _response, rest) => {
      await Promise.resolve();
      throw thrown(rest);
    },
    marked: (_request, response) => {
      response.setHeader('cache-control', 'public, max-age=600');
      response.setHeader('etag', '"1"');
      response.setHeader('content-length', 3);
      throw thrown('conflict');
    },
    stream: async (_request, response) => {
      response.write('one');
      await stage.held();
      response.end('two');
    },
    broken: async (_request, response) => {
      await new Promise<void>((resolve) => response.write('one', () => resolve()));
      throw thrown('unknown');
    },
    hang: () => undefined,
  };
}
