import { json, route, type Route } from '../../route.ts';
import { answer, request } from '../../auth-schemas.ts';
import { factsOf } from '../../auth-facts.ts';
import type { Verified } from '../../auth-types.ts';
import { accepted, type AuthPorts, sessionOf } from './answers.ts';

/** Mail addresses: verifying, and changing. */
export function emailRoutes({ identity }: AuthPorts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/auth/email/resend',
      access: 'public',
      tag: 'Accounts',
      summary: 'Ask for the verification mail again',
      body: request.email,
      answer: {
        status: 202,
        about: 'Taken note of, whether or not the address is known.',
        schema: answer.accepted,
      },
      handle: async ({ c, body }) => {
        await identity.resendVerification(body.email, factsOf(c));
        return accepted();
      },
    }),
    route({
      method: 'POST',
      path: '/auth/email/verify',
      access: 'public',
      tag: 'Accounts',
      summary: 'Verify a mail address',
      about: 'Uses up the link of sign-up or of a changed address. Following a link by GET changes nothing.',
      body: request.token,
      answer: { status: 200, about: 'Verified.', schema: answer.verified },
      handle: async ({ c, body }) => {
        const { email } = await identity.verifyEmail(body.token, factsOf(c));
        return json({ verified: true, email } satisfies Verified);
      },
    }),
    route({
      method: 'POST',
      path: '/auth/email/change',
      access: 'session',
      tag: 'Accounts',
      summary: 'Ask for another mail address',
      about: 'Needs a fresh factor. The new address gets a link, the old one a notice.',
      body: request.newEmail,
      answer: {
        status: 202,
        about: 'Taken note of, whether or not the address is known.',
        schema: answer.accepted,
      },
      handle: async ({ c, caller, body }) => {
        const session = sessionOf(caller);
        await identity.changeEmail(session, body.email, factsOf(c, { session }));
        return accepted();
      },
    }),
  ];
}
