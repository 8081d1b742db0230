import { createHash, randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SignedIn } from '../../src/server/api/auth-types.ts';
import { preparedFolder } from '../scenarios/prepared.ts';
import { cleanUp, type Running, start } from '../scenarios/server.ts';
import { PASSWORD, signUp } from './person.ts';
import { PUBLIC_URL } from './stage.ts';
import { Visitor } from './visitor.ts';

type Prove = (method: string, path: string, accessToken?: string) => Promise<string>;

async function newKey(): Promise<Prove> {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwk: JWK = await exportJWK(publicKey);
  return (method, path, accessToken) => {
    const ath =
      accessToken === undefined ? {} : { ath: createHash('sha256').update(accessToken).digest('base64url') };
    return new SignJWT({ htm: method, htu: `${PUBLIC_URL}${path}`, jti: randomUUID(), ...ath })
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk })
      .setIssuedAt()
      .sign(privateKey);
  };
}

describe('tokens that are bound to a key of the client (RFC 9449)', () => {
  let server: Running;
  beforeAll(async () => {
    server = await start({
      dir: await preparedFolder(),
      config: { identity: { sessions: { dpop: 'optional' } } },
      env: { RAMPART_PUBLIC_URL: PUBLIC_URL },
    });
  });
  afterAll(cleanUp);

  it('A12: are nothing without a proof of that key, for this request, made just once', async () => {
    const { email } = await signUp(server);
    const [own, other] = [await newKey(), await newKey()];
    const api = new Visitor(server.port, { api: true });
    const signedIn = await api.post<SignedIn>(
      '/auth/sign-in',
      { email, password: PASSWORD },
      { dpop: await own('POST', '/auth/sign-in') },
    );
    expect(signedIn.status).toBe(200);
    const { accessToken = '', refreshToken = '' } = signedIn.body;
    const call = async (authorization: string, proof: string): Promise<number> =>
      (await api.get('/auth/session', { authorization, dpop: proof })).status;

    const proof = await own('GET', '/auth/session', accessToken);
    expect(await call(`DPoP ${accessToken}`, proof)).toBe(200);
    expect(await call(`DPoP ${accessToken}`, proof)).toBe(401);
    expect(await call(`Bearer ${accessToken}`, '')).toBe(401);
    expect(await call(`DPoP ${accessToken}`, '')).toBe(401);
    expect(await call(`DPoP ${accessToken}`, await other('GET', '/auth/session', accessToken))).toBe(401);
    expect(await call(`DPoP ${accessToken}`, await own('POST', '/auth/session', accessToken))).toBe(401);
    expect(await call(`DPoP ${accessToken}`, await own('GET', '/auth/mfa', accessToken))).toBe(401);
    expect(await call(`DPoP ${accessToken}`, await own('GET', '/auth/session'))).toBe(401);

    const refresh = async (proofOf: string) =>
      api.post<SignedIn>('/auth/refresh', { refreshToken }, { dpop: proofOf });
    expect((await refresh('')).status).toBe(401);
    expect((await refresh(await other('POST', '/auth/refresh'))).status).toBe(401);
    const renewed = await refresh(await own('POST', '/auth/refresh'));
    expect(renewed.status).toBe(200);
    const next = renewed.body.accessToken as string;
    expect(await call(`DPoP ${next}`, await own('GET', '/auth/session', next))).toBe(200);
  });

  it('are still given without a key to clients that have none', async () => {
    const { email } = await signUp(server);
    const api = new Visitor(server.port, { api: true });
    api.take((await api.post<SignedIn>('/auth/sign-in', { email, password: PASSWORD })).body);
    expect(await api.who()).toMatchObject({ email });
  });
});
