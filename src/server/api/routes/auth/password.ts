import type { SessionScope } from '../../../../modules/identity/contract.ts';
import { requireCookieWay } from '../../auth-cookies.ts';
import { factsOf } from '../../auth-facts.ts';
import { answer, request } from '../../auth-schemas.ts';
import type { PasswordRules, Reset } from '../../auth-types.ts';
import { json, route, type Route } from '../../route.ts';
import { accepted, type AuthPorts, sessionOf, signedIn, within } from './answers.ts';

/** Whoever must set a new password reaches what sets it. */
const CHANGING: readonly SessionScope[] = ['full', 'reset'];

/** Passwords: rules, forgotten ones, new ones. */
export function passwordRoutes({ identity }: AuthPorts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/auth/password/rules',
      access: 'public',
      tag: 'Passwords',
      summary: 'Read what a password must be like',
      answer: { status: 200, about: 'Lengths in code points.', schema: answer.rules },
      handle: () => {
        const { minLength, minLengthWithSecondFactor, maxLength } = identity.passwords.rules;
        return json({ minLength, minLengthWithSecondFactor, maxLength } satisfies PasswordRules);
      },
    }),
    route({
      method: 'POST',
      path: '/auth/password/forgot',
      access: 'public',
      tag: 'Passwords',
      summary: 'Ask for a link to set a new password',
      body: request.email,
      answer: {
        status: 202,
        about: 'Taken note of, whether or not the address is known.',
        schema: answer.accepted,
      },
      handle: async ({ c, body }) => {
        await identity.forgotPassword(body.email, factsOf(c));
        return accepted();
      },
    }),
    route({
      method: 'POST',
      path: '/auth/password/reset',
      access: 'public',
      tag: 'Passwords',
      summary: 'Set a new password by a mailed link',
      about:
        'Ends every session and signs nobody in: a second factor is still asked for at the next sign-in.',
      body: request.reset,
      answer: { status: 200, about: 'The new password is in force.', schema: answer.reset },
      handle: async ({ c, body }) => {
        await identity.resetPassword(body, factsOf(c));
        return json({ reset: true } satisfies Reset);
      },
    }),
    within(
      CHANGING,
      route({
        method: 'POST',
        path: '/auth/password/change',
        access: 'partial',
        tag: 'Passwords',
        summary: 'Change the password',
        about:
          'The current password may be left out within 10 minutes of a step-up, and where a new one was demanded (scope `reset`). The session has new tokens; all others end unless told otherwise.',
        body: request.changePassword,
        answer: { status: 200, about: 'The new password is in force.', schema: answer.signedIn },
        handle: async ({ c, caller, body }) => {
          const session = sessionOf(caller, CHANGING);
          if (session.client === 'browser') requireCookieWay(c);
          return signedIn(c, await identity.changePassword(session, body, factsOf(c, { session })));
        },
      }),
    ),
  ];
}
