let slots = 0;

/** A typed slot of a request: what one guard learnt, later ones may read. */
export interface Fact<T> {
  readonly name: string;
  /** Place in the context's array; given out once per process. */
  readonly slot: number;
  /** Only for the type. */
  readonly type?: T;
}

/** Declares a fact. Call it once, at the top of a module. */
export function fact<T>(name: string): Fact<T> {
  return { name, slot: slots++ };
}

/** Who calls, once identified. */
export interface PrincipalValue {
  /** Stable and unique across kinds: `user:42`. */
  readonly id: string;
  readonly kind: 'user' | 'service' | 'admin';
  readonly roles: readonly string[];
  readonly tenant?: string;
  readonly session?: string;
  /** Permissions that it is limited to, whatever its roles allow: set for API keys; absent: no such limit. */
  readonly scopes?: readonly string[];
}

/** The address that limits, blocks, records and logs all use. */
export interface ClientAddressValue {
  /** Canonical text: IPv4 dotted, IPv6 compressed; IPv4-mapped IPv6 as IPv4. `'unknown'` where there is none. */
  readonly address: string;
  /** What counts as one client: the address itself for IPv4, the prefix for IPv6 (`2001:db8::/64`). */
  readonly group: string;
  /** Whether it was read from a trusted proxy's header. */
  readonly forwarded: boolean;
}

/** Set by the identify phase; absent means anonymous. */
export const Principal = fact<PrincipalValue>('principal');
/** Risk in [0, 1] from risk guards; absent means 0. */
export const RiskScore = fact<number>('riskScore');
/** Account name that a sign-in is about, set by whoever parsed it; a limit `by: account` counts it. */
export const AccountName = fact<string>('accountName');
/** API key id. */
export const ApiKeyId = fact<string>('apiKeyId');
/** Proof that the caller has solved a challenge lately: set where it was shown and is good. */
export const Clearance = fact<true>('clearance');
/** Nonce of this response's Content-Security-Policy, base64. */
export const CspNonce = fact<string>('cspNonce');
