import type { ActivityKind } from '../api/security-types.ts';

/** Name of each kind as a reader sees it, and the detectors that speak of it. Nothing else enumerates them. */
const KINDS: Readonly<Record<ActivityKind, { readonly title: string; readonly rules: readonly string[] }>> = {
  'account-takeover': {
    title: 'Account takeover',
    rules: [
      'account_takeover',
      'refresh_reuse',
      'stolen_session',
      'passkey_copied',
      'token_forgery',
      'token_guessing',
      'impossible_travel',
      'geographic_anomaly',
      'geographic_anomaly_countries',
    ],
  },
  'password-guessing': {
    title: 'Password guessing',
    rules: [
      'brute_force',
      'brute_force_by_address',
      'failed_logins_by_address',
      'failed_logins_by_account',
      'coordinated_sign_in',
      'factor_disabled',
    ],
  },
  'credential-stuffing': {
    title: 'Credential stuffing',
    rules: ['credential_stuffing', 'credential_stuffing_reported'],
  },
  'password-spraying': {
    title: 'Password spraying',
    rules: ['password_spraying', 'password_spraying_reported'],
  },
  'second-factor': { title: 'Second factor attacked', rules: ['second_factor_guessing', 'mfa_fatigue'] },
  injection: {
    title: 'Injection',
    rules: ['injection_probing', 'injection_classes', 'sql_injection', 'cross_site_campaign'],
  },
  scanning: {
    title: 'Scanning and probing',
    rules: [
      'path_scanning',
      'scanner_fingerprint',
      'scanner_tool',
      'account_probing',
      'refused_often',
      'challenge_breaking',
    ],
  },
  scraping: {
    title: 'Scraping and data taken in bulk',
    rules: ['data_breach_attempt', 'mass_read', 'mass_export'],
  },
  flood: {
    title: 'Floods and surges',
    rules: ['ddos_detected', 'coordinated_attack', 'traffic_surge', 'error_surge', 'latency_surge'],
  },
  uploads: { title: 'Malicious uploads', rules: ['malware_upload', 'upload_probing'] },
  privileges: {
    title: 'Privileges',
    rules: [
      'unauthorised_access',
      'unauthorised_access_spread',
      'unauthorised_access_insistent',
      'object_probing',
      'new_admin',
      'privilege_change_out_of_hours',
    ],
  },
  payments: { title: 'Payment fraud', rules: ['suspicious_payment'] },
  messages: { title: 'Message pumping', rules: ['sms_fraud'] },
  house: { title: 'The house itself', rules: ['audit_tampered'] },
  other: { title: 'Other', rules: [] },
};

const BY_RULE: ReadonlyMap<string, ActivityKind> = new Map(
  Object.entries(KINDS).flatMap(([kind, { rules }]) => rules.map((rule) => [rule, kind as ActivityKind])),
);

/** What a detector, or an event that raises alerts by itself, speaks of. */
export function kindOf(rule: string): ActivityKind {
  const known = BY_RULE.get(rule);
  if (known !== undefined) return known;
  if (rule.startsWith('card_testing')) return 'payments';
  // Alerts that no detector raised are named by the type of their event: something of the house fails.
  return isOfHouse(rule) ? 'house' : 'other';
}

/** Whether an alert tells of something that fails here, and not of an attack. */
export function isOfHouse(rule: string): boolean {
  return /^[A-Z][A-Z0-9_]*$/.test(rule);
}

/** Name of a kind. */
export function titleOf(kind: ActivityKind): string {
  return KINDS[kind].title;
}
