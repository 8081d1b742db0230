import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BackupCodes, DeviceList, MfaRequired, SignedIn } from '../../src/server/api/auth-types.ts';
import type { EventsAnswer } from '../../src/server/api/types.ts';
import { eventually } from '../scenarios/server.ts';
import {
  enrolTotp,
  mailsTo,
  newPerson,
  PASSWORD,
  secondStep,
  signIn,
  toSecondStep,
  totpCode,
} from './person.ts';
import { onEachColumn, type Stage } from './stage.ts';
import { type Got, Visitor } from './visitor.ts';

onEachColumn('second factors', (stage) => {
  skipped(stage);
  replayed(stage);
  guessed(stage);
  backupCodes(stage);
  messages(stage);
  downgraded(stage);
});

/** Somebody with an authenticator app. */
async function withTotp(stage: Stage) {
  const person = await newPerson(stage.server());
  return { ...person, ...(await enrolTotp(person.visitor)) };
}

const fresh = (stage: Stage): Visitor => new Visitor(stage.server().port);

function skipped(stage: Stage): void {
  describe('A36: the second step', () => {
    it('cannot be skipped: what the first step gives opens nothing', async () => {
      const { email } = await withTotp(stage);
      const visitor = fresh(stage);
      const { challenge } = await toSecondStep(visitor, email);
      expect(await visitor.who()).toBeUndefined();
      const routes = [
        ['GET', '/auth/session'],
        ['GET', '/auth/sessions'],
        ['GET', '/auth/mfa'],
        ['GET', '/auth/passkeys'],
        ['POST', '/auth/mfa/totp/enrol'],
        ['POST', '/auth/mfa/backup-codes'],
        ['POST', '/auth/passkeys/register/options'],
        ['GET', '/sample/orders'],
        ['GET', '/admin/users'],
      ] as const;
      for (const [method, path] of routes) {
        for (const authorization of ['', `Bearer ${challenge}`]) {
          const { status } = await visitor.send(method, path, undefined, { authorization });
          expect([method, path, status]).toEqual([method, path, 401]);
        }
      }
    });

    it("is bound to its person: another's challenge or account in the body changes nothing", async () => {
      const [ada, bob] = [await withTotp(stage), await withTotp(stage)];
      const { challenge } = await toSecondStep(fresh(stage), ada.email);
      const crossed = await secondStep(fresh(stage), challenge, await totpCode(bob.secret));
      expect(crossed.status).toBe(401);
      const claimed = await fresh(stage).post('/auth/mfa/verify', {
        challenge,
        factor: 'totp',
        code: await totpCode(bob.secret, 1),
        userId: bob.id,
      });
      expect([400, 401]).toContain(claimed.status);
      expect(
        (await fresh(stage).post('/auth/mfa/verify', { challenge, factor: 'password', code: PASSWORD }))
          .status,
      ).toBe(400);
      expect((await secondStep(fresh(stage), challenge, await totpCode(ada.secret))).status).toBe(200);
      expect((await secondStep(fresh(stage), challenge, await totpCode(ada.secret, 1))).status).toBe(401);
    });

    it('is demanded of who has set a new password, too (checklist 28)', async () => {
      const { email } = await withTotp(stage);
      const visitor = fresh(stage);
      expect((await visitor.post('/auth/password/forgot', { email })).status).toBe(202);
      const mail = await eventually(
        async () => (await mailsTo(stage.server(), email)).find((one) => one.kind === 'reset-password'),
        (found) => found !== undefined,
      );
      const token = /#token=([\w-]+)/.exec(mail?.text ?? '')?.[1];
      const password = 'another river of slow glass';
      expect((await visitor.post('/auth/password/reset', { token, password })).status).toBe(200);
      expect(await visitor.who()).toBeUndefined();
      expect((await toSecondStep(visitor, email, password)).factors).toContain('totp');
    });
  });
}

function replayed(stage: Stage): void {
  describe('a code of an authenticator app', () => {
    it('A37: is accepted once: same flow, new flow, step-up, other node, other spelling', async () => {
      const { email, secret } = await withTotp(stage);
      const code = await totpCode(secret);
      const visitor = fresh(stage);
      const { challenge } = await toSecondStep(visitor, email);
      expect((await secondStep(visitor, challenge, code)).status).toBe(200);
      const wide = code.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
      for (const spelling of [code, `${code.slice(0, 3)} ${code.slice(3)}`, wide, ` ${code}`]) {
        const elsewhere = new Visitor(stage.other().port);
        const next = await toSecondStep(elsewhere, email);
        expect((await secondStep(elsewhere, next.challenge, spelling)).status).not.toBe(200);
      }
      expect((await visitor.post('/auth/step-up', { factor: 'totp', code })).status).not.toBe(200);
      expect((await secondStep(visitor, challenge, code)).status).toBe(401);
    });

    it('A38: is accepted once of fifty at the same moment, on both nodes', async () => {
      const { email, secret } = await withTotp(stage);
      const nodes = [stage.server(), stage.other()].map((node) => new Visitor(node.port));
      const steps: MfaRequired[] = [];
      for (let i = 0; i < 8; i++) steps.push(await toSecondStep(fresh(stage), email));
      const code = await totpCode(secret);
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          (nodes[i % 2] as Visitor)
            .clone()
            .post('/auth/mfa/verify', { challenge: steps[i % 8]?.challenge, factor: 'totp', code }),
        ),
      );
      expect(answers.filter((one) => one.status === 200)).toHaveLength(1);
      expect(answers.filter((one) => one.status >= 500)).toEqual([]);
    });

    it('A40: of two steps before or after is refused', async () => {
      const { email, secret } = await withTotp(stage);
      for (const steps of [-3, -2, 3, 2]) {
        const visitor = fresh(stage);
        const { challenge } = await toSecondStep(visitor, email);
        expect((await secondStep(visitor, challenge, await totpCode(secret, steps))).status).toBe(401);
      }
    });
  });
}

/** A code that is surely wrong. */
async function wrongCode(secret: string): Promise<string> {
  const right = await Promise.all([-1, 0, 1, 2].map((step) => totpCode(secret, step)));
  for (;;) {
    const code = String(randomInt(0, 1_000_000)).padStart(6, '0');
    if (!right.includes(code)) return code;
  }
}

function guessed(stage: Stage): void {
  it('A39: ten wrong codes disable the app, over new challenges and step-up together', async () => {
    const { email, secret, visitor } = await withTotp(stage);
    let looked = 0;
    for (let i = 0; i < 20; i++) {
      const guesser = new Visitor(stage.server().port, { address: `203.0.113.${i + 1}` });
      const step = await signIn(guesser, email);
      if (step.status !== 200) continue;
      const { challenge } = step.body as MfaRequired;
      for (let j = 0; j < 3; j++) {
        const { status } = await secondStep(guesser, challenge, await wrongCode(secret));
        if (status === 401) looked++;
        expect(status).not.toBe(200);
      }
      if (i % 3 === 0) {
        const stepped = await visitor.post('/auth/step-up', {
          factor: 'totp',
          code: await wrongCode(secret),
        });
        if (stepped.status === 401) looked++;
      }
    }
    expect(looked).toBeLessThanOrEqual(10);
    const right = await visitor.post('/auth/step-up', { factor: 'totp', code: await totpCode(secret, 1) });
    expect(right.status).not.toBe(200);
    const { body } = await stage.server().ask<EventsAnswer>('GET', '/admin/events?type=MFA_FACTOR_DISABLED');
    expect(body.events.length).toBeGreaterThan(0);
  });

  it('A46: second steps that are asked for again and again are stopped, and seen', async () => {
    const { email } = await withTotp(stage);
    const statuses: number[] = [];
    for (let i = 0; i < 30; i++) {
      const visitor = new Visitor(stage.server().port, { address: `198.51.100.${i + 1}` });
      statuses.push((await signIn(visitor, email)).status);
    }
    expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(21);
    const { body } = await stage.server().ask<EventsAnswer>('GET', '/admin/events?type=MFA_FATIGUE');
    expect(body.events.length).toBeGreaterThan(0);
  });
}

function backupCodes(stage: Stage): void {
  describe('backup codes', () => {
    it('A41: the same one fifty times lets in one', async () => {
      const { email, backupCodes: codes } = await withTotp(stage);
      expect(codes).toHaveLength(10);
      expect(new Set(codes).size).toBe(10);
      const steps: MfaRequired[] = [];
      for (let i = 0; i < 4; i++) steps.push(await toSecondStep(fresh(stage), email));
      const tries = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          secondStep(
            new Visitor(i % 2 ? stage.other().port : stage.server().port),
            steps[i % 4]?.challenge as string,
            codes[0] as string,
            'backup',
          ),
        ),
      );
      expect(tries.filter((one) => one.status === 200)).toHaveLength(1);
    });

    it('A41: two different ones at once let in two', async () => {
      const { email, backupCodes: codes } = await withTotp(stage);
      const [one, two] = [await toSecondStep(fresh(stage), email), await toSecondStep(fresh(stage), email)];
      const both = await Promise.all([
        secondStep(fresh(stage), one.challenge, codes[1] as string, 'backup'),
        secondStep(new Visitor(stage.other().port), two.challenge, codes[2] as string, 'backup'),
      ]);
      expect(both.map(({ status }) => status)).toEqual([200, 200]);
      const mails = await eventually(
        () => mailsTo(stage.server(), email),
        (found) => found.filter((mail) => mail.kind === 'backup-code-used').length === 2,
      );
      for (const { text } of mails) for (const code of codes) expect(text).not.toContain(code);
    });

    it('A42: can be read nowhere again', async () => {
      const { visitor, email, id, backupCodes: codes } = await withTotp(stage);
      const pages = await Promise.all([
        visitor.get('/auth/mfa'),
        visitor.get('/auth/session'),
        visitor.get('/auth/history'),
      ]);
      const operator = await Promise.all([
        stage.server().ask('GET', `/admin/users/${id}`),
        stage.server().ask('GET', '/admin/events'),
        stage.server().ask('GET', '/admin/decisions'),
      ]);
      const shown =
        pages.map(({ text }) => text).join('') +
        JSON.stringify(operator) +
        JSON.stringify(stage.server().log);
      for (const code of codes) {
        expect(shown).not.toContain(code);
        expect(shown).not.toContain(code.replaceAll('-', ''));
      }
      const again = await visitor.post<BackupCodes>('/auth/mfa/backup-codes');
      expect(again.status).toBe(200);
      expect(again.body.backupCodes.some((code) => codes.includes(code))).toBe(false);
      const { challenge } = await toSecondStep(fresh(stage), email);
      expect((await secondStep(fresh(stage), challenge, codes[5] as string, 'backup')).status).toBe(401);
    });
  });
}

function messages(stage: Stage): void {
  const enrolPhone = async (visitor: Visitor): Promise<string> => {
    const phone = `+49151${randomInt(10_000_000, 99_999_999)}`;
    const asked = await visitor.post('/auth/mfa/sms/enrol', { phone });
    expect([asked.status, asked.text]).toEqual([202, asked.text]);
    const code = await codeTo(phone);
    const confirmed = await visitor.post<SignedIn>('/auth/mfa/sms/confirm', { code });
    expect(confirmed.status).toBe(200);
    return phone;
  };
  const codeTo = async (phone: string): Promise<string> => {
    const found = await eventually(
      () => mailsTo(stage.server(), phone),
      (all) => all.length > 0,
    );
    return /\b(\d{6})\b/.exec(found[0]?.text ?? '')?.[1] as string;
  };

  it('A43: a code is good for the flow that asked for it, of its own person, and once', async () => {
    const [ada, bob] = [await newPerson(stage.server()), await newPerson(stage.server())];
    const phone = await enrolPhone(ada.visitor);
    await enrolTotp(bob.visitor);
    const enrolling = await newPerson(stage.server());
    const own = `+49151${randomInt(10_000_000, 99_999_999)}`;
    await enrolling.visitor.post('/auth/mfa/sms/enrol', { phone: own });
    const code = await codeTo(own);
    const { challenge } = await toSecondStep(fresh(stage), ada.email);
    expect((await secondStep(fresh(stage), challenge, code, 'sms')).status).toBe(401);
    const bobs = await toSecondStep(fresh(stage), bob.email);
    expect((await secondStep(fresh(stage), bobs.challenge, code, 'sms')).status).not.toBe(200);
    expect((await ada.visitor.post('/auth/step-up', { factor: 'sms', code })).status).not.toBe(200);
    expect((await enrolling.visitor.post('/auth/mfa/sms/confirm', { code })).status).toBe(200);
    expect((await enrolling.visitor.post('/auth/mfa/sms/confirm', { code })).status).not.toBe(200);
    expect(phone).not.toBe(own);
  });

  it('A44: one address cannot make us send without end', async () => {
    const pumper = new Map<number, number>();
    const before = (await stage.server().ask<EventsAnswer>('GET', '/admin/events?type=SMS_SENT&limit=200'))
      .body.events.length;
    const person = await newPerson(stage.server(), { address: '203.0.113.200' });
    for (let i = 0; i < 40; i++) {
      const { status } = await person.visitor.post('/auth/mfa/sms/enrol', { phone: `+491511234${1000 + i}` });
      pumper.set(status, (pumper.get(status) ?? 0) + 1);
    }
    expect([...pumper.keys()].toSorted((a, b) => a - b)).toEqual([202, 429]);
    expect(pumper.get(202) ?? 0).toBeLessThanOrEqual(10);
    expect(pumper.get(429) ?? 0).toBeGreaterThan(0);
    const after = (await stage.server().ask<EventsAnswer>('GET', '/admin/events?type=SMS_SENT&limit=200'))
      .body.events.length;
    expect(after - before).toBeLessThanOrEqual(10);
  });
}

function downgraded(stage: Stage): void {
  it('A48: removing or adding a factor needs a fresh one, and is told by mail', async () => {
    const { visitor, email, secret } = await withTotp(stage);
    const hijacked = visitor.clone();
    // A session that was stolen has no fresh factor once it is ten minutes old; here it never proved the app.
    const onlyPassword = fresh(stage);
    const { challenge } = await toSecondStep(onlyPassword, email);
    expect((await onlyPassword.post('/auth/mfa/disable', { factor: 'totp' })).status).toBe(401);
    expect((await secondStep(onlyPassword, challenge, await totpCode(secret))).status).toBe(200);
    const removed: Got = await hijacked.post('/auth/mfa/disable', { factor: 'totp' });
    expect(removed.status).toBe(204);
    await eventually(
      () => mailsTo(stage.server(), email),
      (all) => all.some((one) => one.kind === 'factor-removed'),
    );
  });

  it('A47: the cookie of a known device is worth nothing elsewhere, nor once the device is removed', async () => {
    const { visitor, email } = await newPerson(stage.server());
    const device = [...visitor.cookies].find(([name]) => name.includes('device'));
    expect(device).toBeDefined();
    const [name, value] = device as [string, string];
    const lockOut = async (): Promise<void> => {
      for (let i = 0; i < 24; i++)
        await signIn(
          new Visitor(stage.server().port, { address: `192.0.2.${i + 1}` }),
          email,
          'wrong password, surely',
        );
    };
    await lockOut();
    const thief = new Visitor(stage.server().port, {
      address: '198.51.100.99',
      userAgent:
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15',
    });
    thief.cookies.set(name, value);
    expect((await signIn(thief, email)).status).toBe(429);
    const owner = new Visitor(stage.server().port, { address: '198.51.100.98' });
    owner.cookies.set(name, value);
    expect((await signIn(owner, email)).status).toBe(200);
    expect((await visitor.get('/auth/session')).status).toBe(200);
    const { devices } = (await owner.get<DeviceList>('/auth/devices')).body;
    expect(devices).toMatchObject([{ current: true }]);
    expect((await owner.send('DELETE', `/auth/devices/${devices[0]?.id}`)).status).toBe(204);
    // Who asked stays; the other session of that device has ended.
    expect((await owner.get('/auth/session')).status).toBe(200);
    await expect.poll(async () => (await visitor.get('/auth/session')).status).toBe(401);
    const later = new Visitor(stage.server().port, { address: '198.51.100.97' });
    later.cookies.set(name, value);
    expect((await signIn(later, email)).status).toBe(429);
  });
}
