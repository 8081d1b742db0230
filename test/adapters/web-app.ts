import { createAdaptorServer } from '@hono/node-server';
import type { IncomingMessage, Server } from 'node:http';
import { contextOf, guardWeb } from '../../src/adapters/web/index.ts';
import { CspNonce, NotFoundError } from '../../src/core/index.ts';
import { type Stage, type StartApp, thrown } from '../../src/testing/suites/adapter-app.ts';
import { countBytes, listening } from './apps.ts';

type Route = (request: Request, rest: string) => Response | Promise<Response>;

/** The suite's application of Request and Response, on a server that turns node:http into them. */
export const startWebApp: StartApp = (gate, stage) => {
  const routes = routesOf(stage);
  const guarded = guardWeb(gate, (request) => {
    const [, name = '', rest = ''] = new URL(request.url).pathname.split('/');
    const route = routes[name];
    if (route === undefined) throw new NotFoundError();
    stage.calls++;
    return route(request, rest);
  });
  const fetch = (request: Request, env: unknown): Promise<Response> => {
    const { remoteAddress } = (env as { incoming: IncomingMessage }).incoming.socket;
    return guarded(request, remoteAddress === undefined ? {} : { peer: remoteAddress });
  };
  return listening(createAdaptorServer({ fetch }) as Server);
};

/** `one`, then whatever `next` brings. */
export function bodyOf(next: () => Promise<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let started = false;
  return new ReadableStream(
    {
      async pull(controller) {
        if (!started) {
          started = true;
          controller.enqueue(encoder.encode('one'));
          return;
        }
        controller.enqueue(encoder.encode(await next()));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

function routesOf(stage: Stage): Readonly<Record<string, Route>> {
  return {
    hello: () => new Response('hello'),
    nonce: (request) => new Response(contextOf(request)?.get(CspNonce)),
    own: () =>
      new Response('own', {
        headers: {
          'X-Frame-Options': 'SAMEORIGIN',
          Vary: 'accept',
          'X-Powered-By': 'app',
          'Set-Cookie': 'app=1',
        },
      }),
    redirect: (request) => Response.redirect(new URL('/hello', request.url)),
    empty: () => new Response(null, { status: 204 }),
    items: (_request, rest) => new Response(rest),
    echo: async (request) => new Response(await countBytes(request.body)),
    throw: (_request, rest) => {
      throw thrown(rest);
    },
    reject: async (_request, rest) => {
      await Promise.resolve();
      throw thrown(rest);
    },
    marked: () => {
      throw thrown('conflict');
    },
    stream: () => new Response(bodyOf(() => stage.held().then(() => 'two'))),
    broken: () => new Response(bodyOf(() => Promise.reject(thrown('unknown')))),
    hang: () => new Promise(() => undefined),
  };
}
