import type { Duration } from '../../core/duration.ts';
import { OptionsError } from '../../core/errors.ts';
import {
  custom,
  duration,
  type Field,
  flag,
  list,
  object,
  oneOf,
  readOptions,
  text,
} from '../../core/options.ts';
import type { FlowSettings } from './account/kit.ts';
import { type DeviceOptions, readDeviceOptions } from './device/index.ts';
import { type FactorOptions, readFactorOptions } from './factor/index.ts';
import { type LockoutOptions, readLockoutOptions } from './lockout/index.ts';
import { type PasswordOptions, type PasswordSettings, readPasswordOptions } from './password/index.ts';
import { readSessionOptions, type SessionOptions } from './session/index.ts';

/** Everything about accounts. Durations are written `'10m'`, `'24h'`, `'7d'`. */
export interface IdentityOptions {
  /** Name in mails, authenticator apps and passkey dialogs; 1 to 60 characters, default `Rampart`. */
  readonly product?: string;
  /** Where people reach the application: `https://…`, or `http://localhost…`. Links are made of it, never of a Host header. */
  readonly publicUrl: string;
  /** How passwords are judged and hashed. */
  readonly passwords?: PasswordOptions;
  /** Sessions and tokens. `issuer` and `audience` are `publicUrl` unless given. */
  readonly sessions?: Partial<SessionOptions>;
  /** How guessing is slowed. */
  readonly lockout?: LockoutOptions;
  /** How devices are recognised. */
  readonly devices?: DeviceOptions;
  /** Second factors. */
  readonly factors?: Omit<FactorOptions, 'product' | 'publicUrl'>;
  /** `open`: everybody may ask for an account; `closed`: accounts are made by invitation. Default open. */
  readonly signUp?: 'open' | 'closed';
  /** What roles mean here. */
  readonly roles?: RoleOptions;
  /** How long mailed links live. */
  readonly links?: LinkOptions;
  /** How long a proven factor counts as fresh, 1m to 1h, default 10m. */
  readonly freshFor?: Duration;
  /** How long a sign-in waits for its second step, 1m to 30m, default 10m. */
  readonly challengeTtl?: Duration;
  /** Language of people who have said nothing, `en` (default) or `ar`. */
  readonly locale?: 'en' | 'ar';
  /**
   * Lets a known device skip the second factor; default false. The session is of level 1 then, and roles that demand a
   * second factor are still asked. Against NIST SP 800-63B-4 §5.1: a remembered browser is no factor.
   */
  readonly allowSkipWithKnownDevice?: boolean;
}

/** Names of roles, at most 20 in each list. */
export interface RoleOptions {
  /** What an account that signed up itself has; default `customer`. */
  readonly signUp?: readonly string[];
  /** Demand a second factor; default viewer, analyst, administrator and admin. */
  readonly mfaEnforced?: readonly string[];
  /** Of these one active account always stays; default administrator. */
  readonly administrators?: readonly string[];
}

/** Lives of links, each 5m to 30d. */
export interface LinkOptions {
  /** Verifies the address of a sign-up, default 24h. */
  readonly verify?: Duration;
  /** Sets a new password, default 30m, at most 24h. */
  readonly reset?: Duration;
  /** Verifies a new address, default 1h. */
  readonly emailChange?: Duration;
  /** Lifts delays, default 1h. */
  readonly unlock?: Duration;
  /** Sets an invited account's first password, default 7d. */
  readonly invitation?: Duration;
}

/** `IdentityOptions`, checked; times in milliseconds. Parts that read their options themselves get them as given. */
export interface IdentitySettings extends FlowSettings {
  /** As read. */
  readonly passwords: PasswordSettings;
  /** With `issuer` and `audience`. */
  readonly sessions: SessionOptions;
  /** As given. */
  readonly lockout: LockoutOptions;
  /** As given. */
  readonly devices: DeviceOptions;
  /** With `product` and `publicUrl`. */
  readonly factors: FactorOptions;
}

type Raw = Omit<IdentitySettings, 'passwords' | 'sessions' | 'lockout' | 'devices' | 'factors'> & {
  readonly [K in 'passwords' | 'sessions' | 'lockout' | 'devices' | 'factors']: object;
};

const role = text({
  max: 40,
  pattern: /^[A-Za-z][A-Za-z0-9:_-]*$/,
  about: 'role: letters, digits, :, _ and -',
});
const roles = (...fallback: readonly string[]): Field<readonly string[]> =>
  list(role, { atMost: 20, default: fallback });
const part: Field<object> = custom(
  'object',
  (value, path) => {
    if (value === undefined) return {};
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new OptionsError(path, 'expected an object');
    }
    return value;
  },
  true,
);
const publicUrl: Field<string> = custom('https address, or http on localhost', (value, path) => {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (!url) throw new OptionsError(path, 'expected an address such as https://app.example.com');
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && local)) {
    throw new OptionsError(path, 'must be https; http is for localhost alone');
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new OptionsError(path, 'must hold no user, query or fragment');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
});
const life = (fallback: string, max = '30d'): Field<number> =>
  duration({ min: '5m', max, default: fallback });

/**
 * Checks the options of identity.
 * @param path where they stand in the configuration
 * @throws OptionsError naming the path and the reason
 */
export function readIdentityOptions(path: string, given: unknown): IdentitySettings {
  const raw = readOptions<Raw>(path, given, {
    product: text({ max: 60, default: 'Rampart' }),
    publicUrl,
    passwords: part,
    sessions: part,
    lockout: part,
    devices: part,
    factors: part,
    signUp: oneOf(['open', 'closed'], 'open'),
    roles: object<Raw['roles']>(
      {
        signUp: roles('customer'),
        mfaEnforced: roles('viewer', 'analyst', 'administrator', 'admin'),
        administrators: roles('administrator'),
      },
      {},
    ),
    links: object<Raw['links']>(
      {
        verify: life('24h'),
        reset: life('30m', '24h'),
        emailChange: life('1h'),
        unlock: life('1h'),
        invitation: life('7d'),
      },
      {},
    ),
    freshFor: duration({ min: '1m', max: '1h', default: '10m' }),
    challengeTtl: duration({ min: '1m', max: '30m', default: '10m' }),
    locale: oneOf(['en', 'ar'], 'en'),
    allowSkipWithKnownDevice: flag(false),
  });
  return { ...raw, ...readParts(path, raw) };
}

/** What a part reads anew at its construction is read here first, so that a mistake is told with its whole path. */
function readParts(
  path: string,
  raw: Raw,
): Pick<IdentitySettings, 'passwords' | 'sessions' | 'lockout' | 'devices' | 'factors'> {
  const { product, publicUrl: address } = raw;
  const sessions = { issuer: address, audience: address, ...raw.sessions };
  const factors = { ...raw.factors, product, publicUrl: address };
  readSessionOptions(`${path}.sessions`, sessions);
  readLockoutOptions(`${path}.lockout`, raw.lockout);
  readDeviceOptions(`${path}.devices`, raw.devices);
  readFactorOptions(`${path}.factors`, factors);
  const passwords = readPasswordOptions(`${path}.passwords`, raw.passwords);
  return { passwords, sessions, lockout: raw.lockout, devices: raw.devices, factors };
}
