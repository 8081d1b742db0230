import type { EventClass, EventType } from '../../core/events.ts';

/** A class of the schema and one of its activities. */
export interface OcsfKind {
  readonly category: { readonly uid: number; readonly name: string };
  readonly class: { readonly uid: number; readonly name: string };
  readonly activity: { readonly id: number; readonly name: string };
}

const CATEGORIES = {
  0: 'Uncategorized',
  2: 'Findings',
  3: 'Identity & Access Management',
  4: 'Network Activity',
  6: 'Application Activity',
} as const;

/** Classes that are used, with the names of their activities by id (OCSF 1.3); 99 is Other in all. */
const CLASSES = {
  0: { name: 'Base Event', category: 0, activities: {} },
  2004: { name: 'Detection Finding', category: 2, activities: { 1: 'Create', 2: 'Update', 3: 'Close' } },
  3001: {
    name: 'Account Change',
    category: 3,
    activities: {
      1: 'Create',
      2: 'Enable',
      3: 'Password Change',
      4: 'Password Reset',
      5: 'Disable',
      6: 'Delete',
      9: 'Lock',
      10: 'MFA Factor Enable',
      11: 'MFA Factor Disable',
    },
  },
  3002: { name: 'Authentication', category: 3, activities: { 1: 'Logon', 2: 'Logoff' } },
  3005: {
    name: 'User Access Management',
    category: 3,
    activities: { 1: 'Assign Privileges', 2: 'Revoke Privileges', 3: 'Assign Role', 4: 'Remove Role' },
  },
  4002: {
    name: 'HTTP Activity',
    category: 4,
    activities: {
      1: 'Connect',
      2: 'Delete',
      3: 'Get',
      4: 'Head',
      5: 'Options',
      6: 'Post',
      7: 'Put',
      8: 'Trace',
      9: 'Patch',
    },
  },
  6002: { name: 'Application Lifecycle', category: 6, activities: { 3: 'Start', 4: 'Stop' } },
  6003: {
    name: 'API Activity',
    category: 6,
    activities: { 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete' },
  },
} as const;

/** Number of a class that is used. */
export type OcsfClass = keyof typeof CLASSES;
type ClassAndActivity = readonly [OcsfClass, number];

const OTHER = 99;
const LOGON: ClassAndActivity = [3002, 1];
const FINDING: ClassAndActivity = [2004, 1];
const HTTP: ClassAndActivity = [4002, OTHER];

/** Where a type belongs. What is not named goes by its class: acts are API Activity, the rest is a Base Event. */
const KINDS: Partial<Readonly<Record<EventType, ClassAndActivity>>> = {
  SIGN_IN_SUCCEEDED: LOGON,
  SIGN_IN_FAILED: LOGON,
  SECOND_STEP_ASKED: LOGON,
  STEP_UP_SUCCEEDED: LOGON,
  STEP_UP_FAILED: LOGON,
  SETUP_LINK_USED: LOGON,
  SETUP_LINK_REFUSED: LOGON,
  TOTP_SUCCESS: LOGON,
  TOTP_FAILED: LOGON,
  SMS_SUCCESS: LOGON,
  SMS_FAILED: LOGON,
  SMS_EXPIRED: LOGON,
  EMAIL_CODE_FAILED: LOGON,
  BACKUP_CODE_USED: LOGON,
  BACKUP_CODE_FAILED: LOGON,
  PASSKEY_USED: LOGON,
  PASSKEY_FAILED: LOGON,
  API_KEY_REFUSED: LOGON,
  TOKEN_REFUSED: LOGON,
  SIGNED_OUT: [3002, 2],
  SESSION_REVOKED: [3002, 2],
  SIGNED_UP: [3001, 1],
  USER_CREATED: [3001, 1],
  SERVICE_ACCOUNT_CREATED: [3001, 1],
  ACCOUNT_UNLOCKED: [3001, 2],
  PASSWORD_CHANGED: [3001, 3],
  PASSWORD_RESET: [3001, 4],
  PASSWORD_RESET_REQUESTED: [3001, 4],
  USER_RESET_REQUIRED: [3001, 4],
  PASSWORD_DISABLED: [3001, 5],
  ACCOUNT_DELETED: [3001, 6],
  ACCOUNT_LOCKED: [3001, 9],
  MFA_ENABLED: [3001, 10],
  PASSKEY_ADDED: [3001, 10],
  MFA_DISABLED: [3001, 11],
  MFA_FACTOR_DISABLED: [3001, 11],
  PASSKEY_REMOVED: [3001, 11],
  USER_FACTORS_RESET: [3001, 11],
  EMAIL_CHANGED: [3001, OTHER],
  PROFILE_CHANGED: [3001, OTHER],
  SERVICE_ACCOUNT_CHANGED: [3001, OTHER],
  ROLE_ASSIGNED: [3005, 3],
  ROLE_ASSIGNMENT_CHANGED: [3005, OTHER],
  ROLE_ASSIGNMENT_ENDED: [3005, 4],
  USER_ROLES_CHANGED: [3005, OTHER],
  API_KEY_CREATED: [3005, 1],
  API_KEY_REVOKED: [3005, 2],
  REQUEST_REFUSED: HTTP,
  REQUEST_WOULD_BE_REFUSED: HTTP,
  CSRF_ATTEMPT: HTTP,
  UNAUTHORIZED_ACCESS_ATTEMPT: HTTP,
  UNTRUSTED_FORWARD: HTTP,
  DETECTION: FINDING,
  DETECTION_UPDATED: [2004, 2],
  BRUTE_FORCE_ATTEMPT: FINDING,
  SUSPICIOUS_ACTIVITY: FINDING,
  UNUSUAL_TRAFFIC: FINDING,
  GEO_LOCATION_ANOMALY: FINDING,
  IMPOSSIBLE_TRAVEL: FINDING,
  SUSPICIOUS_PAYMENT: FINDING,
  DATA_BREACH_ATTEMPT: FINDING,
  CREDENTIAL_STUFFING: FINDING,
  PASSWORD_SPRAY: FINDING,
  MFA_FATIGUE: FINDING,
  REFRESH_REUSE: FINDING,
  DEVICE_MISMATCH: FINDING,
  PASSKEY_COUNTER_REGRESSION: FINDING,
  SMS_PUMPING: FINDING,
  DDOS_DETECTED: FINDING,
  PATH_SCAN_DETECTED: FINDING,
  BOT_IMPOSTOR: FINDING,
  INJECTION_ATTEMPT: FINDING,
  XSS_ATTEMPT: FINDING,
  TOR_EXIT_NODE: HTTP,
  VPN_DETECTED: HTTP,
  ACCESS_GRANTED: HTTP,
  SQL_INJECTION_ATTEMPT: FINDING,
  SSRF_BLOCKED: FINDING,
  PATH_ESCAPE_BLOCKED: FINDING,
  FILE_INFECTED: FINDING,
  AUDIT_LOG_TAMPERED: FINDING,
  AUDIT_LOG_CONFLICT: FINDING,
  SERVER_STARTED: [6002, 3],
  SERVER_STOPPING: [6002, 4],
  SENSITIVE_ROWS_READ: [6003, 2],
  DATA_VIEWED: [6003, 2],
  DATA_CREATED: [6003, 1],
  DATA_MODIFIED: [6003, 3],
  DATA_DELETED: [6003, 4],
  DATA_EXPORTED: [6003, 2],
  LIST_EXPORTED: [6003, 2],
  AUDIT_EXPORTED: [6003, 2],
  CONFIGURATION_CHANGE: [6003, 3],
  BLOCK_ADDED: [6003, 1],
  BLOCK_REMOVED: [6003, 4],
};

const METHODS: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(CLASSES[4002].activities).map(([id, name]) => [name.toUpperCase(), Number(id)]),
);

/**
 * Class and activity of an event. Of a request the activity is its method.
 * @param type of the catalogue or of an application
 * @param method of the request, where it is known: `POST`
 */
export function ocsfKind(type: string, kept: EventClass, method: string | undefined): OcsfKind {
  const known = Object.hasOwn(KINDS, type) ? KINDS[type as EventType] : undefined;
  const [uid, given] = known ?? ([kept === 'audit' ? 6003 : 0, OTHER] as const);
  const id = uid === 4002 ? (METHODS[method ?? ''] ?? OTHER) : given;
  const { name, category, activities } = CLASSES[uid];
  return {
    category: { uid: category, name: CATEGORIES[category] },
    class: { uid, name },
    activity: { id, name: (activities as Readonly<Record<number, string>>)[id] ?? type },
  };
}
