import { createHash } from 'node:crypto';

/** A public key as JWK (RFC 7517), of the two kinds that are accepted. */
export type PublicJwk =
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string };

/** Thumbprint of a public key (RFC 7638): SHA-256 over its required members in order, base64url. */
export function thumbprintOf(jwk: PublicJwk): string {
  const members =
    jwk.kty === 'EC'
      ? { crv: jwk.crv, kty: jwk.kty, x: jwk.x, y: jwk.y }
      : { crv: jwk.crv, kty: jwk.kty, x: jwk.x };
  return createHash('sha256').update(JSON.stringify(members)).digest('base64url');
}

/** 32 bytes as canonical base64url. */
const COORDINATE = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/**
 * Picks the public key out of a JWK that somebody sent.
 * @returns `undefined` for other kinds of keys, and for one that carries a private part
 */
export function publicJwkOf(value: unknown): PublicJwk | undefined {
  if (typeof value !== 'object' || value === null || Object.hasOwn(value, 'd')) return undefined;
  const { kty, crv, x, y } = value as Record<string, unknown>;
  if (typeof x !== 'string' || !COORDINATE.test(x)) return undefined;
  if (kty === 'OKP' && crv === 'Ed25519') return { kty, crv, x };
  if (kty === 'EC' && crv === 'P-256' && typeof y === 'string' && COORDINATE.test(y)) {
    return { kty, crv, x, y };
  }
  return undefined;
}
