/** Kinds of events, by what they are about, as a reader looks for them; the first whose pattern fits has the type. */
const FAMILIES: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Second factors', /^(MFA_|TOTP_|BACKUP_CODE|SMS_|EMAIL_CODE|PASSKEY_|STEP_UP)/],
  [
    'Sign-in and accounts',
    /^(SIGN|LOG(IN|OUT)|PASSWORD|SESSION|REFRESH|TOKEN|DPOP|DEVICE|NEW_|ACCOUNT|CREDENTIAL|USER_|EMAIL|PROFILE|SETUP_|HASH_)/,
  ],
  [
    'Access',
    /^(ACCESS|UNAUTHORIZED|ROLE|PERMISSION|GRANT|ASSIGN|REVIEW|SERVICE|API_KEY|PROGRAM|POLICY|BREAK_GLASS|SEPARATION)/,
  ],
  ['Audit and exports', /^(AUDIT_|LIST_|EVENT|HOLD_)/],
  ['Data', /^(DATA_|DATABASE|SENSITIVE|STATEMENT|QUERY|ROW_|FIELD_|KEY_|ERAS)/],
  ['Uploads', /^(UPLOAD|FILE_|QUARANTINE|SCAN)/],
  [
    'Detection, alerts and responses',
    /^(ALERT|DETECT|RESPONSE|LEASE|SUSPICIOUS_A|BRUTE|COORDINATED|IMPOSSIBLE|GEO)/,
  ],
  [
    'Requests and shield',
    /^(REQUEST|GUARD|BLOCK|LIMIT|CSRF|CSP|SQL|XSS|BOT|CRAWLER|SHIELD|CHALLENGE|TRAFFIC|UNUSUAL|PATH|HEADER|INSPECT|FEED|EXCLUSION|TOR_|VPN_|UNTRUSTED|INJECTION|VALIDATION|FALSE|POSTURE|OVERLOAD|SHED|CONNECTION)/,
  ],
  ['Payments', /^(PAYMENT|SUSPICIOUS_PAYMENT|CARD)/],
];
/** Where no pattern fits. */
export const REST = 'System';
/** Those of the application. */
const OWN = 'Your application';

/** The kind that a type of event belongs to. */
export function familyOf(type: string): string {
  return FAMILIES.find(([, pattern]) => pattern.test(type))?.[0] ?? REST;
}

/** Types by kind, kinds and types in a fixed order; those that hold all words that were typed. */
export function groupTypes<
  T extends {
    readonly type: string;
    readonly about: string;
    readonly aliases: readonly string[];
    readonly own?: boolean;
  },
>(types: readonly T[], typed: string): readonly (readonly [family: string, types: readonly T[]])[] {
  const words = typed
    .toLowerCase()
    .split(/[\s_]+/)
    .filter(Boolean);
  const fitting = types
    .filter(({ type, about, aliases }) => {
      const text = `${[type, ...aliases].join(' ').replaceAll('_', ' ')} ${about}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .toSorted((a, b) => (a.type < b.type ? -1 : 1));
  const groups = Map.groupBy(fitting, ({ type, own }) => (own === true ? OWN : familyOf(type)));
  return [OWN, ...FAMILIES.map(([name]) => name), REST].flatMap((name) => {
    const found = groups.get(name);
    return found === undefined ? [] : [[name, found] as const];
  });
}
