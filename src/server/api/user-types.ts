import type { AuthFactor, DeviceList, SessionList, SignInHistory } from './auth-types.ts';
import type { EventEntry } from './types.ts';

/** Roles of the console, least first: each may do what those before it may. */
export const CONSOLE_ROLES = ['viewer', 'analyst', 'administrator'] as const;
export type ConsoleRole = (typeof CONSOLE_ROLES)[number];

/** State of an account. */
export type UserStatus = 'pending' | 'active' | 'locked' | 'disabled' | 'deleted';

/** A line of the user list. */
export interface UserSummary {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  readonly status: UserStatus;
  readonly roles: readonly string[];
  /** Second factors that are enrolled. */
  readonly factors: readonly AuthFactor[];
  readonly createdAtMs: number;
  readonly lastSignInAtMs: number | null;
}
/** GET /admin/users?q=&status=&role=&cursor=&limit= (viewer). */
export interface UsersAnswer {
  readonly users: readonly UserSummary[];
  readonly nextCursor: string | null;
  /** How many fit the filter in all. */
  readonly total: number;
}
/** GET /admin/users/:id (viewer). */
export interface UserAnswer {
  readonly user: UserSummary & {
    readonly locale: string;
    readonly emailVerifiedAtMs: number | null;
    readonly passwordChangedAtMs: number | null;
    readonly mustReset: boolean;
    readonly lockedUntilMs: number | null;
    readonly lockedReason: string | null;
    readonly mfaEnforced: boolean;
  };
  readonly sessions: SessionList['sessions'];
  readonly devices: DeviceList['devices'];
  readonly factors: {
    readonly totp: {
      readonly confirmedAtMs: number;
      readonly lastUsedAtMs: number | null;
      readonly disabled: boolean;
    } | null;
    readonly sms: { readonly phoneHint: string; readonly disabled: boolean } | null;
    readonly backupCodes: { readonly left: number; readonly createdAtMs: number } | null;
    readonly passkeys: readonly {
      readonly id: string;
      readonly name: string;
      readonly createdAtMs: number;
      readonly lastUsedAtMs: number | null;
      readonly backedUp: boolean;
    }[];
  };
  readonly attempts: readonly {
    readonly factor: AuthFactor;
    readonly failures: number;
    readonly blockedUntilMs: number | null;
    readonly disabled: boolean;
  }[];
  readonly history: SignInHistory['entries'];
  readonly events: readonly EventEntry[];
}
/**
 * Acts on a user (administrator, with a second factor proven 10 minutes ago at most); all answer `UserAnswer`.
 * POST /admin/users { email, name?, roles } (invites; 201) · POST /admin/users/:id/lock { reason, hours? } · /unlock ·
 * /require-reset · /reset-factors · /end-sessions · PUT-like POST /admin/users/:id/roles { roles } ·
 * DELETE /admin/users/:id/sessions/:session
 */
export interface InviteRequest {
  readonly email: string;
  readonly name?: string;
  readonly roles: readonly string[];
}
export interface LockRequest {
  readonly reason: string;
  /** Absent: until somebody unlocks it. */
  readonly hours?: number;
}
export interface RolesRequest {
  readonly roles: readonly string[];
}

/** GET /admin/mailbox?cursor= (administrator; development only, 404 where mail goes out by SMTP): newest first. */
export interface MailboxAnswer {
  readonly messages: readonly MailboxMessage[];
  readonly nextCursor: string | null;
}
/** A mail or SMS that would have been sent. */
export interface MailboxMessage {
  readonly id: string;
  readonly channel: 'mail' | 'sms';
  readonly to: string;
  readonly subject: string | null;
  readonly text: string;
  /** Null for SMS. Shown in a sandboxed frame. */
  readonly html: string | null;
  readonly kind: string;
  readonly atMs: number;
}
/** DELETE /admin/mailbox → 204: empties it. */
