import { createHmac, timingSafeEqual, verify } from 'node:crypto';
import { SignJWT } from 'jose';
import { RampartError } from '../../../core/errors.ts';
import { isId } from '../../../core/id.ts';
import { canonicalBytes, jsonSegment } from './base64url.ts';
import { isStrictSignature, lowS } from './ecdsa.ts';
import { ACCESS_TOKEN_TYPE, type SigningKey, type TokenAlgorithm } from './key.ts';

/** What an access token says: ids alone, no roles and nothing personal. Times are whole seconds (RFC 7519). */
export interface AccessClaims {
  readonly iss: string;
  readonly aud: string;
  /** `acc_…` */
  readonly sub: string;
  /** `ses_…` */
  readonly sid: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
  /** Epoch of the session: a token of an earlier one has ended. */
  readonly epoch: number;
  /** Thumbprint of the key that it is bound to (RFC 9449 §6.1). */
  readonly cnf?: { readonly jkt: string };
}

/** Why a token is refused; for events, never for the client. */
export type TokenFault =
  | 'form'
  | 'algorithm'
  | 'type'
  | 'key'
  | 'signature'
  | 'claims'
  | 'issuer'
  | 'audience'
  | 'expired'
  | 'not yet';

/** What a verification gives. */
export type Verified =
  { readonly ok: true; readonly claims: AccessClaims } | { readonly ok: false; readonly why: TokenFault };

/** What every token must fit. */
export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithm: TokenAlgorithm;
  /** Longest life of a token, seconds. */
  readonly maxLifeSeconds: number;
  /** Finds the key that writes exactly that header segment. */
  readonly keyOf: (headerSegment: string) => SigningKey | undefined;
}

/** Longer tokens are not looked at; ours have some 450 characters. */
export const MAX_TOKEN_LENGTH = 2_048;
const MAX_HEADER_LENGTH = 1_024;
const SKEW_SECONDS = 30;
const SIGNATURE_BYTES: Readonly<Record<TokenAlgorithm, number>> = { EdDSA: 64, ES256: 64, HS256: 32 };

/** Signs an access token. @throws RampartError where the key's secret cannot be opened */
export async function signAccessToken(claims: AccessClaims, key: SigningKey): Promise<string> {
  if (key.signing === null) throw new RampartError('SECRET_UNREADABLE', 'The signing key cannot be opened.');
  const token = await new SignJWT({ ...claims }).setProtectedHeader(key.header).sign(key.signing);
  if (key.algorithm !== 'ES256') return token;
  const dot = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(dot + 1), 'base64url');
  return `${token.slice(0, dot)}.${lowS(signature).toString('base64url')}`;
}

/**
 * Verifies an access token (RFC 9068, RFC 8725). The header is not interpreted: it must be, byte by byte, one that a
 * key of ours writes. So `alg`, `kid`, `jku`, `x5u`, `jwk` and `crit` of a stranger are never acted on, and a refused
 * header costs no cryptography.
 */
export function verifyAccessToken(token: string, rules: TokenRules, nowMs: number): Verified {
  if (token.length > MAX_TOKEN_LENGTH) return { ok: false, why: 'form' };
  const first = token.indexOf('.');
  const second = token.indexOf('.', first + 1);
  const header = token.slice(0, Math.max(0, first));
  const key = rules.keyOf(header);
  if (key === undefined) return { ok: false, why: faultOfHeader(header, rules.algorithm) };
  if (second < 0 || token.includes('.', second + 1)) return { ok: false, why: 'form' };
  const signature = canonicalBytes(token.slice(second + 1));
  if (signature === undefined || signature.length !== SIGNATURE_BYTES[key.algorithm]) {
    return { ok: false, why: 'signature' };
  }
  if (!isSignedBy(key, token.slice(0, second), signature)) {
    return { ok: false, why: 'signature' };
  }
  // What is signed is ours, so its form needs no second look.
  return judgeClaims(signedJson(token.slice(first + 1, second)), rules, nowMs);
}

/** Looks why a header is not ours: for the event alone. */
function faultOfHeader(segment: string, algorithm: TokenAlgorithm): TokenFault {
  const header = jsonSegment(segment, MAX_HEADER_LENGTH);
  if (header === undefined) return 'form';
  if (header['alg'] !== algorithm) return 'algorithm';
  return header['typ'] === ACCESS_TOKEN_TYPE ? 'key' : 'type';
}

function signedJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isSignedBy(key: SigningKey, input: string, signature: Buffer): boolean {
  switch (key.algorithm) {
    case 'EdDSA':
      return verify(null, Buffer.from(input), key.verifying, signature);
    case 'ES256':
      // OpenSSL refuses zeros as well; that it does must not be what a forged token depends on.
      return (
        isStrictSignature(signature) &&
        verify('sha256', Buffer.from(input), { key: key.verifying, dsaEncoding: 'ieee-p1363' }, signature)
      );
    case 'HS256':
      return timingSafeEqual(createHmac('sha256', key.verifying).update(input).digest(), signature);
  }
}

function judgeClaims(
  payload: Readonly<Record<string, unknown>> | undefined,
  rules: TokenRules,
  nowMs: number,
): Verified {
  if (payload === undefined || !isClaims(payload)) return { ok: false, why: 'claims' };
  const claims = payload as unknown as AccessClaims & { readonly nbf?: number };
  if (claims.iss !== rules.issuer) return { ok: false, why: 'issuer' };
  if (claims.aud !== rules.audience) return { ok: false, why: 'audience' };
  if (claims.exp - claims.iat > rules.maxLifeSeconds) return { ok: false, why: 'claims' };
  if (nowMs >= claims.exp * 1_000) return { ok: false, why: 'expired' };
  const latest = Math.max(claims.iat, claims.nbf ?? 0);
  if (latest * 1_000 > nowMs + SKEW_SECONDS * 1_000) return { ok: false, why: 'not yet' };
  return { ok: true, claims };
}

function isClaims(payload: Readonly<Record<string, unknown>>): boolean {
  const { sub, sid, jti, iat, exp, nbf, epoch, cnf } = payload;
  return (
    typeof sub === 'string' &&
    isId('acc', sub) &&
    typeof sid === 'string' &&
    isId('ses', sid) &&
    typeof jti === 'string' &&
    jti.length > 0 &&
    jti.length <= 64 &&
    isTime(iat) &&
    isTime(exp) &&
    (nbf === undefined || isTime(nbf)) &&
    Number.isSafeInteger(epoch) &&
    (cnf === undefined || isConfirmation(cnf))
  );
}

/** Whole seconds since the epoch that still count in milliseconds. */
function isTime(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 100_000_000_000;
}

function isConfirmation(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { jkt } = value as { jkt?: unknown };
  return typeof jkt === 'string' && jkt.length === 43;
}
