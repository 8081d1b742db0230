import { isSupportedCountry } from 'libphonenumber-js/max';
import type { Duration } from '../../../core/duration.ts';
import { OptionsError } from '../../../core/errors.ts';
import {
  custom,
  duration,
  type Field,
  flag,
  list,
  number,
  object,
  optional,
  readOptions,
  text,
} from '../../../core/options.ts';

/** Second factors. */
export interface FactorOptions {
  /** Name of the product in authenticator apps, messages and passkey dialogs; 1 to 60 characters, default `Rampart`. */
  readonly product?: string;
  /** Address at which people reach the application: `https://…`, or `http://localhost…` while developing. */
  readonly publicUrl: string;
  /** Authenticator apps. */
  readonly totp?: {
    /** Only codes of the present 30 seconds (ASVS 6.5.5); default false: one step before and after too (RFC 6238). */
    readonly strict?: boolean;
  };
  /** Codes by SMS and mail. */
  readonly codes?: CodeOptions;
  /** WebAuthn. */
  readonly passkeys?: PasskeyOptions;
  /**
   * Lets a code by mail finish a sign-in; default false. Whoever can reset the password by mail then has both factors:
   * neither NIST SP 800-63B-4 nor ASVS 6.3.6 counts it as one.
   */
  readonly emailAsFactor?: boolean;
}

/** How long codes live, and how many may be sent. */
export interface CodeOptions {
  /** How long a code can be used; 1m to 10m (NIST), default 5m. */
  readonly life?: Duration;
  /** Shortest time between two codes to one number or mailbox; 10s to 10m, default 30s. */
  readonly every?: Duration;
  /** Codes to one number or mailbox in an hour; 1 to 100, default 5. */
  readonly perHour?: number;
  /** Codes to one number or mailbox in a day; 1 to 1,000, default 10. */
  readonly perDay?: number;
  /** Codes for one account in an hour; 1 to 100, default 10. */
  readonly perUserHour?: number;
  /** Codes for one account in a day; 1 to 1,000, default 20. */
  readonly perUserDay?: number;
  /** Codes asked for by one group of addresses in an hour; 1 to 10,000, default 10. */
  readonly perGroupHour?: number;
  /** SMS to one country in an hour, the budget that toll fraud cannot exceed; 1 to 1,000,000, default 100. */
  readonly perCountryHour?: number;
  /** Different numbers in an hour that differ in the last three digits alone; 1 to 1,000, default 5. */
  readonly perRangeHour?: number;
  /** Unused codes after which a group or country in which none was used is stopped; 3 to 10,000, default 10. */
  readonly unusedToStop?: number;
  /** Where SMS may go: ISO 3166-1 countries (`DE`) and prefixes (`+4915`); at most 300, default everywhere. */
  readonly countries?: readonly string[];
  /** Country of numbers without prefix, such as `DE`; default none: the international form is demanded. */
  readonly defaultCountry?: string;
}

/** Whom passkeys are for. */
export interface PasskeyOptions {
  /** Relying party: the host of `publicUrl` (the default) or a domain above it. Cannot be changed later. */
  readonly rpId?: string;
  /** Origins at which passkeys are used, at most 20; default that of `publicUrl`. Each must lie within `rpId`. */
  readonly origins?: readonly string[];
  /** Passkeys of one account; 1 to 100, default 20. */
  readonly max?: number;
}

/** `FactorOptions`, checked, durations in milliseconds. */
export interface FactorSettings {
  readonly product: string;
  /** Host of the public address, to which codes in messages are bound. */
  readonly host: string;
  readonly totp: { readonly strict: boolean };
  readonly codes: CodeSettings;
  readonly passkeys: { readonly rpId: string; readonly origins: readonly string[]; readonly max: number };
  readonly emailAsFactor: boolean;
}

/** `CodeOptions`, checked, durations in milliseconds. */
export interface CodeSettings extends Required<Omit<CodeOptions, 'life' | 'every' | 'defaultCountry'>> {
  readonly life: number;
  readonly every: number;
  readonly defaultCountry: string | undefined;
}

interface RawSettings {
  readonly product: string;
  readonly publicUrl: URL;
  readonly totp: { readonly strict: boolean };
  readonly codes: CodeSettings;
  readonly passkeys: {
    readonly rpId: string | undefined;
    readonly origins: readonly string[] | undefined;
    readonly max: number;
  };
  readonly emailAsFactor: boolean;
}

const address: Field<URL> = custom('https address, or http on localhost', (value, path) => {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (!url) throw new OptionsError(path, 'expected an address such as https://app.example.com');
  const local = url.hostname === 'localhost' || url.hostname === '127.0.0.1' || url.hostname === '[::1]';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) {
    throw new OptionsError(path, 'passkeys and origin-bound codes need https (http on localhost alone)');
  }
  return url;
});

const origin: Field<string> = custom('origin such as https://app.example.com', (value, path) => {
  const url = address.parse(value, path);
  if (url.origin !== value) throw new OptionsError(path, `expected an origin alone, such as '${url.origin}'`);
  return url.origin;
});

const country: Field<string> = custom('ISO 3166-1 country such as DE', (value, path) => {
  if (typeof value === 'string' && isSupportedCountry(value)) return value;
  throw new OptionsError(path, 'expected a country by its two upper-case letters, such as DE');
});

const countryOrPrefix: Field<string> = custom('country such as DE, or prefix such as +4915', (value, path) =>
  typeof value === 'string' && /^\+[1-9]\d{0,9}$/.test(value) ? value : country.parse(value, path),
);

const codes = object<CodeSettings>(
  {
    life: duration({ min: '1m', max: '10m', default: '5m' }),
    every: duration({ min: '10s', max: '10m', default: '30s' }),
    perHour: number({ min: 1, max: 100, default: 5 }),
    perDay: number({ min: 1, max: 1_000, default: 10 }),
    perUserHour: number({ min: 1, max: 100, default: 10 }),
    perUserDay: number({ min: 1, max: 1_000, default: 20 }),
    perGroupHour: number({ min: 1, max: 10_000, default: 10 }),
    perCountryHour: number({ min: 1, max: 1_000_000, default: 100 }),
    perRangeHour: number({ min: 1, max: 1_000, default: 5 }),
    unusedToStop: number({ min: 3, max: 10_000, default: 10 }),
    countries: list(countryOrPrefix, { atMost: 300, default: [] }),
    defaultCountry: optional(country),
  },
  {},
);

/**
 * Checks the options of second factors.
 * @param path where they stand in the configuration
 * @throws OptionsError
 */
export function readFactorOptions(path: string, given: unknown): FactorSettings {
  const raw = readOptions<RawSettings>(path, given, {
    product: text({ max: 60, default: 'Rampart' }),
    publicUrl: address,
    totp: object({ strict: flag(false) }, {}),
    codes,
    passkeys: object<RawSettings['passkeys']>(
      {
        rpId: optional(text({ max: 253, pattern: /^[a-z0-9.-]+$/, about: 'host name' })),
        origins: optional(list(origin, { atMost: 20 })),
        max: number({ min: 1, max: 100, default: 20 }),
      },
      {},
    ),
    emailAsFactor: flag(false),
  });
  const { product, totp, codes: codeSettings, emailAsFactor, publicUrl } = raw;
  const passkeys = partyOf(path, raw);
  return { product, host: publicUrl.hostname, totp, codes: codeSettings, passkeys, emailAsFactor };
}

/** A browser refuses a relying party that is not the origin's host or above it; better said at the start. */
function partyOf(path: string, { publicUrl, passkeys }: RawSettings): FactorSettings['passkeys'] {
  const rpId = passkeys.rpId ?? publicUrl.hostname;
  const origins = passkeys.origins ?? [publicUrl.origin];
  if (origins.length === 0)
    throw new OptionsError(`${path}.passkeys.origins`, 'expected at least one origin');
  for (const one of origins) {
    const host = new URL(one).hostname;
    if (host !== rpId && !host.endsWith(`.${rpId}`)) {
      throw new OptionsError(`${path}.passkeys.rpId`, `${one} does not lie within '${rpId}'`);
    }
  }
  return { rpId, origins, max: passkeys.max };
}
