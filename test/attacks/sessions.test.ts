import { describe, expect, it } from 'vitest';
import { eventually } from '../scenarios/server.ts';
import {
  enrolTotp,
  newPerson,
  PASSWORD,
  secondStep,
  signIn,
  signUp,
  toSecondStep,
  totpCode,
} from './person.ts';
import { onEachColumn, type Stage } from './stage.ts';
import { Visitor } from './visitor.ts';

onEachColumn('sessions and cookies', (stage) => {
  fixation(stage);
  forgedRequests(stage);
  frames(stage);
});

const COOKIE = 'rampart_session';

function fixation(stage: Stage): void {
  describe('a session cookie', () => {
    it('A16: is new after sign-in, second step and step-up, and the old one is dead', async () => {
      const { email } = await signUp(stage.server());
      const planted = `rs_${'A'.repeat(43)}`;
      const visitor = new Visitor(stage.server().port);
      visitor.cookies.set(COOKIE, planted);
      expect((await signIn(visitor, email)).status).toBe(200);
      const first = visitor.cookies.get(COOKIE) as string;
      expect(first).not.toBe(planted);
      expect(await aliveOn(stage, planted)).toBe(false);

      const { secret } = await enrolTotp(visitor);
      const second = visitor.cookies.get(COOKIE) as string;
      expect(second).not.toBe(first);
      await deadOn(stage, first);

      const stepped = await visitor.post('/auth/step-up', { factor: 'totp', code: await totpCode(secret) });
      expect(stepped.status).toBe(200);
      expect(visitor.cookies.get(COOKIE)).not.toBe(second);
      await deadOn(stage, second);

      const next = new Visitor(stage.server().port);
      next.cookies.set(COOKIE, planted);
      const { challenge } = await toSecondStep(next, email);
      expect(next.cookies.get(COOKIE)).toBe(planted);
      expect((await secondStep(next, challenge, await totpCode(secret, 1))).status).toBe(200);
      expect(next.cookies.get(COOKIE)).not.toBe(planted);
      expect(await aliveOn(stage, planted)).toBe(false);
    });

    it('is out of reach of scripts and other sites, small, and says nothing of the person', async () => {
      const { email } = await signUp(stage.server());
      const { headers } = await signIn(new Visitor(stage.server().port), email);
      const cookies = headers['set-cookie'] ?? [];
      expect(cookies.length).toBeGreaterThan(0);
      for (const one of cookies) {
        expect(one).toMatch(/; Path=\//i);
        expect(one).toMatch(/; HttpOnly/i);
        expect(one).toMatch(/; SameSite=(Lax|Strict)/i);
        expect(one).not.toMatch(/domain=/i);
        expect(one.length).toBeLessThan(4_096);
        expect(one).not.toContain('ada');
        expect(Buffer.from(one.split(/[=;]/)[1] ?? '', 'base64url').toString()).not.toContain('example');
      }
      expect(headers['cache-control']).toBe('no-store');
    });

    it('over https is bound to this host alone', async () => {
      const { email } = await signUp(stage.server());
      const visitor = new Visitor(stage.server().port, {
        address: '198.51.100.7',
        headers: { 'x-forwarded-proto': 'https' },
      });
      const { headers, status } = await signIn(visitor, email);
      expect(status).toBe(200);
      for (const one of headers['set-cookie'] ?? [])
        expect(one).toMatch(/^__Host-rampart[^;]*; Path=\/.*; Secure/i);
      expect(await visitor.who()).toMatchObject({ email });
    });

    it('A17: planted beside ours, twice, or under another spelling, signs nobody in', async () => {
      const { visitor, email } = await newPerson(stage.server());
      const mallory = await newPerson(stage.server());
      const own = visitor.cookies.get(COOKIE) as string;
      const theirs = mallory.visitor.cookies.get(COOKIE) as string;
      const ask = async (cookie: string): Promise<string | undefined> => {
        const { status, body } = await new Visitor(stage.server().port).get<{ user: { email: string } }>(
          '/auth/session',
          { cookie },
        );
        return status === 200 ? body.user.email : undefined;
      };
      expect(await ask(`${COOKIE}=${own}`)).toBe(email);
      for (const twice of [`${COOKIE}=${theirs}; ${COOKIE}=${own}`, `${COOKIE}=${own}; ${COOKIE}=${theirs}`])
        expect([email, undefined]).toContain(await ask(twice));
      expect(await ask(`${COOKIE}=${theirs}; ${COOKIE}=${own}`)).not.toBe(mallory.email);
      for (const name of ['__host-rampart', '__HOST-rampart', 'Rampart_Session', `${COOKIE}\u00a0`])
        expect(await ask(`${name}=${own}`)).toBeUndefined();
    });

    it('ends when its owner signs out, wherever it is', async () => {
      const { visitor } = await newPerson(stage.server());
      const copy = visitor.clone(stage.other().port);
      const { status, headers } = await visitor.post('/auth/sign-out');
      expect(status).toBe(204);
      expect(headers['clear-site-data']).toBeDefined();
      expect(visitor.cookies.has(COOKIE)).toBe(false);
      await eventually(
        () => copy.get('/auth/session'),
        (answer) => answer.status === 401,
        2_000,
      );
    });
  });
}

async function aliveOn(stage: Stage, cookie: string): Promise<boolean> {
  const visitor = new Visitor(stage.other().port);
  visitor.cookies.set(COOKIE, cookie);
  return (await visitor.get('/auth/session')).status === 200;
}

/** On the node itself at once, on others within two seconds. */
async function deadOn(stage: Stage, cookie: string): Promise<void> {
  await eventually(
    () => aliveOn(stage, cookie),
    (alive) => !alive,
    2_000,
  );
}

function forgedRequests(stage: Stage): void {
  describe('requests that another site makes a browser send', () => {
    it('A18: do not stop what a customer does on the own one, and do nothing in their name', async () => {
      const { visitor } = await newPerson(stage.server());
      const order = { items: [{ name: 'Dumplings', quantity: 1 }] };
      const foreign = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
      expect((await visitor.post('/sample/orders', order, foreign)).status).toBe(403);
      expect((await visitor.get('/sample/orders')).body).toMatchObject({ orders: [] });
      expect((await visitor.post('/sample/orders', order)).status).toBe(201);
    });

    it('A18: change nothing, by any of their ways', async () => {
      const { visitor, email } = await newPerson(stage.server());
      const cross = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
      const name = JSON.stringify({ name: 'Mallory' });
      const ways: readonly (readonly [string, string, string | undefined, Record<string, string>])[] = [
        ['PATCH', '/auth/profile', name, cross],
        ['PATCH', '/auth/profile', name, { 'sec-fetch-site': '', origin: 'null' }],
        ['PATCH', '/auth/profile', name, { 'sec-fetch-site': '', origin: 'https://localhost.evil.example' }],
        ['PATCH', '/auth/profile', name, { 'sec-fetch-site': '' }],
        ['PATCH', '/auth/profile', name, { 'content-type': 'text/plain' }],
        ['POST', '/auth/profile', name, { 'x-http-method-override': 'PATCH' }],
        ['POST', '/auth/profile?_method=PATCH', name, {}],
        ['POST', '/auth/sign-out', undefined, cross],
        ['DELETE', '/auth/sessions', undefined, cross],
        ['POST', '/auth/mfa/totp/enrol', undefined, { ...cross, 'content-type': 'text/plain' }],
        ['POST', '/auth/password/change', '{"newPassword":"x"}', { ...cross, 'content-type': 'text/plain' }],
      ];
      for (const [method, path, body, headers] of ways) {
        const { status } = await visitor.send(method, path, body, headers);
        expect([method, path, [400, 403, 404, 405, 415].includes(status)]).toEqual([method, path, true]);
      }
      for (const path of ['/auth/sign-out', '/auth/mfa/totp/enrol', '/auth/password/change'])
        for (const method of ['GET', 'HEAD'])
          expect([404, 405]).toContain((await visitor.send(method, path)).status);
      expect(await visitor.who()).toMatchObject({ email, name: 'Ada' });
    });

    it('A19: sign nobody in as somebody else', async () => {
      const { email } = await signUp(stage.server());
      const victim = new Visitor(stage.server().port);
      const body = { email, password: PASSWORD };
      const answers = [
        await victim.post('/auth/sign-in', body, {
          'sec-fetch-site': 'cross-site',
          origin: 'https://evil.example',
        }),
        await victim.post('/auth/sign-in', JSON.stringify(body), { 'content-type': 'text/plain' }),
        await victim.post(
          '/auth/sign-in',
          `email=${encodeURIComponent(email)}&password=${encodeURIComponent(PASSWORD)}`,
          { 'content-type': 'application/x-www-form-urlencoded' },
        ),
      ];
      for (const { status } of answers) expect([403, 415]).toContain(status);
      expect(victim.cookies.size).toBe(0);
    });
  });
}

function frames(stage: Stage): void {
  it('A20: no page of the account can be framed', async () => {
    const visitor = new Visitor(stage.server().port);
    for (const path of ['/account', '/account/sign-in', '/account/enrol', '/auth/session', '/auth/sign-in']) {
      const { headers } = await visitor.get(path);
      expect([path, String(headers['content-security-policy']).includes("frame-ancestors 'none'")]).toEqual([
        path,
        true,
      ]);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(String(headers['strict-transport-security'])).toMatch(/max-age=\d{8}/);
    }
  });

  it('A21: no other origin may read an answer', async () => {
    const { visitor } = await newPerson(stage.server());
    for (const origin of [
      'https://evil.example',
      'null',
      `http://localhost.:${visitor.port}`,
      'http://localhostXexample',
    ]) {
      const read = await visitor.get('/auth/session', { origin, 'sec-fetch-site': 'cross-site' });
      expect(read.headers['access-control-allow-origin']).toBeUndefined();
      const asked = await visitor.send('OPTIONS', '/auth/session', undefined, {
        origin,
        'access-control-request-method': 'GET',
        'sec-fetch-site': 'cross-site',
      });
      expect(asked.headers['access-control-allow-origin']).toBeUndefined();
    }
  });
}
