import type { SignInHistory } from '../../../../src/server/api/auth-types.ts';
import type { UserAnswer, UserStatus } from '../../../../src/server/api/user-types.ts';
import { plural } from '../../format/number.ts';
import { rolesChange, splitRoles } from './roles.ts';

/** Status of an account as a reader sees it. */
export const STATUS_LABEL: Readonly<Record<UserStatus, string>> = {
  pending: 'Invited',
  active: 'Active',
  locked: 'Locked',
  disabled: 'Disabled',
  deleted: 'Deleted',
};
/** What a status means for whoever tries to sign in. */
export const STATUS_MEANING: Readonly<Record<UserStatus, string>> = {
  pending: 'The mail address is not verified yet.',
  active: 'May sign in.',
  locked: 'May not sign in until the lock ends.',
  disabled: 'May not sign in.',
  deleted: 'Removed; its traces in the audit trail stay.',
};
export const STATUSES: readonly UserStatus[] = ['active', 'pending', 'locked', 'disabled', 'deleted'];

export const OUTCOME_LABEL: Readonly<Record<SignInHistory['entries'][number]['outcome'], string>> = {
  'signed-in': 'Signed in',
  'wrong-password': 'Wrong password',
  'wrong-code': 'Wrong code',
  refused: 'Refused',
};

/** What an administrator can do to an account, with what the reader has chosen for it. */
export type Act =
  | { readonly kind: 'lock'; readonly hours: number | null }
  | { readonly kind: 'unlock' }
  | { readonly kind: 'require-reset' }
  | { readonly kind: 'reset-factors' }
  | { readonly kind: 'end-sessions' }
  | { readonly kind: 'end-session'; readonly session: string }
  | { readonly kind: 'roles'; readonly roles: readonly string[] };

/** What will happen, one sentence each, from the state that the reader sees. */
export function consequences(act: Act, answer: UserAnswer): readonly string[] {
  const { user } = answer;
  switch (act.kind) {
    case 'lock':
      return [
        endedWords(answer),
        act.hours === null
          ? 'Nobody signs in with this account until somebody unlocks it.'
          : `Nobody signs in with this account for ${plural(act.hours, 'hour')}.`,
        `A mail tells ${user.email}.`,
      ];
    case 'unlock':
      return [
        'Signing in works again, with the same password and factors.',
        'Delays that failed attempts have earned are lifted, and what they disabled counts again.',
      ];
    case 'require-reset':
      return [
        endedWords(answer),
        `The password is taken away. A mail brings ${user.email} a link by which to set a new one.`,
        'Known devices are forgotten; second factors stay.',
      ];
    case 'reset-factors':
      return [
        lostFactors(answer),
        endedWords(answer),
        user.mfaEnforced
          ? 'The next sign-in must enrol a second factor anew.'
          : 'From then on the password alone signs in.',
        `A mail tells ${user.email}. Be sure that it was the owner who asked.`,
      ];
    case 'end-sessions':
      return [endedWords(answer), 'Password and factors stay; signing in again works at once.'];
    case 'end-session':
      return endSession(act.session, answer);
    case 'roles':
      return changeRoles(act.roles, answer);
  }
}

/** How many sessions end, and what that means where they are. */
function endedWords({ sessions }: UserAnswer): string {
  const count = sessions.length;
  if (count === 0) return 'No session ends: nobody is signed in with this account.';
  const devices = new Set(sessions.map(({ deviceName }) => deviceName)).size;
  const where = devices === 1 ? ` on ${sessions[0]?.deviceName}` : ` on ${plural(devices, 'device')}`;
  return `${plural(count, 'session')}${where} ${count === 1 ? 'ends' : 'end'} within a second.`;
}

function endSession(id: string, { sessions }: UserAnswer): readonly string[] {
  const found = sessions.find((session) => session.id === id);
  if (!found) return ['The session has ended already.'];
  const end = `The session on ${found.deviceName} from ${found.address} ends within a second.`;
  return found.current ? [end, 'It is the one you are using: you will have to sign in again.'] : [end];
}

function lostFactors({ factors }: UserAnswer): string {
  const { totp, sms, passkeys, backupCodes } = factors;
  const lost = [
    totp && 'the authenticator app',
    sms && `SMS to ${sms.phoneHint}`,
    passkeys.length > 0 && plural(passkeys.length, 'passkey'),
    backupCodes && plural(backupCodes.left, 'backup code'),
  ].filter((one) => typeof one === 'string');
  if (lost.length === 0) return 'There is no second factor to take away.';
  return `These no longer count: ${lost.join(', ')}.`;
}

function changeRoles(after: readonly string[], answer: UserAnswer): readonly string[] {
  const { added, removed } = rolesChange(answer.user.roles, after);
  if (added.length === 0 && removed.length === 0) return ['Nothing changes.'];
  const isIn = splitRoles(after).console !== null;
  return [
    ...(added.length === 0 ? [] : [`Given: ${added.join(', ')}.`]),
    ...(removed.length === 0 ? [] : [`Taken away: ${removed.join(', ')}.`]),
    added.length > 0
      ? `A new role asks for a new sign-in. ${endedWords(answer)}`
      : 'It holds within a second, everywhere.',
    ...(isIn && answer.user.factors.length === 0
      ? ['The console asks for a second factor, and there is none: the next sign-in must enrol one.']
      : []),
  ];
}

/** Why an act on this account makes no sense or is not for this reader; null when it may be tried. */
export function reasonAgainst(kind: Act['kind'], answer: UserAnswer, myEmail: string | null): string | null {
  const { user, sessions, factors } = answer;
  if (user.status === 'deleted') return 'The account is deleted.';
  const isMe = myEmail !== null && user.email === myEmail;
  if (isMe && kind === 'lock') return 'You can’t lock your own account.';
  if (isMe && kind === 'roles') return 'Another administrator can change your roles.';
  if (kind === 'end-sessions' && sessions.length === 0) return 'Nobody is signed in with it.';
  if (kind === 'require-reset' && user.passwordChangedAtMs === null && !user.mustReset)
    return 'There is no password yet.';
  if (kind === 'reset-factors') {
    const has = factors.totp ?? factors.sms ?? factors.backupCodes ?? factors.passkeys[0];
    if (!has) return 'There is no second factor.';
  }
  return null;
}
