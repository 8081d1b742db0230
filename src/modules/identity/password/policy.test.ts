import { createHash } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { statSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { OptionsError } from '../../../core/errors.ts';
import { systemTimers } from '../../../core/clock.ts';
import { ManualClock } from '../../../testing/clock.ts';
import { commonPasswords, CommonPasswords, prefixOf } from './common.ts';
import { isName } from './names.ts';
import { type PasswordOptions, PASSWORD_PROFILES, readPasswordOptions } from './options.ts';
import { createPasswordPolicy, type PolicyPorts } from './policy.ts';
import { policyWarnings } from './profiles.ts';

const ALONE: { names: readonly string[]; secondFactor: boolean } = { names: [], secondFactor: false };
const WITH_SECOND = { names: [], secondFactor: true };

function house(options: PasswordOptions = {}, ports: Partial<PolicyPorts> = {}) {
  const warnings: string[] = [];
  const clock = new ManualClock();
  const policy = createPasswordPolicy(readPasswordOptions('passwords', options), {
    clock,
    timers: clock,
    log: {
      warn: (message, fields) => void warnings.push(message + JSON.stringify(fields ?? {})),
      error() {},
    },
    ...ports,
  });
  const codes = async (password: string, context = ALONE): Promise<string[]> =>
    (await policy.check(password, context)).map(({ code }) => code);
  return { policy, codes, warnings, clock };
}

describe('the policy of NIST SP 800-63B-4', () => {
  it('asks for 15 code points alone and 8 beside a second factor (checklist 1)', async () => {
    const { codes, policy } = house();
    expect(policy.rules).toEqual({ minLength: 15, minLengthWithSecondFactor: 8, maxLength: 256 });
    expect(await codes('vzkqmwpxtrbnhj')).toEqual(['PASSWORD_TOO_SHORT']);
    expect(await codes('vzkqmwpxtrbnhjd')).toEqual([]);
    expect(await codes('vzkqmwp', WITH_SECOND)).toEqual(['PASSWORD_TOO_SHORT']);
    expect(await codes('vzkqmwpx', WITH_SECOND)).toEqual([]);
  });

  it('counts code points of the composed form, so that a pile of marks or emoji counts as what it is (checklist 3)', async () => {
    const { codes } = house();
    expect(await codes('🦓🐙🦑🦞🦀🐠🐬')).toEqual(['PASSWORD_TOO_SHORT']);
    expect(await codes('🦓🐙🦑🦞🦀🐠🐬🦓🐙🦑🦞🦀🐠🐬🐋')).toEqual([]);
    expect(await codes('ễ'.normalize('NFD').repeat(5))).toEqual(['PASSWORD_TOO_SHORT']);
  });

  it('takes 256 and refuses 257, and a megabyte costs nothing (A35, checklist 2)', async () => {
    const { codes } = house();
    const long = 'correct horse battery '.repeat(12).slice(0, 256);
    expect(await codes(long)).toEqual([]);
    expect(await codes(`${long}x`)).toEqual(['PASSWORD_TOO_LONG']);
    const timed = async (password: string): Promise<number> => {
      const start = performance.now();
      for (let i = 0; i < 200; i++) await codes(password);
      return performance.now() - start;
    };
    const megabyte = 'ﷺ'.repeat(1 << 20);
    await timed(long);
    expect(await timed(megabyte)).toBeLessThan((await timed(long)) + 20);
  });

  it('asks for no kinds of characters (checklist 4)', async () => {
    const { codes } = house();
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', minLength: 15, maxLength: 60 }), async (password) => {
        expect(await codes(password)).not.toContain('PASSWORD_COMPOSITION');
      }),
      { numRuns: 50 },
    );
  });

  it('refuses what no password can hold, and nothing', async () => {
    const { codes } = house();
    expect(await codes('correct horse\0battery staple')).toEqual(['PASSWORD_INVALID']);
    expect(await codes('correct horse \udfff battery staple')).toEqual(['PASSWORD_INVALID']);
    expect(await codes('')).toEqual(['PASSWORD_TOO_SHORT']);
  });

  it.each([
    'passwordpassword',
    'PasswordPassword',
    'ｐａｓｓｗｏｒｄｐａｓｓｗｏｒｄ',
    '123456789012345',
    'aaaaaaaaaaaaaaa',
    'qwertyuiopasdfg',
    'dragondragondragon',
  ])('refuses the common %s as a whole (checklist 5)', async (password) => {
    const { codes } = house();
    expect(await codes(password)).toEqual(['PASSWORD_COMMON']);
    expect(await codes(`${password} zkqv`)).toEqual([]);
  });

  it('refuses names with what is added to reach the length, never as a part (checklist 5, 6)', async () => {
    const { codes } = house({ names: ['Fischmarkt'] });
    const context = { names: ['Ada Lovelace', 'ada.l@engines.example'], secondFactor: true };
    for (const password of [
      'Fischmarkt',
      'FISCHMARKT-2026!',
      'ada lovelace',
      'AdaLovelace1815',
      'ada.l@engines.example',
      '  ada.l  2026 ',
      'adal 1234 adal',
      '#ada.l#ada.l#',
    ]) {
      expect(await codes(password, context), password).toEqual(['PASSWORD_CONTEXT']);
    }
    for (const password of [
      'on the Fischmarkt at five',
      'lovelace and ada',
      'ada.ladder',
      'engines.example',
    ]) {
      expect(await codes(password, context), password).toEqual([]);
    }
  });

  it('says what to do with every fault (checklist 7)', async () => {
    const { policy } = house({ profile: 'composition', names: ['Fischmarkt'] });
    const faults = [
      ...(await policy.check('short', ALONE)),
      ...(await policy.check('password', ALONE)),
      ...(await policy.check('fischmarkt1', ALONE)),
      ...(await policy.check('x'.repeat(300), ALONE)),
      ...(await policy.check('\0', ALONE)),
    ];
    expect(new Set(faults.map(({ code }) => code)).size).toBe(6);
    for (const { message } of faults) expect(message).toMatch(/^(Use|Add|Choose)|; choose|type it again/);
    expect(faults.map(({ message }) => message).join()).not.toContain('fischmarkt1');
  });
});

describe('names', () => {
  it('a short name is found as the whole only, and a name of digits too', () => {
    expect(isName('al', ['Al'])).toBe(true);
    expect(isName('a7#k29!x93@l01 al 1', ['al'])).toBe(false);
    expect(isName('20242024', ['2024'])).toBe(false);
    expect(isName('2024', ['2024'])).toBe(true);
    expect(isName('anything at all', ['', '@', ' ', '...'])).toBe(false);
  });

  it('finds any name with anything but letters around it, and stays bounded', () => {
    const padding = fc.string({ unit: fc.constantFrom(...Array.from('0123456789 .-_!?#@')), maxLength: 20 });
    const name = fc.string({
      unit: fc.constantFrom(...Array.from('abcdefghäßñم中')),
      minLength: 3,
      maxLength: 20,
    });
    fc.assert(
      fc.property(padding, name, padding, (before, name, after) => {
        expect(isName(before + name.toUpperCase() + after, [name])).toBe(true);
        expect(isName(`${before}${name}${after}zebra`, [name])).toBe(false);
      }),
    );
    const start = performance.now();
    isName(
      'a'.repeat(256),
      Array.from({ length: 10_000 }, () => 'a'.repeat(100_000)),
    );
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});

describe('the list of common passwords', () => {
  it('holds more than 100,000 in some 600 KB', async () => {
    expect((await commonPasswords()).size).toBeGreaterThan(100_000);
    expect(statSync(new URL('./common.bin', import.meta.url)).size).toBeLessThan(700_000);
  });

  it('is sorted without doubles, so that the search finds every entry', async () => {
    const list = await commonPasswords();
    for (const word of ['password', 'baseball', 'football1', 'iloveyou', 'trustno1', 'sunshine', 'superman'])
      expect(list.has(word), word).toBe(true);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 60 }),
        fc.string(),
        (words, other) => {
          const prefixes = words.map((word) => prefixOf(word.toLowerCase()).toString('hex'));
          const bytes = Buffer.from(
            [...new Set(prefixes)].toSorted((a, b) => (a < b ? -1 : 1)).join(''),
            'hex',
          );
          const small = new CommonPasswords(bytes);
          for (const word of words) expect(small.has(word.toLowerCase())).toBe(true);
          const others = `${other}~~`;
          if (!words.some((word) => word.toLowerCase() === others)) expect(small.has(others)).toBe(false);
        },
      ),
    );
  });

  it('takes next to nothing else for common', async () => {
    const list = await commonPasswords();
    let found = 0;
    for (let i = 0; i < 20_000; i++) if (list.has(`no such password ${i}`)) found += 1;
    expect(found).toBe(0);
  });
});

describe('profiles of older policies', () => {
  it('composition asks for 8 and four kinds', async () => {
    const { codes, policy } = house({ profile: 'composition' });
    expect(await codes('Vzk4!wqp')).toEqual([]);
    expect(await codes('Vz4!wqp')).toEqual(['PASSWORD_TOO_SHORT']);
    const [fault] = await policy.check('vzkqwqpx', ALONE);
    expect(fault).toEqual({
      code: 'PASSWORD_COMPOSITION',
      message: 'Add an upper-case letter, a digit and a character that is neither a letter nor a digit.',
    });
    expect(await codes('P@ssw0rd')).toContain('PASSWORD_COMMON');
  });

  it('pci-4.0.1 asks for 12 with letters and digits', async () => {
    const { codes } = house({ profile: 'pci-4.0.1' });
    expect(await codes('vzkqmwpxtrb4', WITH_SECOND)).toEqual([]);
    expect(await codes('vzkqmwpxtrbn')).toEqual(['PASSWORD_COMPOSITION']);
    expect(await codes('vzkqmwpxtr4', WITH_SECOND)).toEqual(['PASSWORD_TOO_SHORT']);
  });

  it('they name the clauses that they break; the default breaks none', () => {
    expect(policyWarnings('nist-800-63b-4')).toEqual([]);
    for (const profile of PASSWORD_PROFILES.slice(1)) {
      expect(policyWarnings(profile).join()).toMatch(
        /NIST SP 800-63B-4 section 3\.1\.1\.2 \(5\).*ASVS 5\.0 6\.2\.5/,
      );
    }
  });
});

describe('the list of breached passwords', () => {
  const PASSWORD = 'known from elsewhere';
  const SHA1 = createHash('sha1').update(PASSWORD).digest('hex').toUpperCase();
  let close: (() => void) | undefined;
  afterEach(() => close?.());

  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () => {
      server.closeAllConnections();
      server.close();
    };
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/range`;
  }

  it('is asked with five characters of the SHA-1 and padding, of the composed form (checklist 5)', async () => {
    const seen: { url: string | undefined; padding: unknown }[] = [];
    const url = await serve((request, response) => {
      seen.push({ url: request.url, padding: request.headers['add-padding'] });
      response.end(`${'0'.repeat(35)}:4\r\n${SHA1.slice(5)}:17\r\n${'F'.repeat(35)}:0`);
    });
    const { codes } = house({ breached: { url } }, { fetch, timers: systemTimers });
    expect(await codes(PASSWORD)).toEqual(['PASSWORD_BREACHED']);
    expect(await codes('vzkqmwpxtrbnhjd')).toEqual([]);
    expect(seen[0]).toEqual({ url: `/range/${SHA1.slice(0, 5)}`, padding: 'true' });
  });

  it('a line of padding is no breach, and what is refused already is not asked for', async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.end(`${SHA1.slice(5)}:0\n`);
    });
    const { codes } = house({ breached: { url } }, { fetch, timers: systemTimers });
    expect(await codes(PASSWORD)).toEqual([]);
    expect(await codes('passwordpassword')).toEqual(['PASSWORD_COMMON']);
    expect(asked).toBe(1);
  });

  it.each<[string, RequestListener]>([
    ['breaks down', (_, response) => response.writeHead(503).end()],
    ['redirects', (_, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    ['answers without end', (_, response) => void response.write('0'.repeat(1 << 20))],
  ])('lets a password pass, with one line in the log, when the list %s', async (_, listener) => {
    const url = await serve(listener);
    const { codes, warnings } = house({ breached: { url } }, { fetch, timers: systemTimers });
    expect(await codes(PASSWORD)).toEqual([]);
    expect(await codes(PASSWORD)).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).not.toContain(SHA1.slice(0, 5));
    expect(warnings[0]).not.toContain(PASSWORD);
  });

  it('waits no longer than the timeout', async () => {
    const arrived = Promise.withResolvers<void>();
    const url = await serve(() => arrived.resolve());
    const { codes, clock, warnings } = house({ breached: { url } }, { fetch });
    const verdict = codes(PASSWORD);
    await arrived.promise;
    clock.advance(1_000);
    expect(await verdict).toEqual([]);
    expect(warnings[0]).toContain('timeout');
  });

  it('needs a fetch, said at construction', () => {
    expect(() => house({ breached: {} })).toThrow(OptionsError);
  });
});
