import type { SessionScope } from '../../../../modules/identity/contract.ts';
import { requireCookieWay } from '../../auth-cookies.ts';
import { factsOf } from '../../auth-facts.ts';
import { answer, proofRequest } from '../../auth-schemas.ts';
import type { StepUpOptions } from '../../auth-types.ts';
import { json, route, type Route } from '../../route.ts';
import { accepted, type AuthPorts, passkeyQuestion, sessionOf, signedIn, within } from './answers.ts';

/** Whoever must enrol a factor may have taken longer over it than a sign-in stays fresh. */
const SCOPES: readonly SessionScope[] = ['full', 'enrol'];

/** Proving a factor again, for what is sensitive. */
export function stepUpRoutes({ identity }: AuthPorts): readonly Route[] {
  return [
    within(
      SCOPES,
      route({
        method: 'GET',
        path: '/auth/step-up',
        access: 'partial',
        tag: 'Step-up',
        summary: 'Ask how a factor can be proven again',
        answer: { status: 200, about: 'Factors, strongest first.', schema: answer.stepUp },
        handle: async ({ caller }) => {
          const { factors, freshUntilMs } = await identity.stepUpOptions(sessionOf(caller, SCOPES));
          return json({ factors, freshUntilMs } satisfies StepUpOptions);
        },
      }),
    ),
    within(
      SCOPES,
      route({
        method: 'POST',
        path: '/auth/step-up',
        access: 'partial',
        tag: 'Step-up',
        summary: 'Prove a factor again',
        about: "The session's tokens are new from then on, the old ones end.",
        body: proofRequest.stepUp,
        answer: { status: 200, about: 'Proven.', schema: answer.signedIn },
        handle: async ({ c, caller, body }) => {
          const session = sessionOf(caller, SCOPES);
          if (session.client === 'browser') requireCookieWay(c);
          return signedIn(c, await identity.stepUp(session, body, factsOf(c, { session })));
        },
      }),
    ),
    within(
      SCOPES,
      route({
        method: 'POST',
        path: '/auth/step-up/send',
        access: 'partial',
        tag: 'Step-up',
        summary: 'Send an SMS code for a step-up',
        answer: { status: 202, about: 'On its way.', schema: answer.accepted },
        handle: async ({ c, caller }) => {
          const session = sessionOf(caller, SCOPES);
          await identity.sendStepUpCode(session, factsOf(c, { session }));
          return accepted();
        },
      }),
    ),
    within(
      SCOPES,
      route({
        method: 'POST',
        path: '/auth/passkeys/step-up/options',
        access: 'partial',
        tag: 'Step-up',
        summary: 'Begin a step-up with a passkey',
        answer: { status: 200, about: 'Options of WebAuthn.', schema: answer.passkeyOptions },
        handle: async ({ caller }) =>
          passkeyQuestion(await identity.stepUpPasskey(sessionOf(caller, SCOPES))),
      }),
    ),
  ];
}
