import { createHmac, pbkdf2Sync, randomBytes, scryptSync } from 'node:crypto';
import { hashSync as argonSync } from '@node-rs/argon2';
import { hashSync as bcryptSync } from '@node-rs/bcrypt';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusalOf } from '../../../core/reply.ts';
import { RateLimitError, ValidationError } from '../../../core/errors.ts';
import type { EventFields } from '../../../core/events.ts';
import { ManualClock } from '../../../testing/clock.ts';
import { createPasswordHasher } from './hasher.ts';
import { type PasswordOptions, readPasswordOptions } from './options.ts';

function house(options: PasswordOptions = {}) {
  const clock = new ManualClock();
  const events: { type: string; fields: EventFields | undefined }[] = [];
  const warnings: string[] = [];
  const hasher = createPasswordHasher(readPasswordOptions('passwords', options), {
    clock,
    events: { emit: (type, fields) => void events.push({ type, fields }) },
    log: {
      warn: (message, fields) => void warnings.push(message + JSON.stringify(fields ?? {})),
      error() {},
    },
  });
  return { clock, events, warnings, hasher };
}

const WORDS = 'correct horse battery staple';
const FITS = { ok: true, rehash: false };
const FITS_ANEW = { ok: true, rehash: true };
const WRONG = { ok: false, rehash: false };
const b64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');

describe('hashing', () => {
  it('makes Argon2id of at least 19 MiB and 2 passes with a salt of its own (checklist 12)', async () => {
    const { hasher } = house();
    const [one, two] = await Promise.all([hasher.hash(WORDS), hasher.hash(WORDS)]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await hasher.verify(WORDS, one)).toEqual(FITS);
    expect(await hasher.verify(`${WORDS} `, one)).toEqual(WRONG);
    expect(await hasher.verify(WORDS.toUpperCase(), one)).toEqual(WRONG);
  });

  it('cuts nothing off: 256 code points that differ in the last one differ (A35, checklist 2)', async () => {
    const { hasher } = house();
    const long = '\u{1F40E}'.repeat(255);
    const stored = await hasher.hash(`${long}a`);
    expect(await hasher.verify(`${long}a`, stored)).toEqual(FITS);
    expect(await hasher.verify(`${long}b`, stored)).toEqual(WRONG);
    await expect(hasher.hash(`${long}ab`)).rejects.toThrow(ValidationError);
  });

  it('takes composed and decomposed letters for the same, beyond Latin too (A35, checklist 3)', async () => {
    const { hasher } = house();
    for (const password of [
      'Zoë trinkt Kaffee in Köln',
      'Nguyễn Thị Hương về quê',
      '한글 비밀번호 열다섯 글자 이상',
      'كلمةُ مرورٍ طويلةٌ جدًا',
    ]) {
      const stored = await hasher.hash(password.normalize('NFD'));
      expect(await hasher.verify(password.normalize('NFC'), stored)).toEqual(FITS);
    }
  });

  it('accepts 256 letters that arrive decomposed into 768 code points', async () => {
    const { hasher } = house();
    const password = 'ễ'.repeat(256).normalize('NFD');
    expect(await hasher.verify(password.normalize('NFC'), await hasher.hash(password))).toEqual(FITS);
  });

  it('takes any well-formed text as it is (checklist 3)', async () => {
    const { hasher } = house({ hash: { memoryKib: 12_288, passes: 3 } });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), async (password) => {
        fc.pre(!password.includes('\0'));
        expect(await hasher.verify(password, await hasher.hash(password))).toEqual(FITS);
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    ['NUL', `${WORDS}\0tail`],
    ['a lone surrogate', `${WORDS}\ud800`],
    ['nothing', ''],
    ['a megabyte', 'x'.repeat(1 << 20)],
  ])('refuses %s at the set and never finds it equal (A35)', async (_, password) => {
    const { hasher } = house();
    const error: unknown = await hasher.hash(password).catch((thrown: unknown) => thrown);
    expect(refusalOf(error, 'e').refusal).toMatchObject({
      status: 400,
      code: 'VALIDATION_ERROR',
      details: [{ field: 'password', code: 'PASSWORD_INVALID' }],
    });
    expect(JSON.stringify(refusalOf(error, 'e'))).not.toContain(WORDS);
    expect(await hasher.verify(password, await hasher.hash(WORDS))).toEqual(WRONG);
    expect(await hasher.verify(password, bcryptSync(password.slice(0, 50), { cost: 4 }))).toEqual(WRONG);
    expect(await hasher.verify(password, null)).toEqual(WRONG);
  });
});

describe('an unknown account', () => {
  it('takes the work of a known one, and so do over-long passwords and unreadable hashes (A22, checklist 18)', async () => {
    const { hasher } = house();
    const stored = await hasher.hash(WORDS);
    const cases: [string, string | null][] = [
      ['wrong', stored],
      ['wrong', null],
      ['x'.repeat(1 << 20), stored],
      ['x'.repeat(1 << 20), null],
      ['wrong', 'not a hash'],
    ];
    const took = cases.map(() => [] as number[]);
    for (let round = 0; round < 9; round++) {
      for (const [i, [password, text]] of cases.entries()) {
        const start = performance.now();
        await hasher.verify(password, text);
        (took[i] as number[]).push(performance.now() - start);
      }
    }
    const least = took.map((times) => Math.min(...times));
    for (const one of least) expect(one / (least[0] as number)).toBeGreaterThan(0.4);
    for (const one of least) expect(one / (least[0] as number)).toBeLessThan(2.5);
  });

  it('never fits, whatever is given', async () => {
    const { hasher } = house();
    for (const password of ['', 'password', WORDS])
      expect(await hasher.verify(password, null)).toEqual(WRONG);
  });
});

describe('hashes of an older system', () => {
  const salt = Buffer.from('sixteen byte salt'.slice(0, 16));
  const pb = (digest: string, rounds: number, bytes: number): Buffer =>
    pbkdf2Sync(WORDS, salt, rounds, bytes, digest);
  const adapted = (bytes: Buffer): string => b64(bytes).replaceAll('+', '.');
  it.each([
    ['bcrypt 2a', bcryptSync(WORDS, { cost: 4, version: '2a' })],
    ['bcrypt 2b', bcryptSync(WORDS, { cost: 5, version: '2b' })],
    ['bcrypt 2y', bcryptSync(WORDS, { cost: 4, version: '2y' })],
    ['scrypt', `$scrypt$ln=10,r=8,p=2$${b64(salt)}$${b64(scryptSync(WORDS, salt, 32, { N: 1024, p: 2 }))}`],
    ['PBKDF2, PHC', `$pbkdf2-sha256$i=1200$${b64(salt)}$${b64(pb('sha256', 1200, 32))}`],
    ['PBKDF2, passlib', `$pbkdf2-sha512$1000$${adapted(salt)}$${adapted(pb('sha512', 1000, 64))}`],
    [
      'PBKDF2, Django',
      `pbkdf2_sha256$1500$aSaltOfText$${pbkdf2Sync(WORDS, 'aSaltOfText', 1500, 32, 'sha256').toString('base64')}`,
    ],
    ['Argon2id of other parameters', argonSync(WORDS, { memoryCost: 8_192, timeCost: 3 })],
  ])('%s verifies, asks to be hashed anew, and refuses another password', async (_, stored) => {
    const { hasher } = house();
    expect(await hasher.verify(WORDS, stored)).toEqual(FITS_ANEW);
    expect(await hasher.verify(`${WORDS}!`, stored)).toEqual(WRONG);
  });

  it('known answers: scrypt of RFC 7914, bcrypt of jBCrypt, PBKDF2-HMAC-SHA-256 in all three forms', async () => {
    const { hasher } = house();
    const scryptHash = Buffer.from(
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
      'hex',
    );
    const stored = `$scrypt$ln=10,r=8,p=16$${b64(Buffer.from('NaCl'))}$${b64(scryptHash)}`;
    expect(await hasher.verify('password', stored)).toEqual(FITS_ANEW);
    const bcrypt = '$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i';
    expect(await hasher.verify('abc', bcrypt)).toEqual(FITS_ANEW);
    const pbkdf2 = Buffer.from('120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b', 'hex');
    for (const text of [
      `$pbkdf2-sha256$i=1$c2FsdA$${b64(pbkdf2)}`,
      `$pbkdf2-sha256$1$c2FsdA$${adapted(pbkdf2)}`,
      `pbkdf2_sha256$1$salt$${pbkdf2.toString('base64')}`,
    ]) {
      expect(await hasher.verify('password', text)).toEqual(FITS_ANEW);
    }
  });

  it('bcrypt matches by its first 72 bytes as the old system did; the new hash is of the whole (A35)', async () => {
    const { hasher } = house();
    const long = 'x'.repeat(72);
    const stored = bcryptSync(`${long}tail`, { cost: 4 });
    expect(await hasher.verify(`${long}other`, stored)).toEqual(FITS_ANEW);
    const anew = await hasher.hash(`${long}tail`);
    expect(await hasher.verify(`${long}other`, anew)).toEqual(WRONG);
  });

  it('a password that was hashed decomposed is found, and hashed anew', async () => {
    const { hasher } = house();
    const typed = 'Zoë trinkt Kaffee'.normalize('NFD');
    const stored = argonSync(typed, { memoryCost: 19_456, timeCost: 2 });
    expect(await hasher.verify(typed, stored)).toEqual(FITS_ANEW);
    expect(await hasher.verify(typed, await hasher.hash(typed))).toEqual(FITS);
  });

  it.each([
    '$2b$31$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234',
    '$scrypt$ln=30,r=8,p=1$c2FsdHNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng',
    '$scrypt$ln=18,r=1,p=1$c2FsdHNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng',
    '$scrypt$ln=10,r=8,p=999$c2FsdHNhbHQ$MTI',
    '$pbkdf2-sha256$i=999999999$c2FsdA$MTIzNDU2Nzg5MDEyMzQ1Ng',
    '$pbkdf2-sha256$i=0$c2FsdA$MTIzNDU2Nzg5MDEyMzQ1Ng',
    '$pbkdf2-sha256$i=1000$c2FsdA$MTI',
    '$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng',
    '$argon2id$v=19$m=1048576,t=4294967295,p=1$c2FsdHNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng',
    '$argon2d$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng',
    '$rampart$k=gone$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng',
    '$5$rounds=5000$salt$hash',
    '',
    '$'.repeat(100_000),
  ])('%.50s is refused without its work, and the log tells it once a minute', async (stored) => {
    const { hasher, warnings, clock } = house();
    expect(await hasher.verify(WORDS, stored)).toEqual(WRONG);
    expect(await hasher.verify(WORDS, stored)).toEqual(WRONG);
    expect(warnings).toHaveLength(1);
    if (stored !== '') expect(warnings[0]).not.toContain(stored);
    clock.advance(60_000);
    await hasher.verify(WORDS, stored);
    expect(warnings).toHaveLength(2);
  });
});

describe('the pepper', () => {
  const old = { id: '2025', key: randomBytes(32) };
  const now = { id: '2026', key: randomBytes(32) };

  it('goes into the hash, whose text names the key and nothing of it', async () => {
    const { hasher } = house({ pepper: [now] });
    const stored = await hasher.hash(WORDS);
    expect(stored).toMatch(/^\$rampart\$k=2026\$argon2id\$v=19\$/);
    expect(await hasher.verify(WORDS, stored)).toEqual(FITS);
    expect(await house().hasher.verify(WORDS, stored)).toEqual(WRONG);
    expect(await house().hasher.verify(WORDS, stored.slice('$rampart$k=2026'.length))).toEqual(WRONG);
    const other = house({ pepper: [{ id: '2026', key: randomBytes(32) }] });
    expect(await other.hasher.verify(WORDS, stored)).toEqual(WRONG);
  });

  it('is HMAC-SHA-256 under Argon2id, so that another programme could check it', async () => {
    const stored = await house({ pepper: [now] }).hasher.hash(WORDS);
    const mac = createHmac('sha256', now.key).update(WORDS).digest('base64');
    const verdict = await house().hasher.verify(mac, stored.slice('$rampart$k=2026'.length));
    expect(verdict).toEqual(FITS);
  });

  it('an older key and none at all verify and ask to be hashed anew', async () => {
    const after = house({ pepper: [now, old] }).hasher;
    const stored = await house({ pepper: [old] }).hasher.hash(WORDS);
    expect(await after.verify(WORDS, stored)).toEqual(FITS_ANEW);
    expect(await after.verify(WORDS, await house().hasher.hash(WORDS))).toEqual(FITS_ANEW);
    expect(await after.verify('wrong', stored)).toEqual(WRONG);
  });
});

describe('the queue', () => {
  it('takes 64 beside those that run out of 200 at once, and answers 429 to the rest (checklist 13)', async () => {
    const { hasher, events, clock } = house({ parallel: 2 });
    const stored = await hasher.hash(WORDS);
    let busiest = 0;
    const asked = Array.from({ length: 200 }, () => {
      const verdict = hasher.verify(WORDS, stored);
      busiest = Math.max(busiest, hasher.stats().running + hasher.stats().waiting);
      return verdict;
    });
    expect(hasher.stats()).toEqual({ running: 2, waiting: 64 });
    const outcomes = await Promise.allSettled(asked);
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(refused).toHaveLength(134);
    expect(busiest).toBe(66);
    expect(refused[0]).toBeInstanceOf(RateLimitError);
    expect(refusalOf(refused[0], 'e').refusal).toMatchObject({
      status: 429,
      code: 'HASH_QUEUE_FULL',
      headers: ['retry-after', '1'],
    });
    expect(outcomes.filter((one) => one.status === 'fulfilled' && one.value.ok)).toHaveLength(66);
    expect(events.map(({ type }) => type)).toEqual(['HASH_QUEUE_FULL']);
    expect(hasher.stats()).toEqual({ running: 0, waiting: 0 });
    clock.advance(60_000);
    await Promise.allSettled(Array.from({ length: 80 }, () => hasher.verify(WORDS, null)));
    expect(events).toHaveLength(2);
  });

  it('admits as many flows as are hashed at once; the others wait before they begin, and go on after a failure', async () => {
    const { hasher, events } = house({ parallel: 2 });
    const begun: number[] = [];
    const gates = Array.from({ length: 70 }, () => Promise.withResolvers<number>());
    const flows = gates.map(({ promise }, at) =>
      hasher.admit(() => {
        begun.push(at);
        return promise;
      }),
    );
    const settled = Promise.allSettled(flows);
    expect(begun).toEqual([0, 1]);
    gates[0]?.reject(new Error('database gone'));
    await expect(flows[0]).rejects.toThrow('database gone');
    await expect.poll(() => begun).toEqual([0, 1, 2]);
    for (const [at, gate] of gates.entries()) gate.resolve(at);
    const outcomes = await settled;
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(65);
    expect(
      outcomes.slice(66).map((one) => one.status === 'rejected' && (one.reason as { code: string }).code),
    ).toEqual(Array.from({ length: 4 }, () => 'HASH_QUEUE_FULL'));
    expect(events.map(({ type }) => type)).toEqual(['HASH_QUEUE_FULL']);
  });

  it('runs no more than four at once by default', async () => {
    const { hasher } = house();
    const asked = Array.from({ length: 60 }, () => hasher.verify('x', null));
    expect(hasher.stats().running).toBeLessThanOrEqual(4);
    expect(hasher.stats().running + hasher.stats().waiting).toBe(60);
    await Promise.all(asked);
  });

  it('leaves the event loop free: turns of it go on between the hashes (checklist 13)', async () => {
    const { hasher } = house();
    const stored = await hasher.hash(WORDS);
    const start = performance.now();
    await hasher.verify(WORDS, stored);
    const oneMs = performance.now() - start;
    let longestMs = 0;
    let last = performance.now();
    let going = true;
    const turn = (): void => {
      longestMs = Math.max(longestMs, performance.now() - last);
      last = performance.now();
      if (going) setImmediate(turn);
    };
    setImmediate(turn);
    const began = performance.now();
    await Promise.allSettled(Array.from({ length: 200 }, () => hasher.verify(WORDS, stored)));
    going = false;
    const allMs = performance.now() - began;
    // A loop that hashed by itself would stand still for one hash at least, in all for the whole time.
    expect(longestMs / allMs).toBeLessThan(0.25);
    expect(allMs / oneMs).toBeGreaterThan(8);
  });

  it('goes on after work that breaks down', async () => {
    const { hasher } = house({ parallel: 1 });
    const stored = await hasher.hash(WORDS);
    const outcomes = await Promise.allSettled([
      hasher.verify(WORDS, stored),
      hasher.hash(''),
      hasher.verify(WORDS, stored),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(hasher.stats()).toEqual({ running: 0, waiting: 0 });
  });
});
