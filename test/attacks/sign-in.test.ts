import { describe, expect, it } from 'vitest';
import type { EventsAnswer } from '../../src/server/api/types.ts';
import { inParallel, sendRaw } from '../scenarios/client.ts';
import { eventually } from '../scenarios/server.ts';
import { mailsTo, mailTo, newEmail, newPerson, PASSWORD, signIn, signUp, tokenIn } from './person.ts';
import { onEachColumn, PUBLIC_URL, type Stage } from './stage.ts';
import { type Got, Visitor } from './visitor.ts';

onEachColumn('sign-in and recovery', (stage) => {
  enumeration(stage);
  guessing(stage);
  counters(stage);
  links(stage);
  preHijack(stage);
  bodies(stage);
});

const WRONG = 'not the password at all';
let addresses = 0;
/** An address that no test has used. */
const newAddress = (): string => `198.18.${Math.floor(++addresses / 250)}.${(addresses % 250) + 1}`;
const at = (stage: Stage, address = newAddress()): Visitor => new Visitor(stage.server().port, { address });

/** What an outsider can compare: everything but what is new in every answer. */
function shape({ status, headers, text }: Got): unknown {
  const { date: _date, 'x-rampart-decision': _decision, 'set-cookie': cookies, ...rest } = headers;
  delete rest['content-security-policy'];
  for (const name of Object.keys(rest))
    if (name.startsWith('ratelimit') || name.startsWith('x-ratelimit')) delete rest[name];
  const names = (cookies ?? []).map((one) => one.split('=', 1)[0]);
  return { status, text: text.replace(/"decision":"[^"]*"/, ''), headers: rest, names };
}

function enumeration(stage: Stage): void {
  describe('A22: whether an address is known', () => {
    it('is not told by any answer', async () => {
      const server = stage.server();
      const known = await newPerson(server);
      const locked = await newPerson(server);
      await server.ask('POST', `/admin/users/${locked.id}/lock`, { reason: 'test' });
      const pending = newEmail('pending');
      await at(stage).post('/auth/sign-up', { email: pending, password: PASSWORD });
      const people = [known.email, locked.email, pending, newEmail('nobody')];
      const ways: readonly (readonly [string, (email: string) => object])[] = [
        ['/auth/sign-in', (email) => ({ email, password: WRONG })],
        ['/auth/sign-up', (email) => ({ email, password: PASSWORD })],
        ['/auth/password/forgot', (email) => ({ email })],
        ['/auth/email/resend', (email) => ({ email })],
      ];
      for (const [path, body] of ways) {
        const shapes: unknown[] = [];
        for (const email of people) shapes.push(shape(await at(stage).post(path, body(email))));
        for (const one of shapes) expect([path, one]).toEqual([path, shapes[0]]);
      }
      const lockedAnswer = shape(
        await at(stage).post('/auth/sign-in', { email: locked.email, password: PASSWORD }),
      );
      const wrongAnswer = shape(
        await at(stage).post('/auth/sign-in', { email: known.email, password: WRONG }),
      );
      expect(lockedAnswer).toEqual(wrongAnswer);
      const options = await at(stage).post<{ options: Record<string, unknown> }>(
        '/auth/passkeys/sign-in/options',
        {},
      );
      expect(options.body.options['allowCredentials'] ?? []).toEqual([]);
    });

    it('is told to its owner by mail', async () => {
      const { email } = await newPerson(stage.server());
      expect((await at(stage).post('/auth/sign-up', { email, password: PASSWORD })).status).toBe(202);
      expect((await mailTo(stage.server(), email, 'already-registered')).text).not.toContain(PASSWORD);
    });
  });
}

function guessing(stage: Stage): void {
  it('A26: a thousand wrong guesses from elsewhere do not keep the owner out', async () => {
    const { visitor, email } = await newPerson(stage.server(), { address: '203.0.113.1' });
    await visitor.post('/auth/sign-out');
    const statuses = new Map<number, number>();
    await inParallel(1_000, 8, async (i) => {
      const guesser = new Visitor(stage.server().port, { address: `198.19.${i % 250}.1` });
      const { status } = await signIn(guesser, email, `${WRONG} ${i}`);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    });
    expect(statuses.get(401) ?? 0).toBeLessThanOrEqual(100);
    expect(statuses.get(429) ?? 0).toBeGreaterThan(850);
    const owner = visitor.clone(stage.other().port, { address: '203.0.113.1' });
    expect((await signIn(owner, email)).status).toBe(200);
    const told = await mailsTo(stage.server(), email);
    expect(told.filter((mail) => mail.kind === 'suspicious-attempts')).toHaveLength(1);
  });

  it('A24: stuffing from many addresses is slowed and seen; owners are not touched', async () => {
    const owner = await newPerson(stage.server(), { address: '203.0.113.2' });
    const answers = new Map<number, number>();
    await inParallel(600, 8, async (i) => {
      const visitor = new Visitor(stage.server().port, { address: `198.51.${100 + (i % 20)}.9` });
      const { status } = await signIn(visitor, `user${i % 200}@stuffed.example`, `${WRONG} ${i}`);
      answers.set(status, (answers.get(status) ?? 0) + 1);
    });
    expect(answers.get(429) ?? 0).toBeGreaterThan(100);
    const { body } = await stage.server().ask<EventsAnswer>('GET', '/admin/events?type=CREDENTIAL_STUFFING');
    expect(body.events.length).toBeGreaterThan(0);
    const again = owner.visitor.clone();
    expect((await signIn(again, owner.email)).status).toBe(200);
    const elsewhere = new Visitor(stage.server().port, { address: '203.0.113.77' });
    expect((await signIn(elsewhere, owner.email)).status).toBe(200);
  });

  it('A25: one password on many accounts is seen', async () => {
    for (let i = 0; i < 25; i++) await signIn(at(stage), newEmail('sprayed'), 'Sommer2026! immer wieder');
    const { body } = await eventually(
      () => stage.server().ask<EventsAnswer>('GET', '/admin/events?type=PASSWORD_SPRAY'),
      (got) => got.body.events.length > 0,
    );
    expect(JSON.stringify(body)).not.toContain('Sommer');
  });
}

function counters(stage: Stage): void {
  it('A27: the same account under other spellings is the same account', async () => {
    const name = newEmail('case');
    await signUp(stage.server(), name);
    const [local = '', domain = ''] = name.split('@');
    const spellings = [
      name.toUpperCase(),
      ` ${name} `,
      `${local}+tag@${domain}`,
      `${local}@${domain}.`,
      `${local}@${domain}`.normalize('NFKC'),
      name.replace('c', '\uff43'),
    ];
    const visitor = at(stage);
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++) {
      const { status } = await signIn(visitor, spellings[i % spellings.length] as string, `${WRONG} ${i}`);
      statuses.push(status);
    }
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(5);
    for (const email of [['a@b.example'], { a: 1 }, '']) {
      const { status } = await at(stage).post('/auth/sign-in', { email, password: WRONG });
      expect(status).toBe(400);
    }
    const twice = `{"email":"x@example.org","email":"${name}","password":"${WRONG}"}`;
    expect((await visitor.post('/auth/sign-in', twice)).status).not.toBe(200);
  });

  it('A28: a hundred guesses at once get five looks', async () => {
    const { email } = await newPerson(stage.server());
    const address = newAddress();
    const nodes = [stage.server().port, stage.other().port];
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        signIn(new Visitor(nodes[i % 2] as number, { address }), email, `${WRONG} ${i}`),
      ),
    );
    expect(answers.filter((one) => one.status === 401).length).toBeLessThanOrEqual(5);
    expect(answers.every((one) => one.status === 401 || one.status === 429)).toBe(true);
    for (const one of answers.filter((each) => each.status === 429))
      expect(Number(one.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('A29: signing in to an own account in between does not start the count anew', async () => {
    const address = newAddress();
    const attacker = await newPerson(stage.server(), { address });
    const { email } = await newPerson(stage.server());
    let looked = 0;
    for (let i = 0; i < 12; i++) {
      if (
        (await signIn(new Visitor(stage.server().port, { address }), email, `${WRONG} ${i}`)).status === 401
      )
        looked++;
      if (i % 3 === 2) await signIn(new Visitor(stage.server().port, { address }), attacker.email);
    }
    expect(looked).toBeLessThanOrEqual(5);
  });
}

function links(stage: Stage): void {
  const forgot = async (email: string, headers: Readonly<Record<string, string>> = {}): Promise<string> => {
    const before = (await mailsTo(stage.server(), email)).filter(
      (one) => one.kind === 'reset-password',
    ).length;
    expect((await at(stage).post('/auth/password/forgot', { email }, headers)).status).toBe(202);
    const mails = await eventually(
      async () => (await mailsTo(stage.server(), email)).filter((one) => one.kind === 'reset-password'),
      (found) => found.length > before,
    );
    return tokenIn(mails[0] as (typeof mails)[number]);
  };

  it('A30: links lead to the configured address, whatever the request calls the host', async () => {
    const { port } = stage.server();
    const raw = (body: string, hosts: string, target = '/auth/password/forgot'): string =>
      `POST ${target} HTTP/1.1\r\n${hosts}\r\nUser-Agent: a\r\nAccept: */*\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
    const ways: readonly (readonly [hosts: string, target?: string])[] = [
      ['Host: evil.example'],
      ['Host: localhost\r\nX-Forwarded-Host: evil.example\r\nForwarded: host=evil.example'],
      ['Host: localhost\r\nX-Original-Host: evil.example\r\nX-Host: evil.example'],
      ['Host: localhost:80@evil.example'],
      ['Host: localhost', 'http://evil.example/auth/password/forgot'],
      ['Host: localhost\r\nHost: evil.example'],
    ];
    let mailed = 0;
    for (const way of ways) {
      const { email } = await newPerson(stage.server());
      const { status } = await sendRaw(port, raw(JSON.stringify({ email }), way[0], way[1]));
      // Most are answered, what is no request at all is refused; a link never follows the name.
      if (status !== 202) continue;
      mailed++;
      const { text, html } = await mailTo(stage.server(), email, 'reset-password');
      expect(`${text}${html ?? ''}`).not.toContain('evil');
      expect(text).toMatch(new RegExp(`${PUBLIC_URL}/account/reset#token=`));
    }
    expect(mailed).toBeGreaterThan(2);
  });

  it('A31: a reset link is good once, of many at once, for its own account, and not after a change', async () => {
    const { visitor, email } = await newPerson(stage.server());
    const other = await newPerson(stage.server());
    const token = await forgot(email);
    for (const method of ['GET', 'HEAD']) {
      await visitor.send(method, '/account/reset');
      await visitor.send(method, '/auth/password/reset');
    }
    const nodes = [stage.server().port, stage.other().port];
    const tries = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        new Visitor(nodes[i % 2] as number, { address: newAddress() }).post('/auth/password/reset', {
          token,
          password: `a new and long password ${i}`,
        }),
      ),
    );
    expect(tries.filter((one) => one.status === 200)).toHaveLength(1);
    const winner = tries.findIndex((one) => one.status === 200);
    expect((await signIn(at(stage), email, `a new and long password ${winner}`)).status).toBe(200);
    expect((await signIn(at(stage), email, PASSWORD)).status).toBe(401);
    expect((await signIn(at(stage), other.email, PASSWORD)).status).toBe(200);
    await eventually(
      () => visitor.get('/auth/session'),
      ({ status }) => status === 401,
      2_000,
    );
    await mailTo(stage.server(), email, 'password-changed');

    const older = await forgot(other.email);
    const newer = await forgot(other.email);
    const password = 'yet another quiet river';
    expect((await at(stage).post('/auth/password/reset', { token: older, password })).status).toBe(400);
    const changed = await other.visitor.post('/auth/password/change', {
      currentPassword: PASSWORD,
      newPassword: 'changed by its owner, once',
    });
    expect(changed.status).toBe(200);
    expect((await at(stage).post('/auth/password/reset', { token: newer, password })).status).toBe(400);
    for (const guess of ['', 'A'.repeat(43), token, `${newer}x`, newer.slice(1)])
      expect((await at(stage).post('/auth/password/reset', { token: guess, password })).status).toBe(400);
  });

  it('A31: pages that carry a link leak it to nobody', async () => {
    const { headers } = await at(stage).get('/account/reset');
    expect(String(headers['referrer-policy'])).toMatch(/no-referrer|strict-origin|same-origin/);
    const [mail] = await (async () => {
      const { email } = await newPerson(stage.server());
      await forgot(email);
      return mailsTo(stage.server(), email);
    })();
    expect(mail?.text).toMatch(/\/account\/reset#token=/);
  });
}

function preHijack(stage: Stage): void {
  it("A32: somebody else's sign-up with my address leaves nothing behind", async () => {
    const email = newEmail('victim');
    const attackers = 'the password of an attacker';
    expect(
      (await at(stage).post('/auth/sign-up', { email, password: attackers, name: 'Mallory' })).status,
    ).toBe(202);
    expect((await signIn(at(stage), email, attackers)).status).toBe(401);
    await mailTo(stage.server(), email, 'verify-email');
    const before = 1;
    expect((await at(stage).post('/auth/sign-up', { email, password: PASSWORD, name: 'Ada' })).status).toBe(
      202,
    );
    const mails = await eventually(
      () => mailsTo(stage.server(), email),
      (found) => found.length > before,
    );
    const token = tokenIn(mails[0] as (typeof mails)[number]);
    expect((await at(stage).post('/auth/email/verify', { token })).status).toBe(200);
    expect((await signIn(at(stage), email, attackers)).status).toBe(401);
    // Two have asked for one address: nobody's password counts until its owner sets one.
    expect((await signIn(at(stage), email, PASSWORD)).status).toBe(401);
    const old = tokenIn(mails.at(-1) as (typeof mails)[number]);
    expect((await at(stage).post('/auth/email/verify', { token: old })).status).toBe(400);
    const reset = tokenIn(await mailTo(stage.server(), email, 'reset-required'));
    expect((await at(stage).post('/auth/password/reset', { token: reset, password: PASSWORD })).status).toBe(
      200,
    );
    expect((await signIn(at(stage), email, PASSWORD)).status).toBe(200);
    expect((await signIn(at(stage), email, attackers)).status).toBe(401);
  });
}

function bodies(stage: Stage): void {
  it('A34: nothing but what a form holds can be set', async () => {
    const email = newEmail('mass');
    const extras = [
      { role: 'administrator' },
      { roles: ['administrator'] },
      { emailVerified: true },
      { status: 'active' },
      { aal: 2 },
      { tenantId: 't1' },
      { 'user.roles': ['administrator'] },
      { user: { roles: ['administrator'] } },
      { __proto__x: 1 },
    ];
    for (const extra of extras) {
      const { status } = await at(stage).post('/auth/sign-up', { email, password: PASSWORD, ...extra });
      expect([JSON.stringify(extra), status]).toEqual([JSON.stringify(extra), 400]);
    }
    const { visitor } = await newPerson(stage.server());
    for (const extra of extras) {
      const { status } = await visitor.send('PATCH', '/auth/profile', { name: 'Ada', ...extra });
      expect(status).toBe(400);
    }
    expect((await visitor.who())?.roles).toEqual(['customer']);
  });

  it('A35: passwords of any script and length are compared whole', async () => {
    const long = 'é🦉 '.repeat(30).slice(0, 100);
    const email = newEmail('long');
    await signUp(stage.server(), email, `${long}1`);
    expect((await signIn(at(stage), email, `${long}2`)).status).toBe(401);
    expect((await signIn(at(stage), email, `${long}1`.normalize('NFD'))).status).toBe(200);
    // No text with a NUL gets as far as a comparison, whosever it is.
    expect((await signIn(at(stage), email, `${long}1\0`)).status).toBe(400);
    expect((await signIn(at(stage), newEmail(), `${long}1\0`)).status).toBe(400);
    expect((await at(stage).post('/auth/sign-in', { email, password: 'x'.repeat(1_000_000) })).status).toBe(
      413,
    );
    const nul = await at(stage).post('/auth/sign-up', { email: newEmail(), password: `${PASSWORD}\0` });
    expect(nul.status).toBe(400);
    const short = await at(stage).post<{ error: { details: { field: string; code: string }[] } }>(
      '/auth/sign-up',
      {
        email: newEmail(),
        password: 'short',
      },
    );
    expect(short.status).toBe(400);
    expect(short.body.error.details).toContainEqual(
      expect.objectContaining({ field: 'password', code: 'PASSWORD_TOO_SHORT' }),
    );
  });
}
