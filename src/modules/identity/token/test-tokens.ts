import { randomBytes } from 'node:crypto';
import { secretBox, type SecretBox } from '../../../base/secrets/index.ts';
import { signAccessToken, type AccessClaims, type TokenRules } from './access.ts';
import { newKeyRow, openKey, type SigningKey, type TokenAlgorithm } from './key.ts';

export const NOW_MS = 1_795_000_123_456;
export const NOW_SECONDS = Math.floor(NOW_MS / 1_000);
const secret = randomBytes(32);
const box: SecretBox = secretBox([{ id: 'k', key: randomBytes(32) }]);

export function makeKey(algorithm: TokenAlgorithm): SigningKey {
  const row = newKeyRow(algorithm, box, NOW_MS, NOW_MS);
  return openKey(row, box, secret, () => {
    throw new Error('unreadable');
  });
}

export function claimsOf(change: Readonly<Record<string, unknown>> = {}): AccessClaims {
  return {
    iss: 'https://house.test',
    aud: 'house',
    sub: `acc_${'0'.repeat(26)}`,
    sid: `ses_${'0'.repeat(26)}`,
    jti: 'jti_1',
    iat: NOW_SECONDS,
    exp: NOW_SECONDS + 900,
    epoch: 1,
    ...change,
  };
}

/** Rules over these keys; counts how often a key was found. */
export function rulesOf(keys: readonly SigningKey[]): TokenRules & { found(): number } {
  const byHeader = new Map(keys.map((key) => [key.headerSegment, key]));
  let found = 0;
  return {
    issuer: 'https://house.test',
    audience: 'house',
    algorithm: keys[0]?.algorithm ?? 'EdDSA',
    maxLifeSeconds: 900,
    found: () => found,
    keyOf(segment) {
      const key = byHeader.get(segment);
      if (key) found++;
      return key;
    },
  };
}

/** A token over any payload, signed with a key of ours: what only a bug of ours could write. */
export function signRaw(key: SigningKey, payload: Readonly<Record<string, unknown>>): Promise<string> {
  return signAccessToken(payload as unknown as AccessClaims, key);
}

export function segment(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}
