import { createHash, generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint, SignJWT, type JWK } from 'jose';
import { expect, test } from 'vitest';
import { ManualClock } from '../../../testing/clock.ts';
import { DpopReplays, verifyDpopProof, type DpopQuestion } from './dpop.ts';

const URL_OF_REQUEST = 'https://api.house.test/orders';
const pairs = {
  EdDSA: generateKeyPairSync('ed25519'),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};

interface Change {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

async function proofOf(
  clock: ManualClock,
  alg: keyof typeof pairs = 'ES256',
  change: Change = {},
): Promise<string> {
  const { privateKey, publicKey } = pairs[alg];
  const claims = {
    jti: crypto.randomUUID(),
    htm: 'POST',
    htu: URL_OF_REQUEST,
    iat: Math.floor(clock.now() / 1_000),
    ...change.claims,
  };
  const jwk = publicKey.export({ format: 'jwk' }) as JWK;
  return new SignJWT(claims)
    .setProtectedHeader({ typ: 'dpop+jwt', alg, jwk, ...change.header })
    .sign(privateKey);
}

function ask(clock: ManualClock, proof: string, more: Partial<DpopQuestion> = {}): DpopQuestion {
  return { proof, method: 'POST', url: URL_OF_REQUEST, nowMs: clock.now(), ...more };
}

test.each(['EdDSA', 'ES256'] as const)(
  'a proof with %s gives the thumbprint of its key, once',
  async (alg) => {
    const clock = new ManualClock();
    const seen = new DpopReplays(clock);
    const proof = await proofOf(clock, alg);
    const thumbprint = await calculateJwkThumbprint(pairs[alg].publicKey.export({ format: 'jwk' }));
    expect(verifyDpopProof(ask(clock, proof), seen)).toEqual({ ok: true, thumbprint });
    expect(verifyDpopProof(ask(clock, proof), seen)).toEqual({ ok: false, why: 'replay' });
    clock.advance(59_000);
    expect(verifyDpopProof(ask(clock, proof), seen)).toEqual({ ok: false, why: 'replay' });
    clock.advance(3_000);
    expect(verifyDpopProof(ask(clock, proof), seen)).toEqual({ ok: false, why: 'time' });
  },
);

test('a proof from the future cannot be replayed when its time has come', async () => {
  const clock = new ManualClock();
  const seen = new DpopReplays(clock);
  const proof = await proofOf(clock, 'ES256', { claims: { iat: Math.floor(clock.now() / 1_000) + 59 } });
  clock.advance(100);
  expect(verifyDpopProof(ask(clock, proof), seen).ok).toBe(true);
  for (let i = 0; i < 11; i++) {
    clock.advance(10_000);
    expect(verifyDpopProof(ask(clock, proof), seen)).toEqual({ ok: false, why: 'replay' });
  }
});

test.each<[string, Change, Partial<DpopQuestion>, string]>([
  ['another method', {}, { method: 'GET' }, 'request'],
  ['another path', {}, { url: `${URL_OF_REQUEST}/1` }, 'request'],
  ['another host', {}, { url: 'https://api.house.test.evil/orders' }, 'request'],
  ['an address that is none', { claims: { htu: 'orders' } }, {}, 'request'],
  ['an old proof', { claims: { iat: 1 } }, {}, 'time'],
  ['a time that is no number', { claims: { iat: 'now' } }, {}, 'time'],
  ['no id', { claims: { jti: '' } }, {}, 'form'],
  ['a huge id', { claims: { jti: 'j'.repeat(300) } }, {}, 'form'],
  ['no hash of the token', {}, { accessToken: 'token' }, 'token'],
  ['the hash of another token', { claims: { ath: 'x' } }, { accessToken: 'token' }, 'token'],
  ['another type', { header: { typ: 'JWT' } }, {}, 'form'],
  ['a key of another kind', { header: { jwk: { kty: 'oct', k: 'AAAA' } } }, {}, 'key'],
  ['no key', { header: { jwk: undefined } }, {}, 'key'],
  [
    'a point off the curve',
    { header: { jwk: { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) } } },
    {},
    'signature',
  ],
])('%s is refused', async (_, change, more, why) => {
  const clock = new ManualClock();
  const proof = await proofOf(clock, 'ES256', change);
  expect(verifyDpopProof(ask(clock, proof, more), new DpopReplays(clock))).toEqual({ ok: false, why });
});

test('a proof that carries its private key is refused, and so are HMAC and none', async () => {
  const clock = new ManualClock();
  const seen = new DpopReplays(clock);
  const jwk = pairs.ES256.privateKey.export({ format: 'jwk' });
  const leaked = await proofOf(clock, 'ES256', { header: { jwk } });
  expect(verifyDpopProof(ask(clock, leaked), seen)).toEqual({ ok: false, why: 'key' });
  const [head = '', body = ''] = (await proofOf(clock)).split('.');
  for (const alg of ['none', 'HS256', 'RS256', 'EdDSA']) {
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>;
    const changed = Buffer.from(JSON.stringify({ ...header, alg })).toString('base64url');
    expect(verifyDpopProof(ask(clock, `${changed}.${body}.`), seen)).toEqual({ ok: false, why: 'key' });
  }
  for (const proof of ['', 'a', 'a.b', 'a.b.c', 'a.b.c.d', 'x'.repeat(100_000)]) {
    expect(verifyDpopProof(ask(clock, proof), seen)).toEqual({ ok: false, why: 'form' });
  }
});

test('the token that it comes with is named by its hash; query and fragment do not count', async () => {
  const clock = new ManualClock();
  const ath = createHash('sha256').update('token').digest('base64url');
  const proof = await proofOf(clock, 'EdDSA', { claims: { ath, htu: 'HTTPS://API.house.test:443/orders' } });
  const question = ask(clock, proof, { accessToken: 'token', url: `${URL_OF_REQUEST}?page=2#x` });
  expect(verifyDpopProof(question, new DpopReplays(clock)).ok).toBe(true);
});

test('the memory of proofs is bounded; when it is full nothing passes, and it empties by itself', () => {
  const clock = new ManualClock();
  const seen = new DpopReplays(clock, 100);
  for (let i = 0; i < 1_000; i++) seen.note(`p${i}`);
  expect(seen.size).toBeLessThanOrEqual(100);
  expect(seen.note('new')).toBe('busy');
  clock.advance(121_000);
  expect(seen.note('p1')).toBe('seen');
  expect(seen.note('new')).toBe('new');
  clock.advance(300_000);
  expect(seen.note('p1')).toBe('new');
});
