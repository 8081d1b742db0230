import { factsOf } from '../../auth-facts.ts';
import { answer, request } from '../../auth-schemas.ts';
import { empty, json, route, type Route } from '../../route.ts';
import { type AuthPorts, authUser, sessionOf, signedOut } from './answers.ts';

/** The account itself: name and language, its end, and the end of delays on its password. */
export function accountRoutes({ identity }: AuthPorts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/auth/unlock',
      access: 'public',
      tag: 'Accounts',
      summary: 'Lift the delays on a password by a mailed link',
      body: request.token,
      answer: { status: 204, about: 'Lifted. A password that was disabled must be set anew.' },
      handle: async ({ c, body }) => {
        await identity.unlock(body.token, factsOf(c));
        return empty();
      },
    }),
    route({
      method: 'PATCH',
      path: '/auth/profile',
      access: 'session',
      tag: 'Accounts',
      summary: 'Change name or language',
      body: request.profile,
      answer: { status: 200, about: 'The account.', schema: answer.user },
      handle: async ({ caller, body }) =>
        json(authUser(await identity.changeProfile(sessionOf(caller), body))),
    }),
    route({
      method: 'DELETE',
      path: '/auth/account',
      access: 'session',
      tag: 'Accounts',
      summary: 'Delete the account',
      about: 'Needs a fresh factor. Ends every session and removes what is personal.',
      answer: { status: 204, about: 'Deleted.' },
      refusals: [409],
      handle: async ({ c, caller }) => {
        const session = sessionOf(caller);
        await identity.deleteAccount(session, factsOf(c, { session }));
        return signedOut(c, session, true);
      },
    }),
  ];
}
