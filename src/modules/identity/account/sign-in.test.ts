import { hash } from '@node-rs/bcrypt';
import { beforeAll, describe, expect, it } from 'vitest';
import { onEachDatabase } from '../test-house.ts';
import {
  asGranted,
  asSecondStep,
  cookieOf,
  countingStore,
  type House,
  houseOver,
  OPERATOR,
  PASSWORD,
  refusalOf,
  stranger,
} from './test-account.ts';

const WRONG = 'wrong horse battery staple 8';

onEachDatabase((sql) => {
  let house: House;
  beforeAll(async () => {
    house = await houseOver(sql());
  });

  describe('signing in with a password', () => {
    it('opens a session that identifies its account', async () => {
      const { identity } = house;
      const person = await house.person();
      expect(person.session).toMatchObject({
        scope: 'full',
        aal: 1,
        factors: ['password'],
        roles: ['customer'],
      });
      const cookie = cookieOf(person.granted);
      const found = await identity.sessions.identify({ kind: 'cookie', token: cookie }, person.facts);
      expect(found?.id).toBe(person.session.id);
      const { entries } = await identity.accounts.history(person.session.account, 10);
      expect(entries.map((entry) => entry.outcome)).toEqual(['signed-in']);
    });

    it('takes the address in any spelling of the same mailbox', async () => {
      const person = await house.person();
      const email = `  ${person.email.toUpperCase()}. `;
      const answer = await house.identity.signIn({ email, password: PASSWORD }, person.facts);
      expect(answer.kind).toBe('granted');
    });

    it('A22: unknown, wrong, pending, locked, disabled and without password are answered alike', async () => {
      const { identity } = house;
      const sign = (email: string, password: string) =>
        refusalOf(identity.signIn({ email, password }, { ...stranger, group: `g-${email}` }));
      const unknown = await sign(house.email(), PASSWORD);
      expect(unknown).toEqual({
        status: 401,
        code: 'INVALID_CREDENTIALS',
        message: 'Mail address or password is not right.',
        details: undefined,
      });
      const person = await house.person();
      expect(await sign(person.email, WRONG)).toEqual(unknown);
      await identity.accounts.lock(person.session.account, { reason: 'test' }, OPERATOR);
      expect(await sign(person.email, PASSWORD)).toEqual(unknown);
      const invited = house.email();
      await identity.accounts.invite({ email: invited, roles: ['customer'] }, OPERATOR);
      expect(await sign(invited, PASSWORD)).toEqual(unknown);
      const other = await house.person();
      await sql().query(`UPDATE rampart.identity_accounts SET status = 'disabled' WHERE id = $1`, [
        other.session.account,
      ]);
      expect(await sign(other.email, PASSWORD)).toEqual(unknown);
      const blocked = await house.person();
      house.ports.blocked.add(blocked.session.account);
      expect(await sign(blocked.email, PASSWORD)).toEqual(unknown);
      expect(await sign('not an address', PASSWORD)).toEqual(unknown);
      expect(await sign(house.email(), 'x'.repeat(1_000_000))).toEqual(unknown);
    });

    it('A23: unknown, wrong and locked run the same statements', async () => {
      const counted = countingStore(sql());
      const own = await houseOver(counted.store);
      const person = await own.person();
      const run = async (email: string, password = WRONG): Promise<readonly string[]> => {
        counted.seen.length = 0;
        await refusalOf(own.identity.signIn({ email, password }, { ...stranger, group: email }));
        return [...counted.seen];
      };
      await run(own.email());
      const unknown = await run(own.email());
      const wrong = await run(person.email);
      expect(wrong).toEqual(unknown);
      await own.identity.accounts.lock(person.session.account, { reason: 'test' }, OPERATOR);
      expect(await run(person.email, PASSWORD)).toEqual(unknown);
      const blocked = await own.person();
      own.ports.blocked.add(blocked.session.account);
      expect(await run(blocked.email, PASSWORD)).toEqual(unknown);
      expect(unknown.length).toBeGreaterThan(4);
    });

    it('lets a blocked account in again once its block is lifted, and mails it no link meanwhile', async () => {
      const person = await house.person();
      house.ports.blocked.add(person.session.account);
      const again = { email: person.email, password: PASSWORD };
      expect((await refusalOf(house.identity.signIn(again, person.facts)))['code']).toBe(
        'INVALID_CREDENTIALS',
      );
      await house.identity.forgotPassword(person.email, stranger);
      const kinds = (await house.mailsTo(person.email)).map(({ kind }) => kind);
      expect(kinds).not.toContain('reset-password');
      house.ports.blocked.delete(person.session.account);
      house.clock.advance(60_000);
      expect((await house.identity.signIn(again, person.facts)).kind).toBe('granted');
    });

    it('A28: of 50 simultaneous guesses at most five are verified', async () => {
      const { identity } = house;
      const person = await house.person();
      const guesses = Array.from({ length: 50 }, (_, i) =>
        refusalOf(identity.signIn({ email: person.email, password: `${WRONG} ${i}` }, stranger)),
      );
      const codes = (await Promise.all(guesses)).map((refusal) => refusal['code']);
      expect(codes.filter((code) => code === 'INVALID_CREDENTIALS').length).toBeLessThanOrEqual(5);
      expect(codes.filter((code) => code === 'RATE_LIMIT_EXCEEDED').length).toBeGreaterThanOrEqual(45);
    });

    it('A26: whatever a stranger does, the owner still signs in on a known device', async () => {
      const { identity } = house;
      const person = await house.person();
      for (let i = 0; i < 30; i += 1) {
        const facts = { ...stranger, address: `203.0.113.${i}`, group: `storm-${i}` };
        await refusalOf(identity.signIn({ email: person.email, password: WRONG }, facts));
      }
      const answer = await identity.signIn({ email: person.email, password: PASSWORD }, person.facts);
      expect(answer.kind).toBe('granted');
      const mails = (await house.mailsTo(person.email)).map((mail) => mail.kind);
      expect(mails.filter((kind) => kind === 'unlock')).toHaveLength(1);
    });

    it('lifts the delays by the mailed link, which works once and needs a POST', async () => {
      const { identity } = house;
      const person = await house.person();
      for (let i = 0; i < 25; i += 1) {
        const facts = { ...stranger, group: `unlock-${i}` };
        await refusalOf(identity.signIn({ email: person.email, password: WRONG }, facts));
      }
      const fresh = { ...stranger, group: 'unlock-owner' };
      const sign = () => identity.signIn({ email: person.email, password: PASSWORD }, fresh);
      expect(await refusalOf(sign())).toMatchObject({ status: 429 });
      const token = await house.token(person.email, 'unlock');
      await identity.unlock(token, fresh);
      expect((await sign()).kind).toBe('granted');
      expect(await refusalOf(identity.unlock(token, fresh))).toMatchObject({ code: 'LINK_INVALID' });
    });

    it('tells of a journey that nobody makes, on a new device alone, and refuses nothing for it', async () => {
      const { ports, clock } = house;
      const berlin = { latitude: 52.52, longitude: 13.405, accuracyKm: 20 };
      const frankfurt = { latitude: 50.11, longitude: 8.68, accuracyKm: 20 };
      const tokyo = { latitude: 35.68, longitude: 139.69, accuracyKm: 20 };
      const { identity } = house;
      const from = async (
        person: Awaited<ReturnType<House['person']>>,
        address: string,
        known = false,
      ): Promise<unknown> => {
        const before = ports.signals.length;
        const facts = known ? { ...person.facts, address } : { ...stranger, address, group: address };
        const answer = await identity.signIn({ email: person.email, password: PASSWORD }, facts);
        expect(answer.kind).toBe('granted');
        const told = ports.signals.slice(before).filter(({ type }) => type === 'IMPOSSIBLE_TRAVEL');
        return told.map(({ fields }) => [fields.subject === person.session.account, fields.details]);
      };
      const home = async () => {
        const person = await house.person();
        ports.places.set(person.facts.address, { country: 'DE', city: 'Berlin', point: berlin });
        return person;
      };
      ports.places.set('198.51.100.1', { country: 'JP', city: 'Tokyo', point: tokyo });
      ports.places.set('198.51.100.2', { country: 'JP', city: 'Tokyo', point: tokyo, hidden: true });
      ports.places.set('198.51.100.3', { country: 'DE', city: 'Frankfurt', point: frankfurt });
      ports.places.set('198.51.100.4', { country: 'JP' });
      const ada = await home();
      clock.advance(3_600_000);
      expect(await from(ada, '198.51.100.1')).toEqual([
        [true, { distanceKm: 8_877, minutes: 60, kmPerHour: 8_877 }],
      ]);
      for (const [address, known] of [
        ['198.51.100.1', true],
        ['198.51.100.2', false],
        ['198.51.100.3', false],
        ['198.51.100.4', false],
        ['198.51.100.5', false],
      ] as const)
        expect([address, await from(await home(), address, known)]).toEqual([address, []]);
      const flown = await home();
      clock.advance(11 * 3_600_000);
      expect(await from(flown, '198.51.100.1')).toEqual([]);
      ports.places.clear();
    });

    it('mails the owner of a sign-in on a new device, but not of the first one', async () => {
      const { identity } = house;
      const person = await house.person();
      expect((await house.mailsTo(person.email)).map((mail) => mail.kind)).not.toContain('new-device');
      await identity.signIn({ email: person.email, password: PASSWORD }, stranger);
      expect((await house.mailsTo(person.email)).map((mail) => mail.kind)).toContain('new-device');
    });

    it('hashes anew a password that comes from an older system, without touching the sign-in', async () => {
      const person = await house.person();
      const given = await hash(PASSWORD, { cost: 4 });
      await sql().query('UPDATE rampart.identity_accounts SET password_hash = $2 WHERE id = $1', [
        person.session.account,
        given,
      ]);
      const answer = await house.identity.signIn({ email: person.email, password: PASSWORD }, person.facts);
      expect(answer.kind).toBe('granted');
      const account = await house.identity.accounts.get(person.session.account);
      expect(account?.password_hash).toMatch(/argon2id/);
    });

    it('lets a lock of some hours run out', async () => {
      const { identity, clock } = house;
      const person = await house.person();
      await identity.accounts.lock(person.session.account, { reason: 'test', hours: 2 }, OPERATOR);
      const sign = () => identity.signIn({ email: person.email, password: PASSWORD }, person.facts);
      expect(await refusalOf(sign())).toMatchObject({ code: 'INVALID_CREDENTIALS' });
      clock.advance(2 * 3_600_000 + 1);
      expect((await sign()).kind).toBe('granted');
      expect((await identity.accounts.get(person.session.account))?.status).toBe('active');
    });

    it('leaves no session behind when the password changes while the old one is tried', async () => {
      const { identity } = house;
      const person = await house.person();
      const change = identity.changePassword(
        person.session,
        { currentPassword: PASSWORD, newPassword: 'another horse battery staple 9' },
        person.facts,
      );
      const tries = Array.from({ length: 4 }, () =>
        identity.signIn({ email: person.email, password: PASSWORD }, person.facts).catch(() => undefined),
      );
      const granted = await change;
      await Promise.all(tries);
      const open = await identity.sessions.list(person.session.account, null);
      expect(open.map((session) => session.id)).toEqual([granted.grant.session.id]);
    });
  });

  describe('the second step', () => {
    it('finishes a sign-in at level 2', async () => {
      const { identity } = house;
      const { secret, person } = await house.enrol(await house.person());
      const step = asSecondStep(
        await identity.signIn({ email: person.email, password: PASSWORD }, person.facts),
      );
      expect(step.factors).toEqual(['totp', 'backup']);
      const granted = await identity.finishSecondStep(
        step.challenge,
        { factor: 'totp', code: house.code(secret) },
        person.facts,
      );
      expect(granted.grant.session).toMatchObject({ aal: 2, scope: 'full', factors: ['password', 'totp'] });
    });

    it('is told each time it is asked for, with what was proven before, and only then', async () => {
      const { identity, ports } = house;
      const plain = await house.person();
      await identity.signIn({ email: plain.email, password: PASSWORD }, plain.facts);
      const { person } = await house.enrol(await house.person());
      const told = () =>
        ports.signals.filter(
          ({ type, fields }) =>
            type === 'SECOND_STEP_ASKED' &&
            [person.session.account, plain.session.account].includes(fields.subject ?? ''),
        );
      const before = told().length;
      await refusalOf(identity.signIn({ email: person.email, password: `${PASSWORD}?` }, person.facts));
      expect(told()).toHaveLength(before);
      await identity.signIn({ email: person.email, password: PASSWORD }, person.facts);
      expect(told().slice(before)).toMatchObject([
        { fields: { subject: person.session.account, details: { factors: 'password' } } },
      ]);
      expect(told().every(({ fields }) => fields.subject !== plain.session.account)).toBe(true);
    });

    it('A36: a challenge proves nobody, fits no other client, and dies with a password change', async () => {
      const { identity } = house;
      const { secret, person } = await house.enrol(await house.person());
      const begin = async () =>
        asSecondStep(await identity.signIn({ email: person.email, password: PASSWORD }, person.facts))
          .challenge;
      const first = await begin();
      const facts = { ...person.facts };
      for (const kind of ['cookie', 'bearer'] as const) {
        expect(await identity.sessions.identify({ kind, token: first }, facts)).toBeUndefined();
      }
      const proof = { factor: 'totp', code: house.code(secret) } as const;
      expect(
        await refusalOf(identity.finishSecondStep(first, proof, { ...facts, client: 'api' })),
      ).toMatchObject({
        code: 'CHALLENGE_INVALID',
      });
      const invalid = { code: 'CHALLENGE_INVALID' };
      expect(await refusalOf(identity.finishSecondStep('x'.repeat(43), proof, facts))).toMatchObject(invalid);
      await identity.changePassword(person.session, { newPassword: 'another horse battery staple 9' }, facts);
      expect(await refusalOf(identity.finishSecondStep(first, proof, facts))).toMatchObject(invalid);
    });

    it('A37, A38: of 50 simultaneous uses of one code and challenge exactly one opens a session', async () => {
      const { identity } = house;
      const { secret, person } = await house.enrol(await house.person());
      const before = (await identity.sessions.list(person.session.account, null)).length;
      const step = asSecondStep(
        await identity.signIn({ email: person.email, password: PASSWORD }, person.facts),
      );
      const code = house.code(secret);
      const answers = await Promise.allSettled(
        Array.from({ length: 50 }, () =>
          identity.finishSecondStep(step.challenge, { factor: 'totp', code }, person.facts),
        ),
      );
      expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(1);
      expect(await identity.sessions.list(person.session.account, null)).toHaveLength(before + 1);
    });

    it('A39: ten wrong codes disable the factor, whatever the path and however many challenges', async () => {
      const { identity, clock } = house;
      const { secret, person } = await house.enrol(await house.person());
      let wrong = 0;
      for (let i = 0; i < 30 && wrong < 10; i += 1) {
        const step = asSecondStep(
          await identity.signIn({ email: person.email, password: PASSWORD }, person.facts),
        );
        const proof = { factor: 'totp', code: '000000' } as const;
        const given =
          i % 2 === 0
            ? identity.finishSecondStep(step.challenge, proof, person.facts)
            : identity.stepUp(person.session, proof, person.facts);
        const refusal = await refusalOf(given);
        if (refusal['code'] === 'INVALID_CODE') wrong += 1;
        clock.advance(301_000);
      }
      expect(wrong).toBe(10);
      const step = asSecondStep(
        await identity.signIn({ email: person.email, password: PASSWORD }, person.facts),
      );
      expect(step.factors).toEqual(['backup']);
      const proof = { factor: 'totp', code: house.code(secret) } as const;
      expect(await refusalOf(identity.finishSecondStep(step.challenge, proof, person.facts))).toMatchObject({
        status: 403,
        code: 'FACTOR_DISABLED',
      });
    });

    it('A29: a right password does not take back wrong codes', async () => {
      const { identity } = house;
      const { person } = await house.enrol(await house.person());
      for (let i = 0; i < 4; i += 1) {
        const step = asSecondStep(
          await identity.signIn({ email: person.email, password: PASSWORD }, person.facts),
        );
        await refusalOf(
          identity.finishSecondStep(step.challenge, { factor: 'totp', code: '000000' }, person.facts),
        );
      }
      const attempts = await identity.accounts.attempts(person.session.account);
      expect(attempts.find((one) => one.factor === 'totp')?.failures).toBe(4);
      expect(attempts.find((one) => one.factor === 'password')?.failures ?? 0).toBe(0);
    });

    it('A41: a backup code opens once, and its owner is told how many are left', async () => {
      const { identity } = house;
      const { backupCodes, person } = await house.enrol(await house.person());
      expect(backupCodes).toHaveLength(10);
      const begin = async () =>
        asSecondStep(await identity.signIn({ email: person.email, password: PASSWORD }, person.facts))
          .challenge;
      const proof = { factor: 'backup', code: backupCodes[0] as string } as const;
      const granted = await identity.finishSecondStep(await begin(), proof, person.facts);
      expect(granted.grant.session.aal).toBe(2);
      expect(house.audited(person.session.account)).toContain('BACKUP_CODE_USED');
      expect(await refusalOf(identity.finishSecondStep(await begin(), proof, person.facts))).toMatchObject({
        code: 'INVALID_CODE',
      });
      const mail = (await house.mailsTo(person.email)).find((one) => one.kind === 'backup-code-used');
      expect(mail?.text).toContain('9');
    });

    it('A46: after twenty second steps in an hour only known devices are asked, and the owner is told once', async () => {
      const { identity, ports, clock } = house;
      const { person } = await house.enrol(await house.person());
      const facts = { ...stranger, group: `fatigue ${person.email}` };
      const begin = () => identity.signIn({ email: person.email, password: PASSWORD }, facts);
      for (let i = 0; i < 20; i += 1) expect((await begin()).kind).toBe('second-step');
      expect(await refusalOf(begin())).toMatchObject({ status: 429 });
      expect(await refusalOf(begin())).toMatchObject({ status: 429 });
      expect((await identity.signIn({ email: person.email, password: PASSWORD }, person.facts)).kind).toBe(
        'second-step',
      );
      expect(
        ports.signals.filter(
          (one) => one.type === 'MFA_FATIGUE' && one.fields.subject === person.session.account,
        ),
      ).toHaveLength(1);
      clock.advance(3_600_001);
      expect((await begin()).kind).toBe('second-step');
    });

    it('is demanded of roles that enforce it: without one, the session is for enrolling alone', async () => {
      const { identity } = house;
      const email = house.email();
      await identity.accounts.create(
        { email, name: 'Root', password: PASSWORD, roles: ['analyst'] },
        OPERATOR,
      );
      const granted = asGranted(await identity.signIn({ email, password: PASSWORD }, stranger));
      const { session } = granted.grant;
      expect(session.scope).toBe('enrol');
      expect(await refusalOf(identity.changeProfile(session, { name: 'x' }))).toMatchObject({
        code: 'MFA_REQUIRED',
      });
      const person = { email, facts: stranger, session, granted };
      const enrolled = await house.enrol(person);
      expect(enrolled.person.session).toMatchObject({ scope: 'full', aal: 2 });
    });
  });
});
