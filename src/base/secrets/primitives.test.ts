import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { gcmOpen, gcmSeal, hkdfSha256, hmacSha256, kwUnwrap, kwWrap } from './primitives.ts';
import { GCM, GCM_MODIFIED_TAGS, HKDF, HMAC, KW } from './test-vectors.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const keyOf = (hex: string): ReturnType<typeof createSecretKey> => createSecretKey(bytes(hex));

describe('AES-256-GCM', () => {
  it.each(GCM)('gives and takes $from', ({ key, iv, aad, msg, ct, tag }) => {
    const sealed = gcmSeal(keyOf(key), bytes(iv), bytes(msg), aad);
    expect(Buffer.from(sealed, 'base64url').toString('hex')).toBe(iv + ct + tag);
    expect(gcmOpen(keyOf(key), sealed, aad).toString('hex')).toBe(msg);
  });

  it('refuses every tag that was modified', () => {
    const { key, iv, aad, ct } = GCM[3];
    for (const tag of GCM_MODIFIED_TAGS) {
      const text = bytes(iv + ct + tag).toString('base64url');
      expect(() => gcmOpen(keyOf(key), text, aad), tag).toThrow();
    }
  });

  it('refuses tags that were cut, down to nothing', () => {
    const { key, iv, aad, ct, tag } = GCM[3];
    const whole = bytes(iv + ct + tag);
    for (let length = 0; length < whole.length; length++) {
      const text = whole.subarray(0, length).toString('base64url');
      expect(() => gcmOpen(keyOf(key), text, aad), String(length)).toThrow();
    }
  });

  it('carries texts that are larger than its scratch', () => {
    const key = keyOf(GCM[2].key);
    const text = 'ü'.repeat(100_000);
    const aad = 'long '.repeat(5_000);
    const sealed = gcmSeal(key, bytes(GCM[2].iv), text, aad);
    expect(gcmOpen(key, sealed, aad).toString()).toBe(text);
    expect(() => gcmOpen(key, sealed, `${aad}.`)).toThrow();
  });
});

describe('AES-256-KW', () => {
  it.each(KW)('wraps and unwraps $from', ({ key, msg, ct }) => {
    expect(kwWrap(bytes(key), bytes(msg)).toString('hex')).toBe(ct);
    expect(Buffer.from(kwUnwrap(bytes(key), bytes(ct))).toString('hex')).toBe(msg);
  });

  it('notices a flip in every byte', () => {
    const { key, ct } = KW[2];
    for (let at = 0; at < ct.length / 2; at++) {
      const changed = bytes(ct);
      changed[at] = (changed[at] as number) ^ 1;
      expect(() => kwUnwrap(bytes(key), changed), String(at)).toThrow();
    }
  });
});

describe('HMAC-SHA-256 and HKDF-SHA-256', () => {
  it.each(HMAC)('give $from, in one part or several', ({ key, msg, mac }) => {
    expect(hmacSha256(bytes(key), bytes(msg)).toString('hex')).toBe(mac);
    expect(hmacSha256(bytes(key), bytes(msg).subarray(0, 3), bytes(msg).subarray(3)).toString('hex')).toBe(
      mac,
    );
  });

  it.each(HKDF)('give $from', ({ ikm, salt, info, okm }) => {
    const made = hkdfSha256(bytes(ikm), bytes(salt), bytes(info), okm.length / 2);
    expect(Buffer.from(made).toString('hex')).toBe(okm);
  });
});
