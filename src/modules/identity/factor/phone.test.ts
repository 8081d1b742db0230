import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageOf } from './message.ts';
import { isAllowedPhone, normalizePhone, phoneHint } from './phone.ts';

describe('a telephone number', () => {
  it('is read however it is written', () => {
    const written = [
      '+4915112345678',
      '+49 151 12345678',
      '+49 (0)151 1234-5678',
      '＋４９１５１１２３４５６７８',
    ];
    for (const text of written) {
      expect(normalizePhone(text)).toEqual({ number: '+4915112345678', country: 'DE' });
    }
    expect(normalizePhone('0151 12345678', 'DE')?.number).toBe('+4915112345678');
    expect(normalizePhone('+966 50 123 4567')).toEqual({ number: '+966501234567', country: 'SA' });
    expect(normalizePhone('+1 213 373 4253')?.country).toBe('US');
  });

  it.each([
    ['a German premium number', '+49 900 1234567'],
    ['a British premium number', '+44 909 8790000'],
    ['a British personal number', '+44 70 1234 5678'],
    ['a toll-free number', '+1 800 555 0199'],
    ['an international premium number', '+979 123 456 789'],
    ['a satellite telephone', '+870 773 111 632'],
    ['an international network', '+883 510 012 345 67'],
    ['a fixed line', '+49 30 12345678'],
    ['a number with extension', '+1 213 373 4253 ext. 12'],
    ['too short a number', '+49151'],
    ['no prefix', '0151 12345678'],
    ['text around a number', 'call +4915112345678 now'],
    ['nothing', ''],
    ['a megabyte', `+49${'1'.repeat(1_000_000)}`],
  ])('A44: %s takes no messages', (_, text) => {
    expect(normalizePhone(text)).toBeUndefined();
  });

  it('is E.164 whenever there is one, and reading that again changes nothing', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('+0123456789 -()')), maxLength: 20 }),
        (text) => {
          const phone = normalizePhone(text, 'DE');
          if (!phone) return;
          expect(phone.number).toMatch(/^\+[1-9]\d{6,14}$/);
          expect(normalizePhone(phone.number)).toEqual(phone);
        },
      ),
    );
  });

  it('may be held to countries and prefixes', () => {
    const phone = { number: '+4915112345678', country: 'DE' };
    expect(isAllowedPhone(phone, [])).toBe(true);
    expect(isAllowedPhone(phone, ['FR', 'DE'])).toBe(true);
    expect(isAllowedPhone(phone, ['+4915'])).toBe(true);
    expect(isAllowedPhone(phone, ['FR', '+4916'])).toBe(false);
  });

  it('is shown by its last two digits alone', () => {
    expect(phoneHint('+4915112345678')).toBe('•••• 78');
  });
});

describe('the text of an SMS', () => {
  const given = { code: '012345', product: 'Harbour', host: 'app.example.com', lifeMs: 300_000 };

  it('ends with the line that binds the code to the site', () => {
    for (const locale of ['en', 'ar', 'fr']) {
      expect(
        messageOf({ ...given, locale })
          .split('\n')
          .at(-1),
      ).toBe('@app.example.com #012345');
    }
  });

  it('is written in the language of its reader and fits one message in English', () => {
    expect(messageOf({ ...given, locale: 'en' })).toBe(
      '012345 is your Harbour code, good for 5 min. Never share it.\n\n@app.example.com #012345',
    );
    expect(messageOf({ ...given, locale: 'ar-EG' })).toContain('رمزك');
    expect(messageOf({ ...given, product: 'H'.repeat(40), locale: 'en' }).length).toBeLessThanOrEqual(160);
  });
});
