import { describe, expect, it } from 'vitest';
import { EVENTS, type EventFields, type RampartEvent } from '../../../core/events.ts';
import { readDetectOptions } from '../read-options.ts';
import { detections, event, HOUR, MINUTE, SECOND, several, spoke, START } from '../test-house.ts';

const from = (n: number): string => `198.51.${Math.floor(n / 250)}.${(n % 250) + 1}`;
const account = (n: number): string => `usr_${n}`;
const failed = (count: number, everyMs: number, fields: (i: number) => EventFields) =>
  several('SIGN_IN_FAILED', count, everyMs, (i) => ({ outcome: 'failure', ...fields(i) }));
const signedIn = (count: number, everyMs: number, fields: (i: number) => EventFields) =>
  several('SIGN_IN_SUCCEEDED', count, everyMs, (i) => ({ outcome: 'success', ...fields(i) }));
const one = (type: string, fields: EventFields = {}): RampartEvent[] => [event(type, START, fields)];
const at = { address: from(1) };
const onBob = { subject: 'usr_bob', ...at };
const byAnn = { actor: 'user:usr_ann', ...at };
const refused = (count: number, code: string) =>
  several('REQUEST_REFUSED', 2, SECOND, (i) => ({
    ...at,
    details: { code, ...(i === 1 ? { count: count - 1 } : {}) },
  }));

/** The clock of these tests stands on a Wednesday, 11:08 UTC; this is the night after. */
const NIGHT = START + 13 * HOUR;
const measured = (minutes: number, details: (i: number) => Record<string, number>) =>
  several('TRAFFIC_MEASURED', minutes, MINUTE, (i) => ({
    details: { requests: 1_200, errors: 3, p95Ms: 80, nodes: 1, ...details(i) },
  }));
const reads = (counts: readonly number[]) =>
  counts.map((count, i) =>
    event('SENSITIVE_ROWS_READ', START + i * HOUR, { ...byAnn, subject: 'payouts', details: { count } }),
  );
const payments = (type: string, count: number, fields: EventFields) =>
  several(type, count, 20 * SECOND, () => fields);
const cardOf = (address: string, details: Record<string, string | number> = {}): EventFields => ({
  address,
  details: { amountMinor: 4_900, ...details },
});

/** What each rule must see, and what is near it and must not be seen by it. */
const CASES: Readonly<
  Record<string, { readonly fires: readonly RampartEvent[]; readonly near: readonly RampartEvent[] }>
> = {
  failed_logins_by_address: {
    fires: failed(5, MINUTE, (i) => ({ ...at, subject: account(i) })),
    near: failed(4, MINUTE, (i) => ({ ...at, subject: account(i) })),
  },
  failed_logins_by_account: {
    fires: failed(5, MINUTE, (i) => ({ address: from(i), subject: 'usr_bob' })),
    near: failed(30, 3 * MINUTE, (i) => ({ address: from(i), subject: 'usr_bob' })),
  },
  brute_force: {
    fires: failed(20, 2 * MINUTE, (i) => ({ address: from(i), subject: 'usr_bob' })),
    near: [...failed(20, 2 * MINUTE, () => onBob), ...signedIn(4, MINUTE, () => onBob)],
  },
  brute_force_by_address: {
    fires: failed(30, 15 * SECOND, (i) => ({ ...at, subject: account(i % 3) })),
    near: [
      ...failed(30, 15 * SECOND, (i) => ({ ...at, subject: account(i) })),
      ...signedIn(10, 15 * SECOND, (i) => ({ ...at, subject: account(i) })),
    ],
  },
  factor_disabled: { fires: one('PASSWORD_DISABLED', onBob), near: one('ACCOUNT_DELAYED', onBob) },
  credential_stuffing: {
    fires: failed(22, 20 * SECOND, (i) => ({ ...at, subject: account(i) })),
    near: failed(28, 20 * SECOND, (i) => ({ ...at, subject: account(i % 14) })),
  },
  credential_stuffing_reported: { fires: one('CREDENTIAL_STUFFING', at), near: one('PASSWORD_SPRAY', at) },
  password_spraying: {
    fires: failed(120, 20 * SECOND, (i) => ({ address: from(i), subject: account(i) })),
    near: [
      ...failed(120, 20 * SECOND, (i) => ({ address: from(i), subject: account(i) })),
      ...signedIn(120, 20 * SECOND, (i) => ({ address: from(i), subject: account(i) })),
    ],
  },
  password_spraying_reported: { fires: one('PASSWORD_SPRAY', at), near: one('CREDENTIAL_STUFFING', at) },
  second_factor_guessing: {
    fires: several('TOTP_FAILED', 8, MINUTE, () => onBob),
    near: several('TOTP_FAILED', 7, MINUTE, () => onBob),
  },
  mfa_fatigue: { fires: one('MFA_FATIGUE', onBob), near: several('SMS_SENT', 5, MINUTE, () => onBob) },
  refresh_reuse: {
    fires: one('REFRESH_REUSE', onBob),
    near: several('TOKEN_REFUSED', 5, MINUTE, () => onBob),
  },
  stolen_session: {
    fires: several('DEVICE_MISMATCH', 3, MINUTE, () => onBob),
    near: several('DEVICE_MISMATCH', 2, MINUTE, () => onBob),
  },
  passkey_copied: {
    fires: one('PASSKEY_COUNTER_REGRESSION', onBob),
    near: several('PASSKEY_FAILED', 3, MINUTE, () => onBob),
  },
  token_forgery: {
    fires: one('TOKEN_ALG_FORBIDDEN', at),
    near: several('TOKEN_REFUSED', 10, SECOND, () => at),
  },
  token_guessing: {
    fires: several('TOKEN_REFUSED', 20, SECOND, () => at),
    near: several('TOKEN_REFUSED', 60, SECOND, () => ({ ...at, severity: 'LOW' })),
  },
  account_probing: {
    fires: several('PASSWORD_RESET_REQUESTED', 40, SECOND, () => at),
    near: several('PASSWORD_RESET_REQUESTED', 39, SECOND, () => at),
  },
  sms_fraud: { fires: one('SMS_PUMPING', onBob), near: several('SMS_SENT', 10, SECOND, () => onBob) },
  account_takeover: {
    fires: ['BACKUP_CODE_USED', 'MFA_DISABLED', 'EMAIL_CHANGED'].map((type, i) =>
      event(type, START + i * MINUTE, onBob),
    ),
    near: ['BACKUP_CODE_USED', 'MFA_DISABLED', 'MFA_DISABLED'].map((type, i) =>
      event(type, START + i * MINUTE, onBob),
    ),
  },
  geographic_anomaly: {
    fires: several('REQUEST_REFUSED', 12, 10 * SECOND, (i) => ({
      actor: 'user:usr_ann',
      address: from(i % 6),
    })),
    near: several('REQUEST_REFUSED', 40, 5 * SECOND, (i) => ({
      actor: 'user:usr_ann',
      address: from(i % 5),
    })),
  },
  geographic_anomaly_countries: {
    fires: several('REQUEST_REFUSED', 12, 10 * SECOND, (i) => ({
      actor: 'user:usr_ann',
      details: { country: `C${i % 6}` },
    })),
    near: several('REQUEST_REFUSED', 12, 10 * SECOND, (i) => ({
      actor: 'service:batch',
      details: { country: `C${i % 6}` },
    })),
  },
  impossible_travel: { fires: one('IMPOSSIBLE_TRAVEL', onBob), near: one('NEW_PLACE', onBob) },
  ddos_detected: {
    fires: one('DDOS_DETECTED', { ...at, subject: at.address }),
    near: refused(400, 'DDOS_PROTECTION'),
  },
  coordinated_attack: {
    fires: several('INJECTION_ATTEMPT', 3, 10 * SECOND, (i) => ({
      address: from(i),
      route: '/search',
      details: { class: 'sql' },
    })),
    near: several('INJECTION_ATTEMPT', 3, 10 * SECOND, (i) => ({
      address: from(i),
      route: `/search/${i}`,
      details: { class: 'sql' },
    })),
  },
  coordinated_sign_in: {
    fires: failed(3, 10 * SECOND, (i) => ({ address: from(i), subject: 'usr_bob' })),
    near: failed(60, SECOND, (i) => ({ address: from(i), subject: account(i) })),
  },
  injection_probing: {
    fires: several('INJECTION_ATTEMPT', 6, 20 * SECOND, () => ({ ...at, details: { class: 'sql' } })),
    near: several('INJECTION_ATTEMPT', 5, 20 * SECOND, () => ({ ...at, details: { class: 'sql' } })),
  },
  injection_classes: {
    fires: several('INJECTION_ATTEMPT', 3, 20 * SECOND, (i) => ({
      ...at,
      details: { class: ['sql', 'xss', 'path'][i] as string },
    })),
    near: several('INJECTION_ATTEMPT', 4, 20 * SECOND, (i) => ({
      ...at,
      details: { class: ['sql', 'xss'][i % 2] as string },
    })),
  },
  sql_injection: { fires: one('SQL_INJECTION_ATTEMPT', at), near: one('DATABASE_ERROR', at) },
  path_scanning: { fires: one('PATH_SCAN_DETECTED', at), near: refused(60, 'NOT_FOUND') },
  scanner_fingerprint: { fires: refused(10, 'BOT_DETECTED'), near: refused(9, 'BOT_DETECTED') },
  scanner_tool: {
    fires: several('INJECTION_ATTEMPT', 2, MINUTE, () => ({ ...at, details: { class: 'scanner' } })),
    near: [
      ...several('INJECTION_ATTEMPT', 1, MINUTE, () => ({ ...at, details: { class: 'scanner' } })),
      ...several('INJECTION_ATTEMPT', 5, MINUTE, () => ({ ...at, details: { class: 'sql' } })),
    ],
  },
  refused_often: { fires: refused(500, 'RATE_LIMIT_EXCEEDED'), near: refused(499, 'RATE_LIMIT_EXCEEDED') },
  cross_site_campaign: {
    fires: several('CSRF_ATTEMPT', 10, SECOND, (i) => ({ address: from(i), route: '/transfer' })),
    near: several('CSRF_ATTEMPT', 30, SECOND, (i) => ({ address: from(i % 2), route: '/transfer' })),
  },
  challenge_breaking: {
    fires: several('CHALLENGE_FAILED', 3, 2 * MINUTE, () => at),
    near: several('CHALLENGE_FAILED', 2, 2 * MINUTE, () => at),
  },
  malware_upload: { fires: one('FILE_INFECTED', byAnn), near: one('UPLOAD_REFUSED', byAnn) },
  upload_probing: {
    fires: several('UPLOAD_REFUSED', 15, SECOND, () => at),
    near: several('UPLOAD_REFUSED', 14, SECOND, () => at),
  },
  unauthorised_access: {
    fires: several('UNAUTHORIZED_ACCESS_ATTEMPT', 3, MINUTE, () => byAnn),
    near: several('UNAUTHORIZED_ACCESS_ATTEMPT', 10, 6 * MINUTE, () => byAnn),
  },
  unauthorised_access_spread: {
    fires: several('UNAUTHORIZED_ACCESS_ATTEMPT', 8, SECOND, (i) => ({
      ...byAnn,
      details: { endpoint: `/orders/${i}` },
    })),
    // A page of seven parts that is no longer theirs, loaded three times.
    near: several('UNAUTHORIZED_ACCESS_ATTEMPT', 21, SECOND, (i) => ({
      ...byAnn,
      details: { endpoint: `/admin/part/${i % 7}` },
    })),
  },
  unauthorised_access_insistent: {
    fires: several('UNAUTHORIZED_ACCESS_ATTEMPT', 40, MINUTE, () => byAnn),
    near: several('UNAUTHORIZED_ACCESS_ATTEMPT', 39, MINUTE, () => byAnn),
  },
  object_probing: {
    fires: several('UNAUTHORIZED_ACCESS_ATTEMPT', 20, SECOND, (i) => ({
      ...byAnn,
      details: { endpoint: `/orders/${i}` },
    })),
    near: several('UNAUTHORIZED_ACCESS_ATTEMPT', 40, SECOND, (i) => ({
      ...byAnn,
      details: { endpoint: `/orders/${i % 4}` },
    })),
  },
  data_breach_attempt: { fires: one('DATA_BREACH_ATTEMPT', byAnn), near: one('DATA_EXPORTED', byAnn) },
  new_admin: {
    fires: one('USER_ROLES_CHANGED', {
      ...byAnn,
      subject: 'usr_eve',
      details: { before: 'customer', after: 'customer administrator' },
    }),
    near: one('USER_ROLES_CHANGED', {
      ...byAnn,
      subject: 'usr_eve',
      details: { before: 'administrator', after: 'administrator editor' },
    }),
  },
  privilege_change_out_of_hours: {
    fires: [event('ROLE_ASSIGNED', NIGHT, { ...byAnn, subject: 'usr_eve', details: { role: 'editor' } })],
    near: [event('ROLE_ASSIGNED', START, { ...byAnn, subject: 'usr_eve', details: { role: 'editor' } })],
  },
  mass_read: {
    fires: reads([...Array<number>(12).fill(40), 900]),
    near: reads([...Array<number>(12).fill(150), 700]),
  },
  mass_export: {
    fires: several('LIST_EXPORTED', 20, MINUTE, () => byAnn, START - (START % HOUR)),
    near: several('LIST_EXPORTED', 9, MINUTE, () => byAnn, START - (START % HOUR)),
  },
  audit_tampered: { fires: one('AUDIT_LOG_TAMPERED'), near: one('AUDIT_LOG_STALLED') },
  error_surge: {
    fires: measured(130, (i) => (i > 120 ? { errors: 200 } : {})),
    near: measured(130, (i) => (i > 120 ? { errors: 40 } : {})),
  },
  latency_surge: {
    fires: measured(130, (i) => (i > 115 ? { p95Ms: 900 } : {})),
    near: measured(130, (i) => (i > 115 ? { p95Ms: 300 } : {})),
  },
  traffic_surge: {
    fires: measured(130, (i) => (i > 120 ? { requests: 9_000 } : {})),
    near: measured(130, (i) => (i > 120 ? { requests: 3_000 } : {})),
  },
  suspicious_payment: { fires: one('SUSPICIOUS_PAYMENT', byAnn), near: one('PAYMENT_FAILED', byAnn) },
  card_testing_by_address: {
    fires: payments('PAYMENT_FAILED', 10, cardOf(from(1))),
    near: [
      ...payments('PAYMENT_FAILED', 10, cardOf(from(1))),
      ...payments('PAYMENT_SUCCEEDED', 6, cardOf(from(1))),
    ],
  },
  card_testing_by_device: {
    fires: payments('PAYMENT_SUCCEEDED', 6, cardOf(from(1), { device: 'd1', amountMinor: 100 })),
    near: payments('PAYMENT_SUCCEEDED', 9, cardOf(from(1), { device: 'd1', amountMinor: 900 })),
  },
  card_testing_by_card: {
    fires: Array.from({ length: 25 }, (_, i) =>
      event('PAYMENT_FAILED', START + i * SECOND, cardOf(from(i), { cardPrefix: '411111' })),
    ),
    near: Array.from({ length: 60 }, (_, i) =>
      event('PAYMENT_FAILED', START + i * SECOND, cardOf(from(i), { cardPrefix: `4111${i % 3}` })),
    ).slice(0, 60),
  },
};

const { rules } = readDetectOptions();

describe('each shipped rule at its defaults', () => {
  it('has a case here, and each case a rule', () => {
    expect(Object.keys(CASES).toSorted()).toEqual(rules.map((rule) => rule.name).toSorted());
    expect(rules.length).toBeGreaterThan(40);
  });

  it.each(Object.entries(CASES))('%s is seen', async (name, { fires }) => {
    expect(await spoke(fires)).toContain(name);
  });

  it.each(Object.entries(CASES))('%s is not seen where it nearly is', async (name, { near }) => {
    expect(near.length).toBeGreaterThan(0);
    expect(await spoke(near)).not.toContain(name);
  });

  it.each(rules.map((rule) => [rule.name, rule] as const))('%s looks at events that exist', (_name, rule) => {
    const missing = rule.on === '*' ? [] : rule.on.filter((type) => !Object.hasOwn(EVENTS, type));
    expect(missing).toEqual([]);
  });

  it.each(rules.map((rule) => [rule.name, rule] as const))(
    '%s says what it is known as and what to do',
    (_name, rule) => {
      expect(rule.references.length).toBeGreaterThan(0);
      expect(rule.recommended.length).toBeGreaterThan(0);
    },
  );

  it('names only numbers and fields of its group in its words', async () => {
    for (const [name, { fires }] of Object.entries(CASES)) {
      const found = (await detections(fires)).find((one) => one.rule === name);
      expect(found?.description, name).not.toMatch(/[{}]|NaN|undefined|Infinity/);
    }
  });
});
