import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../testing/clock.ts';
import { agentFamily } from './client.ts';
import { readCookies, setCookie } from './cookie.ts';
import { isDemanded, readChallengeOptions } from './options.ts';
import { isProof, puzzleText, startsWithZeros } from './proof.ts';
import { returnPath } from './return-path.ts';
import { Spent } from './spent.ts';
import { Tokens } from './token.ts';
import { LANGUAGES, wordsFor } from './words.ts';

const key = (byte: number): Uint8Array => new Uint8Array(32).map((_, i) => (byte * 31 + i * 7) % 256);
const SEED = 'abcdefghijklmnopqrstuv';
type Search = (seed: string, index: number, bits: number, from: number, tries: number) => number;

/** The very file that browsers are given. */
function searchOfBrowsers(): Search {
  const context = createContext({ document: {} });
  runInContext(readFileSync(new URL('assets/solver.js', import.meta.url), 'utf8'), context);
  return (context as unknown as { rampartSearch: Search }).rampartSearch;
}

describe('a proof', () => {
  const search = searchOfBrowsers();
  const zeros = (seed: string, index: number, counter: number): number => {
    const hash = createHash('sha256')
      .update(puzzleText(seed, index, counter))
      .digest();
    return Math.clz32(hash.readUInt32BE(0));
  };

  it('is found by the script of the page exactly where SHA-256 has it', () => {
    const seed = fc.stringMatching(/^[A-Za-z0-9_-]{22}$/);
    fc.assert(
      fc.property(
        seed,
        fc.nat(63),
        fc.integer({ min: 1, max: 8 }),
        fc.nat(2_000_000_000),
        (s, index, bits, from) => {
          const found = search(s, index, bits, from, 3_000);
          let expected = -1;
          for (let n = from; n < from + 3_000 && expected < 0; n++)
            if (zeros(s, index, n) >= bits) expected = n;
          expect(found).toBe(expected);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('is taken when every puzzle is solved, and not when one is missing, wrong, or written oddly', () => {
    const puzzle = { seed: SEED, bits: 6, puzzles: 4 };
    const counters = [0, 1, 2, 3].map((index) => search(SEED, index, 6, 0, 1e6));
    const good = counters.join('.');
    expect(isProof(puzzle, good)).toBe(true);
    for (const bad of [
      '',
      counters.slice(1).join('.'),
      `${good}.0`,
      `${good}.`,
      good.replace(/^\d+/, '9999999999'),
      good.replace(/^/, '0'),
      good.replace(/^/, '+'),
      good.replace(/^\d+/, '1e3'),
      good.replaceAll('.', ','),
      `${'0'.repeat(1_000_000)}.1.2.3`,
    ])
      expect([bad.slice(0, 40), isProof(puzzle, bad)]).toEqual([bad.slice(0, 40), false]);
    expect(isProof({ ...puzzle, seed: 'b'.repeat(22) }, good)).toBe(false);
  });

  it('counts zero bits from the first on', () => {
    expect(startsWithZeros(Uint8Array.of(0, 0x0f, 0xff), 12)).toBe(true);
    expect(startsWithZeros(Uint8Array.of(0, 0x0f, 0xff), 13)).toBe(false);
    expect(startsWithZeros(Uint8Array.of(0, 0, 1), 16)).toBe(true);
  });
});

describe('challenges and clearances', () => {
  const clock = new ManualClock();
  const tokens = new Tokens([key(1)], 300_000, 3_600_000, clock);

  it('are good for the client that they were given to, until they run out', () => {
    const { token, seed } = tokens.issue('203.0.113.7\nfirefox', 12, 16, clock.now());
    expect(tokens.read(token, '203.0.113.7\nfirefox')).toMatchObject({
      ok: true,
      puzzle: { seed, bits: 12, puzzles: 16 },
    });
    for (const other of ['203.0.113.8\nfirefox', '203.0.113.7\nchrome', ''])
      expect(tokens.read(token, other)).toEqual({ ok: false, why: 'forged' });
    const clearance = tokens.clear('a');
    expect([tokens.isCleared(clearance, 'a'), tokens.isCleared(clearance, 'b')]).toEqual([true, false]);
    clock.advance(300_001);
    expect(tokens.read(token, '203.0.113.7\nfirefox')).toEqual({ ok: false, why: 'expired' });
    expect(tokens.isCleared(clearance, 'a')).toBe(true);
    clock.advance(3_600_000);
    expect(tokens.isCleared(clearance, 'a')).toBe(false);
  });

  it('cannot be made easier, or be taken for one another', () => {
    const { token } = tokens.issue('a', 12, 16, clock.now());
    for (const easier of [
      token.replace('.12.16.', '.0.16.'),
      token.replace('.12.16.', '.12.1.'),
      token.replace('.12.', '.4.'),
    ])
      expect(tokens.read(easier, 'a')).toEqual({ ok: false, why: 'forged' });
    const [seed] = token.split('.');
    expect(tokens.isCleared(`${seed}.${token.split('.').slice(3).join('.')}`, 'a')).toBe(false);
    expect(tokens.isCleared(token, 'a')).toBe(false);
    expect(tokens.read(tokens.clear('a'), 'a')).toEqual({ ok: false, why: 'forged' });
  });

  it('outlive a rotation of keys, and not the end of their key', () => {
    const old = new Tokens([key(1)], 300_000, 3_600_000, clock).clear('a');
    expect(new Tokens([key(2), key(1)], 300_000, 3_600_000, clock).isCleared(old, 'a')).toBe(true);
    expect(new Tokens([key(2)], 300_000, 3_600_000, clock).isCleared(old, 'a')).toBe(false);
  });

  it('are refused with a byte changed anywhere, and never throw', () => {
    const { token } = tokens.issue('a', 12, 16, clock.now());
    const clearance = tokens.clear('a');
    fc.assert(
      fc.property(
        fc.nat(200),
        fc.integer({ min: 1, max: 127 }),
        fc.string({ maxLength: 300 }),
        (at, by, text) => {
          const flipped = (whole: string): string => {
            const i = at % whole.length;
            return whole.slice(0, i) + String.fromCharCode(whole.charCodeAt(i) ^ by) + whole.slice(i + 1);
          };
          // The last character of an encoding may hold bits that mean nothing.
          if (at % token.length < token.length - 1) expect(tokens.read(flipped(token), 'a').ok).toBe(false);
          if (at % clearance.length < clearance.length - 1)
            expect(tokens.isCleared(flipped(clearance), 'a')).toBe(false);
          expect(tokens.read(text, 'a').ok).toBe(false);
          expect(tokens.isCleared(text, 'a')).toBe(false);
        },
      ),
    );
  });
});

describe('what was shown once', () => {
  it('is not taken again until it has run out, and is forgotten then', () => {
    const spent = new Spent();
    expect([spent.take('a', 100, 0), spent.take('a', 100, 99), spent.take('b', 100, 99)]).toEqual([
      true,
      false,
      true,
    ]);
    expect(spent.take('c', 300, 200)).toBe(true);
    expect(spent.size).toBe(1);
  });

  it('has a ceiling', () => {
    const spent = new Spent();
    for (let i = 0; i < 60_000; i++) spent.take(String(i), 1e9, 0);
    expect(spent.size).toBeLessThanOrEqual(50_000);
    expect(spent.take('59999', 1e9, 0)).toBe(false);
  });
});

describe('the path to go on to', () => {
  it.each([
    ['/', '/'],
    ['/orders?id=1&next=%2Fa#b', '/orders?id=1&next=%2Fa#b'],
    ['/a/../b', '/b'],
  ])('is kept where it is of this site: %s', (given, expected) => {
    expect(returnPath(given)).toBe(expected);
  });

  it.each([
    null,
    undefined,
    '',
    'orders',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'https:evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/\n/evil.example',
    '/..//evil.example',
    '/.//evil.example',
    '/%0d%0aset-cookie:a',
    ' //evil.example',
    '/a\u0000',
    '/é',
    '//[',
    `/${'a'.repeat(3_000)}`,
    '@evil.example',
    '///evil.example',
    '/%5cevil.example',
  ])('A33: never leads elsewhere: %j', (given) => {
    const path = returnPath(given);
    expect(new URL(path, 'https://own.example').origin).toBe('https://own.example');
    expect(path).toMatch(/^\/(?![/\\])/);
    expect(path).not.toMatch(/[\r\n\t]/);
  });

  it('A33: never leads elsewhere, whatever is given', () => {
    const part = fc.constantFrom(
      '/',
      '\\',
      '.',
      '..',
      '//',
      '@',
      ':',
      'evil.example',
      'https:',
      '%2f',
      '%5c',
      '\t',
      '?',
      '#',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string({ maxLength: 4 })), { maxLength: 10 }), (parts) => {
        const path = returnPath(parts.join(''));
        expect(new URL(path, 'https://own.example').origin).toBe('https://own.example');
      }),
      { numRuns: 500 },
    );
  });
});

describe('the rest', () => {
  it('tells browsers apart without their versions', () => {
    const chrome = (version: number): string =>
      `Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${version}.0.0.0 Safari/537.36`;
    expect(agentFamily(chrome(140))).toBe(agentFamily(chrome(141)));
    expect(agentFamily(`${chrome(141)} Edg/141.0`)).not.toBe(agentFamily(chrome(141)));
    expect(agentFamily('curl/8.9')).toBe('other curl');
    expect(agentFamily(undefined)).toBe('other ');
  });

  it('reads the cookie by its whole name, a few of them, and over https only the one that is bound to the host', () => {
    expect(readCookies('a=1; rampart-clearance=x; b=2', false)).toEqual(['x']);
    expect(readCookies('__Host-rampart-clearance=x; rampart-clearance=y', true)).toEqual(['x']);
    expect(readCookies('xrampart-clearance=x', false)).toEqual([]);
    expect(
      readCookies(Array.from({ length: 50 }, (_, i) => `rampart-clearance=${i}`).join('; '), false),
    ).toHaveLength(3);
    expect(setCookie('x', true, 60_000)).toBe(
      '__Host-rampart-clearance=x; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
    );
  });

  it('speaks the language that is wished for most, among those that it knows', () => {
    const lang = (header?: string): string => wordsFor(header).lang;
    expect([lang(), lang('de'), lang('ar-SA,ar;q=0.9,en;q=0.8'), lang('de,vi;q=0.5,en;q=0.3')]).toEqual([
      'en',
      'en',
      'ar',
      'vi',
    ]);
    expect([
      lang('vi;q=0,en'),
      lang(';;;,,q=x'),
      lang('en;q=0.2, ar;q=0.9'),
      lang('a'.repeat(100_000)),
    ]).toEqual(['en', 'en', 'ar', 'en']);
    const keys = LANGUAGES.map((words) => Object.keys(words).toSorted());
    for (const own of keys) expect(own).toEqual(keys[0]);
  });

  it('is demanded from a posture on', () => {
    const demanded = (['never', 'attack', 'elevated', 'always'] as const).map((demand) =>
      (['normal', 'elevated', 'attack'] as const).filter((posture) => isDemanded(demand, posture)),
    );
    expect(demanded).toEqual([[], ['attack'], ['elevated', 'attack'], ['normal', 'elevated', 'attack']]);
  });

  it.each<[unknown, string]>([
    [{ bits: { normal: 40 } }, 'shield.challenge.bits.normal'],
    [{ puzzles: 0 }, 'shield.challenge.puzzles'],
    [{ demand: 'sometimes' }, 'shield.challenge.demand'],
    [{ clearedFor: '1h' }, "did you mean 'clearFor'"],
  ])('refuses options such as %j', (options, words) => {
    expect(() => readChallengeOptions('shield.challenge', options)).toThrow(words);
  });
});
