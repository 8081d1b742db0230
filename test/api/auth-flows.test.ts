import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestAuthenticator } from '../../src/modules/identity/factor/test-authenticator.ts';
import { OPERATOR, PASSWORD } from '../../src/modules/identity/account/test-account.ts';
import type {
  BackupCodes,
  DeviceList,
  MfaRequired,
  MfaStatus,
  Passkey,
  PasskeyList,
  PasskeyOptions,
  PasskeyRegistered,
  SessionInfo,
  SessionList,
  SignedIn,
  SignInHistory,
  StepUpOptions,
  TotpEnrolment,
} from '../../src/server/api/auth-types.ts';
import type { UserAnswer, UsersAnswer } from '../../src/server/api/user-types.ts';
import type { Stores } from '../../src/server/data/index.ts';
import { type Browser, realHouse, type RealHouse } from './auth-real.ts';
import { onEachDatabase } from './databases.ts';
import { errorOf } from './house.ts';

const API = { 'x-rampart-client': 'api' };

onEachDatabase((stores) => {
  let home: RealHouse;
  beforeAll(async () => {
    home = await realHouse(stores());
  });
  afterAll(() => home.real.identity.close());
  describe('an account over HTTP', () => accountSuite(() => home));
  describe('passkeys and messages over HTTP', () => factorSuite(() => home));
  describe('what an answer tells of accounts (A22)', () => sameAnswerSuite(() => home, stores));
  describe('an administrator over HTTP', () => administratorSuite(() => home));
});

function accountSuite(home: () => RealHouse): void {
  it('is made by a mailed link, signs in, looks around and signs out', async () => {
    const { browser, email, signedIn } = await home().person();
    expect(signedIn).toMatchObject({
      mfaRequired: false,
      scope: 'full',
      user: { email, emailVerified: true },
    });
    const info = await browser.ask<SessionInfo>('GET', '/auth/session');
    expect(info).toMatchObject({
      user: signedIn.user,
      session: { aal: 1, factors: ['password'], client: 'browser', scope: 'full' },
      mfaEnforced: false,
      console: false,
    });
    expect(info.session.freshAtMs).toBeGreaterThan(0);
    const { sessions } = await browser.ask<SessionList>('GET', '/auth/sessions');
    expect(sessions.map((one) => [one.current, one.id])).toEqual([[true, info.session.id]]);
    const { devices } = await browser.ask<DeviceList>('GET', '/auth/devices');
    expect(devices.map((one) => one.current)).toEqual([true]);
    const { entries } = await browser.ask<SignInHistory>('GET', '/auth/history');
    expect(entries[0]).toMatchObject({ outcome: 'signed-in', factors: ['password'] });
    const changed = await browser.ask('PATCH', '/auth/profile', { name: 'Ada L.' });
    expect(changed).toMatchObject({ name: 'Ada L.' });
    const cookies = new Map(browser.cookies);
    await browser.ask('POST', '/auth/sign-out', undefined, 204);
    expect([...browser.cookies.keys()]).toEqual(['rampart_device']);
    for (const [name, value] of cookies) browser.cookies.set(name, value);
    expect((await browser.send('GET', '/auth/session')).status).toBe(401);
  });

  it('gets a new cookie with every sign-in, and the one before is dead (31)', async () => {
    const { browser, email } = await home().person();
    const before = browser.cookies.get('rampart_session') as string;
    await browser.ask('POST', '/auth/sign-in', { email, password: PASSWORD });
    expect(browser.cookies.get('rampart_session')).not.toBe(before);
    const old = await browser.send('GET', '/auth/session', undefined, {
      cookie: `rampart_session=${before}`,
    });
    expect(old.status).toBe(401);
    const { sessions } = await browser.ask<SessionList>('GET', '/auth/sessions');
    expect(sessions).toHaveLength(1);
  });

  it('serves fifty tabs that refresh at once with one and the same cookie (A10)', async () => {
    const { browser } = await home().person();
    const cookie = `rampart_session=${browser.cookies.get('rampart_session') as string}`;
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => browser.send('POST', '/auth/refresh', undefined, { cookie })),
    );
    expect(new Set(answers.map((one) => one.status))).toEqual(new Set([200]));
    expect(new Set(answers.map((one) => one.headers.getSetCookie()[0])).size).toBe(1);
    expect((await browser.send('GET', '/auth/session')).status).toBe(200);
  });

  it('holds tokens in an API client, whose refresh token is good once (A9)', async () => {
    const { email } = await home().person();
    const client = home().browser();
    const first = await client.ask<SignedIn>(
      'POST',
      '/auth/sign-in',
      { email, password: PASSWORD },
      200,
      API,
    );
    expect(client.cookies.size).toBe(0);
    const asBearer = (token: string | undefined): Promise<Response> =>
      client.send('GET', '/auth/session', undefined, { authorization: `Bearer ${token ?? ''}` });
    expect((await asBearer(first.accessToken)).status).toBe(200);
    expect((await asBearer(first.refreshToken)).status).toBe(401);
    const body = { refreshToken: first.refreshToken };
    const second = await client.ask<SignedIn>('POST', '/auth/refresh', body);
    const third = await client.ask<SignedIn>('POST', '/auth/refresh', { refreshToken: second.refreshToken });
    expect((await asBearer(third.accessToken)).status).toBe(200);
    home().real.clock.advance(60_000);
    expect((await client.send('POST', '/auth/refresh', body)).status).toBe(401);
    expect((await asBearer(third.accessToken)).status).toBe(401);
  });

  it('cannot touch sessions, devices and passkeys of another (A65)', async () => {
    const ada = await home().person();
    const bob = await home().person();
    const sessions = (await ada.browser.ask<SessionList>('GET', '/auth/sessions')).sessions;
    const devices = (await ada.browser.ask<DeviceList>('GET', '/auth/devices')).devices;
    for (const [method, path, body] of [
      ['DELETE', `/auth/sessions/${sessions[0]?.id ?? ''}`, undefined],
      ['DELETE', `/auth/devices/${devices[0]?.id ?? ''}`, undefined],
      ['DELETE', `/auth/sessions/${bob.signedIn.user.id}`, undefined],
      ['PATCH', '/auth/passkeys/psk_01k9x3v8c0m2n4p6q8r0s2t4v6', { name: 'Mine' }],
      ['DELETE', '/auth/passkeys/psk_01k9x3v8c0m2n4p6q8r0s2t4v6', undefined],
    ] as const) {
      expect([path, (await bob.browser.send(method, path, body)).status]).toEqual([path, 404]);
    }
    expect((await ada.browser.ask<DeviceList>('GET', '/auth/devices')).devices).toHaveLength(1);
    expect((await ada.browser.send('GET', '/auth/session')).status).toBe(200);
    // Her own go, and with the session in force its cookie.
    const gone = await ada.browser.send('DELETE', `/auth/sessions/${sessions[0]?.id ?? ''}`);
    expect(gone.status).toBe(204);
    expect(ada.browser.cookies.has('rampart_session')).toBe(false);
  });

  it('whose password somebody else chose sets a new one first, and reaches nothing before (14)', async () => {
    const { real } = home();
    const email = real.email();
    await real.identity.accounts.create(
      { email, name: 'Joan', password: PASSWORD, roles: ['customer'], mustReset: true },
      OPERATOR,
    );
    const joan = home().browser();
    const half = await joan.ask<SignedIn>('POST', '/auth/sign-in', { email, password: PASSWORD });
    expect(half.scope).toBe('reset');
    for (const [method, path] of [
      ['GET', '/auth/sessions'],
      ['GET', '/auth/mfa'],
      ['POST', '/auth/mfa/totp/enrol'],
      ['GET', '/auth/step-up'],
      ['POST', '/auth/passkeys/register/options'],
    ] as const) {
      const refused = await joan.send(method, path);
      expect([path, refused.status, (await errorOf(refused)).code]).toEqual([
        path,
        403,
        'PASSWORD_RESET_REQUIRED',
      ]);
    }
    expect((await joan.send('POST', '/auth/password/change', { newPassword: PASSWORD })).status).toBe(400);
    const body = { newPassword: 'a phrase that only Joan knows' };
    expect(await joan.ask<SignedIn>('POST', '/auth/password/change', body)).toMatchObject({ scope: 'full' });
    expect((await joan.send('GET', '/auth/sessions')).status).toBe(200);
  });

  it('changes its password: other sessions end, this one has a new cookie (11)', async () => {
    const { browser, email } = await home().person();
    const other = home().browser();
    await other.ask('POST', '/auth/sign-in', { email, password: PASSWORD });
    const before = browser.cookies.get('rampart_session');
    const body = { currentPassword: PASSWORD, newPassword: 'an entirely different phrase 9' };
    await browser.ask('POST', '/auth/password/change', body);
    expect(browser.cookies.get('rampart_session')).not.toBe(before);
    expect((await browser.send('GET', '/auth/session')).status).toBe(200);
    expect((await other.send('GET', '/auth/session')).status).toBe(401);
  });
}

function factorSuite(home: () => RealHouse): void {
  const authenticator = (): TestAuthenticator => new TestAuthenticator('localhost', 'http://localhost:4600');
  /** Asks for options and answers them. */
  const answer = async (
    browser: Browser,
    key: TestAuthenticator,
    path: string,
    body?: object,
  ): Promise<object> => {
    const { challenge, options } = await browser.ask<PasskeyOptions>('POST', path, body);
    return { challenge, response: key.answer(options) };
  };

  it('a passkey is registered, named, signs in, steps up and stands as second step; nobody else has it (A45, A65)', async () => {
    const { browser, email } = await home().person();
    const key = authenticator();
    const { challenge, options } = await browser.ask<PasskeyOptions>(
      'POST',
      '/auth/passkeys/register/options',
    );
    const given = { challenge, response: key.register(options), name: 'Phone' };
    const before = browser.cookies.get('rampart_session');
    const { passkey, backupCodes } = await browser.ask<PasskeyRegistered>(
      'POST',
      '/auth/passkeys/register/verify',
      given,
      201,
    );
    expect([passkey.name, backupCodes.length]).toEqual(['Phone', 10]);
    expect(browser.cookies.get('rampart_session')).not.toBe(before);
    expect((await browser.send('POST', '/auth/passkeys/register/verify', given)).status).toBe(401);

    const path = `/auth/passkeys/${passkey.id}`;
    const stranger = await home().person();
    expect((await stranger.browser.send('PATCH', path, { name: 'Mine' })).status).toBe(404);
    expect((await stranger.browser.send('DELETE', path)).status).toBe(404);
    expect(await browser.ask<Passkey>('PATCH', path, { name: 'Key ring' })).toMatchObject({
      name: 'Key ring',
    });
    expect(await browser.ask<PasskeyList>('GET', '/auth/passkeys')).toMatchObject({
      passkeys: [{ name: 'Key ring' }],
    });

    const alone = home().browser();
    const signIn = await answer(alone, key, '/auth/passkeys/sign-in/options');
    expect(await alone.ask('POST', '/auth/passkeys/sign-in/verify', signIn)).toMatchObject({ scope: 'full' });
    expect((await alone.send('POST', '/auth/passkeys/sign-in/verify', signIn)).status).toBe(401);
    const stepUp = await answer(alone, key, '/auth/passkeys/step-up/options');
    await alone.ask('POST', '/auth/step-up', { factor: 'passkey', passkey: stepUp });

    const second = home().browser();
    const due = await second.ask<MfaRequired>('POST', '/auth/sign-in', { email, password: PASSWORD });
    expect(due.factors).toEqual(['passkey', 'backup']);
    const bound = { challenge: due.challenge };
    const proof = await answer(second, key, '/auth/mfa/passkey/options', bound);
    await second.ask('POST', '/auth/mfa/verify', { ...bound, factor: 'passkey', passkey: proof });
    expect(await second.ask<SessionInfo>('GET', '/auth/session')).toMatchObject({ session: { aal: 2 } });
    await second.ask('DELETE', path, undefined, 204);
    expect((await second.ask<PasskeyList>('GET', '/auth/passkeys')).passkeys).toEqual([]);
  });

  it('a number is enrolled by the code that it was sent, and its code is good for the step-up that asked (A43)', async () => {
    const { browser, email } = await home().person();
    const { ports, clock } = home().real;
    const phone = '+4915112345678';
    const lastCode = (): string => /\b\d{6}\b/.exec(ports.messages.at(-1)?.text ?? '')?.[0] ?? '';
    await browser.ask('POST', '/auth/mfa/sms/enrol', { phone }, 202);
    const enrolling = lastCode();
    const { backupCodes } = await browser.ask<BackupCodes>('POST', '/auth/mfa/sms/confirm', {
      code: enrolling,
    });
    expect(backupCodes).toHaveLength(10);
    const status = await browser.send('GET', '/auth/mfa');
    expect(await status.text()).not.toContain(phone.slice(1));
    expect(await browser.ask<StepUpOptions>('GET', '/auth/step-up')).toMatchObject({
      factors: ['sms', 'backup', 'password'],
    });
    clock.advance(31_000);
    await browser.ask('POST', '/auth/step-up/send', undefined, 202);
    expect((await browser.send('POST', '/auth/step-up', { factor: 'sms', code: enrolling })).status).toBe(
      401,
    );
    await browser.ask('POST', '/auth/step-up', { factor: 'sms', code: lastCode() });

    const elsewhere = home().browser();
    clock.advance(31_000);
    const due = await elsewhere.ask<MfaRequired>('POST', '/auth/sign-in', { email, password: PASSWORD });
    expect(due).toMatchObject({ factors: ['sms', 'backup'], phoneHint: '•••• 78' });
    await elsewhere.ask('POST', '/auth/mfa/send', { challenge: due.challenge, factor: 'sms' }, 202);
    const proof = { challenge: due.challenge, factor: 'sms', code: lastCode() };
    await elsewhere.ask('POST', '/auth/mfa/verify', proof);
    await elsewhere.ask('POST', '/auth/mfa/disable', { factor: 'sms' }, 204);
  });
}

function sameAnswerSuite(home: () => RealHouse, stores: () => Stores): void {
  /** Everything of an answer that somebody outside can see. */
  const seen = async (response: Response): Promise<unknown> => ({
    status: response.status,
    headers: [...response.headers],
    body: await response.text(),
  });

  it('is byte-equal for known, unknown, unverified, locked and disabled addresses', async () => {
    const known = await home().person();
    const locked = await home().person();
    await home().real.identity.accounts.lock(locked.signedIn.user.id, { reason: 'test' }, OPERATOR);
    const disabled = await home().person();
    await stores().sql.query(`UPDATE rampart.identity_accounts SET status = 'disabled' WHERE id = $1`, [
      disabled.signedIn.user.id,
    ]);
    const unverified = home().real.email();
    await home().browser().ask('POST', '/auth/sign-up', { email: unverified, password: PASSWORD }, 202);
    const states = [home().real.email(), known.email, locked.email, disabled.email, unverified];
    for (const [path, bodyOf] of [
      ['/auth/sign-in', (email: string) => ({ email, password: 'wrong but long enough' })],
      ['/auth/password/forgot', (email: string) => ({ email })],
      ['/auth/email/resend', (email: string) => ({ email })],
      ['/auth/sign-up', (email: string) => ({ email, password: PASSWORD })],
    ] as const) {
      const answers: unknown[] = [];
      for (const email of states)
        answers.push(await seen(await home().browser().send('POST', path, bodyOf(email))));
      for (const answer of answers) expect([path, answer]).toEqual([path, answers[0]]);
    }
    // With the right password too, as long as the account does not pass.
    const wrong = { email: home().real.email(), password: PASSWORD };
    const unknown = await seen(await home().browser().send('POST', '/auth/sign-in', wrong));
    for (const email of [locked.email, disabled.email, unverified]) {
      const right = { email, password: PASSWORD };
      expect(await seen(await home().browser().send('POST', '/auth/sign-in', right))).toEqual(unknown);
    }
  });

  it('is of one shape for passkeys, whoever asks', async () => {
    const shape = async (browser: Browser): Promise<unknown> => {
      const response = await browser.send('POST', '/auth/passkeys/sign-in/options');
      const text = await response.text();
      return [response.status, [...response.headers], text.replaceAll(/[\w-]{43,}/g, '*')];
    };
    const { browser } = await home().person();
    expect(await shape(browser)).toEqual(await shape(home().browser()));
  });
}

function administratorSuite(home: () => RealHouse): void {
  it('enrols a second factor first, and only then reaches anything (A36)', async () => {
    const { real, house } = home();
    const email = real.email();
    const made = await real.identity.accounts.create(
      { email, name: 'Grace', password: PASSWORD, roles: ['administrator'] },
      OPERATOR,
    );
    const grace = home().browser();
    const half = await grace.ask<SignedIn>('POST', '/auth/sign-in', { email, password: PASSWORD });
    expect(half.scope).toBe('enrol');
    for (const path of ['/auth/sessions', '/auth/history', '/admin/users', '/admin/session', '/metrics']) {
      expect([path, (await grace.send('GET', path)).status]).toEqual([path, 403]);
    }
    expect(await grace.ask<SessionInfo>('GET', '/auth/session')).toMatchObject({
      mfaEnforced: true,
      console: false,
    });
    expect(await grace.ask<MfaStatus>('GET', '/auth/mfa')).toMatchObject({ enforced: true, totp: null });
    expect(await grace.ask<StepUpOptions>('GET', '/auth/step-up')).toMatchObject({ factors: ['password'] });
    const before = grace.cookies.get('rampart_session') as string;
    const { secret, uri, qr, qrPng } = await grace.ask<TotpEnrolment>('POST', '/auth/mfa/totp/enrol');
    expect([uri.slice(0, 15), qr.slice(0, 4), qrPng.slice(0, 15)]).toEqual([
      'otpauth://totp/',
      '<svg',
      'data:image/png;',
    ]);
    const confirmed = await grace.ask<BackupCodes>('POST', '/auth/mfa/totp/confirm', {
      code: real.code(secret),
    });
    expect(confirmed.backupCodes).toHaveLength(10);
    const old = { cookie: `rampart_session=${before}` };
    expect((await grace.send('GET', '/auth/session', undefined, old)).status).toBe(401);
    expect(await grace.ask<SessionInfo>('GET', '/auth/session')).toMatchObject({
      session: { aal: 2, scope: 'full' },
      console: true,
    });
    expect(await grace.ask<MfaStatus>('GET', '/auth/mfa')).toMatchObject({
      enforced: true,
      backupCodes: { left: 10 },
    });

    // The next sign-in asks for it; a challenge opens nothing else, and is good once.
    const elsewhere = home().browser();
    const step = await elsewhere.ask<MfaRequired>('POST', '/auth/sign-in', { email, password: PASSWORD });
    expect([step.mfaRequired, elsewhere.cookies.size]).toEqual([true, 0]);
    const bearer = { authorization: `Bearer ${step.challenge}` };
    expect((await elsewhere.send('GET', '/auth/session', undefined, bearer)).status).toBe(401);
    const proof = { challenge: step.challenge, factor: 'backup', code: confirmed.backupCodes[0] as string };
    const wrong = await elsewhere.send('POST', '/auth/mfa/verify', { ...proof, code: 'AAAA-AAAA-AAAA-AAAA' });
    expect([wrong.status, (await errorOf(wrong)).code]).toEqual([401, 'INVALID_CODE']);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => elsewhere.send('POST', '/auth/mfa/verify', proof)),
    );
    expect(answers.filter((one) => one.status === 200)).toHaveLength(1);

    await manage(home(), grace, made.id, secret);
    expect(house.reported).toEqual([]);
  });
}

/** What a signed-in administrator does to others, and cannot do to themself. */
async function manage(home: RealHouse, grace: Browser, own: string, secret: string): Promise<void> {
  const { real } = home;
  const ada = await home.person();
  const path = `/admin/users/${ada.signedIn.user.id}`;
  const { users, total } = await grace.ask<UsersAnswer>('GET', '/admin/users?q=@example.org&limit=2');
  expect([users.length, total > 2]).toEqual([2, true]);
  expect(await grace.ask<UserAnswer>('GET', path)).toMatchObject({
    user: { email: ada.email },
    sessions: [{}],
  });
  // The factor is old by now: the act waits for a step-up.
  real.clock.advance(11 * 60_000);
  const { session } = await grace.ask<SessionInfo>('GET', '/auth/session');
  expect(session.aal).toBe(2);
  const refused = await grace.act<{ error: { code: string } }>(
    'POST',
    `${path}/lock`,
    { reason: 'Test' },
    401,
  );
  expect(refused.error.code).toBe('FRESH_AUTH_REQUIRED');
  await grace.ask('POST', '/auth/step-up', { factor: 'totp', code: real.code(secret) });
  const locked = await grace.act<UserAnswer>('POST', `${path}/lock`, { reason: 'Test', hours: 1 });
  expect(locked).toMatchObject({ user: { status: 'locked', lockedReason: 'Test' }, sessions: [] });
  expect((await ada.browser.send('GET', '/auth/session')).status).toBe(401);
  expect(await grace.act('POST', `${path}/unlock`)).toMatchObject({ user: { status: 'active' } });
  await grace.act('POST', `/admin/users/${own}/lock`, { reason: 'Test' }, 409);
  await grace.act('POST', `/admin/users/${own}/roles`, { roles: [] }, 409);
  const invited = { email: real.email(), roles: ['viewer'] };
  expect(await grace.act('POST', '/admin/users', invited, 201)).toMatchObject({
    user: { status: 'pending' },
  });
  await grace.act('POST', '/admin/users', { email: ada.email, roles: [] }, 409);
}
