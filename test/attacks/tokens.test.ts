import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { SignedIn } from '../../src/server/api/auth-types.ts';
import type { EventsAnswer } from '../../src/server/api/types.ts';
import { eventually } from '../scenarios/server.ts';
import { enrolTotp, newPerson, toSecondStep } from './person.ts';
import { onEachColumn, type Stage } from './stage.ts';
import { Visitor } from './visitor.ts';

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

onEachColumn('tokens', (stage) => {
  forged(stage);
  misused(stage);
  renewed(stage);
  revoked(stage);
});

/** Status of a call with that access token, on the node that did not give it. */
async function statusWith(stage: Stage, token: string): Promise<number> {
  const visitor = new Visitor(stage.other().port, { api: true });
  return (await visitor.get('/auth/session', { authorization: `Bearer ${token}` })).status;
}

async function tokenOf(stage: Stage): Promise<{ readonly token: string; readonly payload: string }> {
  const { visitor } = await newPerson(stage.server(), { api: true });
  const token = visitor.accessToken as string;
  return { token, payload: token.split('.')[1] as string };
}

function forged(stage: Stage): void {
  describe('forged access tokens', () => {
    it('A1: no algorithm, in any spelling, and no signature', async () => {
      const { token, payload } = await tokenOf(stage);
      expect(await statusWith(stage, token)).toBe(200);
      const [header, , signature] = token.split('.') as [string, string, string];
      const headers = ['none', 'None', 'nOnE', 'NONE', ''].map((alg) => encode({ alg, typ: 'at+jwt' }));
      const forgeries = [
        ...headers.flatMap((one) => [
          `${one}.${payload}.`,
          `${one}.${payload}`,
          `${one}.${payload}.${signature}`,
        ]),
        `${header}.${payload}.`,
        `${header}.${payload}`,
        `.${payload}.${signature}`,
      ];
      for (const one of forgeries) expect([one, await statusWith(stage, one)]).toEqual([one, 401]);
      const events = await eventually(
        () => stage.other().ask<EventsAnswer>('GET', '/admin/events?type=TOKEN_ALG_FORBIDDEN'),
        ({ body }) => body.events.length > 0,
      );
      expect(JSON.stringify(events.body)).not.toContain(payload);
    });

    it('A2: HS256 with the public key as its secret', async () => {
      const { payload } = await tokenOf(stage);
      const { body } = await new Visitor(stage.server().port).get<{ keys: (JsonWebKey & { kid: string })[] }>(
        '/.well-known/jwks.json',
      );
      const [jwk] = body.keys;
      const key = createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' });
      const secrets = [
        key.export({ type: 'spki', format: 'pem' }),
        key.export({ type: 'spki', format: 'der' }),
        JSON.stringify(jwk),
        jwk?.x ?? '',
        Buffer.from(jwk?.x ?? '', 'base64url'),
      ];
      for (const typ of ['at+jwt', 'JWT']) {
        const head = `${encode({ alg: 'HS256', typ, kid: jwk?.kid })}.${payload}`;
        for (const secret of secrets) {
          const signature = createHmac('sha256', secret).update(head).digest('base64url');
          expect(await statusWith(stage, `${head}.${signature}`)).toBe(401);
        }
      }
    });

    it('A3, A4: key ids and key addresses of their own, without a connection to anywhere', async () => {
      const { token, payload } = await tokenOf(stage);
      const signature = token.split('.')[2] as string;
      let connections = 0;
      const listener = createServer((_request, response) => response.end('{"keys":[]}'));
      listener.on('connection', () => connections++);
      await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
      const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/keys`;
      const kids = [
        '../../dev/null',
        "' UNION SELECT 'k",
        '\0',
        'k'.repeat(4_000),
        '__proto__',
        'unknown',
        7,
        null,
      ];
      const headers = [
        ...kids.map((kid) => ({ alg: 'EdDSA', typ: 'at+jwt', kid })),
        ...['jku', 'x5u'].map((name) => ({ alg: 'EdDSA', typ: 'at+jwt', kid: 'x', [name]: url })),
        { alg: 'EdDSA', typ: 'at+jwt', kid: 'x', jwk: { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } },
        { alg: 'EdDSA', typ: 'at+jwt', kid: 'x', x5c: ['MIIB'] },
        { alg: 'EdDSA', typ: 'at+jwt', kid: 'x', crit: ['exp'] },
      ];
      for (const header of headers)
        expect(await statusWith(stage, `${encode(header)}.${payload}.${signature}`)).toBe(401);
      expect(connections).toBe(0);
      listener.close();
    });

    it('A7, A8: malformed in every part', async () => {
      const { token } = await tokenOf(stage);
      const [header, payload, signature] = token.split('.') as [string, string, string];
      const text = Buffer.from(header, 'base64url').toString();
      const doubled = Buffer.from(text.replace('{', '{"alg":"none",')).toString('base64url');
      const lastBits = `${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : 'A'}`;
      const wrong = [
        `${doubled}.${payload}.${signature}`,
        `${header}=.${payload}.${signature}`,
        `${header}.${payload}.${signature}==`,
        `${header}.${payload}.${lastBits}`,
        `${header}.${payload}.${'A'.repeat(86)}`,
        `${header}.${payload}.${signature}.${signature}`,
        `${encode({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' })}..a.b.c`,
        `${header}.${encode({ sub: 'acc_1' })}.${signature}`,
        `${header}.${Buffer.from(token).toString('base64url')}.${signature}`,
        `eyJ${'A'.repeat(8_000)}`,
        'eyJ..',
      ];
      for (const one of wrong)
        expect([one.slice(0, 80), await statusWith(stage, one)]).toEqual([one.slice(0, 80), 401]);
      expect(await statusWith(stage, token)).toBe(200);
    });
  });
}

function misused(stage: Stage): void {
  it('A5: no other secret of ours is taken for an access token', async () => {
    const { visitor, email } = await newPerson(stage.server(), { api: true });
    const browser = await newPerson(stage.server());
    const { secret } = await enrolTotp(visitor);
    const { challenge } = await toSecondStep(new Visitor(stage.server().port, { api: true }), email);
    const others = [
      visitor.refreshToken as string,
      visitor.deviceToken ?? '',
      challenge,
      secret,
      ...browser.visitor.cookies.values(),
    ];
    for (const one of others) expect(await statusWith(stage, one)).toBe(401);
    for (const one of [visitor.refreshToken, visitor.accessToken, challenge]) {
      const { status } = await new Visitor(stage.server().port).get('/auth/session', {
        cookie: `rampart_session=${one ?? ''}`,
      });
      expect(status).toBe(401);
    }
  });
}

function renewed(stage: Stage): void {
  describe('refresh tokens', () => {
    const refresh = (stageOf: Visitor, refreshToken: string) =>
      stageOf.post<SignedIn>('/auth/refresh', { refreshToken });

    it('A10: fifty at once with one token get one and the same pair', async () => {
      const { visitor } = await newPerson(stage.server(), { api: true });
      const token = visitor.refreshToken as string;
      const anonymous = [stage.server(), stage.other()].map((node) => new Visitor(node.port, { api: true }));
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => refresh(anonymous[i % 2] as Visitor, token)),
      );
      expect(new Set(answers.map((one) => one.status))).toEqual(new Set([200]));
      expect(new Set(answers.map((one) => one.body.refreshToken)).size).toBe(1);
      expect(new Set(answers.map((one) => one.body.accessToken)).size).toBe(1);
      const [first] = answers;
      expect((await refresh(anonymous[0] as Visitor, first?.body.refreshToken as string)).status).toBe(200);
    });

    it('A9, A11: a token from before the last exchange ends the session, and its owner is told', async () => {
      const { visitor, email } = await newPerson(stage.server(), { api: true });
      const thief = new Visitor(stage.other().port, { api: true, address: '203.0.113.66' });
      const r0 = visitor.refreshToken as string;
      const r1 = (await refresh(visitor, r0)).body.refreshToken as string;
      const r2 = (await refresh(visitor, r1)).body;
      expect((await refresh(thief, r0)).status).toBe(401);
      expect((await refresh(visitor, r2.refreshToken as string)).status).toBe(401);
      await eventually(
        () => statusWith(stage, r2.accessToken as string),
        (status) => status === 401,
        2_000,
      );
      const seen = await eventually(
        () => stage.server().ask<EventsAnswer>('GET', '/admin/events?type=REFRESH_REUSE'),
        ({ body }) => body.events.length > 0,
      );
      expect(seen.body.events[0]?.severity).toBe('CRITICAL');
      const mails = await eventually(
        () => stage.server().ask<{ messages: { to: string; kind: string }[] }>('GET', '/admin/mailbox'),
        ({ body }) => body.messages.some((one) => one.to === email && one.kind === 'refresh-reuse'),
      );
      expect(mails.status).toBe(200);
    });

    it('are nobody when guessed, empty, or of another kind', async () => {
      const { visitor } = await newPerson(stage.server(), { api: true });
      const anonymous = new Visitor(stage.server().port, { api: true });
      for (const token of ['', 'rr_', `rr_${'A'.repeat(43)}`, visitor.accessToken ?? '', 'x'.repeat(5_000)]) {
        const { status } = await refresh(anonymous, token);
        expect([400, 401]).toContain(status);
      }
    });
  });
}

function revoked(stage: Stage): void {
  describe('revocation', () => {
    const diesWithin = async (visitor: Visitor, elsewhere: Visitor): Promise<void> => {
      await eventually(
        () => visitor.get('/auth/session'),
        ({ status }) => status === 401,
        2_000,
      );
      await eventually(
        () => elsewhere.get('/auth/session'),
        ({ status }) => status === 401,
        2_000,
      );
    };

    it('A14: a session that was ended is refused on every node, a sensitive route at once', async () => {
      for (const api of [true, false]) {
        const { visitor, email } = await newPerson(stage.server(), { api });
        const elsewhere = visitor.clone(stage.other().port);
        expect((await elsewhere.get('/auth/session')).status).toBe(200);
        const second = new Visitor(stage.server().port, { api });
        await second
          .post('/auth/sign-in', { email, password: 'seven quiet herons walking' })
          .then(({ body }) => second.take(body));
        const ended = await second.send('DELETE', '/auth/sessions');
        expect(ended.status).toBe(200);
        expect((await elsewhere.post('/auth/mfa/totp/enrol')).status).toBe(401);
        await diesWithin(visitor, elsewhere);
      }
    });

    it('A14: so is one that was signed out, and one whose account was locked', async () => {
      const left = await newPerson(stage.server(), { api: true });
      const leftElsewhere = left.visitor.clone(stage.other().port);
      expect((await leftElsewhere.get('/auth/session')).status).toBe(200);
      expect((await left.visitor.post('/auth/sign-out')).status).toBe(204);
      await diesWithin(left.visitor, leftElsewhere);

      const locked = await newPerson(stage.server());
      const lockedElsewhere = locked.visitor.clone(stage.other().port);
      expect((await lockedElsewhere.get('/auth/session')).status).toBe(200);
      const answer = await stage.server().ask('POST', `/admin/users/${locked.id}/lock`, { reason: 'test' });
      expect(answer.status).toBe(200);
      await diesWithin(locked.visitor, lockedElsewhere);
    });

    it('A15: a role that was taken away opens nothing any more', async () => {
      const { visitor, id } = await newPerson(stage.server(), { api: true });
      const given = await stage.server().ask('POST', `/admin/users/${id}/roles`, { roles: ['viewer'] });
      expect(given.status).toBe(200);
      // More power ends the sessions (A16); the console needs two factors.
      await diesWithin(visitor, visitor.clone(stage.other().port));
      const again = new Visitor(stage.server().port, { api: true });
      const { body } = await again.post<SignedIn>('/auth/sign-in', {
        email: (await stage.server().ask<{ user: { email: string } }>('GET', `/admin/users/${id}`)).body.user
          .email,
        password: 'seven quiet herons walking',
      });
      again.take(body);
      expect(body.scope).toBe('enrol');
      const { secret } = await enrolTotp(again);
      const elsewhere = again.clone(stage.other().port);
      expect((await elsewhere.get('/admin/blocks')).status).toBe(200);
      expect((await elsewhere.post('/admin/blocks', { target: '203.0.113.9' })).status).toBe(403);
      const taken = await stage.server().ask('POST', `/admin/users/${id}/roles`, { roles: ['customer'] });
      expect(taken.status).toBe(200);
      await eventually(
        () => elsewhere.get('/admin/blocks'),
        ({ status }) => status === 403 || status === 401,
        2_000,
      );
      expect(secret).toHaveLength(32);
    });
  });
}
