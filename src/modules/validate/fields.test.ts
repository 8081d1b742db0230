import fc from 'fast-check';
import { getCountries, getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/examples.mobile.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { StandardSchema } from '../../core/standard-schema.ts';
import {
  coordinates,
  email,
  fileName,
  inZod,
  money,
  order,
  password,
  personName,
  phone,
  register,
  restaurant,
  safeHtml,
  saudiPhone,
  uuid,
  whole,
} from '../../doors/fields.ts';
import { inspectionOf } from './index.ts';

const UUID = '0f8fad5b-d9cb-469f-a165-70867728950e';
const run = (schema: StandardSchema, value: unknown) => schema['~standard'].validate(value);
const passes = async (schema: StandardSchema, value: unknown): Promise<unknown> => {
  const result = await run(schema, value);
  return result.issues === undefined ? result.value : result.issues.map(({ message }) => message);
};
const isRefused = async (schema: StandardSchema, value: unknown): Promise<boolean> =>
  (await run(schema, value)).issues !== undefined;

/** Names as people have them. */
const NAMES =
  `Ada Lovelace|O'Brien|D’Angelo|Jean-Luc|J. R. R. Tolkien|Martin Luther King Jr.|María José|Ñáñez|Zoë|Łukasz
Đặng Thị Ngọc|Nguyễn Văn A|Søren Aabye|Þórr|Ægir|İbrahim|Ünal|Gößmann|Čapek|Dvořák|Αλέξανδρος|Ζωή|Владимир|Їжакевич|Ђорђе
მარიამი|Անահիտ|דוד בן־גוריון|שָׂרָה|محمد بن سلمان|عَبْدُ اللّٰه|فاطمة|رضا می‌خواهد|گل‌محمد|ܐܦܪܝܡ|ދިވެހި|राहुल शर्मा|श्री|রহিম|ਗੁਰਪ੍ਰੀਤ|ગાંધી|ଓଡ଼ିଆ
தமிழ்|తెలుగు|ಕನ್ನಡ|മലയാളം|සිංහල|สมชาย|ລາວ|བོད་པ་|မြန်မာ|አበበ|ខ្មែរ|ᏣᎳᎩ|ᐃᓄᒃ|ᠮᠣᠩᠭᠣᠯ|ひらがな|カタカナ・テスト|山田太郎|王小明|김철수|ㄅㄆㄇ
ⵜⴰⵎⴰⵣⵉⵖⵜ|ߒߞߏ|ꦗꦮ|ᮞᮥᮔ᮪ᮓ|ꕙꔤ|Kealiʻi|Hawaiʻi Kāne|van der Berg|al-Rashid|Mary Ann|Ng|Bo|Xi|Conan O‘Brien`
    .split(/[|\n]/)
    .map((name) => name.trim());

describe('ready fields', () => {
  it('a name of any script is taken', async () => {
    expect(NAMES.length).toBeGreaterThan(70);
    const field = personName();
    const refused: string[] = [];
    for (const name of NAMES) if (await isRefused(field, name)) refused.push(name);
    expect(refused).toEqual([]);
    expect(await passes(field, '  Ada   Lovelace ')).toBe('Ada Lovelace');
  });

  it('what is no name is not', async () => {
    const bad = [
      'A',
      'a'.repeat(51),
      'a1',
      '<b>Ada</b>',
      'www.evil.com',
      'x=1',
      "''",
      '---',
      'a\nb',
      'a\0b',
      'a\u202eb',
      '😀😀',
      7,
    ];
    for (const one of bad) expect(await isRefused(personName(), one), String(one)).toBe(true);
  });

  it('the example number of every country is taken, and comes out as E.164', async () => {
    const countries = getCountries();
    expect(countries.length).toBeGreaterThan(240);
    for (const country of countries) {
      const example = getExampleNumber(country, examples);
      if (example === undefined) continue;
      expect(await passes(phone(), example.formatInternational()), country).toBe(example.number);
      expect(await passes(phone({ country }), example.formatNational()), country).toBe(example.number);
    }
  });

  it('a Saudi mobile number may be written either way, and nothing else is one', async () => {
    for (const one of ['0501234567', '+966501234567', '050 123 4567', '٠٥٠١٢٣٤٥٦٧'])
      expect(await passes(saudiPhone(), one)).toBe('+966501234567');
    for (const one of [
      '501',
      '0112345678',
      '+201001234567',
      '05012345678',
      '+966-ext',
      501_234_567,
      '0501234567;ext=1',
    ])
      expect(await isRefused(saudiPhone(), one), String(one)).toBe(true);
  });

  it('mail addresses are taken as people have them, with domains of any script', async () => {
    expect(await passes(email(), ' Ada.Lovelace+x@Example.COM ')).toBe('Ada.Lovelace+x@example.com');
    expect(await passes(email(), 'jörg@bücher.example')).toBe('jörg@xn--bcher-kva.example');
    expect(await passes(email(), "o'brien@example.org")).toBe("o'brien@example.org");
    const bad = [
      'a',
      '@b.c',
      'a@',
      'a@b',
      'a@b@c@',
      'a..b@c.de',
      '.a@c.de',
      'a.@c.de',
      'a@[1.2.3.4]',
      'a@1.2.3.4',
      'a b@c.de',
      '"a"@c.de',
    ];
    for (const one of [
      ...bad,
      'a@-b.de',
      'a@b_c.de',
      `${'a'.repeat(65)}@b.de`,
      'a@b.de\nBcc: x@y.de',
      'a@b.de,c@d.de',
      'a<b@c.de',
    ])
      expect(await isRefused(email(), one), one).toBe(true);
  });

  it('throw-away addresses are refused, also below their domain, unless they are allowed', async () => {
    expect(await isRefused(email(), 'a@mailinator.com')).toBe(true);
    expect(await isRefused(email(), 'a@x.y.mailinator.com')).toBe(true);
    expect(await isRefused(email({ disposable: 'allow' }), 'a@mailinator.com')).toBe(false);
    const own = email({ isDisposable: (domain) => domain === 'mine.example' });
    expect(await isRefused(own, 'a@mine.example')).toBe(true);
  });

  it('a domain without mail is refused, and a resolver that is down is what the option says', async () => {
    const gone = Object.assign(new Error('x'), { code: 'ENOTFOUND' });
    const down = Object.assign(new Error('x'), { code: 'ETIMEOUT' });
    const ask = (answer: () => Promise<{ exchange: string }[]>, onResolverDown?: 'allow' | 'refuse') =>
      isRefused(email({ resolveMx: answer, ...(onResolverDown ? { onResolverDown } : {}) }), 'a@b.example');
    expect(await ask(async () => [{ exchange: 'mx.b.example' }])).toBe(false);
    expect(await ask(async () => [{ exchange: '' }])).toBe(true);
    expect(await ask(() => Promise.reject(gone))).toBe(true);
    expect(await ask(() => Promise.reject(down))).toBe(false);
    expect(await ask(() => Promise.reject(down), 'refuse')).toBe(true);
  });

  it('money has the decimals of its currency, and is never a float', async () => {
    const field = money({ currencies: ['SAR', 'KWD', 'JPY'] });
    expect(await passes(field, { amount: '10.5', currency: 'SAR' })).toEqual({
      minor: 1050,
      currency: 'SAR',
    });
    expect(await passes(field, { amount: '1.005', currency: 'KWD' })).toEqual({
      minor: 1005,
      currency: 'KWD',
    });
    expect(await passes(field, { minor: 7, currency: 'JPY' })).toEqual({ minor: 7, currency: 'JPY' });
    for (const bad of [
      { amount: '1.005', currency: 'SAR' },
      { amount: '1.0', currency: 'JPY' },
      { amount: 1.5, currency: 'SAR' },
      { minor: 1.5, currency: 'SAR' },
      { minor: -1, currency: 'SAR' },
      { minor: 1, amount: '1', currency: 'SAR' },
      { amount: '1e3', currency: 'SAR' },
      { amount: '1', currency: 'EUR' },
    ])
      expect(await isRefused(field, bad), JSON.stringify(bad)).toBe(true);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e9 }), async (minor) => {
        const amount = `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, '0')}`;
        expect(await passes(field, { amount, currency: 'SAR' })).toEqual({ minor, currency: 'SAR' });
      }),
    );
  });

  it('HTML keeps five tags without attributes, or is refused for any other', async () => {
    expect(await passes(safeHtml(), '<b onclick=x>a</b><script>x</script><i>b</i><!-- c -->')).toBe(
      '<b>a</b><i>b</i>',
    );
    for (const one of [
      '<script>x</script>',
      '<b style=x>a</b>',
      '<img src=x>',
      '<!-- x -->',
      '<svg/onload=x>',
    ])
      expect(await isRefused(safeHtml({ other: 'refuse' }), one), one).toBe(true);
    for (const one of ['<b>a</b> & <em>b</em>', 'I <3 you', '5 < 6'])
      expect(await isRefused(safeHtml({ other: 'refuse' }), one), one).toBe(false);
  });

  it('names of files hold no path, device or turned text', async () => {
    for (const one of ['menu.pdf', 'قائمة الطعام.pdf', 'a b (1).png'])
      expect(await isRefused(fileName(), one)).toBe(false);
    for (const one of [
      '../a',
      'a/b',
      'a\\b',
      'CON',
      'nul.txt',
      '.htaccess',
      'a.',
      'a\0b',
      'a\u202egnp.exe',
      '',
    ])
      expect(await isRefused(fileName(), one), one).toBe(true);
  });

  it('fuzz: no field throws, and no refusal quotes what it refuses', async () => {
    const fields = [
      email(),
      personName(),
      phone(),
      uuid(),
      coordinates(),
      money({ currencies: ['SAR'] }),
      safeHtml(),
      fileName(),
      whole({ min: 1, max: 2 }),
      password(() => undefined),
      register(() => undefined),
      restaurant(),
      order(),
    ];
    await fc.assert(
      fc.asyncProperty(fc.anything(), fc.string({ unit: 'binary', minLength: 6 }), async (any, text) => {
        for (const schema of fields) {
          await run(schema, any);
          const { issues = [] } = await run(schema, text);
          for (const { message } of issues) expect(message).not.toContain(text);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('rule sets', () => {
  it('take what fits, and name each field that does not', async () => {
    const signUp = register((text) =>
      text.length < 12 ? { code: 'PASSWORD_SHORT', message: 'Too short.' } : undefined,
    );
    const person = {
      email: 'a@example.org',
      password: 'a long enough one',
      name: 'Ada L',
      phone: '0501234567',
      role: 'admin',
    };
    expect(await passes(signUp, person)).toEqual({
      email: 'a@example.org',
      password: 'a long enough one',
      name: 'Ada L',
      phone: '+966501234567',
    });
    const { issues = [] } = await run(signUp, { email: 'x', password: 'short', name: '1' });
    expect(issues.map(({ path }) => path)).toEqual([['email'], ['name'], ['password']]);
    const place = {
      name: 'Al Baik',
      phone: '0501234567',
      street: 'King Fahd Rd 1',
      coordinates: { latitude: 24.7, longitude: 46.7 },
    };
    expect(await isRefused(restaurant(), place)).toBe(false);
    expect(await isRefused(restaurant(), { ...place, coordinates: { latitude: 91, longitude: 0 } })).toBe(
      true,
    );
    const meal = { restaurantId: UUID, items: [{ itemId: UUID, quantity: 50 }], instructions: 'No onions' };
    expect(await isRefused(order(), meal)).toBe(false);
    for (const bad of [
      { items: [] },
      { items: [{ itemId: UUID, quantity: 51 }] },
      { instructions: 'x'.repeat(501) },
      { restaurantId: '1' },
    ])
      expect(await isRefused(order(), { ...meal, ...bad })).toBe(true);
  });

  it('are typed', async () => {
    const result = await order()['~standard'].validate({
      restaurantId: UUID,
      items: [{ itemId: UUID, quantity: 1 }],
    });
    if (result.issues !== undefined) throw new Error('refused');
    const quantity: number | undefined = result.value.items[0]?.quantity;
    const instructions: string | undefined = result.value.instructions;
    // @ts-expect-error no such field
    const none: unknown = result.value.table;
    expect([quantity, instructions, none]).toEqual([1, undefined, undefined]);
  });
});

describe('what a schema tells the inspection', () => {
  it('names fields that are no free text', () => {
    expect(inspectionOf(order())).toEqual({
      restaurantId: 'uuid',
      'items.itemId': 'uuid',
      'items.quantity': 'number',
    });
    const schema = z.object({
      born: z.iso.date(),
      state: z.enum(['open', 'closed']),
      note: z.string(),
      email: inZod(email()),
      text: inZod(safeHtml()),
    });
    expect(inspectionOf(schema)).toEqual({
      born: 'date',
      state: ['open', 'closed'],
      email: 'email',
      text: 'html',
    });
  });

  it('fields stand in schemas of zod as they stand alone', async () => {
    const schema = z.object({ name: inZod(personName()), phone: inZod(saudiPhone()) });
    expect(await passes(schema, { name: 'Ada', phone: '0501234567' })).toEqual({
      name: 'Ada',
      phone: '+966501234567',
    });
    expect(await passes(schema, { name: '1', phone: '0501234567' })).toHaveLength(1);
  });
});
