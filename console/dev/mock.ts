/**
 * A stand-in for the server while the console is built: `node dev/mock.ts [--mode MODE]`, a mode being full, empty, error,
 * degraded, no-policy (nothing says who has access), signed-out, no-account (nobody has an account), first (signed in by the
 * first set-up link), viewer, mfa or barred; quiet and storm differ in their alerts and responses; attack, lockdown and
 * stale (no live stream) in how the site stands.
 * It serves the API with made-up traffic, and the built pages under the same Content-Security-Policy as the server does.
 * A mode can also be asked for per page with the cookie `mode`.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type {
  BlockEntry,
  BlockPreview,
  DecisionSummary,
  ListEntry,
  SessionAnswer,
} from '../../src/server/api/types.ts';
import type { FollowedAnswer } from '../../src/server/api/response-types.ts';
import { accessCall, rolesCall } from './access.ts';
import { ADA, alertsCall, followedAlerts } from './alerts.ts';
import { auditCall } from './audit.ts';
import { fail, ok } from './call.ts';
import type { Answer, Call } from './call.ts';
import { eventCall } from './events.ts';
import { feedCall } from './feeds.ts';
import { keyCall } from './keys.ts';
import { sinkCall } from './sinks.ts';
import { uploadsCall } from './uploads.ts';
import { mailboxCall } from './mailbox.ts';
import { openapi } from './openapi.ts';
import { queryCall } from './queries.ts';
import { responsesCall, responsesFor } from './responses.ts';
import { securityCall } from './security.ts';
import { shieldCall } from './shield.ts';
import { blocks, csp, health, histogram, keysOf, kindOf, limits, limitsAnswer, removed } from './state.ts';
import { explain } from './story.ts';
import { history, matches, minuteOf, overview, tick } from './traffic.ts';
import { authCall, userCall } from './users.ts';

const distAt = process.argv.indexOf('--dist');
/** The built pages: of this folder, unless another build is to be looked at (`--dist DIR`). */
const DIST =
  (distAt === -1 ? undefined : process.argv[distAt + 1]) ??
  fileURLToPath(new URL('../dist/', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
const decisions: DecisionSummary[] = history(Date.now());
let lastId = 100;

function answer(call: Call): Answer {
  const { parts, mode } = call;
  if (parts[0] === 'session') return session(call);
  if (isOutside(mode)) return outside(mode);
  if (mode === 'error') return fail(503, 'UNAVAILABLE', 'The records database does not answer.');
  const isEmpty = mode === 'empty';
  const isDegraded = mode === 'degraded';
  switch (parts[0] ?? '') {
    case 'stats':
    case 'decisions':
      return parts[2] === 'followed' ? followed(call) : traffic(call);
    case 'responses':
      return responsesCall(call);
    case 'alerts':
    case 'alert-channels':
    case 'detectors':
      return alertsCall(call);
    case 'security':
      return securityCall(call, mode === 'empty' ? [] : decisions);
    case 'limits':
      return parts.length === 1 ? ok(limitsAnswer(isEmpty, isDegraded)) : limitCall(call);
    case 'blocks':
      return blockCall(call);
    case 'events':
      return parts[2] === 'followed' ? followed(call) : eventCall(call);
    case 'health':
      return ok(health(isEmpty, isDegraded));
    case 'csp':
      return ok(csp(isEmpty));
    case 'users':
      return userCall(call);
    case 'roles':
      return rolesCall(call);
    case 'access':
      return accessCall(call);
    case 'uploads':
    case 'quarantine':
      return uploadsCall(call);
    case 'keys':
      return keyCall(call);
    case 'queries':
      return queryCall(call);
    case 'mailbox':
      return mailboxCall(call);
    case 'shield':
      return shieldCall(call, decisions);
    case 'audit':
      return auditCall(call);
    case 'sinks':
      return sinkCall(call);
    case 'feeds':
      return feedCall(call);
    default:
      return fail(404, 'NOT_FOUND', 'There is no such route.');
  }
}

function session({ method, mode, body }: Call): Answer {
  if (method === 'DELETE') return { status: 204 };
  if (method === 'POST' && body['setupToken'] === 'used') {
    return fail(401, 'SETUP_LINK_USED', 'This link was used before.');
  }
  if (method === 'GET' && isOutside(mode)) return outside(mode);
  const isFirst = mode === 'first' || method === 'POST';
  return ok({
    name: isFirst ? 'administrator' : 'Ada Lovelace',
    actor: isFirst ? 'administrator' : ADA,
    email: isFirst ? null : 'ada.lovelace@example.org',
    role: mode === 'viewer' ? 'viewer' : 'administrator',
    kind: isFirst ? 'setup' : 'account',
    hasAdministrator: !isFirst,
    mailbox: true,
    csrfToken: 'mock',
    expiresAtMs: Date.now() + 3_600_000,
  } satisfies SessionAnswer);
}

/** Modes in which the console stays closed. */
function isOutside(mode: string): boolean {
  return ['signed-out', 'no-account', 'mfa', 'barred'].includes(mode);
}
function outside(mode: string): Answer {
  if (mode === 'mfa') return fail(403, 'MFA_REQUIRED', 'The console needs a sign-in with a second factor.');
  if (mode === 'barred') return fail(403, 'FORBIDDEN', 'You may not do this.');
  const details = { hasAdministrator: mode === 'signed-out' };
  return fail(401, 'UNAUTHENTICATED', 'Nobody is signed in.', details);
}

/** A request that passed is followed by nothing. */
function followed({ parts, mode }: Call): Answer {
  const passed = decisions.some(({ id, verdict }) => id === parts[1] && verdict === 'pass');
  const alerts = passed ? [] : followedAlerts(mode);
  return ok({
    alerts,
    responses: alerts.flatMap(({ alert }) => responsesFor(alert.id)),
  } satisfies FollowedAnswer);
}

function traffic({ parts, url, mode }: Call): Answer {
  const query = url.searchParams;
  const all = mode === 'empty' ? [] : decisions;
  if (parts[0] === 'decisions' && parts[1] !== undefined) {
    const found = all.find((one) => one.id === parts[1]) ?? standIn(all, parts[1]);
    return found ? ok(explain(found, all)) : fail(404, 'DECISION_NOT_FOUND', 'No decision has this id.');
  }
  const found = all.filter((one) => matches(one, query.getAll('filter'), query.getAll('exclude')));
  const fromMs = Number(query.get('fromMs'));
  const toMs = Number(query.get('toMs'));
  if (parts[0] === 'stats') return ok(overview(found, fromMs, toMs, Number(query.get('buckets') ?? 60)));
  const inside = found.filter((one) => one.atMs >= fromMs && one.atMs < toMs).toReversed();
  const start = query.has('before') ? inside.findIndex((one) => one.id === query.get('before')) + 1 : 0;
  const page = inside.slice(start, start + Number(query.get('limit') ?? 50));
  return ok({
    decisions: page,
    nextBefore: start + page.length < inside.length ? (page.at(-1)?.id ?? null) : null,
  });
}

/** Reports and samples of replays speak of decisions that are older than what is made up. */
function standIn(all: readonly DecisionSummary[], id: string): DecisionSummary | undefined {
  if (!/^dec_(reported|sample)\d+$/.test(id)) return undefined;
  const refused = all.find((one) => one.guard === 'inspection' && one.route !== 'GET /*');
  return refused && { ...refused, id };
}

function limitCall({ parts, method, body, url, mode }: Call): Answer {
  const [, name = '', act = ''] = parts;
  if (name === 'allow' || name === 'deny') {
    if (method === 'DELETE') {
      limits[name] = limits[name].filter((one) => one.value !== decodeURIComponent(act));
      return { status: 204 };
    }
    const entry: ListEntry = {
      value: String(body['value']),
      note: typeof body['note'] === 'string' ? body['note'] : null,
      addedBy: 'ada',
      addedAtMs: Date.now(),
    };
    if (!/^[0-9a-f.:]+(\/\d+)?$/i.test(entry.value))
      return fail(400, 'VALIDATION_FAILED', `'${entry.value}' is neither an address nor a range.`);
    limits[name] = [entry, ...limits[name]];
    return ok(entry);
  }
  if (act === 'keys')
    return ok({ keys: mode === 'empty' ? [] : keysOf(name, url.searchParams.get('search') ?? '') });
  if (act === 'histogram') return ok(histogram(name, mode === 'empty'));
  return ok({ reset: true });
}

function blockCall({ parts, method, body, mode }: Call): Answer {
  const id = parts[1];
  const target = typeof body['target'] === 'string' ? body['target'] : '';
  if (method === 'GET') return ok({ blocks: mode === 'empty' ? [] : [...blocks.values()] });
  if (id === 'preview') return ok(preview(target));
  if (method === 'DELETE' && id !== undefined) {
    const found = blocks.get(id);
    if (found) removed.set(id, found);
    blocks.delete(id);
    return { status: 204 };
  }
  if (parts[2] === 'restore' && id !== undefined) {
    const found = removed.get(id);
    if (found) blocks.set(id, found);
    return found ? ok(found) : fail(404, 'BLOCK_NOT_FOUND', 'There is nothing to restore.');
  }
  lastId += 1;
  const minutes = body['minutes'] as number | null;
  const entry: BlockEntry = {
    id: `blk_${lastId}`,
    kind: kindOf(target),
    target,
    reason: String(body['reason']),
    createdBy: 'ada',
    createdAtMs: Date.now(),
    expiresAtMs: minutes === null ? null : Date.now() + minutes * 60_000,
    hits: 0,
  };
  blocks.set(entry.id, entry);
  return ok(entry);
}

function preview(target: string): BlockPreview {
  const sinceMs = Date.now() - 86_400_000;
  const day = decisions.filter(
    (one) => (one.address === target || one.principal === target) && one.atMs > sinceMs,
  );
  const kind = kindOf(target);
  const sum = (list: readonly DecisionSummary[]): number =>
    list.reduce((total, one) => total + one.weight, 0);
  return {
    kind,
    target,
    sinceMs,
    note: kind === 'session' || kind === 'device' ? `No ${kind} of this id is known here: check it.` : null,
    requests: sum(day),
    passed: sum(day.filter((one) => one.verdict === 'pass')),
    principals: new Set(day.map((one) => one.principal).filter(Boolean)).size,
    refused: target.startsWith('127.') ? 'This is the loopback address.' : null,
  };
}

function stream(request: IncomingMessage, response: ServerResponse, mode: string): void {
  if (mode === 'stale') return void response.destroy();
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  const say = (event: string, data: unknown): void => {
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const timer = setInterval(() => {
    const nowMs = Date.now();
    const empty = { allowed: 0, answered: 0, challenged: 0, limited: 0, blocked: 0, wouldRefuse: 0 };
    say('tick', mode === 'empty' ? { atMs: nowMs, counts: empty, skipped: 0 } : tick(nowMs));
    if (mode === 'empty') return;
    const second = minuteOf(Math.floor(nowMs / 60_000)).filter(
      (one) => one.atMs <= nowMs && one.atMs > nowMs - 1000,
    );
    for (const one of second) {
      if (decisions.every(({ id }) => id !== one.id)) decisions.push(one);
      say('decision', one);
    }
  }, 1000);
  request.on('close', () => clearInterval(timer));
}

const policyOf = (nonce: string): string =>
  `default-src 'none'; script-src 'nonce-${nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self'; font-src 'self'; ` +
  `connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`;

async function page(path: string, response: ServerResponse): Promise<void> {
  const isAsset = path.startsWith('/console/assets/');
  const file = isAsset
    ? normalize(path.slice('/console/'.length))
    : path.startsWith('/docs')
      ? 'docs.html'
      : path.startsWith('/account')
        ? 'account.html'
        : 'index.html';
  const type = TYPES[extname(file)] ?? 'application/octet-stream';
  try {
    const content = await readFile(join(DIST, file));
    if (isAsset) {
      response.writeHead(200, {
        'content-type': type,
        'cache-control': 'public, max-age=31536000, immutable',
      });
      response.end(content);
      return;
    }
    const nonce = randomBytes(16).toString('base64');
    response.writeHead(200, { 'content-type': type, 'content-security-policy': policyOf(nonce) });
    response.end(content.toString().replaceAll('__NONCE__', nonce));
  } catch {
    response.writeHead(404).end();
  }
}

async function handle(request: IncomingMessage, response: ServerResponse, fallback: string): Promise<void> {
  const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'mock'}`);
  const mode = /(?:^|;\s*)mode=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? fallback;
  if (url.pathname === '/admin/stream') return stream(request, response, mode);
  if (url.pathname === '/openapi.json') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(openapi));
    return;
  }
  if (url.pathname.startsWith('/sample/') || url.pathname === '/livez') {
    response.writeHead(200, { 'content-type': 'application/json', 'x-ratelimit-remaining': '59' });
    response.end(
      JSON.stringify({
        orders: [{ id: 'ord_81942', item: 'Field notes', quantity: 2, state: 'paid' }],
        next: null,
      }),
    );
    return;
  }
  const isAuth = url.pathname.startsWith('/auth/');
  if (!isAuth && !url.pathname.startsWith('/admin/')) return page(url.pathname, response);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const call: Call = {
    url,
    mode,
    parts: url.pathname.split('/').slice(2),
    method: request.method ?? 'GET',
    body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
  };
  const result = isAuth ? authCall(call) : answer(call);
  response.writeHead(result.status, { 'content-type': 'application/json' });
  response.end(result.body === undefined ? undefined : JSON.stringify(result.body));
}

/** Starts the stand-in; port 0 takes a free one. */
export function startMock(port: number, mode = 'full'): Promise<Server> {
  const server = createServer((request, response) => {
    handle(request, response, mode).catch(() => response.writeHead(500).end());
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const at = process.argv.indexOf('--mode');
  await startMock(4610, at === -1 ? 'full' : process.argv[at + 1]);
  process.stdout.write('Mock on http://127.0.0.1:4610/console\n');
}
