import { beforeAll, describe, expect, it } from 'vitest';
import { onEachDatabase } from '../test-house.ts';
import {
  asGranted,
  asSecondStep,
  browser,
  countingStore,
  type House,
  houseOver,
  OPERATOR,
  PASSWORD,
  PUBLIC_URL,
  refusalOf,
  stranger,
} from './test-account.ts';

const NEXT = 'another horse battery staple 9';
const invalid = { status: 400, code: 'LINK_INVALID' };

onEachDatabase((sql) => {
  let house: House;
  beforeAll(async () => {
    house = await houseOver(sql());
  });
  /** A request from a network of its own. */
  const own = (): typeof browser => ({ ...browser, group: house.email() });

  describe('signing up', () => {
    it('makes no account before the mailed link is used, and then one with the usual roles', async () => {
      const { identity } = house;
      const email = house.email();
      const given = { email, password: PASSWORD, name: 'Ada', roles: ['administrator'], emailVerified: true };
      await identity.signUp(given, own());
      expect(await identity.accounts.byEmail(email)).toBeUndefined();
      const token = await house.token(email, 'verify-email');
      const { rows } = await sql().query('SELECT * FROM rampart.identity_links WHERE email_key = $1', [
        email,
      ]);
      expect(JSON.stringify(rows)).not.toContain(token);
      expect(JSON.stringify(rows)).not.toMatch(/argon2|Ada/);
      expect(await identity.verifyEmail(token, own())).toEqual({ email });
      expect(await identity.accounts.byEmail(email)).toMatchObject({
        status: 'active',
        roles: ['customer'],
        name: 'Ada',
      });
    });

    it('A31: of 50 simultaneous uses of the link one makes the account', async () => {
      const { identity } = house;
      const email = house.email();
      await identity.signUp({ email, password: PASSWORD }, own());
      const token = await house.token(email, 'verify-email');
      const uses = Array.from({ length: 50 }, () => identity.verifyEmail(token, browser));
      const done = await Promise.allSettled(uses);
      expect(done.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      expect(await refusalOf(identity.verifyEmail(token, browser))).toMatchObject(invalid);
    });

    it('A22: a known address is answered alike; its owner alone is told', async () => {
      const { identity } = house;
      const person = await house.person();
      await expect(identity.signUp({ email: person.email, password: NEXT }, own())).resolves.toBeUndefined();
      const kinds = (await house.mailsTo(person.email)).map((mail) => mail.kind);
      expect(kinds).toContain('already-registered');
      const signed = await identity.signIn({ email: person.email, password: PASSWORD }, person.facts);
      expect(signed.kind).toBe('granted');
    });

    it('A23: sign-up, resending and forgetting run the same statements for known and unknown addresses', async () => {
      const counted = countingStore(sql());
      const watched = await houseOver(counted.store);
      const { identity } = watched;
      const person = await watched.person();
      const run = async (work: (email: string) => Promise<void>, email: string) => {
        counted.seen.length = 0;
        await work(email);
        return [...counted.seen];
      };
      const works = [
        (email: string) => identity.signUp({ email, password: NEXT }, own()),
        (email: string) => identity.resendVerification(email, own()),
        (email: string) => identity.forgotPassword(email, own()),
      ];
      for (const work of works) {
        expect(await run(work, person.email)).toEqual(await run(work, watched.email()));
      }
      house = await houseOver(sql());
    });

    it('of two links to one address used at once one makes the account, and nothing gets stuck', async () => {
      const { identity } = house;
      const email = house.email();
      const tokens: string[] = [];
      for (let i = 0; i < 3; i += 1) {
        await identity.signUp({ email, password: PASSWORD }, own());
        tokens.push(await house.token(email, 'verify-email'));
      }
      const done = await Promise.allSettled(tokens.map((token) => identity.verifyEmail(token, browser)));
      expect(done.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      for (const one of done) if (one.status === 'rejected') expect(one.reason).toMatchObject(invalid);
    });

    it('holds its ceiling when fifty ask at once', async () => {
      const { identity } = house;
      const { person } = await house.enrol(await house.person());
      await Promise.all(Array.from({ length: 50 }, () => identity.forgotPassword(person.email, own())));
      const kinds = (await house.mailsTo(person.email)).map((mail) => mail.kind);
      expect(kinds.filter((kind) => kind === 'reset-password')).toHaveLength(3);
    });

    it('names every fault of a password, for known and unknown addresses alike', async () => {
      const { identity } = house;
      const person = await house.person();
      const unknown = await refusalOf(identity.signUp({ email: house.email(), password: 'short' }, own()));
      expect(unknown).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
      expect(unknown['details']).toMatchObject([{ field: 'password', code: 'PASSWORD_TOO_SHORT' }]);
      expect(await refusalOf(identity.signUp({ email: person.email, password: 'short' }, own()))).toEqual(
        unknown,
      );
    });

    it('A32: where two have signed up with one address, neither password counts: the owner sets one', async () => {
      const { identity } = house;
      const email = house.email();
      await identity.signUp({ email, password: 'attacker knows this one 1', name: 'Eve' }, stranger);
      const planted = await house.token(email, 'verify-email');
      await identity.signUp({ email, password: PASSWORD }, own());
      const facts = own();
      await identity.verifyEmail(planted, facts);
      for (const password of ['attacker knows this one 1', PASSWORD]) {
        expect(await refusalOf(identity.signIn({ email, password }, facts))).toMatchObject({
          code: 'INVALID_CREDENTIALS',
        });
      }
      const token = await house.token(email, 'reset-required');
      await identity.resetPassword({ token, password: NEXT }, facts);
      expect((await identity.signIn({ email, password: NEXT }, facts)).kind).toBe('granted');
    });

    it('sends at most three mails an hour to one address, and resends the sign-up that waits', async () => {
      const { identity, clock } = house;
      const email = house.email();
      await identity.signUp({ email, password: PASSWORD }, own());
      for (let i = 0; i < 6; i += 1) await identity.resendVerification(email, own());
      expect(await house.mailsTo(email)).toHaveLength(3);
      clock.advance(3_600_001);
      await identity.resendVerification(email, own());
      expect(await house.mailsTo(email)).toHaveLength(4);
      await identity.verifyEmail(await house.token(email, 'verify-email'), browser);
      expect((await identity.signIn({ email, password: PASSWORD }, own())).kind).toBe('granted');
    });

    it('sends nothing more once a client has caused twenty mails in an hour', async () => {
      const { identity } = house;
      const facts = own();
      const emails = Array.from({ length: 22 }, () => house.email());
      for (const email of emails) await identity.signUp({ email, password: PASSWORD }, facts);
      const sent = await Promise.all(emails.map((email) => house.mailsTo(email)));
      expect(sent.flat()).toHaveLength(20);
    });

    it('lets links run out', async () => {
      const { identity, clock } = house;
      const email = house.email();
      await identity.signUp({ email, password: PASSWORD }, own());
      const token = await house.token(email, 'verify-email');
      clock.advance(24 * 3_600_000 + 1);
      expect(await refusalOf(identity.verifyEmail(token, browser))).toMatchObject(invalid);
    });

    it('can be closed', async () => {
      const closed = await houseOver(sql(), { signUp: 'closed' });
      const given = { email: closed.email(), password: PASSWORD };
      expect(await refusalOf(closed.identity.signUp(given, browser))).toMatchObject({
        code: 'SIGN_UP_CLOSED',
      });
      house = await houseOver(sql());
    });
  });

  describe('a forgotten password', () => {
    it('is set anew by a link of the configured host, which ends every session and device', async () => {
      const { identity } = house;
      const person = await house.person();
      const { account } = person.session;
      await identity.forgotPassword(person.email, person.facts);
      const mail = (await house.mailsTo(person.email)).findLast((one) => one.kind === 'reset-password');
      expect(mail?.text).toContain(`${PUBLIC_URL}/account/reset#token=`);
      const token = await house.token(person.email, 'reset-password');
      await identity.resetPassword({ token, password: NEXT }, person.facts);
      expect(await identity.sessions.list(account, null)).toEqual([]);
      expect((await identity.devices.judge(account, person.facts)).kind).toBe('unknown');
      expect((await house.mailsTo(person.email)).at(-1)?.kind).toBe('password-changed');
      expect(house.audited(account)).toContain('PASSWORD_RESET');
      expect(await refusalOf(identity.resetPassword({ token, password: NEXT }, browser))).toMatchObject(
        invalid,
      );
    });

    it('A31: only the newest link counts, and a refused password does not use it up', async () => {
      const { identity } = house;
      const person = await house.person();
      await identity.forgotPassword(person.email, person.facts);
      const old = await house.token(person.email, 'reset-password');
      await identity.forgotPassword(person.email, person.facts);
      const token = await house.token(person.email, 'reset-password');
      const reset = (one: string, password: string) =>
        identity.resetPassword({ token: one, password }, person.facts);
      expect(await refusalOf(reset(old, NEXT))).toMatchObject(invalid);
      expect(await refusalOf(reset(token, 'short'))).toMatchObject({ code: 'VALIDATION_ERROR' });
      await reset(token, NEXT);
    });

    it('A31: of 50 simultaneous uses one sets the password', async () => {
      const { identity } = house;
      const person = await house.person();
      await identity.forgotPassword(person.email, person.facts);
      const token = await house.token(person.email, 'reset-password');
      const uses = Array.from({ length: 50 }, (_, i) =>
        identity.resetPassword({ token, password: `${NEXT} ${i}` }, person.facts),
      );
      const done = await Promise.allSettled(uses);
      expect(done.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    });

    it('does not get stuck when a reset, a change and another request meet', async () => {
      const { identity } = house;
      const person = await house.person();
      await identity.forgotPassword(person.email, person.facts);
      const token = await house.token(person.email, 'reset-password');
      const done = await Promise.allSettled([
        identity.resetPassword({ token, password: NEXT }, person.facts),
        identity.changePassword(person.session, { newPassword: `${NEXT} 2` }, person.facts),
        identity.forgotPassword(person.email, person.facts),
        identity.changeEmail(person.session, house.email(), person.facts),
      ]);
      const codes = done.flatMap((one) =>
        one.status === 'rejected' ? [(one.reason as { code: string }).code] : [],
      );
      for (const code of codes) expect(['LINK_INVALID', 'CONFLICT', 'SESSION_ENDED']).toContain(code);
    });

    it('A31: links die when the password or the address changes, and fit no other flow', async () => {
      const { identity } = house;
      const person = await house.person();
      await identity.forgotPassword(person.email, person.facts);
      const token = await house.token(person.email, 'reset-password');
      expect(await refusalOf(identity.verifyEmail(token, browser))).toMatchObject(invalid);
      expect(await refusalOf(identity.unlock(token, browser))).toMatchObject(invalid);
      const change = { currentPassword: PASSWORD, newPassword: NEXT };
      await identity.changePassword(person.session, change, person.facts);
      expect(await refusalOf(identity.resetPassword({ token, password: PASSWORD }, browser))).toMatchObject(
        invalid,
      );
    });

    it('A22: tells an unknown address by mail alone', async () => {
      const { identity } = house;
      const email = house.email();
      await expect(identity.forgotPassword(email, own())).resolves.toBeUndefined();
      expect((await house.mailsTo(email)).map((mail) => mail.kind)).toEqual(['no-account']);
    });

    it('A36: does not skip the second factor', async () => {
      const { identity } = house;
      const { person } = await house.enrol(await house.person());
      await identity.forgotPassword(person.email, person.facts);
      const token = await house.token(person.email, 'reset-password');
      await identity.resetPassword({ token, password: NEXT }, person.facts);
      const answer = await identity.signIn({ email: person.email, password: NEXT }, person.facts);
      expect(asSecondStep(answer).factors).toContain('totp');
    });

    it('lifts what too many wrong passwords had disabled, which an unlock link does not', async () => {
      const strict = await houseOver(sql(), {
        lockout: { passwordFailures: 10, accountDelayAfter: 5 },
        links: { unlock: '12h' },
      });
      const { identity, clock } = strict;
      const person = await strict.person();
      for (let i = 0; i < 10; i += 1) {
        const facts = { ...stranger, group: `disable ${i} ${person.email}` };
        await refusalOf(identity.signIn({ email: person.email, password: 'wrong' }, facts));
        if (i >= 4) clock.advance(1_000_000);
      }
      const facts = { ...stranger, group: `owner ${person.email}` };
      const sign = (password: string) => identity.signIn({ email: person.email, password }, facts);
      expect(await refusalOf(sign(PASSWORD))).toMatchObject({ code: 'INVALID_CREDENTIALS' });
      const kinds = (await strict.mailsTo(person.email)).map((mail) => mail.kind);
      expect(kinds.filter((kind) => kind === 'suspicious-attempts')).toHaveLength(2);
      await identity.unlock(await strict.token(person.email, 'unlock'), facts);
      expect(await refusalOf(sign(PASSWORD))).toMatchObject({ code: 'INVALID_CREDENTIALS' });
      const token = await strict.token(person.email, 'reset-password');
      await identity.resetPassword({ token, password: NEXT }, facts);
      expect((await sign(NEXT)).kind).toBe('granted');
      house = await houseOver(sql());
    });
  });

  describe('changing a password', () => {
    it('gives this session new tokens, ends the others and tells the owner', async () => {
      const { identity } = house;
      const person = await house.person();
      await identity.signIn({ email: person.email, password: PASSWORD }, { ...person.facts });
      const before = person.granted.grant.cookie?.value as string;
      const change = { currentPassword: PASSWORD, newPassword: NEXT };
      const granted = await identity.changePassword(person.session, change, person.facts);
      const open = await identity.sessions.list(person.session.account, null);
      expect(open.map((one) => one.id)).toEqual([person.session.id]);
      const seen = (token: string) => identity.sessions.identify({ kind: 'cookie', token }, person.facts);
      expect(await seen(before)).toBeUndefined();
      expect((await seen(granted.grant.cookie?.value as string))?.id).toBe(person.session.id);
      expect((await house.mailsTo(person.email)).at(-1)?.kind).toBe('password-changed');
    });

    it('needs the present password, or a factor proven within ten minutes', async () => {
      const { identity, clock } = house;
      const person = await house.person();
      const wrong = { currentPassword: NEXT, newPassword: NEXT };
      expect(await refusalOf(identity.changePassword(person.session, wrong, person.facts))).toMatchObject({
        status: 401,
        code: 'INVALID_CREDENTIALS',
      });
      clock.advance(600_001);
      const without = () => identity.changePassword(person.session, { newPassword: NEXT }, person.facts);
      expect(await refusalOf(without())).toMatchObject({
        code: 'FRESH_AUTH_REQUIRED',
        details: { factors: ['password'], withinSeconds: 600 },
      });
      const proof = { factor: 'password', password: PASSWORD } as const;
      await identity.stepUp(person.session, proof, person.facts);
      expect((await without()).kind).toBe('granted');
    });

    it('refuses the password that is there already, and its owner’s name', async () => {
      const { identity } = house;
      const person = await house.person();
      const change = (newPassword: string) =>
        identity.changePassword(person.session, { currentPassword: PASSWORD, newPassword }, person.facts);
      expect((await refusalOf(change(PASSWORD)))['details']).toMatchObject([
        { field: 'newPassword', code: 'PASSWORD_REUSED' },
      ]);
      expect((await refusalOf(change(person.email)))['details']).toMatchObject([
        { code: 'PASSWORD_CONTEXT' },
      ]);
    });

    it('of two at once lets one win', async () => {
      const { identity } = house;
      const person = await house.person();
      const change = (newPassword: string) =>
        identity.changePassword(person.session, { newPassword }, person.facts);
      const done = await Promise.allSettled([change(NEXT), change(`${NEXT} 2`)]);
      expect(done.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    });

    it('is all that a session can do whose password an administrator chose', async () => {
      const { identity } = house;
      const email = house.email();
      const given = { email, name: '', password: PASSWORD, roles: ['customer'], mustReset: true };
      await identity.accounts.create(given, OPERATOR);
      const facts = own();
      const { session } = asGranted(await identity.signIn({ email, password: PASSWORD }, facts)).grant;
      expect(session.scope).toBe('reset');
      for (const tried of [
        () => identity.changeProfile(session, { name: 'x' }),
        () => identity.enrolTotp(session, facts),
        () => identity.requireFresh(session),
        () => identity.endOtherSessions(session, facts),
      ]) {
        expect(await refusalOf(tried())).toMatchObject({ status: 403, code: 'PASSWORD_RESET_REQUIRED' });
      }
      const granted = await identity.changePassword(session, { newPassword: NEXT }, facts);
      expect(granted.grant.session.scope).toBe('full');
    });
  });
});
