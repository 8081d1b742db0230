import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Clock } from '../../../core/clock.ts';
import { canonicalBytes, jsonSegment } from './base64url.ts';
import { publicJwkOf, thumbprintOf, type PublicJwk } from './thumbprint.ts';

/** Why a proof is refused. */
export type DpopFault = 'form' | 'key' | 'signature' | 'request' | 'time' | 'token' | 'replay' | 'busy';

/** What a verification gives; `thumbprint` (RFC 7638) belongs into `ClientFacts.dpopThumbprint`. */
export type DpopVerdict =
  { readonly ok: true; readonly thumbprint: string } | { readonly ok: false; readonly why: DpopFault };

/** A proof and the request that it came with. */
export interface DpopQuestion {
  /** Value of the header `DPoP`. */
  readonly proof: string;
  readonly method: string;
  /** The request's address as the client sees it: from the configured base address, never from the Host header. */
  readonly url: string;
  /** Access token of the request, if it has one: the proof must name its hash (`ath`). */
  readonly accessToken?: string;
  readonly nowMs: number;
}

const MAX_PROOF_LENGTH = 4_096;
const WINDOW_MS = 60_000;
/** A proof may lie 60 s ahead and is good until 60 s after: it is remembered for at least the whole of it. */
const REMEMBER_MS = 2 * WINDOW_MS + 1_000;

/**
 * Proofs that were seen, of this process. Bounded: when it is full, further proofs are refused until old ones run out,
 * because forgetting early would let them be replayed.
 */
export class DpopReplays {
  readonly #clock: Clock;
  readonly #half: number;
  #young = new Set<string>();
  #old = new Set<string>();
  #turnAtMs: number;

  /** @param capacity most proofs that are remembered; default 100,000 */
  constructor(clock: Clock, capacity = 100_000) {
    this.#clock = clock;
    this.#half = Math.max(1, Math.floor(capacity / 2));
    this.#turnAtMs = clock.monotonic() + REMEMBER_MS;
  }

  /** Notes a proof. @returns whether it is new; `busy` when there is no room */
  note(key: string): 'new' | 'seen' | 'busy' {
    const now = this.#clock.monotonic();
    if (now >= this.#turnAtMs) {
      this.#old = now >= this.#turnAtMs + REMEMBER_MS ? new Set() : this.#young;
      this.#young = new Set();
      this.#turnAtMs = now + REMEMBER_MS;
    }
    if (this.#young.has(key) || this.#old.has(key)) return 'seen';
    if (this.#young.size >= this.#half) return 'busy';
    this.#young.add(key);
    return 'new';
  }

  /** How many are remembered. */
  get size(): number {
    return this.#young.size + this.#old.size;
  }
}

/** Verifies a DPoP proof (RFC 9449 §4.3): ES256 or EdDSA with an embedded public key, this request, this minute, once. */
export function verifyDpopProof(question: DpopQuestion, seen: DpopReplays): DpopVerdict {
  const { proof, nowMs } = question;
  if (proof.length > MAX_PROOF_LENGTH) return { ok: false, why: 'form' };
  const [head, body, tail, ...more] = proof.split('.', 4);
  if (head === undefined || body === undefined || tail === undefined || more.length > 0) {
    return { ok: false, why: 'form' };
  }
  const header = jsonSegment(head, MAX_PROOF_LENGTH);
  if (header?.['typ'] !== 'dpop+jwt' || Object.hasOwn(header, 'crit')) return { ok: false, why: 'form' };
  const jwk = publicJwkOf(header['jwk']);
  if (jwk === undefined || header['alg'] !== (jwk.kty === 'EC' ? 'ES256' : 'EdDSA')) {
    return { ok: false, why: 'key' };
  }
  if (!isSigned(jwk, `${head}.${body}`, tail)) return { ok: false, why: 'signature' };
  const claims = jsonSegment(body, MAX_PROOF_LENGTH);
  if (claims === undefined) return { ok: false, why: 'form' };
  const why = faultOfClaims(claims, question, nowMs);
  if (why !== undefined) return { ok: false, why };
  const thumbprint = thumbprintOf(jwk);
  const noted = seen.note(digest(`${thumbprint}.${claims['jti'] as string}`));
  if (noted !== 'new') return { ok: false, why: noted === 'busy' ? 'busy' : 'replay' };
  return { ok: true, thumbprint };
}

function faultOfClaims(
  claims: Readonly<Record<string, unknown>>,
  question: DpopQuestion,
  nowMs: number,
): DpopFault | undefined {
  const { jti, htm, htu, iat, ath } = claims;
  if (typeof jti !== 'string' || jti === '' || jti.length > 256) return 'form';
  if (htm !== question.method || typeof htu !== 'string') return 'request';
  const address = addressOf(htu);
  if (address === undefined || address !== addressOf(question.url)) return 'request';
  if (typeof iat !== 'number' || !(Math.abs(iat * 1_000 - nowMs) <= WINDOW_MS)) return 'time';
  if (question.accessToken !== undefined && ath !== digest(question.accessToken)) return 'token';
  return undefined;
}

/** An address without query and fragment, normalised as RFC 3986 §6.2 asks (RFC 9449 §4.3, 9). */
function addressOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.search = '';
  url.hash = '';
  return url.href;
}

function isSigned(jwk: PublicJwk, input: string, signatureText: string): boolean {
  const signature = canonicalBytes(signatureText);
  if (signature?.length !== 64) return false;
  try {
    const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
    const bytes = Buffer.from(input, 'latin1');
    return jwk.kty === 'EC'
      ? verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, signature)
      : verify(null, bytes, key, signature);
  } catch {
    // A point that does not lie on the curve.
    return false;
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
