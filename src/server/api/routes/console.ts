import { NotFoundError } from '../../../core/errors.ts';
import { CspNonce } from '../../../core/fact.ts';
import { newNonce } from '../../../core/id.ts';
import {
  type ConsoleFile,
  type ConsoleFiles,
  encode,
  encodingFor,
  readConsoleFiles,
} from '../console-files.ts';
import type { ApiPorts } from '../ports.ts';
import { type ApiContext, route, type Route } from '../route.ts';

const PREFIX = '/console/';
/** Put by the build where the response's nonce goes. */
const NONCE_PLACE = /__NONCE__/g;

type Built = () => Promise<ConsoleFiles>;

/** Reads the built files once, when one is first asked for. */
function reader({ facts: { consoleDir } }: Pick<ApiPorts, 'facts'>): Built {
  let reading: Promise<ConsoleFiles> | null = null;
  return () =>
    (reading ??=
      consoleDir === null
        ? Promise.resolve({ files: new Map(), pages: new Map() })
        : readConsoleFiles(consoleDir));
}

function pageRoute(built: Built, path: string, name: string, summary: string): Route {
  return route({
    method: 'GET',
    path,
    access: 'public',
    tag: 'Pages',
    summary,
    answer: { status: 200, about: 'A page.', type: 'text/html' },
    refusals: [404],
    handle: async ({ c }) => sendPage(c, await built(), name),
  });
}

function accountPages(built: Built): readonly Route[] {
  return [
    pageRoute(built, '/account', 'account.html', 'Open your account'),
    pageRoute(built, '/account/*', 'account.html', 'Open a page of your account'),
  ];
}

/** The pages of accounts and what they load, without the console. */
export function accountPageRoutes(ports: Pick<ApiPorts, 'facts'>): readonly Route[] {
  const built = reader(ports);
  return [
    ...accountPages(built),
    route({
      method: 'GET',
      path: '/console/assets/*',
      access: 'public',
      tag: 'Pages',
      summary: 'Read a file of the pages',
      answer: { status: 200, about: 'The file.', type: '*/*' },
      refusals: [404],
      handle: async ({ c }) => {
        const name = new URL(c.req.url).pathname.slice(PREFIX.length);
        const file = (await built()).files.get(name);
        if (!file) throw new NotFoundError();
        return sendFile(c, name, file);
      },
    }),
  ];
}

/** The console's pages and files, those of accounts, and the browsable API document. */
export function consoleRoutes(ports: ApiPorts): readonly Route[] {
  const built = reader(ports);
  return [
    route({
      method: 'GET',
      path: '/',
      access: 'public',
      tag: 'Pages',
      summary: 'Go to the console',
      answer: { status: 302, about: 'To /console.' },
      handle: () =>
        new Response(null, { status: 302, headers: { location: '/console', 'cache-control': 'no-store' } }),
    }),
    pageRoute(built, '/docs', 'docs.html', 'Browse this API'),
    pageRoute(built, '/console', 'index.html', 'Open the console'),
    ...(ports.identity ? accountPages(built) : []),
    route({
      method: 'GET',
      path: '/console/*',
      access: 'public',
      tag: 'Pages',
      summary: 'Read a page or a file of the console',
      answer: { status: 200, about: 'The page or file.', type: '*/*' },
      refusals: [404],
      handle: async ({ c }) => {
        const files = await built();
        const name = new URL(c.req.url).pathname.slice(PREFIX.length);
        const file = files.files.get(name);
        if (file) return sendFile(c, name, file);
        // A page of the application; a missing file must not answer with one.
        if (name.startsWith('assets/') || name.includes('.')) throw new NotFoundError();
        return sendPage(c, files, 'index.html');
      },
    }),
  ];
}

function sendPage(c: ApiContext, { pages }: ConsoleFiles, name: string): Response {
  const page = pages.get(name);
  if (page === undefined) throw new NotFoundError('The console has not been built: run `npm run build`.');
  const given = c.env?.context?.get(CspNonce);
  const nonce = given ?? newNonce();
  const headers = new Headers({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  // Where no guard has set a policy, the page brings its own.
  if (given === undefined) headers.set('content-security-policy', ownPolicy(nonce));
  return new Response(
    page.replace(NONCE_PLACE, () => nonce),
    { headers },
  );
}

function ownPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

async function sendFile(c: ApiContext, name: string, file: ConsoleFile): Promise<Response> {
  const encoding = encodingFor(file, c.req.header('accept-encoding'));
  const headers = new Headers({
    'content-type': file.type,
    // The build puts a hash of the content into the names of assets.
    'cache-control': name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    vary: 'accept-encoding',
    'x-content-type-options': 'nosniff',
  });
  if (encoding !== undefined) headers.set('content-encoding', encoding);
  const bytes = encoding === undefined ? file.bytes : await encode(file, encoding);
  headers.set('content-length', String(bytes.byteLength));
  return new Response(bytes, { headers });
}
