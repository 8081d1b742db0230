import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { newSecret } from '../../../core/id.ts';

/** A device cookie that is ours. */
export interface DeviceCookie {
  /** `dev_…` */
  readonly id: string;
  /** SHA-256 of its secret, base64url. */
  readonly secretHash: string;
  /** When its secret was made, milliseconds since the epoch, to the day. */
  readonly madeAtMs: number;
}

/** Writes and reads device cookies: `rd1.<device>.<day>.<secret>.<HMAC-SHA-256>`, about 130 characters. */
export interface DeviceCookies {
  /** A cookie with a new secret. */
  make(id: string, nowMs: number): DeviceCookie & { readonly value: string };
  /** @returns `undefined` for what is not ours, or older than `forgetAfterMs` */
  read(value: string | undefined, nowMs: number): DeviceCookie | undefined;
}

/** Longest text that is looked at. */
export const MAX_COOKIE_LENGTH = 200;
const DAY_MS = 86_400_000;
const SHAPE = /^rd1\.(dev_[0-9a-z]{26})\.(\d{1,6})\.([\w-]{43})\.([\w-]{43})$/;

/** @param secret `IdentityPorts.secret` */
export function deviceCookies(secret: Uint8Array, forgetAfterMs: number): DeviceCookies {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'rampart identity device cookie', 32));
  const sign = (body: string): Buffer => createHmac('sha256', key).update(body).digest();
  return {
    make(id, nowMs) {
      const day = Math.floor(nowMs / DAY_MS);
      const made = newSecret();
      const body = `rd1.${id}.${day}.${made}`;
      const value = `${body}.${sign(body).toString('base64url')}`;
      return { id, secretHash: hashOf(made), madeAtMs: day * DAY_MS, value };
    },
    read(value, nowMs) {
      if (value === undefined || value.length > MAX_COOKIE_LENGTH) return undefined;
      const [, id, day, made, mac] = SHAPE.exec(value) ?? [];
      if (id === undefined || day === undefined || made === undefined || mac === undefined) return undefined;
      if (!timingSafeEqual(Buffer.from(mac, 'base64url'), sign(`rd1.${id}.${day}.${made}`))) return undefined;
      const madeAtMs = Number(day) * DAY_MS;
      return nowMs - madeAtMs > forgetAfterMs ? undefined : { id, secretHash: hashOf(made), madeAtMs };
    },
  };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** Whether two digests are the same, in constant time. */
export function sameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
