import express from 'express';
import { createServer } from 'node:http';
import { guardExpress } from '../../src/adapters/express/index.ts';
import { CspNonce } from '../../src/core/index.ts';
import { type Stage, type StartApp, thrown } from '../../src/testing/suites/adapter-app.ts';
import { countBytes, listening } from './apps.ts';

/** The suite's application on Express. */
export const startExpressApp: StartApp = (gate, stage) => {
  const app = express();
  const guard = guardExpress(gate, { timers: stage.clock });
  app.use(guard);
  addRoutes(app, stage);
  app.use(guard.notFound);
  app.use(guard.errors);
  return listening(createServer(app));
};

function addRoutes(app: express.Express, stage: Stage): void {
  const counted = (handler: express.RequestHandler): express.RequestHandler =>
    function handle(request, response, next) {
      stage.calls++;
      return handler(request, response, next);
    };
  app.get(
    '/hello',
    counted((_request, response) => void response.type('text/plain').send('hello')),
  );
  app.get(
    '/nonce',
    counted((request, response) => void response.send(request.rampart?.get(CspNonce))),
  );
  app.get(
    '/own',
    counted((_request, response) => {
      response.set({ 'X-Frame-Options': 'SAMEORIGIN', Vary: 'accept', 'X-Powered-By': 'app' });
      response.append('Set-Cookie', 'app=1');
      response.send('own');
    }),
  );
  app.get('/redirect', (_request, response) => response.redirect('/hello'));
  app.get('/empty', (_request, response) => void response.status(204).end());
  app.get('/items/:id', (request, response) => void response.send(request.params.id));
  app.post(
    '/echo',
    counted(async (request, response) => void response.send(await countBytes(request))),
  );
  app.get('/throw/:kind', (request) => {
    throw thrown(request.params.kind);
  });
  app.get('/reject/:kind', (request) => Promise.reject(thrown(request.params.kind)));
  app.get('/marked', (_request, response) => {
    response.set({ 'Cache-Control': 'public, max-age=600', ETag: '"1"', 'Content-Length': '3' });
    throw thrown('conflict');
  });
  app.get('/stream', async (_request, response) => {
    response.write('one');
    await stage.held();
    response.end('two');
  });
  app.get('/broken', async (_request, response) => {
    await new Promise<void>((resolve) => response.write('one', () => resolve()));
    throw thrown('unknown');
  });
  app.get('/hang', () => undefined);
}
