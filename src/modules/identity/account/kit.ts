import type {
  Devices,
  Factors,
  Lockout,
  Notices,
  PasswordHasher,
  PasswordPolicy,
  Sessions,
} from '../contract.ts';
import type { IdentityPorts } from '../ports.ts';
import type { Background } from './background.ts';

/** The parts that flows put together. */
export interface Parts {
  readonly hasher: PasswordHasher;
  readonly passwords: PasswordPolicy;
  readonly notices: Notices;
  readonly sessions: Sessions;
  readonly lockout: Lockout;
  readonly devices: Devices;
  readonly factors: Factors;
}

/** What flows are told: `IdentityOptions`, checked, times in milliseconds. */
export interface FlowSettings {
  readonly product: string;
  /** Without a slash at its end. */
  readonly publicUrl: string;
  readonly locale: string;
  readonly signUp: 'open' | 'closed';
  readonly roles: {
    readonly signUp: readonly string[];
    readonly mfaEnforced: readonly string[];
    readonly administrators: readonly string[];
  };
  /** How long links live. */
  readonly links: {
    readonly verify: number;
    readonly reset: number;
    readonly emailChange: number;
    readonly unlock: number;
    readonly invitation: number;
  };
  readonly freshFor: number;
  readonly challengeTtl: number;
  readonly allowSkipWithKnownDevice: boolean;
}

/** What every flow is handed. */
export interface Kit {
  readonly settings: FlowSettings;
  readonly ports: IdentityPorts;
  readonly parts: Parts;
  /** Name under which attempts on an account are counted. */
  readonly accountKey: (email: string) => string;
  readonly background: Background;
}
