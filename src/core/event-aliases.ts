import { EVENTS, type EventType } from './events.ts';

/** Names that others use for what happens here, and our types for it: a search takes both. */
export const EVENT_ALIASES = {
  LOGIN_SUCCESS: ['SIGN_IN_SUCCEEDED'],
  LOGIN_FAILURE: ['SIGN_IN_FAILED'],
  LOGOUT: ['SIGNED_OUT'],
  PASSWORD_CHANGE: ['PASSWORD_CHANGED'],
  MFA_FAILURE: [
    'TOTP_FAILED',
    'SMS_FAILED',
    'SMS_EXPIRED',
    'EMAIL_CODE_FAILED',
    'BACKUP_CODE_FAILED',
    'PASSKEY_FAILED',
  ],
  ACCESS_DENIED: ['UNAUTHORIZED_ACCESS_ATTEMPT', 'REQUEST_REFUSED'],
  ROLE_CHANGE: ['USER_ROLES_CHANGED', 'ROLE_ASSIGNED', 'ROLE_ASSIGNMENT_CHANGED', 'ROLE_ASSIGNMENT_ENDED'],
  PERMISSION_CHANGE: [
    'ROLE_ASSIGNED',
    'ROLE_ASSIGNMENT_CHANGED',
    'ROLE_ASSIGNMENT_ENDED',
    'USER_ROLES_CHANGED',
    'SERVICE_ACCOUNT_CHANGED',
    'API_KEY_CREATED',
    'API_KEY_REVOKED',
  ],
  DATA_VIEWED: ['SENSITIVE_ROWS_READ'],
  DATA_CREATED: ['SIGNED_UP', 'USER_CREATED', 'SERVICE_ACCOUNT_CREATED', 'UPLOAD_ACCEPTED'],
  DATA_MODIFIED: ['PROFILE_CHANGED', 'EMAIL_CHANGED'],
  DATA_DELETED: ['ACCOUNT_DELETED', 'UPLOAD_DELETED', 'QUARANTINE_DELETED', 'AUDIT_SUBJECT_ERASED'],
  DATA_EXPORTED: ['LIST_EXPORTED', 'AUDIT_EXPORTED'],
  FILE_UPLOAD_ATTEMPT: ['UPLOAD_ACCEPTED', 'UPLOAD_REFUSED', 'UPLOAD_HELD', 'UPLOAD_FAILED', 'FILE_INFECTED'],
} as const satisfies Readonly<Record<string, readonly EventType[]>>;

/** Types that a name stands for: itself, where it is a type or nobody's name, and those whose other name it is. */
export function typesNamed(name: string): readonly string[] {
  if (!Object.hasOwn(EVENT_ALIASES, name)) return [name];
  const types = EVENT_ALIASES[name as keyof typeof EVENT_ALIASES];
  return Object.hasOwn(EVENTS, name) ? [name, ...types] : types;
}

/** Other names of a type. */
export function aliasesOf(type: string): readonly string[] {
  return Object.entries(EVENT_ALIASES)
    .filter(([, types]) => (types as readonly string[]).includes(type))
    .map(([name]) => name);
}
