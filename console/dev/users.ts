/** Made-up users for building the console, and what administrators do to them. */
import type { AuthFactor } from '../../src/server/api/auth-types.ts';
import type { EventEntry } from '../../src/server/api/types.ts';
import type { UserAnswer, UserStatus, UserSummary } from '../../src/server/api/user-types.ts';
import { fail, ok } from './call.ts';
import type { Answer, Call } from './call.ts';
import { UNKNOWN_OF_EVENT } from './events.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const now = Date.now();
type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type User = Mutable<UserAnswer['user']>;
type Known = Omit<Mutable<UserAnswer>, 'user'> & { user: User };

const FIRST = 'Ada Grace Linus Barbara Edsger Margaret Donald Frances Niklaus Radia Dennis Adele'.split(' ');
const LAST = 'Lovelace Hopper Torvalds Liskov Dijkstra Hamilton Knuth Allen Wirth Perlman Ritchie'.split(' ');
const LATIN = 'Firefox on Linux,Safari on macOS,Chrome on Windows,Safari on iPhone,orders-mobile 4.12'.split(
  ',',
);

function person(index: number): User {
  const first = FIRST[index % FIRST.length] ?? '';
  const last = LAST[(index * 5) % LAST.length] ?? '';
  const status: UserStatus =
    index % 17 === 9 ? 'locked' : index % 13 === 4 ? 'pending' : index % 41 === 30 ? 'disabled' : 'active';
  const isNew = status === 'pending';
  const factors: AuthFactor[] = isNew
    ? []
    : index % 3 === 0
      ? ['passkey', 'totp', 'backup']
      : index % 4 === 1
        ? ['totp', 'backup']
        : index % 7 === 2
          ? ['sms']
          : [];
  return {
    id: `acc_${(index * 7919 + 4_000_000).toString(36)}x${index.toString(36)}`,
    email: `${first}.${last}${index > 11 ? index : ''}@example.org`.toLowerCase(),
    name: isNew && index % 2 === 0 ? '' : `${first} ${last}`,
    status,
    roles:
      index === 0
        ? ['administrator']
        : index === 3
          ? ['customer', 'analyst']
          : index % 9 === 5
            ? ['support', 'viewer']
            : ['customer'],
    factors,
    createdAtMs: now - index * 9 * HOUR - 20 * MINUTE,
    lastSignInAtMs: isNew ? null : now - ((index * 37) % 90) * 47 * MINUTE - 3 * MINUTE,
    locale: index % 5 === 2 ? 'de' : 'en',
    emailVerifiedAtMs: isNew ? null : now - index * 9 * HOUR,
    passwordChangedAtMs: isNew ? null : now - index * 8 * HOUR - HOUR,
    mustReset: index === 6,
    lockedUntilMs: status === 'locked' && index % 2 === 1 ? now + 21 * HOUR : null,
    lockedReason: status === 'locked' ? 'Signed in from two continents within an hour' : null,
    mfaEnforced: index === 0 || index === 3 || index % 9 === 5,
  };
}

function recordOf(user: User, index: number): Known {
  const isIn = user.status === 'active';
  const has = (factor: AuthFactor): boolean => user.factors.includes(factor);
  const session = (at: number): UserAnswer['sessions'][number] => ({
    id: `ses_${index}_${at}`,
    client: at === 3 ? 'api' : 'browser',
    deviceName: LATIN[(index + at) % LATIN.length] ?? '',
    address: at === 2 ? '2001:db8:41::5c' : `198.51.100.${11 + index + at}`,
    place: at === 1 ? 'Lisbon, Portugal' : at === 2 ? null : 'Hamburg, Germany',
    aal: user.factors.length > 0 ? 2 : 1,
    factors: has('passkey') ? ['passkey'] : has('totp') ? ['password', 'totp'] : ['password'],
    createdAtMs: now - (at * 26 + 2) * HOUR,
    seenAtMs: now - at * 5 * HOUR - 2 * MINUTE,
    expiresAtMs: now + 20 * DAY,
    current: index === 0 && at === 0,
  });
  return {
    user,
    sessions: isIn
      ? Array.from({ length: index % 4 === 0 ? 4 : (index % 3) + 1 }, (_, at) => session(at))
      : [],
    devices: isIn
      ? LATIN.slice(0, (index % 3) + 1).map((name, at) => ({
          id: `dev_${index}_${at}`,
          name,
          place: at === 1 ? null : 'Hamburg, Germany',
          firstSeenAtMs: now - (at + 3) * 12 * DAY,
          lastSeenAtMs: now - at * 3 * DAY - HOUR,
          current: false,
        }))
      : [],
    factors: {
      totp: has('totp')
        ? { confirmedAtMs: now - 30 * DAY, lastUsedAtMs: now - 2 * HOUR, disabled: index === 1 }
        : null,
      sms: has('sms') ? { phoneHint: '•••• 78', disabled: false } : null,
      backupCodes: has('backup') ? { left: 8, createdAtMs: now - 30 * DAY } : null,
      passkeys: has('passkey')
        ? [
            {
              id: 'pk_1',
              name: 'MacBook',
              createdAtMs: now - 20 * DAY,
              lastUsedAtMs: now - 3 * HOUR,
              backedUp: true,
            },
            {
              id: 'pk_2',
              name: 'Security key (blue)',
              createdAtMs: now - 9 * DAY,
              lastUsedAtMs: null,
              backedUp: false,
            },
          ]
        : [],
    },
    attempts:
      index === 1
        ? [
            { factor: 'password', failures: 7, blockedUntilMs: now + 2 * MINUTE, disabled: false },
            { factor: 'totp', failures: 10, blockedUntilMs: null, disabled: true },
          ]
        : [],
    history: isIn ? historyOf(index) : [],
    events: isIn ? eventsOf(user) : [],
  };
}

function historyOf(index: number): UserAnswer['history'] {
  return Array.from({ length: 9 }, (_, at) => ({
    id: `sgn_${index}_${at}`,
    atMs: now - at * 7 * HOUR - 4 * MINUTE,
    outcome: at % 5 === 2 ? 'wrong-password' : at === 4 ? 'wrong-code' : at === 6 ? 'refused' : 'signed-in',
    factors: at % 5 === 2 ? [] : ['password', 'totp'],
    address: at % 5 === 2 ? '203.0.113.7' : `198.51.100.${11 + index}`,
    deviceName: LATIN[(index + at) % LATIN.length] ?? '',
    place: at % 3 === 0 ? 'Hamburg, Germany' : null,
  }));
}

function eventsOf({ email, id }: User): EventEntry[] {
  const about: readonly (readonly [string, EventEntry['severity'], string])[] = [
    ['NEW_DEVICE', 'MEDIUM', 'Somebody signed in on a device that is new to the account.'],
    ['ACCOUNT_DELAYED', 'MEDIUM', 'Too many failures: further attempts on an account have to wait.'],
    ['MFA_ENABLED', 'MEDIUM', 'A second factor was enabled.'],
    ['SIGNED_UP', 'LOW', 'Somebody has verified a mail address and has an account now.'],
  ];
  return about.map(([type, severity, text], at) => ({
    ...UNKNOWN_OF_EVENT,
    class: 'audit',
    id: `evt_${id}_${at}`,
    type,
    severity,
    about: text,
    atMs: now - (at + 1) * 19 * HOUR,
    node: 'node-2',
    actor: email,
    subject: id,
    address: '198.51.100.21',
    route: 'POST /auth/sign-in',
  }));
}

const users = new Map<string, Known>(
  Array.from({ length: 137 }, (_, index) => {
    const user = person(index);
    return [user.id, recordOf(user, index)];
  }),
);

/** When the reader proved a factor last; nothing yet, so that the first act asks. */
let freshAtMs = 0;

/** What stands against an act that needs a fresh proof; null where there was one. */
export function proofAsked(): Answer | null {
  if (Date.now() - freshAtMs <= 10 * MINUTE) return null;
  const details = { factors: ['passkey', 'totp', 'backup'], withinSeconds: 600 };
  return fail(401, 'FRESH_AUTH_REQUIRED', 'Prove again that it is you.', details);
}

/** Names of accounts that the other parts speak of. */
export function accountIds(): readonly string[] {
  return [...users.keys()];
}

/** GET, POST and DELETE below /admin/users. */
export function userCall(call: Call): Answer {
  const [, id, act, session] = call.parts;
  const { method, mode, body } = call;
  if (id === 'first') return first(body);
  if (method === 'GET' && id === undefined) return list(call);
  const found = id === undefined || mode === 'empty' ? undefined : users.get(id);
  if (method === 'GET') return found ? ok(found) : fail(404, 'USER_NOT_FOUND', 'There is no such user.');
  const asked = proofAsked();
  if (asked) return asked;
  if (id === undefined) return invite(body);
  return found
    ? change(found, act ?? '', session, body)
    : fail(404, 'USER_NOT_FOUND', 'There is no such user.');
}

function first(body: Call['body']): Answer {
  if (String(body['password']).length < 8) {
    const message = 'Use at least 8 characters.';
    return fail(400, 'VALIDATION_ERROR', 'The request is not valid.', [
      { field: 'password', code: 'TOO_SHORT', message },
    ]);
  }
  return ok({}, 201);
}

function list({ url, mode }: Call): Answer {
  const query = url.searchParams;
  const q = (query.get('q') ?? '').toLowerCase();
  const found = (mode === 'empty' ? [] : [...users.values()])
    .map(({ user }) => user)
    .filter((one) => `${one.name} ${one.email}`.toLowerCase().includes(q))
    .filter((one) => [null, one.status].includes(query.get('status') as UserStatus | null))
    .filter((one) => !query.has('role') || one.roles.includes(query.get('role') ?? ''))
    .sort((a, b) => b.createdAtMs - a.createdAtMs);
  const start = Number(query.get('cursor') ?? 0);
  const limit = Number(query.get('limit') ?? 50);
  const next = start + limit < found.length ? String(start + limit) : null;
  return ok({
    users: found.slice(start, start + limit) satisfies UserSummary[],
    nextCursor: next,
    total: found.length,
  });
}

function invite(body: Call['body']): Answer {
  const email = String(body['email']);
  if ([...users.values()].some(({ user }) => user.email === email))
    return fail(409, 'CONFLICT', 'There is an account with this mail address.');
  const user: User = {
    ...person(4),
    id: `acc_new${users.size}`,
    email,
    name: typeof body['name'] === 'string' ? body['name'] : '',
    roles: body['roles'] as string[],
    createdAtMs: Date.now(),
  };
  const made = recordOf(user, 4);
  users.set(user.id, made);
  return ok(made, 201);
}

function change(one: Known, act: string, session: string | undefined, body: Call['body']): Answer {
  const isLast = one.user.roles.includes('administrator');
  if (isLast && (act === 'lock' || act === 'roles'))
    return fail(409, 'CONFLICT', 'This is the last administrator; make another one first.');
  if (act === 'lock') {
    const hours = body['hours'];
    one.user.status = 'locked';
    one.user.lockedReason = String(body['reason']);
    one.user.lockedUntilMs = typeof hours === 'number' ? Date.now() + hours * HOUR : null;
    one.sessions = [];
  } else if (act === 'unlock') {
    one.user.status = 'active';
    one.attempts = [];
  } else if (act === 'require-reset') {
    one.user.mustReset = true;
    one.sessions = [];
  } else if (act === 'reset-factors') {
    one.factors = { totp: null, sms: null, backupCodes: null, passkeys: [] };
    one.user.factors = [];
  } else if (act === 'end-sessions') one.sessions = [];
  else if (act === 'roles') one.user.roles = body['roles'] as string[];
  else if (act === 'sessions') one.sessions = one.sessions.filter(({ id }) => id !== session);
  return ok(one);
}

/** What of /auth the console asks: proving a factor again, the rules of passwords, signing out. */
export function authCall({ parts, method, body }: Call): Answer {
  const path = parts.join('/');
  if (path === 'password/rules') return ok({ minLength: 15, minLengthWithSecondFactor: 8, maxLength: 256 });
  if (path === 'sign-out') return { status: 204 };
  if (path === 'step-up/send') return { status: 202, body: { accepted: true } };
  if (path === 'passkeys/step-up/options') return ok({ challenge: 'c', options: { challenge: 'AAAA' } });
  if (path !== 'step-up') return fail(404, 'NOT_FOUND', 'There is no such route.');
  if (method === 'GET') return ok({ factors: ['passkey', 'totp', 'backup', 'password'], freshUntilMs: 0 });
  const { response } = (body['passkey'] ?? {}) as { readonly response?: unknown };
  if (body['factor'] !== 'password' && body['code'] !== '123456' && response === undefined)
    return fail(401, 'INVALID_CODE', 'The code is wrong, was used before, or is too old.');
  freshAtMs = Date.now();
  return ok({ mfaRequired: false, scope: 'full' });
}
