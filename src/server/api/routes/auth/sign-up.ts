import { answer, request } from '../../auth-schemas.ts';
import { factsOf } from '../../auth-facts.ts';
import { route, type Route } from '../../route.ts';
import { accepted, type AuthPorts } from './answers.ts';

/** Asking for an account. */
export function signUpRoutes({ identity }: AuthPorts): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/auth/sign-up',
      access: 'public',
      tag: 'Accounts',
      summary: 'Ask for an account',
      about:
        'A mail with a link goes out; the account exists once the link was used. The answer is the same for an address that has an account already: its owner is told by mail.',
      body: request.signUp,
      answer: {
        status: 202,
        about: 'Taken note of, whether or not the address is known.',
        schema: answer.accepted,
      },
      refusals: [403],
      handle: async ({ c, body }) => {
        await identity.signUp(body, factsOf(c));
        return accepted();
      },
    }),
  ];
}
