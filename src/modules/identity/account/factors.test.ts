import { beforeAll, describe, expect, it } from 'vitest';
import { TestAuthenticator } from '../factor/test-authenticator.ts';
import { onEachDatabase } from '../test-house.ts';
import {
  asGranted,
  asSecondStep,
  browser,
  type House,
  houseOver,
  OPERATOR,
  PASSWORD,
  type Person,
  PUBLIC_URL,
  refusalOf,
  stranger,
} from './test-account.ts';

const NUMBER = '+4915123456789';

onEachDatabase((sql) => {
  let house: House;
  beforeAll(async () => {
    house = await houseOver(sql());
  });

  async function withPasskey(person: Person) {
    const { identity } = house;
    const authenticator = new TestAuthenticator(new URL(PUBLIC_URL).hostname, PUBLIC_URL);
    const question = await identity.passkeyRegistrationQuestion(person.session, person.facts);
    const response = authenticator.register(question.options);
    const answer = { challenge: question.challenge, response, name: 'Key' };
    const registered = await identity.registerPasskey(person.session, answer, person.facts);
    const { granted } = registered;
    return { authenticator, registered, person: { ...person, session: granted.grant.session, granted } };
  }

  describe('enrolling', () => {
    it('gives ten backup codes with the first factor, raises the session, ends the others and tells the owner', async () => {
      const { identity } = house;
      const before = await house.person();
      await identity.signIn({ email: before.email, password: PASSWORD }, before.facts);
      const { backupCodes, person } = await house.enrol(before);
      const { account } = person.session;
      expect(new Set(backupCodes).size).toBe(10);
      expect(person.session).toMatchObject({ aal: 2, factors: ['password', 'totp'] });
      expect(await identity.sessions.list(account, null)).toHaveLength(1);
      const events = house.audited(account);
      expect(events).toContain('MFA_ENABLED');
      expect(events).toContain('BACKUP_CODES_MADE');
      expect((await house.mailsTo(person.email)).at(-1)?.kind).toBe('factor-added');
      const old = before.granted.grant.cookie?.value as string;
      expect(await identity.sessions.identify({ kind: 'cookie', token: old }, before.facts)).toBeUndefined();
    });

    it('A48: a hijacked session enrols and removes nothing without proof of the second factor', async () => {
      const { identity, clock } = house;
      const { secret, person } = await house.enrol(await house.person());
      clock.advance(600_001);
      // The thief even knows the password.
      await identity.stepUp(person.session, { factor: 'password', password: PASSWORD }, person.facts);
      const { session, facts } = person;
      const tries = [
        () => identity.enrolTotp(session, facts),
        () => identity.enrolSms(session, NUMBER, facts),
        () => identity.passkeyRegistrationQuestion(session, facts),
        () => identity.disableFactor(session, 'totp', facts),
        () => identity.makeBackupCodes(session, facts),
        () => identity.changeEmail(session, house.email(), facts),
        () => identity.deleteAccount(session, facts),
      ];
      for (const tried of tries) {
        expect(await refusalOf(tried())).toMatchObject({ status: 401, code: 'FRESH_AUTH_REQUIRED' });
      }
      await identity.stepUp(session, { factor: 'totp', code: house.code(secret) }, facts);
      await expect(identity.makeBackupCodes(session, facts)).resolves.toHaveLength(10);
    });

    it('A39: ten wrong codes end an enrolment, and a new one starts anew', async () => {
      const { identity, clock } = house;
      const person = await house.person();
      await identity.enrolTotp(person.session, person.facts);
      const codes: unknown[] = [];
      for (let i = 0; i < 40; i += 1) {
        await identity.stepUp(person.session, { factor: 'password', password: PASSWORD }, person.facts);
        const refusal = await refusalOf(identity.confirmTotp(person.session, '000000', person.facts));
        codes.push(refusal['code']);
        if (refusal['code'] === 'FACTOR_DISABLED') break;
        clock.advance(301_000);
      }
      expect(codes.filter((code) => code === 'INVALID_CODE')).toHaveLength(10);
      expect(codes.at(-1)).toBe('FACTOR_DISABLED');
      const { person: enrolled } = await house.enrol(person);
      expect(enrolled.session.aal).toBe(2);
    });

    it('takes a telephone as second factor, by a code that was sent to it', async () => {
      const { identity, ports } = house;
      const person = await house.person();
      await identity.enrolSms(person.session, NUMBER, person.facts);
      const codeOf = (): string => /\b(\d{6})\b/.exec(ports.messages.at(-1)?.text ?? '')?.[1] ?? '';
      await identity.confirmSms(person.session, codeOf(), person.facts);
      house.clock.advance(31_000);
      const step = asSecondStep(
        await identity.signIn({ email: person.email, password: PASSWORD }, person.facts),
      );
      expect(step).toMatchObject({ factors: ['sms', 'backup'], phoneHint: '•••• 89' });
      await identity.sendSecondStepCode(step.challenge, 'sms', person.facts);
      const proof = { factor: 'sms', code: codeOf() } as const;
      // A43: a code for a sign-in is none for a step-up.
      const up = identity.stepUp(person.session, proof, person.facts);
      expect(await refusalOf(up)).toMatchObject({ status: 401 });
      const granted = await identity.finishSecondStep(step.challenge, proof, person.facts);
      expect(granted.grant.session.aal).toBe(2);
      expect(await refusalOf(identity.sendSecondStepCode(step.challenge, 'sms', person.facts))).toMatchObject(
        {
          code: 'CHALLENGE_INVALID',
        },
      );
    });

    it('never sends a code by mail as second factor unless that is allowed', async () => {
      const { identity } = house;
      const { person } = await house.enrol(await house.person());
      const step = asSecondStep(
        await identity.signIn({ email: person.email, password: PASSWORD }, person.facts),
      );
      const sending = identity.sendSecondStepCode(step.challenge, 'email', person.facts);
      expect(await refusalOf(sending)).toMatchObject({ status: 400 });
    });
  });

  describe('removing', () => {
    it('takes the backup codes along with the last factor, and ends other sessions', async () => {
      const { identity } = house;
      const { person } = await house.enrol(await house.person());
      await identity.disableFactor(person.session, 'totp', person.facts);
      expect(await identity.mfaStatus(person.session)).toMatchObject({
        totp: null,
        backupCodes: null,
        usable: [],
      });
      expect(house.audited(person.session.account)).toContain('MFA_DISABLED');
      expect((await house.mailsTo(person.email)).at(-1)?.kind).toBe('factor-removed');
      const again = identity.disableFactor(person.session, 'totp', person.facts);
      expect(await refusalOf(again)).toMatchObject({ status: 404 });
    });

    it('is refused for the last one where a role demands one, also when two go at once', async () => {
      const { identity } = house;
      const email = house.email();
      await identity.accounts.create({ email, name: '', password: PASSWORD, roles: ['viewer'] }, OPERATOR);
      const granted = asGranted(await identity.signIn({ email, password: PASSWORD }, browser));
      const start = { email, facts: browser, session: granted.grant.session, granted };
      const { person } = await withPasskey((await house.enrol(start)).person);
      const done = await Promise.allSettled([
        identity.disableFactor(person.session, 'totp', person.facts),
        identity.disableFactor(person.session, 'passkey', person.facts),
      ]);
      expect(done.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
      const lost = done.find((one) => one.status === 'rejected');
      expect(lost?.reason).toMatchObject({ status: 409, code: 'CONFLICT' });
    });
  });

  describe('a passkey', () => {
    it('with user verification is two factors in one', async () => {
      const { identity } = house;
      const { authenticator, registered, person } = await withPasskey(await house.person());
      expect(registered.backupCodes).toHaveLength(10);
      expect(house.audited(person.session.account)).toContain('PASSKEY_ADDED');
      const question = await identity.passkeySignInQuestion(stranger);
      authenticator.counter += 1;
      const response = authenticator.answer(question.options);
      const answer = { challenge: question.challenge, response };
      const granted = asGranted(await identity.passkeySignIn(answer, stranger));
      expect(granted.grant.session).toMatchObject({ aal: 2, factors: ['passkey'], scope: 'full' });
      expect(await refusalOf(identity.passkeySignIn(answer, stranger))).toMatchObject({
        code: 'INVALID_CREDENTIALS',
      });
    });

    it('A45: an answer for a sign-in finishes no second step, and none of another account does', async () => {
      const { identity } = house;
      const one = await withPasskey(await house.person());
      const other = await withPasskey(await house.person());
      const step = asSecondStep(
        await identity.signIn({ email: one.person.email, password: PASSWORD }, one.person.facts),
      );
      const finish = (challenge: string, response: unknown) =>
        identity.finishSecondStep(
          step.challenge,
          { factor: 'passkey', passkey: { challenge, response } },
          one.person.facts,
        );
      const loose = await identity.passkeySignInQuestion(one.person.facts);
      one.authenticator.counter += 1;
      const first = one.authenticator.answer(loose.options);
      expect(await refusalOf(finish(loose.challenge, first))).toMatchObject({ code: 'INVALID_CODE' });
      const bound = await identity.secondStepPasskey(step.challenge, one.person.facts);
      other.authenticator.counter += 1;
      const foreign = other.authenticator.answer(bound.options);
      expect(await refusalOf(finish(bound.challenge, foreign))).toMatchObject({ code: 'INVALID_CODE' });
      const again = await identity.secondStepPasskey(step.challenge, one.person.facts);
      one.authenticator.counter += 1;
      const right = one.authenticator.answer(again.options);
      expect((await finish(again.challenge, right)).grant.session.aal).toBe(2);
    });

    it('of a locked account opens nothing', async () => {
      const { identity } = house;
      const { authenticator, person } = await withPasskey(await house.person());
      await identity.accounts.lock(person.session.account, { reason: 'test' }, OPERATOR);
      const question = await identity.passkeySignInQuestion(stranger);
      authenticator.counter += 1;
      const response = authenticator.answer(question.options);
      const tried = identity.passkeySignIn({ challenge: question.challenge, response }, stranger);
      expect(await refusalOf(tried)).toMatchObject({ status: 401, code: 'INVALID_CREDENTIALS' });
    });

    it('is renamed and removed by its owner alone', async () => {
      const { identity } = house;
      const { registered, person } = await withPasskey(await house.person());
      const other = await house.person();
      const { id } = registered.passkey;
      expect(await refusalOf(identity.renamePasskey(other.session, id, 'Mine'))).toMatchObject({
        status: 404,
      });
      expect(await refusalOf(identity.removePasskey(other.session, id, other.facts))).toMatchObject({
        status: 404,
      });
      expect((await identity.renamePasskey(person.session, id, 'Blue key')).name).toBe('Blue key');
      await identity.removePasskey(person.session, id, person.facts);
      expect((await identity.mfaStatus(person.session)).passkeys).toEqual([]);
      expect(house.audited(person.session.account)).toContain('PASSKEY_REMOVED');
    });
  });

  describe('a step-up', () => {
    it('A16: gives new tokens, and the old ones are dead', async () => {
      const { identity } = house;
      const person = await house.person();
      const old = person.granted.grant.cookie?.value as string;
      const proof = { factor: 'password', password: PASSWORD } as const;
      const granted = await identity.stepUp(person.session, proof, person.facts);
      const seen = (token: string) => identity.sessions.identify({ kind: 'cookie', token }, person.facts);
      expect(await seen(old)).toBeUndefined();
      expect((await seen(granted.grant.cookie?.value as string))?.id).toBe(person.session.id);
    });

    it('is what sensitive acts ask for after ten minutes, with what the account has', async () => {
      const { identity, clock } = house;
      const { secret, person } = await house.enrol(await house.person());
      await expect(identity.requireFresh(person.session, { factor: 'second' })).resolves.toBeUndefined();
      clock.advance(600_001);
      expect(await refusalOf(identity.requireFresh(person.session))).toEqual({
        status: 401,
        code: 'FRESH_AUTH_REQUIRED',
        message: 'Prove again that it is you.',
        details: { factors: ['totp', 'backup', 'password'], withinSeconds: 600 },
      });
      const wrong = { factor: 'password', password: 'not this one at all' } as const;
      expect(await refusalOf(identity.stepUp(person.session, wrong, person.facts))).toMatchObject({
        code: 'INVALID_CREDENTIALS',
      });
      const code = house.code(secret);
      await identity.stepUp(person.session, { factor: 'totp', code }, person.facts);
      await expect(identity.requireFresh(person.session, { factor: 'second' })).resolves.toBeUndefined();
      // A37: the same code again, on the same path.
      const again = identity.stepUp(person.session, { factor: 'totp', code }, person.facts);
      expect(await refusalOf(again)).toMatchObject({ code: 'INVALID_CODE' });
      const { freshUntilMs } = await identity.stepUpOptions(person.session);
      expect(freshUntilMs).toBe(clock.now() + 600_000);
    });

    it('demands a second factor where level 2 is needed and none is there', async () => {
      const { identity } = house;
      const person = await house.person();
      expect(await refusalOf(identity.requireFresh(person.session, { aal: 2 }))).toMatchObject({
        status: 403,
        code: 'MFA_REQUIRED',
      });
    });
  });

  it('a code by mail, where it is allowed, is a step but raises no level and freshens nothing', async () => {
    house = await houseOver(sql(), { factors: { emailAsFactor: true } });
    const { identity } = house;
    const email = house.email();
    await house.signUp(email);
    const step = asSecondStep(await identity.signIn({ email, password: PASSWORD }, browser));
    expect(step.factors).toEqual(['email']);
    await identity.sendSecondStepCode(step.challenge, 'email', browser);
    const mail = (await house.mailsTo(email)).findLast((one) => one.kind === 'code');
    const code = /\b(\d{6})\b/.exec(mail?.text ?? '')?.[1] ?? '';
    const granted = await identity.finishSecondStep(step.challenge, { factor: 'email', code }, browser);
    const { session } = granted.grant;
    expect(session).toMatchObject({ aal: 1, scope: 'full', factors: ['password', 'email'] });
    expect((await identity.stepUpOptions(session)).factors).toEqual(['password']);
  });

  it('a known device skips the second factor only where the options allow it, and never for enforced roles', async () => {
    const lenient = await houseOver(sql(), { allowSkipWithKnownDevice: true });
    house = lenient;
    const { identity } = lenient;
    const { person } = await lenient.enrol(await lenient.person());
    const sign = (facts: typeof browser) =>
      identity.signIn({ email: person.email, password: PASSWORD }, facts);
    expect(asGranted(await sign(person.facts)).grant.session.aal).toBe(1);
    expect((await sign({ ...stranger, group: person.email })).kind).toBe('second-step');
    await identity.accounts.setRoles(person.session.account, ['analyst'], OPERATOR);
    expect((await sign(person.facts)).kind).toBe('second-step');
  });
});
