import { createHmac, timingSafeEqual } from 'node:crypto';
import type { PrincipalValue } from '../../core/fact.ts';

/** A demo customer's token lives for a day. */
export const SAMPLE_TOKEN_MS = 86_400_000;
const PREFIX = 'sample1.';

/** Who somebody may be in the sample application; administrators sign in to the console. */
export const SAMPLE_ROLES = ['customer', 'restaurant_owner', 'driver'] as const;
export type SampleRole = (typeof SAMPLE_ROLES)[number];

/** Somebody in the sample application. */
export interface SampleCustomer {
  /** `sample:` and the name. */
  readonly id: string;
  readonly name: string;
  readonly role: SampleRole;
}

function mac(secret: Uint8Array, text: string): Buffer {
  // A label of its own, so that no other use of the secret ever signs the same text.
  return createHmac('sha256', secret).update(`rampart sample token v1\0${text}`).digest();
}

/**
 * A bearer token that is good for the sample application only. Whoever asks gets one, for any name: it shows how limits
 * and ownership act, and guards nothing.
 */
export function makeSampleToken(
  secret: Uint8Array,
  name: string,
  nowMs: number,
  role: SampleRole = 'customer',
): string {
  const payload = Buffer.from(JSON.stringify([name, nowMs + SAMPLE_TOKEN_MS, role])).toString('base64url');
  return `${PREFIX}${payload}.${mac(secret, payload).toString('base64url')}`;
}

/** @returns the customer, or `undefined` when the token is not ours, was changed, or has run out */
export function readSampleToken(
  secret: Uint8Array,
  token: string,
  nowMs: number,
): SampleCustomer | undefined {
  if (token.length > 1_000 || !token.startsWith(PREFIX)) return undefined;
  const [payload, given, ...rest] = token.slice(PREFIX.length).split('.');
  if (payload === undefined || given === undefined || rest.length > 0) return undefined;
  const signature = Buffer.from(given, 'base64url');
  const expected = mac(secret, payload);
  if (signature.toString('base64url') !== given || signature.length !== expected.length) return undefined;
  if (!timingSafeEqual(signature, expected)) return undefined;
  // What we signed we wrote, so it can be read; a day ago, perhaps, when all were customers.
  const [name, expiresAtMs, role = 'customer'] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [
    string,
    number,
    SampleRole?,
  ];
  return expiresAtMs > nowMs ? { id: `sample:${name}`, name, role } : undefined;
}

/** The principal behind an Authorization header of the sample application: for an identify guard. */
export function samplePrincipal(
  secret: Uint8Array,
  authorization: string | undefined,
  nowMs: number,
): PrincipalValue | undefined {
  if (authorization === undefined || !/^bearer sample1\./i.test(authorization)) return undefined;
  const customer = readSampleToken(secret, authorization.slice(7).trim(), nowMs);
  return customer && { id: customer.id, kind: 'user', roles: [customer.role] };
}
