import { sealedContext } from '../sealed.ts';
import {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  hkdfSync,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { SecretBox } from '../../../base/secrets/index.ts';
import { newSecret } from '../../../core/id.ts';
import { publicJwkOf, thumbprintOf, type PublicJwk } from './thumbprint.ts';

/** Algorithms of access tokens (RFC 8037, RFC 7518); RS256 and `none` are never among them. */
export const TOKEN_ALGORITHMS = ['EdDSA', 'ES256', 'HS256'] as const;
export type TokenAlgorithm = (typeof TOKEN_ALGORITHMS)[number];

/** `typ` of an access token (RFC 9068): another kind of token can never pass as one. */
export const ACCESS_TOKEN_TYPE = 'at+jwt';

/** A key as it stands in the table. */
export interface KeyRow {
  /** `kid`: the thumbprint of the public key (RFC 7638); random for HS256, whose thumbprint would tell of the secret. */
  readonly id: string;
  readonly algorithm: TokenAlgorithm;
  readonly public_jwk: PublicJwk | null;
  /** Private JWK, sealed; null for HS256, whose key is derived. */
  readonly sealed: string | null;
  readonly created_at_ms: number;
  readonly signs_from_ms: number;
  /** From then on another key signs; null: until further notice. */
  readonly signs_until_ms: number | null;
}

/** A key, ready for use. */
export interface SigningKey {
  readonly id: string;
  readonly algorithm: TokenAlgorithm;
  /** The header of its tokens, as object and as the one segment that is accepted. */
  readonly header: { readonly alg: TokenAlgorithm; readonly typ: string; readonly kid: string };
  readonly headerSegment: string;
  /** Null where its secret cannot be opened: it still verifies. */
  readonly signing: KeyObject | null;
  readonly verifying: KeyObject;
  /** Null for HS256. */
  readonly jwk: PublicJwk | null;
  readonly signsFromMs: number;
  readonly signsUntilMs: number;
}

/** Makes a key. HS256 keys are derived from the house's secret, so there is nothing to keep but their name. */
export function newKeyRow(
  algorithm: TokenAlgorithm,
  box: SecretBox,
  nowMs: number,
  signsFromMs: number,
): KeyRow {
  const times = { created_at_ms: nowMs, signs_from_ms: signsFromMs, signs_until_ms: null };
  if (algorithm === 'HS256') {
    return { id: newSecret(), algorithm, public_jwk: null, sealed: null, ...times };
  }
  const { privateKey, publicKey } =
    algorithm === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicJwkOf(publicKey.export({ format: 'jwk' })) as PublicJwk;
  const id = thumbprintOf(jwk);
  const sealed = box.seal(JSON.stringify(privateKey.export({ format: 'jwk' })), sealedContext.key(id));
  return { id, algorithm, public_jwk: jwk, sealed, ...times };
}

/**
 * Opens a key of the table.
 * @param unreadable told when its secret cannot be opened
 */
export function openKey(
  row: KeyRow,
  box: SecretBox,
  secret: Uint8Array,
  unreadable: (id: string) => void,
): SigningKey {
  const header = { alg: row.algorithm, typ: ACCESS_TOKEN_TYPE, kid: row.id };
  const base = {
    id: row.id,
    algorithm: row.algorithm,
    header,
    headerSegment: Buffer.from(JSON.stringify(header)).toString('base64url'),
    signsFromMs: row.signs_from_ms,
    signsUntilMs: row.signs_until_ms ?? Number.POSITIVE_INFINITY,
  };
  if (row.public_jwk === null) {
    const key = hmacKey(secret, row.id);
    return { ...base, signing: key, verifying: key, jwk: null };
  }
  const jwk = publicJwkOf(row.public_jwk) as PublicJwk;
  const verifying = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  return { ...base, signing: privateKeyOf(row, box, unreadable), verifying, jwk };
}

/** HKDF (RFC 5869) with the key's name as salt: each rotation is another key. */
function hmacKey(secret: Uint8Array, id: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, id, 'rampart identity access token', 32)));
}

function privateKeyOf(row: KeyRow, box: SecretBox, unreadable: (id: string) => void): KeyObject | null {
  try {
    const text = Buffer.from(box.open(row.sealed ?? '', sealedContext.key(row.id))).toString('utf8');
    return createPrivateKey({ key: JSON.parse(text) as { kty: string }, format: 'jwk' });
  } catch {
    unreadable(row.id);
    return null;
  }
}
