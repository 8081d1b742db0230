import type { RequestContext } from '../../core/context.ts';
import { Principal } from '../../core/fact.ts';
import { SignedIn } from '../../modules/identity/signed-in.ts';
import type { ResponseCaller, ResponsePlace } from '../../modules/respond/index.ts';
import { consoleRoleOf, sameSecret } from '../api/caller.ts';

const HEALTH: ReadonlySet<string> = new Set(['/livez', '/readyz', '/startupz']);
/** What people need to sign in and out and to prove a factor, and the console's own pages. */
const SIGN_IN = [
  '/console',
  '/auth/sign-in',
  '/auth/sign-out',
  '/auth/refresh',
  '/auth/session',
  '/auth/step-up',
  '/auth/mfa/verify',
  '/auth/mfa/send',
  '/auth/mfa/passkey',
  '/auth/passkeys/sign-in',
  '/auth/passkeys/step-up',
] as const;

/**
 * What a request is for, as far as responses tell it apart.
 * @param application what lies under /admin is the application's own, and no console
 */
export function placeOfRequest({ path }: Pick<RequestContext, 'path'>, application: boolean): ResponsePlace {
  if (HEALTH.has(path)) return 'health';
  if (!application && isUnder(path, '/admin')) return 'admin-api';
  return SIGN_IN.some((one) => isUnder(path, one)) ? 'sign-in' : 'application';
}

function isUnder(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Who calls, as responses look at it. @param goodAfterMs signed in for so long: in good standing */
export function callerOfRequest(
  context: RequestContext,
  { operatorKey, goodAfterMs }: { readonly operatorKey: string | undefined; readonly goodAfterMs: number },
): ResponseCaller {
  const isOperator = operatorKey !== undefined && carriesKey(context, operatorKey);
  const session = context.get(SignedIn)?.session;
  if (session !== undefined) {
    const proven = Object.values(session.provenAtMs);
    return {
      user: session.account,
      isAdmin: consoleRoleOf(session.roles) !== null,
      isOperator,
      provenAtMs: proven.length === 0 ? null : Math.max(...proven),
      isGood: session.scope === 'full' && context.nowMs - session.createdAtMs >= goodAfterMs,
    };
  }
  const principal = context.get(Principal);
  return {
    user: principal === undefined ? null : principal.id.replace(/^user:/, ''),
    isAdmin: principal?.kind === 'admin',
    isOperator,
    provenAtMs: null,
    isGood: false,
  };
}

function carriesKey({ request }: RequestContext, operatorKey: string): boolean {
  const header = request.header('authorization');
  if (header === undefined || header.length > 2_000 || !/^bearer /i.test(header)) return false;
  return sameSecret(header.slice(7).trim(), operatorKey);
}
