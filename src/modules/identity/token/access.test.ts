import { createHmac, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { decodeProtectedHeader, importJWK, jwtVerify, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { signAccessToken, verifyAccessToken } from './access.ts';
import { isStrictSignature, lowS } from './ecdsa.ts';
import { TOKEN_ALGORITHMS } from './key.ts';
import { claimsOf, makeKey, NOW_MS, NOW_SECONDS, rulesOf, segment, signRaw } from './test-tokens.ts';
import { thumbprintOf } from './thumbprint.ts';

const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

describe.each(TOKEN_ALGORITHMS)('%s', (algorithm) => {
  const key = makeKey(algorithm);
  const rules = rulesOf([key]);

  test('what is signed verifies, and its header is the one segment that is accepted', async () => {
    const token = await signAccessToken(claimsOf(), key);
    expect(token.split('.')[0]).toBe(key.headerSegment);
    expect(decodeProtectedHeader(token)).toEqual({ alg: algorithm, typ: 'at+jwt', kid: key.id });
    expect(verifyAccessToken(token, rules, NOW_MS)).toEqual({ ok: true, claims: claimsOf() });
  });

  test('A7: any other text, however near, is refused', async () => {
    const token = await signAccessToken(claimsOf(), key);
    for (let at = 0; at < token.length; at++) {
      const other = token[at] === 'A' ? 'B' : 'A';
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      expect(verifyAccessToken(changed, rules, NOW_MS).ok, `at ${at}`).toBe(false);
    }
    const odd = ['=', ' ', '\n', '.', '.x', '\0', '%00'];
    for (const more of odd) expect(verifyAccessToken(token + more, rules, NOW_MS).ok, more).toBe(false);
    for (const more of odd) expect(verifyAccessToken(more + token, rules, NOW_MS).ok, more).toBe(false);
    expect(verifyAccessToken(token.replaceAll('.', '..'), rules, NOW_MS).ok).toBe(false);
    expect(verifyAccessToken(token.slice(0, token.lastIndexOf('.')), rules, NOW_MS).ok).toBe(false);
    expect(verifyAccessToken(token.slice(0, token.lastIndexOf('.') + 1), rules, NOW_MS).ok).toBe(false);
    expect(verifyAccessToken(await signRaw(key, { x: token }), rules, NOW_MS)).toMatchObject({
      why: 'claims',
    });
  });

  test('A7: the last character of a signature has one form', async () => {
    const token = await signAccessToken(claimsOf(), key);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const good = alphabet
      .split('')
      .filter((last) => verifyAccessToken(token.slice(0, -1) + last, rules, NOW_MS).ok);
    expect(good).toEqual([token.at(-1)]);
  });

  test.each([
    ['exp missing', { exp: undefined }, 'claims'],
    ['exp as text', { exp: String(NOW_SECONDS + 60) }, 'claims'],
    ['exp 1e999', { exp: 1e21 }, 'claims'],
    ['exp negative', { exp: -1 }, 'claims'],
    ['exp a fraction', { exp: NOW_SECONDS + 0.5 }, 'claims'],
    ['exp null', { exp: null }, 'claims'],
    ['exp now', { exp: NOW_SECONDS, iat: NOW_SECONDS - 900 }, 'expired'],
    ['a life that is too long', { exp: NOW_SECONDS + 901 }, 'claims'],
    ['nbf in the future', { nbf: NOW_SECONDS + 60 }, 'not yet'],
    ['nbf as text', { nbf: '0' }, 'claims'],
    ['iat in the future', { iat: NOW_SECONDS + 60 }, 'not yet'],
    ['iat missing', { iat: undefined }, 'claims'],
    ['another audience', { aud: 'staging' }, 'audience'],
    ['a list of audiences', { aud: ['house'] }, 'audience'],
    ['another issuer', { iss: 'https://staging.test' }, 'issuer'],
    ['an issuer that only begins alike', { iss: 'https://house.test/' }, 'issuer'],
    ['no session', { sid: undefined }, 'claims'],
    ['a session of another form', { sid: "ses_' OR 1=1" }, 'claims'],
    ['an account of another form', { sub: { $ne: '' } }, 'claims'],
    ['an epoch as text', { epoch: '1' }, 'claims'],
    ['a confirmation of another form', { cnf: { jkt: 7 } }, 'claims'],
    ['no id', { jti: '' }, 'claims'],
  ])('A5, A6: %s is refused even under a good signature (47)', async (_, change, why) => {
    const token = await signRaw(key, { ...claimsOf(change) });
    expect(verifyAccessToken(token, rules, NOW_MS)).toEqual({ ok: false, why });
  });

  test('A6: clocks may differ by 30 seconds where a token begins, by none where it ends', async () => {
    const early = await signRaw(key, { ...claimsOf({ iat: NOW_SECONDS + 30, nbf: NOW_SECONDS + 30 }) });
    expect(verifyAccessToken(early, rules, NOW_MS).ok).toBe(true);
    const last = await signRaw(key, { ...claimsOf({ exp: NOW_SECONDS + 1 }) });
    expect(verifyAccessToken(last, rules, NOW_MS).ok).toBe(true);
    expect(verifyAccessToken(last, rules, (NOW_SECONDS + 1) * 1_000)).toMatchObject({ why: 'expired' });
  });

  test('A3, A5: a token of another key, type or purpose is refused without cryptography', async () => {
    const stranger = makeKey(algorithm);
    const before = rules.found();
    const foreign = await signAccessToken(claimsOf(), stranger);
    expect(verifyAccessToken(foreign, rules, NOW_MS)).toEqual({ ok: false, why: 'key' });
    for (const typ of ['JWT', 'at+JWT', 'application/at+jwt', 'dpop+jwt', undefined]) {
      const header = { alg: algorithm, kid: key.id, ...(typ === undefined ? {} : { typ }) };
      const token = await new SignJWT({ ...claimsOf() })
        .setProtectedHeader(header)
        .sign(key.signing as never);
      expect(verifyAccessToken(token, rules, NOW_MS)).toEqual({ ok: false, why: 'type' });
    }
    expect(rules.found()).toBe(before);
  });
});

const key = makeKey('EdDSA');
const rules = rulesOf([key]);

test.each(['none', 'None', 'nOnE', 'NONE', '', 'RS256', 'HS256', 'ES256', 'EdDSA ', null, 1, ['EdDSA']])(
  'A1: alg %j is refused whatever stands in the third part (46)',
  (alg) => {
    const head = segment({ alg, typ: 'at+jwt', kid: key.id });
    const body = segment(claimsOf());
    for (const tail of ['', '.', '.AAAA', `.${'A'.repeat(86)}`]) {
      expect(verifyAccessToken(`${head}.${body}${tail}`, rules, NOW_MS)).toEqual({
        ok: false,
        why: 'algorithm',
      });
    }
  },
);

test('A2: the public key is no HMAC secret, in none of its forms (46)', () => {
  const jwk = JSON.stringify(key.jwk);
  const pem = key.verifying.export({ format: 'pem', type: 'spki' });
  const der = key.verifying.export({ format: 'der', type: 'spki' });
  for (const secret of [pem, String(pem).trim(), der, jwk, key.jwk?.x ?? '']) {
    for (const head of [segment({ alg: 'HS256', typ: 'at+jwt', kid: key.id }), key.headerSegment]) {
      const input = `${head}.${segment(claimsOf())}`;
      const token = `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
      expect(verifyAccessToken(token, rules, NOW_MS).ok).toBe(false);
    }
  }
});

test.each([
  '../../dev/null',
  "' UNION SELECT 'k",
  '\0',
  'k'.repeat(10_000),
  '__proto__',
  'constructor',
  '',
  7,
  null,
])('A3: kid %j finds no key, no file and no table', (kid) => {
  const before = rules.found();
  const token = `${segment({ alg: 'EdDSA', typ: 'at+jwt', kid })}.${segment(claimsOf())}.${'A'.repeat(86)}`;
  expect(verifyAccessToken(token, rules, NOW_MS).ok).toBe(false);
  expect(rules.found()).toBe(before);
});

test('A4: keys and addresses in the header are not looked at', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const own = { jwk: publicKey.export({ format: 'jwk' }) as Record<string, string> };
  const to = { jku: 'http://127.0.0.1:9/', x5u: 'http://127.0.0.1:9/', x5c: ['AAAA'] };
  for (const more of [own, ...Object.entries(to).map(([name, value]) => ({ [name]: value }))]) {
    const header = { alg: 'EdDSA', typ: 'at+jwt', kid: key.id, ...more };
    const token = await new SignJWT({ ...claimsOf() }).setProtectedHeader(header).sign(privateKey);
    const before = rules.found();
    expect(verifyAccessToken(token, rules, NOW_MS).ok).toBe(false);
    expect(rules.found()).toBe(before);
  }
});

test('A7: odd forms are refused, and long ones are not looked at', () => {
  const body = segment(claimsOf());
  const heads = [
    `{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"${key.id}"}`,
    ` ${JSON.stringify(key.header)}`,
    JSON.stringify({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' }),
    '[]',
    'null',
    '{'.repeat(700),
  ];
  for (const head of heads) {
    expect(verifyAccessToken(`${segment(head)}.${body}.AAAA`, rules, NOW_MS).ok).toBe(false);
  }
  const texts = [
    '',
    '.',
    '..',
    '...',
    `${key.headerSegment}=.${body}.AAAA`,
    'a.b.c.d.e',
    'A'.repeat(1_000_000),
  ];
  for (const text of texts)
    expect(verifyAccessToken(text, rules, NOW_MS)).toMatchObject({ ok: false, why: 'form' });
});

test('any text is refused without an error', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 200, unit: 'binary' }),
      fc.string({ maxLength: 100 }),
      (body, tail) => {
        expect(verifyAccessToken(body, rules, NOW_MS).ok).toBe(false);
        expect(verifyAccessToken(`${key.headerSegment}.${body}.${tail}`, rules, NOW_MS).ok).toBe(false);
      },
    ),
  );
});

test('A8: signatures of zeros, out of range, or in their second form are refused (ES256)', async () => {
  const es = makeKey('ES256');
  const own = rulesOf([es]);
  for (let i = 0; i < 20; i++) {
    const token = await signAccessToken(claimsOf({ jti: `j${i}` }), es);
    expect(verifyAccessToken(token, own, NOW_MS).ok).toBe(true);
    const dot = token.lastIndexOf('.');
    const signature = Buffer.from(token.slice(dot + 1), 'base64url');
    const s = ORDER - BigInt(`0x${signature.subarray(32).toString('hex')}`);
    const high = Buffer.from(s.toString(16).padStart(64, '0'), 'hex');
    const other = Buffer.concat([signature.subarray(0, 32), high]);
    expect(lowS(other)).toEqual(signature);
    const forged = [other, Buffer.alloc(64), Buffer.concat([signature.subarray(0, 32), Buffer.alloc(32)])];
    for (const bytes of forged) {
      const text = `${token.slice(0, dot)}.${bytes.toString('base64url')}`;
      expect(verifyAccessToken(text, own, NOW_MS)).toEqual({ ok: false, why: 'signature' });
    }
  }
  expect(isStrictSignature(Buffer.alloc(64, 0xff))).toBe(false);
});

test('others verify our tokens by the public key, whose name is its thumbprint (RFC 7638)', async () => {
  for (const algorithm of ['EdDSA', 'ES256'] as const) {
    const one = makeKey(algorithm);
    expect(one.id).toBe(thumbprintOf(one.jwk as never));
    const token = await signAccessToken(claimsOf(), one);
    const { payload } = await jwtVerify(token, await importJWK({ ...one.jwk }, algorithm), {
      issuer: 'https://house.test',
      audience: 'house',
      typ: 'at+jwt',
      currentDate: new Date(NOW_MS),
    });
    expect(payload).toEqual(claimsOf());
  }
});

test('the thumbprint of RFC 8037 A.3 comes out', () => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } as const;
  expect(thumbprintOf(jwk)).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
});
