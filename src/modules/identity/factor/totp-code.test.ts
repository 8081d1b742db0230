import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { TOTP } from 'totp-generator';
import { describe, expect, it } from 'vitest';
import { readBackupCode, readCode } from './code-text.ts';
import { base32Of, codeOf, matchStep, secretOfBase32, STEP_MS, stepAt, uriOf } from './totp-code.ts';

const SEED = '1234567890';
const seedOf = (bytes: number): Uint8Array => Buffer.from(SEED.repeat(7).slice(0, bytes));
const hasOathtool = spawnSync('oathtool', ['--version']).status === 0;
const bytesOf = fc.uint8Array({ minLength: 20, maxLength: 20 });

describe('the code function', () => {
  it('gives the values of RFC 4226, appendix D', () => {
    const values = '755224 287082 359152 969429 338314 254676 287922 162583 399871 520489'.split(' ');
    expect(values.map((_, counter) => codeOf(seedOf(20), counter))).toEqual(values);
  });

  it.each([
    ['SHA1', 20, '94287082 07081804 14050471 89005924 69279037 65353130'],
    ['SHA256', 32, '46119246 68084774 67062674 91819424 90698825 77737706'],
    ['SHA512', 64, '90693936 25091201 99943326 93441116 38618901 47863826'],
  ] as const)('gives the values of RFC 6238, appendix B, for %s', (algorithm, bytes, values) => {
    const seconds = [59, 1_111_111_109, 1_111_111_111, 1_234_567_890, 2_000_000_000, 20_000_000_000];
    const given = seconds.map((at) => codeOf(seedOf(bytes), stepAt(at * 1_000), { algorithm, digits: 8 }));
    expect(given).toEqual(values.split(' '));
  });

  it('agrees with an independent program at any time, for any secret', async () => {
    await fc.assert(
      fc.asyncProperty(bytesOf, fc.integer({ min: 0, max: 4_102_444_800_000 }), async (secret, atMs) => {
        const { otp } = await TOTP.generate(base32Of(secret), { timestamp: atMs });
        expect(codeOf(secret, stepAt(atMs))).toBe(otp);
      }),
      { numRuns: 200 },
    );
  });

  it.skipIf(!hasOathtool)('agrees with oathtool', () => {
    for (const at of [59, 1_234_567_890, 2_000_000_000]) {
      const secret = randomBytes(20);
      const said = execFileSync('oathtool', ['--totp', '-b', `--now=@${at}`, base32Of(secret)]);
      expect(codeOf(secret, stepAt(at * 1_000))).toBe(said.toString().trim());
    }
  });

  it('writes a secret in base 32 and reads the same bytes back', () => {
    fc.assert(
      fc.property(bytesOf, (secret) => {
        expect(base32Of(secret)).toMatch(/^[A-Z2-7]{32}$/);
        expect([...secretOfBase32(base32Of(secret))]).toEqual([...secret]);
      }),
    );
  });

  it('names the issuer and all numbers in the address for authenticator apps', () => {
    const uri = new URL(uriOf(seedOf(20), 'Harbour', 'ada@example.com'));
    expect(uri.protocol).toBe('otpauth:');
    expect(decodeURIComponent(uri.pathname)).toContain('Harbour:ada@example.com');
    expect(Object.fromEntries(uri.searchParams)).toEqual({
      issuer: 'Harbour',
      secret: base32Of(seedOf(20)),
      algorithm: 'SHA1',
      digits: '6',
      period: '30',
    });
  });
});

describe('the time step of a code (checklist 22, A40)', () => {
  const secret = seedOf(20);
  const nowMs = 1_795_000_123_456;

  it('is found within one step, and never two steps away', () => {
    const found = [-2, -1, 0, 1, 2].map((away) =>
      matchStep(secret, codeOf(secret, stepAt(nowMs) + away), nowMs, 1),
    );
    const present = stepAt(nowMs);
    expect(found).toEqual([undefined, present - 1, present, present + 1, undefined]);
  });

  it('is the present one alone with a window of 0', () => {
    const found = [-1, 0, 1].map((away) => matchStep(secret, codeOf(secret, stepAt(nowMs) + away), nowMs, 0));
    expect(found).toEqual([undefined, stepAt(nowMs), undefined]);
  });

  it('changes exactly every 30 seconds', () => {
    const edge = stepAt(nowMs) * STEP_MS;
    expect(stepAt(edge)).toBe(stepAt(edge + 29_999));
    expect(stepAt(edge + 30_000)).toBe(stepAt(edge) + 1);
  });

  it('is the newer one where two fit, so that the code is used up for both', () => {
    // With this seed the steps 50424280 and 50424281 have the same code.
    const [older, newer] = [50_424_280, 50_424_281];
    expect(codeOf(secret, older)).toBe(codeOf(secret, newer));
    expect(matchStep(secret, codeOf(secret, older), older * STEP_MS, 1)).toBe(newer);
  });

  it('is looked for at the epoch without a step below 0', () => {
    expect(matchStep(secret, codeOf(secret, 0), 5, 1)).toBe(0);
  });
});

describe('a typed code', () => {
  it('is read in full-width and Arabic digits, with spaces, dashes and marks of direction', () => {
    const typed = [
      '123456',
      ' 123 456 ',
      '123-456',
      '１２３４５６',
      '１２３－４５６',
      '١٢٣٤٥٦',
      '۱۲۳۴۵۶',
      '\u200e123\u00a0456\u200f',
      '123–456',
    ];
    expect(typed.map(readCode)).toEqual(typed.map(() => '123456'));
  });

  it('is nothing else than six digits', () => {
    const wrong = [
      '',
      '12345',
      '1234567',
      '12345a',
      '1e5000',
      '0x1234',
      '+12345',
      '²³¹²³¹²',
      '१२३४५६',
      `${' '.repeat(60)}123456`,
    ];
    expect(wrong.map(readCode)).toEqual(wrong.map(() => undefined));
  });

  it('costs nothing when it is a megabyte', () => {
    const started = performance.now();
    expect(readCode('１'.repeat(1_000_000))).toBeUndefined();
    expect(readBackupCode('A'.repeat(1_000_000), 16)).toBeUndefined();
    expect(performance.now() - started).toBeLessThan(20);
  });

  it('never reads anything but ASCII digits, whatever is typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 70 }), (text) => {
        expect(readCode(text) ?? '000000').toMatch(/^[0-9]{6}$/);
      }),
    );
  });
});
