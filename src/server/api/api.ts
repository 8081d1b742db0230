import { Hono } from 'hono';
import { AppError, NotFoundError, OptionsError } from '../../core/errors.ts';
import type { Reply } from '../../core/verdict.ts';
import { admit } from './caller.ts';
import { openApiDocument } from './openapi.ts';
import type { AccountPorts, ApiPorts } from './ports.ts';
import { type ApiContext, type ApiEnv, route, type Route } from './route.ts';
import { accessRoutes } from './routes/access/index.ts';
import { alertRoutes } from './routes/alerts.ts';
import { auditRoutes } from './routes/audit.ts';
import { authRoutes } from './routes/auth/index.ts';
import { blockRoutes } from './routes/blocks.ts';
import { detectorRoutes } from './routes/detectors.ts';
import { responseRoutes } from './routes/responses.ts';
import { accountPageRoutes, consoleRoutes } from './routes/console.ts';
import { feedRoutes } from './routes/feeds.ts';
import { followedRoutes } from './routes/followed.ts';
import { healthRoutes } from './routes/health.ts';
import { insightRoutes } from './routes/insight.ts';
import { keyRoutes } from './routes/keys.ts';
import { limitRoutes } from './routes/limits.ts';
import { mailboxRoutes } from './routes/mailbox.ts';
import { queryRoutes } from './routes/queries.ts';
import { sampleRoutes, sampleRowRoutes } from './routes/sample/index.ts';
import { securityRoutes } from './routes/security.ts';
import { sessionRoutes } from './routes/session.ts';
import { shieldRoutes } from './routes/shield/index.ts';
import { sinkRoutes } from './routes/sinks.ts';
import { streamRoutes } from './routes/stream.ts';
import { uploadRoutes } from './routes/uploads.ts';
import { userRoutes } from './routes/users.ts';
import { wellKnownRoutes } from './routes/well-known.ts';

/** Every route of the server, in the order in which they are tried. */
export function apiRoutes(ports: ApiPorts): readonly Route[] {
  const routes: Route[] = [
    ...healthRoutes(ports),
    ...sessionRoutes(ports),
    ...insightRoutes(ports),
    ...securityRoutes(ports),
    ...limitRoutes(ports),
    ...blockRoutes(ports),
    ...shieldRoutes(ports),
    ...detectorRoutes(ports),
    ...responseRoutes(ports),
    ...alertRoutes(ports),
    ...followedRoutes(ports),
    ...sinkRoutes(ports),
    ...streamRoutes(ports),
    ...authRoutes(ports),
    ...userRoutes(ports),
    ...accessRoutes(ports),
    ...keyRoutes(ports),
    ...feedRoutes(ports),
    ...auditRoutes(ports),
    ...uploadRoutes(ports),
    ...queryRoutes(ports),
    ...mailboxRoutes(ports),
    ...sampleRoutes(ports),
    ...wellKnownRoutes(ports),
    ...consoleRoutes(ports),
    ...sampleRowRoutes(ports),
  ];
  let text: string | null = null;
  routes.push(
    route({
      method: 'GET',
      path: '/openapi.json',
      access: 'public',
      tag: 'Pages',
      summary: 'Read this document',
      answer: { status: 200, about: 'OpenAPI 3.1.' },
      handle: () => {
        text ??= JSON.stringify(openApiDocument(routes, ports.facts.version));
        return new Response(text, {
          headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache' },
        });
      },
    }),
  );
  return routes;
}

/**
 * The server's HTTP API.
 * @throws OptionsError when a secret among the facts is too short
 */
export function createApi(ports: ApiPorts): Hono<ApiEnv> {
  if (ports.facts.operatorKey.length < 32) {
    throw new OptionsError('operatorKey', 'expected at least 32 characters');
  }
  if (ports.facts.secret.byteLength < 32) throw new OptionsError('secret', 'expected at least 32 bytes');
  const app = new Hono<ApiEnv>();
  const routes = apiRoutes(ports);
  for (const one of routes) {
    const { method, path, access, signsIn } = one.spec;
    if (path.startsWith('/admin/') && access === 'public' && signsIn !== true) {
      throw new OptionsError(path, 'a route of the console must not be public');
    }
    app.on(method, [path], async (c) => one.run(c, await admit(ports, c, access)));
  }
  refuseOtherMethods(app, ports, routes);
  // What is not there looks the same as what is, to whoever is not signed in.
  app.all('/admin/*', async (c) => {
    await admit(ports, c, 'viewer');
    throw new NotFoundError();
  });
  app.notFound((c) => respond(ports.fail(new NotFoundError(), c.env?.context)));
  app.onError((error, c) => respond(ports.fail(error, c.env?.context)));
  return app;
}

/** /auth, the keys of its tokens and the pages of accounts, for an application that Rampart is built into. */
export function createAccountApi(ports: AccountPorts): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  for (const one of [...authRoutes(ports), ...accountPageRoutes(ports)]) {
    const { method, path, access } = one.spec;
    app.on(method, [path], async (c) => one.run(c, await admit(ports, c, access)));
  }
  app.onError((error, c) => respond(ports.fail(error, c.env?.context)));
  return app;
}

/** 405 with `Allow` (RFC 9110 15.5.6) for paths that are there under other methods. */
function refuseOtherMethods(app: Hono<ApiEnv>, ports: ApiPorts, routes: readonly Route[]): void {
  const methods = new Map<string, string[]>();
  for (const { spec } of routes) methods.set(spec.path, [...(methods.get(spec.path) ?? []), spec.method]);
  for (const [path, known] of methods) {
    const allow = (known.includes('GET') ? ['HEAD', ...known] : known).toSorted().join(', ');
    app.all(path, async (c: ApiContext) => {
      if (path.startsWith('/admin/')) await admit(ports, c, 'viewer');
      const error = new AppError('This method is not supported here.', 405, 'METHOD_NOT_ALLOWED');
      const response = respond(ports.fail(error, c.env?.context));
      response.headers.set('allow', allow);
      return response;
    });
  }
}

function respond(reply: Reply): Response {
  const headers = new Headers();
  for (let i = 0; i < reply.headers.length; i += 2) {
    headers.append(reply.headers[i] as string, reply.headers[i + 1] as string);
  }
  const body = reply.body instanceof Uint8Array ? new Uint8Array(reply.body) : reply.body;
  return new Response(body, { status: reply.status, headers });
}
