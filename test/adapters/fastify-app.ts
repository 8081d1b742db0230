import fastify, { type FastifyInstance } from 'fastify';
import { Readable } from 'node:stream';
import { guardFastify } from '../../src/adapters/fastify/index.ts';
import { CspNonce } from '../../src/core/index.ts';
import { type Stage, type StartApp, thrown } from '../../src/testing/suites/adapter-app.ts';
import { countBytes } from './apps.ts';

/** The suite's application on Fastify. */
export const startFastifyApp: StartApp = async (gate, stage) => {
  const app = fastify({ forceCloseConnections: true });
  await app.register(guardFastify(gate, { timers: stage.clock }));
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  // In a scope of its own: the guard covers what its siblings register.
  await app.register((scope, _options, done) => {
    addRoutes(scope, stage);
    done();
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as { port: number };
  return { server: app.server, port, close: () => app.close() };
};

function addRoutes(app: FastifyInstance, stage: Stage): void {
  app.addHook('preHandler', (_request, _reply, done) => {
    stage.calls++;
    done();
  });
  app.get('/hello', (_request, reply) => reply.type('text/plain').send('hello'));
  app.get('/nonce', (request, reply) => reply.send(request.rampart?.get(CspNonce)));
  app.get('/own', (_request, reply) =>
    reply
      .headers({ 'X-Frame-Options': 'SAMEORIGIN', Vary: 'accept', 'X-Powered-By': 'app' })
      .header('set-cookie', 'app=1')
      .send('own'),
  );
  app.get('/redirect', (_request, reply) => reply.redirect('/hello'));
  app.get('/empty', (_request, reply) => reply.code(204).send());
  app.get<{ Params: { id: string } }>('/items/:id', (request) => request.params.id);
  app.post('/echo', (request) => countBytes(request.raw));
  app.get<{ Params: { kind: string } }>('/throw/:kind', (request) => {
    throw thrown(request.params.kind);
  });
  app.get<{ Params: { kind: string } }>('/reject/:kind', (request) =>
    Promise.reject(thrown(request.params.kind)),
  );
  app.get('/marked', (_request, reply) => {
    void reply.headers({ 'cache-control': 'public, max-age=600', etag: '"1"', 'content-length': 3 });
    throw thrown('conflict');
  });
  app.get('/stream', (_request, reply) => reply.send(Readable.from(chunks(() => stage.held()))));
  app.get('/broken', (_request, reply) =>
    reply.send(Readable.from(chunks(() => Promise.reject(thrown('unknown'))))),
  );
  app.get('/hang', () => new Promise(() => undefined));
}

async function* chunks(wait: () => Promise<void>): AsyncGenerator<Buffer> {
  yield Buffer.from('one');
  await wait();
  yield Buffer.from('two');
}
