import { NotFoundError } from '../../src/core/errors.ts';
import type { FactorSummary, SessionGrant, SessionState } from '../../src/modules/identity/contract.ts';
import type { Granted, Identity, SecondStep, UserView } from '../../src/modules/identity/facade.ts';
import type { ClientFacts } from '../../src/modules/identity/request.ts';
import type { AccountRow } from '../../src/modules/identity/tables/accounts.ts';
import type { Stores } from '../../src/server/data/index.ts';
import { type Arrival, House, type HouseOptions, jsonInit } from './house.ts';

/** A cookie value of an account's session: the same for the same number. */
export const cookieValue = (n: number): string => `rs_${String(n).padStart(43, 'A')}`;
const refreshToken = (n: number): string => `rr_${String(n).padStart(43, 'A')}`;

/** Id of the account that the house knows. */
export const ADA = 'acc_01k9x3v8c0m2n4p6q8r0s2t4v6';

const USER: UserView = {
  id: ADA,
  email: 'ada@example.org',
  name: 'Ada',
  locale: 'en',
  roles: ['customer'],
  emailVerified: true,
  createdAtMs: 1,
};
const ROW: AccountRow = {
  id: USER.id,
  email: USER.email,
  email_key: USER.email,
  name: USER.name,
  locale: 'en',
  status: 'active',
  roles: USER.roles,
  password_hash: '$argon2id$secret-of-the-row',
  password_changed_at_ms: 1,
  must_reset: false,
  email_verified_at_ms: 1,
  created_at_ms: 1,
  last_sign_in_at_ms: null,
  locked_until_ms: null,
  locked_reason: null,
  passkey_user: 'handle-of-the-row',
  version: 1,
};
const SUMMARY: FactorSummary = {
  totp: null,
  sms: { id: 'fac_1', phone: '+4915112345678', disabled: false },
  backupCodes: { left: 9, createdAtMs: 1 },
  passkeys: [],
  usable: ['sms', 'backup'],
};
export const SECOND_STEP: SecondStep = {
  kind: 'second-step',
  challenge: 'challenge-of-this-sign-in',
  factors: ['totp', 'sms'],
  phoneHint: '•••• 78',
  expiresAtMs: 600_000,
};

/** A function of identity that was called. */
export interface Called {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** An API over an identity that notes what it is asked and answers what a test wants. */
export class AuthHouse {
  readonly house: House;
  readonly calls: Called[] = [];
  readonly known = new Map<string, SessionState>();
  /** Answers by the name of the function; functions are called, errors thrown. */
  readonly answers: Record<string, unknown> = {};
  #made = 0;

  constructor(stores: Stores, ports: HouseOptions['ports'] = {}) {
    this.house = new House(stores, { ports: { ...ports, identity: this.#identity() } });
  }

  /** Names of what was asked, without reading. */
  get asked(): readonly string[] {
    return this.calls.map((one) => one.name);
  }

  /** Facts that the last call was given. */
  get facts(): ClientFacts {
    return this.calls.at(-1)?.args.at(-1) as ClientFacts;
  }

  /** A session that stands, and what a request carries to prove it. */
  session(changes: Partial<SessionState> = {}): {
    readonly state: SessionState;
    readonly cookie: string;
    readonly bearer: Readonly<Record<string, string>>;
  } {
    const state = { ...this.state(), ...changes };
    const value = cookieValue(++this.#made);
    const token = `eyJ${this.#made}`;
    this.known.set(value, state);
    this.known.set(token, state);
    return {
      state,
      cookie: `rampart_session=${value}`,
      bearer: { authorization: `Bearer ${token}` },
    };
  }

  state(): SessionState {
    return {
      id: `ses_${this.#made}`,
      account: USER.id,
      email: USER.email,
      name: USER.name,
      roles: USER.roles,
      status: 'active',
      client: 'browser',
      scope: 'full',
      aal: 1,
      factors: ['password'],
      provenAtMs: { password: this.house.clock.now() },
      device: 'dev_1',
      createdAtMs: this.house.clock.now(),
      expiresAtMs: this.house.clock.now() + 3_600_000,
      dpopThumbprint: null,
      version: 1,
    };
  }

  /** What identity gives to a browser or an API client. */
  granted(client: 'browser' | 'api', changes: Partial<SessionState> = {}): Granted {
    const session: SessionState = { ...this.state(), id: 'ses_new', client, ...changes };
    const grant: SessionGrant =
      client === 'api'
        ? {
            session,
            tokens: { accessToken: 'eyJ.new.token', refreshToken: refreshToken(9), expiresInSeconds: 900 },
          }
        : { session, cookie: { value: cookieValue(999), maxAgeSeconds: 3_600 } };
    return { kind: 'granted', user: USER, grant, deviceCookie: 'device-value' };
  }

  /** Calls with JSON. */
  send(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
    arrival: Arrival = {},
  ): Promise<Response> {
    return this.house.fetch(path, jsonInit(method, body, headers), arrival);
  }

  #identity(): Identity {
    const say = (name: string, fallback: unknown): unknown => {
      return (...args: unknown[]): unknown => {
        this.calls.push({ name, args });
        const answer = name in this.answers ? this.answers[name] : fallback;
        if (answer instanceof Error) return Promise.reject(answer);
        return Promise.resolve(
          typeof answer === 'function' ? (answer as (...a: unknown[]) => unknown)(...args) : answer,
        );
      };
    };
    const group = (prefix: string, fallbacks: Readonly<Record<string, unknown>>): unknown =>
      new Proxy(fallbacks, { get: (target, name) => say(`${prefix}${String(name)}`, target[String(name)]) });
    const grant = (...args: unknown[]): Granted => this.granted((args.at(-1) as ClientFacts).client);
    const enrolled = (...args: unknown[]): object => ({ backupCodes: ['code-1'], granted: grant(...args) });
    const top = {
      signIn: grant,
      finishSecondStep: grant,
      passkeySignIn: grant,
      refresh: grant,
      changePassword: grant,
      stepUp: grant,
      confirmTotp: enrolled,
      confirmSms: enrolled,
      registerPasskey: (...args: unknown[]) => ({ ...enrolled(...args), passkey: PASSKEY }),
      renamePasskey: () => Promise.reject(new NotFoundError()),
      removePasskey: () => Promise.reject(new NotFoundError()),
      passkeySignInQuestion: QUESTION,
      secondStepPasskey: QUESTION,
      stepUpPasskey: QUESTION,
      passkeyRegistrationQuestion: QUESTION,
      changeProfile: { ...USER, password_hash: 'must not be shown' },
      mfaStatus: { ...SUMMARY, enforced: false },
      enrolTotp: {
        id: 'fac_1',
        secret: 'S',
        uri: 'otpauth://totp/x',
        qrSvg: '<svg/>',
        qrPng: 'data:image/png;base64,',
      },
      makeBackupCodes: ['code-1'],
      stepUpOptions: { factors: ['password'], freshUntilMs: 1 },
      verifyEmail: { email: USER.email },
      endSession: false,
      endOtherSessions: 2,
      removeDevice: false,
    };
    const groups: Readonly<Record<string, unknown>> = {
      sessions: {
        identify: ({ token }: { token: string }) => this.known.get(token),
        jwks: () => ({ keys: [{ kty: 'OKP', kid: 'k' }] }),
        list: () => Promise.resolve([]),
      },
      accounts: group('accounts.', {
        get: (id: string) => (id === ROW.id ? ROW : undefined),
        list: { users: [{ ...ROW, factors: ['totp'] }], total: 1, nextCursor: null },
        history: { entries: [], nextCursor: null },
        attempts: [],
        invite: ROW,
        lock: true,
        unlock: true,
        requireReset: true,
        resetFactors: true,
        setRoles: true,
        endSessions: 1,
      }),
      devices: group('devices.', { list: [] }),
      factors: group('factors.', { summary: SUMMARY }),
      passwords: { rules: { minLength: 15, minLengthWithSecondFactor: 8, maxLength: 256 } },
    };
    // Told apart from a promise, so that nobody waits for it to settle.
    const lookUp = (name: string): unknown => (name === 'then' ? undefined : groups[name]);
    const plain = new Map<string, unknown>();
    return new Proxy({} as Identity, {
      get: (_target, key) => {
        const name = String(key);
        if (name === 'then' || name in groups) return lookUp(name);
        if (!plain.has(name)) plain.set(name, say(name, (top as Record<string, unknown>)[name]));
        return plain.get(name);
      },
    });
  }
}

const QUESTION = { challenge: 'c', options: { rpId: 'localhost' }, secret: 'must not be shown' };
const PASSKEY = {
  id: 'psk_1',
  name: 'Key',
  createdAtMs: 1,
  lastUsedAtMs: null,
  backedUp: true,
  deviceType: 'multiDevice',
};
