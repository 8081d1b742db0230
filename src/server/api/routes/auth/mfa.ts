import type { SessionScope } from '../../../../modules/identity/contract.ts';
import { requireCookieWay } from '../../auth-cookies.ts';
import { factsOf } from '../../auth-facts.ts';
import { answer, request } from '../../auth-schemas.ts';
import type { BackupCodes, MfaStatus, TotpEnrolment } from '../../auth-types.ts';
import { empty, json, route, type Route } from '../../route.ts';
import { accepted, type AuthPorts, factorStatesOf, sessionOf, withGrant, within } from './answers.ts';

/** Whoever must enrol a second factor first reaches what enrols one, and nothing else. */
const ENROLLING: readonly SessionScope[] = ['full', 'enrol'];
const TAG = 'Second factors';

/** Second factors: status, authenticator apps, SMS, backup codes. */
export function mfaRoutes(ports: AuthPorts): readonly Route[] {
  return [...statusRoutes(ports), ...totpRoutes(ports), ...smsRoutes(ports)];
}

function statusRoutes({ identity }: AuthPorts): readonly Route[] {
  return [
    within(
      ENROLLING,
      route({
        method: 'GET',
        path: '/auth/mfa',
        access: 'partial',
        tag: TAG,
        summary: 'Read which second factors are enrolled',
        answer: { status: 200, about: 'Never a secret or a code.', schema: answer.mfa },
        handle: async ({ caller }) => {
          const status = await identity.mfaStatus(sessionOf(caller, ENROLLING));
          return json({ enforced: status.enforced, ...factorStatesOf(status) } satisfies MfaStatus);
        },
      }),
    ),
    route({
      method: 'POST',
      path: '/auth/mfa/backup-codes',
      access: 'session',
      tag: TAG,
      summary: 'Make new backup codes',
      about: 'Needs a fresh factor. The codes before them end; these are shown once.',
      answer: { status: 200, about: 'Ten codes.', schema: answer.backupCodes },
      refusals: [409],
      handle: async ({ c, caller }) => {
        const session = sessionOf(caller);
        const codes = await identity.makeBackupCodes(session, factsOf(c, { session }));
        return json({ backupCodes: codes } satisfies BackupCodes);
      },
    }),
    route({
      method: 'POST',
      path: '/auth/mfa/disable',
      access: 'session',
      tag: TAG,
      summary: 'Remove a second factor',
      about: 'Needs a fresh factor. The last one stays where a role of the account demands it.',
      body: request.disable,
      answer: { status: 204, about: 'Removed.' },
      refusals: [404, 409],
      handle: async ({ c, caller, body }) => {
        const session = sessionOf(caller);
        await identity.disableFactor(session, body.factor, factsOf(c, { session }));
        return empty();
      },
    }),
  ];
}

function totpRoutes({ identity }: AuthPorts): readonly Route[] {
  return [
    within(
      ENROLLING,
      route({
        method: 'POST',
        path: '/auth/mfa/totp/enrol',
        access: 'partial',
        tag: TAG,
        summary: 'Begin to enrol an authenticator app',
        about: 'Needs a fresh factor. It counts once a code has confirmed it.',
        answer: { status: 200, about: 'The secret, shown once.', schema: answer.totp },
        refusals: [409],
        handle: async ({ c, caller }) => {
          const session = sessionOf(caller, ENROLLING);
          const { secret, uri, qrSvg, qrPng } = await identity.enrolTotp(session, factsOf(c, { session }));
          return json({ secret, uri, qr: qrSvg, qrPng } satisfies TotpEnrolment);
        },
      }),
    ),
    within(
      ENROLLING,
      route({
        method: 'POST',
        path: '/auth/mfa/totp/confirm',
        access: 'partial',
        tag: TAG,
        summary: 'Confirm an authenticator app with its first code',
        about: 'The session has new tokens. Backup codes come with the first second factor.',
        body: request.code,
        answer: { status: 200, about: 'Enrolled.', schema: answer.backupCodes },
        handle: async ({ c, caller, body }) => {
          const session = sessionOf(caller, ENROLLING);
          if (session.client === 'browser') requireCookieWay(c);
          const done = await identity.confirmTotp(session, body.code, factsOf(c, { session }));
          return withGrant(c, done.granted, { backupCodes: done.backupCodes } satisfies BackupCodes);
        },
      }),
    ),
  ];
}

function smsRoutes({ identity }: AuthPorts): readonly Route[] {
  return [
    within(
      ENROLLING,
      route({
        method: 'POST',
        path: '/auth/mfa/sms/enrol',
        access: 'partial',
        tag: TAG,
        summary: 'Send a code to a number to enrol it',
        about: 'Needs a fresh factor. Text messages can be intercepted: offer it beside a stronger factor.',
        body: request.phone,
        answer: { status: 202, about: 'On its way.', schema: answer.accepted },
        refusals: [409],
        handle: async ({ c, caller, body }) => {
          const session = sessionOf(caller, ENROLLING);
          await identity.enrolSms(session, body.phone, factsOf(c, { session }));
          return accepted();
        },
      }),
    ),
    within(
      ENROLLING,
      route({
        method: 'POST',
        path: '/auth/mfa/sms/confirm',
        access: 'partial',
        tag: TAG,
        summary: 'Confirm a number with the code that was sent',
        about: 'The session has new tokens. Backup codes come with the first second factor.',
        body: request.code,
        answer: { status: 200, about: 'Enrolled.', schema: answer.backupCodes },
        handle: async ({ c, caller, body }) => {
          const session = sessionOf(caller, ENROLLING);
          if (session.client === 'browser') requireCookieWay(c);
          const done = await identity.confirmSms(session, body.code, factsOf(c, { session }));
          return withGrant(c, done.granted, { backupCodes: done.backupCodes } satisfies BackupCodes);
        },
      }),
    ),
  ];
}
