/**
 * A stand-in for /auth while the account pages are built: `node dev/account-mock.ts`. It serves the built
 * pages under the Content-Security-Policy of the server. Who is there is told by the cookie `mode`: `full` (signed in, all
 * factors), `empty` (signed in, nothing yet), `stale` (as full, but acts need a step-up), `enrol`, `reset`, `down`, and
 * without a cookie nobody. The password is PASSWORD, every code that is right is 123456.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toDataURL } from 'qrcode';
import type {
  AuthUser,
  DeviceList,
  MfaRequired,
  MfaStatus,
  SessionInfo,
  SessionList,
  SignedIn,
  SignInHistory,
} from '../../src/server/api/auth-types.ts';

/** The password of everybody here. */
export const PASSWORD = 'correct horse battery staple';
/** The code that is right everywhere. */
export const CODE = '123456';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const CODES = Array.from({ length: 10 }, (_, i) => `k7m${i}-q2vx-9ha${i}-wz4t`);

/** What an answer is. */
interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
interface Call {
  readonly route: string;
  readonly mode: string;
  readonly body: Readonly<Record<string, unknown>>;
}
const ok = (body: unknown, headers = {}): Answer => ({ status: 200, body, headers });
const GONE: Answer = { status: 204 };
const ACCEPTED: Answer = { status: 202, body: { accepted: true } };
const fail = (status: number, code: string, details?: unknown, headers = {}): Answer => ({
  status,
  body: { success: false, error: { code, message: `It was ${code}.`, details } },
  headers,
});
const be = (mode: string): Readonly<Record<string, string>> => ({ 'set-cookie': `mode=${mode}; Path=/` });

function ada(isEmpty: boolean): AuthUser {
  return {
    id: 'acc_ada',
    email: 'ada@example.com',
    name: isEmpty ? '' : 'Ada',
    locale: 'en',
    roles: ['customer'],
    emailVerified: true,
    createdAtMs: Date.now() - 400 * DAY_MS,
  };
}
const signedIn = (scope: 'full' | 'enrol' | 'reset'): SignedIn => ({
  mfaRequired: false,
  user: ada(false),
  scope,
});
const required = (): MfaRequired => ({
  mfaRequired: true,
  challenge: 'challenge-1',
  factors: ['totp', 'passkey', 'sms', 'backup'],
  phoneHint: '•••• 78',
  expiresAtMs: Date.now() + 600_000,
});

function session(mode: string): SessionInfo {
  const nowMs = Date.now();
  return {
    user: ada(mode === 'empty'),
    session: {
      id: 'ses_1',
      scope: mode === 'enrol' || mode === 'reset' ? mode : 'full',
      aal: 2,
      factors: ['password', 'totp'],
      freshAtMs: nowMs,
      createdAtMs: nowMs - 2 * HOUR_MS,
      expiresAtMs: nowMs + DAY_MS,
      client: 'browser',
    },
    mfaEnforced: mode === 'enrol',
    console: false,
  };
}

function mfa(mode: string): MfaStatus {
  const nowMs = Date.now();
  if (mode === 'empty' || mode === 'enrol') {
    return { enforced: false, totp: null, sms: null, backupCodes: null, passkeys: [] };
  }
  return {
    enforced: true,
    totp: { confirmedAtMs: nowMs - 90 * DAY_MS, lastUsedAtMs: nowMs - 2 * HOUR_MS, disabled: false },
    sms: { phoneHint: '•••• 78', disabled: true },
    backupCodes: { left: 8, createdAtMs: nowMs - 90 * DAY_MS },
    passkeys: [
      {
        id: 'pk_1',
        name: 'MacBook Pro',
        createdAtMs: nowMs - 60 * DAY_MS,
        lastUsedAtMs: nowMs - 3 * DAY_MS,
        backedUp: true,
      },
      { id: 'pk_2', name: 'مفتاح الأمان', createdAtMs: nowMs - DAY_MS, lastUsedAtMs: null, backedUp: false },
    ],
  };
}

function sessions(mode: string): SessionList {
  const one = (id: string, deviceName: string, address: string, seenMs: number) => ({
    id,
    client: deviceName.startsWith('curl') ? ('api' as const) : ('browser' as const),
    deviceName,
    address,
    place: id === 'ses_3' ? null : 'Aden, YE',
    aal: 2 as const,
    factors: ['password', 'totp'] as const,
    createdAtMs: Date.now() - 5 * DAY_MS,
    seenAtMs: Date.now() - seenMs,
    expiresAtMs: Date.now() + DAY_MS,
    current: id === 'ses_1',
  });
  const all = [
    one('ses_1', 'Firefox on Linux', '198.51.100.7', 5000),
    one('ses_2', 'Safari on iPhone', '2001:db8:1111:2222:3333:4444:5555:6666', 7 * HOUR_MS),
    one('ses_3', 'curl', '203.0.113.9', 3 * DAY_MS),
  ];
  return { sessions: mode === 'empty' ? all.slice(0, 1) : all };
}

function devices(mode: string): DeviceList {
  const one = (id: string, name: string, seenMs: number) => ({
    id,
    name,
    place: 'Aden, YE',
    firstSeenAtMs: Date.now() - 30 * DAY_MS,
    lastSeenAtMs: Date.now() - seenMs,
    current: id === 'dev_1',
  });
  return {
    devices:
      mode === 'empty'
        ? []
        : [one('dev_1', 'Firefox on Linux', 5000), one('dev_2', 'Safari on iPhone', DAY_MS)],
  };
}

function history(mode: string, cursor: string | null): SignInHistory {
  const outcomes = [
    'signed-in',
    'wrong-code',
    'signed-in',
    'wrong-password',
    'refused',
    'signed-in',
  ] as const;
  const start = cursor === null ? 0 : 6;
  const entries = outcomes.map((outcome, i) => ({
    id: `his_${start + i}`,
    atMs: Date.now() - (start + i + 1) * 7 * HOUR_MS,
    outcome,
    factors: outcome === 'signed-in' ? (['password', 'totp'] as const) : (['password'] as const),
    address: i === 3 ? '2001:db8:1111:2222:3333:4444:5555:6666' : '198.51.100.7',
    deviceName: 'Firefox on Linux',
    place: i === 4 ? null : 'Aden, YE',
  }));
  return mode === 'empty'
    ? { entries: [], nextCursor: null }
    : { entries, nextCursor: cursor === null ? 'more' : null };
}

/** What anybody may ask. */
const OPEN: Readonly<Record<string, (call: Call) => Answer>> = {
  'GET /auth/password/rules': () => ok({ minLength: 15, minLengthWithSecondFactor: 8, maxLength: 256 }),
  'POST /auth/sign-in': ({ body }) => signIn(body),
  'POST /auth/sign-up': ({ body }) => judged(body['password'], 'password') ?? ACCEPTED,
  'POST /auth/email/resend': () => ACCEPTED,
  'POST /auth/email/verify': ({ body }) => link(body) ?? ok({ verified: true, email: 'ada@example.com' }),
  'POST /auth/unlock': ({ body }) => link(body) ?? GONE,
  'POST /auth/password/forgot': () => ACCEPTED,
  'POST /auth/password/reset': ({ body }) =>
    link(body) ?? judged(body['password'], 'password') ?? ok({ reset: true }),
  'POST /auth/mfa/send': () => ACCEPTED,
  'POST /auth/mfa/verify': ({ body }) =>
    body['code'] === CODE || body['factor'] === 'backup'
      ? ok(signedIn('full'), be('full'))
      : fail(401, 'INVALID_CODE'),
  'POST /auth/passkeys/sign-in/options': () => ok({ challenge: 'c', options: { challenge: 'AAAA' } }),
  'POST /auth/refresh': () => fail(401, 'SESSION_ENDED'),
};

function signIn({ email, password }: Readonly<Record<string, unknown>>): Answer {
  const name = String(email).split('@')[0] ?? '';
  if (name === 'slow') return fail(429, 'RATE_LIMIT_EXCEEDED', undefined, { 'retry-after': '42' });
  if (password !== PASSWORD) return fail(401, 'INVALID_CREDENTIALS');
  if (name === 'enrol' || name === 'reset') return ok(signedIn(name), be(name));
  return name === 'plain' ? ok(signedIn('full'), be('empty')) : ok(required());
}
const link = ({ token }: Readonly<Record<string, unknown>>): Answer | undefined =>
  token === 'used' ? fail(400, 'LINK_INVALID') : undefined;
function judged(password: unknown, field: string): Answer | undefined {
  if (String(password).length >= 15) return undefined;
  return fail(400, 'VALIDATION_ERROR', [{ field, code: 'PASSWORD_TOO_SHORT', message: 'It is too short.' }]);
}

/** Acts that need a fresh factor. */
const FRESH = new Set([
  'POST /auth/mfa/totp/enrol',
  'POST /auth/mfa/sms/enrol',
  'POST /auth/mfa/backup-codes',
  'POST /auth/mfa/disable',
  'POST /auth/passkeys/register/options',
  'POST /auth/email/change',
  'DELETE /auth/account',
]);
const WITH_CODE = ({ body }: Call): Answer =>
  body['code'] === CODE ? ok({ backupCodes: CODES }, be('full')) : fail(401, 'INVALID_CODE');

/** What those who are signed in may ask. */
const OWN: Readonly<Record<string, (call: Call) => Answer | Promise<Answer>>> = {
  'GET /auth/session': ({ mode }) => ok(session(mode)),
  'POST /auth/sign-out': () => ({ status: 204, headers: { 'set-cookie': 'mode=; Path=/; Max-Age=0' } }),
  'PATCH /auth/profile': () => ok(ada(false)),
  'GET /auth/sessions': ({ mode }) => ok(sessions(mode)),
  'DELETE /auth/sessions': () => ok({ ended: 2 }),
  'GET /auth/devices': ({ mode }) => ok(devices(mode)),
  'GET /auth/mfa': ({ mode }) => ok(mfa(mode)),
  'POST /auth/mfa/totp/enrol': async () => {
    const uri = `otpauth://totp/Rampart:ada%40example.com?secret=${SECRET}&issuer=Rampart`;
    return ok({ secret: SECRET, uri, qr: '<svg/>', qrPng: await toDataURL(uri, { margin: 1, width: 384 }) });
  },
  'POST /auth/mfa/totp/confirm': WITH_CODE,
  'POST /auth/mfa/sms/enrol': () => ACCEPTED,
  'POST /auth/mfa/sms/confirm': WITH_CODE,
  'POST /auth/mfa/backup-codes': () => ok({ backupCodes: CODES }),
  'POST /auth/mfa/disable': () => GONE,
  'GET /auth/step-up': () => ok({ factors: ['totp', 'password'], freshUntilMs: 0 }),
  'POST /auth/step-up/send': () => ACCEPTED,
  'POST /auth/step-up': ({ body }) =>
    body['code'] === CODE || body['password'] === PASSWORD
      ? ok(signedIn('full'), be('full'))
      : fail(401, 'INVALID_CODE'),
  'POST /auth/password/change': ({ body }) =>
    body['currentPassword'] !== undefined && body['currentPassword'] !== PASSWORD
      ? fail(401, 'INVALID_CREDENTIALS')
      : (judged(body['newPassword'], 'newPassword') ?? ok(signedIn('full'), be('full'))),
  'POST /auth/email/change': () => ACCEPTED,
  'DELETE /auth/account': () => ({ status: 204, headers: { 'set-cookie': 'mode=; Path=/; Max-Age=0' } }),
};

async function answer(call: Call, url: URL): Promise<Answer> {
  const { route, mode } = call;
  const open = OPEN[route];
  if (open) return open(call);
  if (mode === '') return fail(401, 'AUTHENTICATION_ERROR');
  if (mode === 'down' && route !== 'GET /auth/session') return fail(503, 'UNAVAILABLE');
  if (mode === 'stale' && FRESH.has(route)) {
    return fail(401, 'FRESH_AUTH_REQUIRED', { factors: ['totp', 'password'], withinSeconds: 600 });
  }
  if (route === 'GET /auth/history') return ok(history(mode, url.searchParams.get('cursor')));
  const own = OWN[route];
  if (own) return own(call);
  if (/^DELETE \/auth\/(sessions|devices|passkeys)\/./.test(route)) return GONE;
  if (route.startsWith('PATCH /auth/passkeys/')) return ok(mfa(mode).passkeys[0]);
  return fail(404, 'NOT_FOUND');
}

async function page(path: string, response: ServerResponse, dist: string): Promise<void> {
  const isAsset = path.startsWith('/console/assets/');
  const file = isAsset ? normalize(path.slice('/console/'.length)) : 'account.html';
  const type = TYPES[extname(file)] ?? 'application/octet-stream';
  const content = await readFile(join(dist, file));
  if (isAsset) {
    response.writeHead(200, { 'content-type': type }).end(content);
    return;
  }
  const nonce = randomBytes(16).toString('base64');
  const policy =
    `default-src 'none'; script-src 'nonce-${nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self' data:; ` +
    `font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  response.writeHead(200, { 'content-type': type, 'content-security-policy': policy });
  response.end(content.toString().replaceAll('__NONCE__', nonce));
}

async function handle(request: IncomingMessage, response: ServerResponse, dist: string): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://mock');
  if (!url.pathname.startsWith('/auth/')) return page(url.pathname, response, dist);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const { status, body, headers } = await answer(
    {
      route: `${request.method ?? 'GET'} ${url.pathname}`,
      mode: /(?:^|;\s*)mode=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '',
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    },
    url,
  );
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

/** Starts the stand-in; port 0 takes a free one. @param dist where the built pages are */
export function startAccountMock(port: number, dist: string = DIST): Promise<Server> {
  const server = createServer((request, response) => {
    handle(request, response, dist).catch(() => response.writeHead(404).end());
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await startAccountMock(4610);
  process.stdout.write('Mock on http://127.0.0.1:4610/account\n');
}
