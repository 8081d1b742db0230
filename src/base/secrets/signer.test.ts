import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../testing/clock.ts';
import { fixedRing } from './ring.ts';
import { signer } from './signer.ts';

const key = { id: 'k1', key: randomBytes(32) };
const clock = new ManualClock(1_000_000);
const webhooks = signer({ ring: fixedRing('hmac', [key]), about: 'webhook', clock });

describe('a signature', () => {
  it('fits the message that it was made for, as text and as bytes', () => {
    const signature = webhooks.sign('{"a":1}');
    expect(signature).toMatch(/^rs1\.k1\.1000000\.[A-Za-z0-9_-]{43}$/);
    expect(webhooks.verify('{"a":1}', signature)).toEqual({ valid: true, keyId: 'k1', atMs: 1_000_000 });
    expect(webhooks.verify(Buffer.from('{"a":1}'), signature).valid).toBe(true);
    expect(webhooks.verify('{"a":2}', signature)).toEqual({ valid: false, reason: 'mac' });
  });

  it('fits nothing else: another purpose, time, key, or a bit that differs', () => {
    const signature = webhooks.sign('a');
    const [, , , mac = ''] = signature.split('.');
    const invoices = signer({ ring: fixedRing('hmac', [key]), about: 'invoice', clock });
    const reasons = [
      invoices.verify('a', signature),
      webhooks.verify('a', `rs1.k1.1000001.${mac}`),
      webhooks.verify('a', `rs1.k2.1000000.${mac}`),
      webhooks.verify('a', `rs1.k1.1000000.${mac.slice(1)}`),
      webhooks.verify('a', `rs2.k1.1000000.${mac}`),
      webhooks.verify('a', ''),
      webhooks.verify('a', 'x'.repeat(1_000_000)),
    ].map((verdict) => (verdict.valid ? 'valid' : verdict.reason));
    expect(reasons).toEqual(['mac', 'mac', 'key', 'form', 'form', 'form', 'form']);
  });

  it('is good for five minutes, and not before its time', () => {
    const at = new ManualClock(1_000_000);
    const one = signer({ ring: fixedRing('hmac', [key]), about: 'webhook', clock: at });
    const signature = one.sign('a');
    at.advance(300_000);
    expect(one.verify('a', signature).valid).toBe(true);
    at.advance(1);
    expect(one.verify('a', signature)).toEqual({ valid: false, reason: 'time' });
    expect(webhooks.verify('a', one.sign('a'))).toEqual({ valid: false, reason: 'time' });
  });

  it('of an older key still fits after a rotation', () => {
    const rotated = signer({
      ring: fixedRing('hmac', [{ id: 'k2', key: randomBytes(32) }, key]),
      about: 'webhook',
      clock,
    });
    expect(rotated.verify('a', webhooks.sign('a'))).toMatchObject({ valid: true, keyId: 'k1' });
    expect(webhooks.verify('a', rotated.sign('a'))).toEqual({ valid: false, reason: 'key' });
  });
});
