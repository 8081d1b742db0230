import { describe, expect, it } from 'vitest';
import { readFactorOptions } from './options.ts';

const publicUrl = 'https://app.example.com/start';

describe('the options of second factors', () => {
  it('need the public address alone', () => {
    expect(readFactorOptions('factors', { publicUrl })).toEqual({
      product: 'Rampart',
      host: 'app.example.com',
      totp: { strict: false },
      codes: {
        life: 300_000,
        every: 30_000,
        perHour: 5,
        perDay: 10,
        perUserHour: 10,
        perUserDay: 20,
        perGroupHour: 10,
        perCountryHour: 100,
        perRangeHour: 5,
        unusedToStop: 10,
        countries: [],
      },
      passkeys: { rpId: 'app.example.com', origins: ['https://app.example.com'], max: 20 },
      emailAsFactor: false,
    });
  });

  it('take a domain above, and http on localhost', () => {
    const above = { publicUrl, passkeys: { rpId: 'example.com' } };
    expect(readFactorOptions('f', above).passkeys.rpId).toBe('example.com');
    const local = readFactorOptions('f', { publicUrl: 'http://localhost:3000' });
    expect(local.passkeys).toMatchObject({ rpId: 'localhost', origins: ['http://localhost:3000'] });
  });

  it.each<[string, object]>([
    ['f.publicUrl', {}],
    ['f.publicUrl', { publicUrl: 'http://app.example.com' }],
    ['f.publicUrl', { publicUrl: 'javascript:alert(1)' }],
    ['f.passkeys.rpId', { publicUrl, passkeys: { rpId: 'other.example' } }],
    ['f.passkeys.rpId', { publicUrl, passkeys: { rpId: 'pp.example.com' } }],
    ['f.passkeys.origins', { publicUrl, passkeys: { origins: [] } }],
    ['f.passkeys.origins[0]', { publicUrl, passkeys: { origins: ['https://app.example.com/path'] } }],
    ['f.passkeys.max', { publicUrl, passkeys: { max: 0 } }],
    ['f.codes.life', { publicUrl, codes: { life: '11m' } }],
    ['f.codes.countries[0]', { publicUrl, codes: { countries: ['Germany'] } }],
    ['f.codes.defaultCountry', { publicUrl, codes: { defaultCountry: 'XX' } }],
    ['f.totp.window', { publicUrl, totp: { window: 5 } }],
    ['f.emailAsFactor', { publicUrl, emailAsFactor: 'yes' }],
  ])('are refused with the path %s', (path, given) => {
    expect(() => readFactorOptions('f', given)).toThrow(expect.objectContaining({ path }) as Error);
  });
});
