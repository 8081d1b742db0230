import type { Granted } from '../../../../modules/identity/facade.ts';
import type { ClientFacts } from '../../../../modules/identity/request.ts';
import { identifyAccount, SignedIn } from '../../../identify.ts';
import { accountCookie, requireCookieWay } from '../../auth-cookies.ts';
import { factsOf, type Said } from '../../auth-facts.ts';
import { answer, passkeyRequest, proofRequest, request } from '../../auth-schemas.ts';
import { sessionCookie } from '../../cookies.ts';
import { type ApiContext, route, type Route } from '../../route.ts';
import { accepted, type AuthPorts, passkeyQuestion, secondStep, signedIn } from './answers.ts';

const SIGNED_IN =
  'Signed in: browsers get cookies, API clients (`X-Rampart-Client: api`) tokens. Or the second step is due.';

/** Signing in: password or passkey, then the second step where one is due. */
export function signInRoutes(ports: AuthPorts): readonly Route[] {
  return [...firstStepRoutes(ports), ...secondStepRoutes(ports)];
}

function firstStepRoutes(ports: AuthPorts): readonly Route[] {
  const { identity } = ports;
  return [
    route({
      method: 'POST',
      path: '/auth/sign-in',
      access: 'public',
      tag: 'Sign-in',
      summary: 'Sign in with a password',
      about: 'Unknown, wrong, locked and not yet verified answer the same.',
      body: request.signIn,
      answer: { status: 200, about: SIGNED_IN, schema: answer.signIn },
      refusals: [401, 403],
      handle: async ({ c, body }) => {
        const { email, password, timezone } = body;
        const facts = signInFacts(c, { timezone });
        const found = await identity.signIn({ email, password }, facts);
        return found.kind === 'granted' ? welcome(ports, c, facts, found) : secondStep(found);
      },
    }),
    route({
      method: 'POST',
      path: '/auth/passkeys/sign-in/options',
      access: 'public',
      tag: 'Sign-in',
      summary: 'Begin a sign-in with a passkey',
      about: 'The same for everybody: nothing tells whether an account exists.',
      answer: { status: 200, about: 'Options of WebAuthn.', schema: answer.passkeyOptions },
      handle: async ({ c }) => passkeyQuestion(await identity.passkeySignInQuestion(signInFacts(c))),
    }),
    route({
      method: 'POST',
      path: '/auth/passkeys/sign-in/verify',
      access: 'public',
      tag: 'Sign-in',
      summary: 'Sign in with a passkey',
      body: passkeyRequest.answer,
      answer: { status: 200, about: SIGNED_IN, schema: answer.signIn },
      refusals: [401, 403],
      handle: async ({ c, body }) => {
        const facts = signInFacts(c);
        const found = await identity.passkeySignIn(body, facts);
        return found.kind === 'granted' ? welcome(ports, c, facts, found) : secondStep(found);
      },
    }),
  ];
}

function secondStepRoutes(ports: AuthPorts): readonly Route[] {
  const { identity } = ports;
  return [
    route({
      method: 'POST',
      path: '/auth/mfa/verify',
      access: 'public',
      tag: 'Sign-in',
      summary: 'Finish a sign-in with a second factor',
      body: proofRequest.secondStep,
      answer: { status: 200, about: 'Signed in.', schema: answer.signedIn },
      refusals: [401, 403],
      handle: async ({ c, body }) => {
        const facts = signInFacts(c);
        const { challenge, ...proof } = body;
        return welcome(ports, c, facts, await identity.finishSecondStep(challenge, proof, facts));
      },
    }),
    route({
      method: 'POST',
      path: '/auth/mfa/send',
      access: 'public',
      tag: 'Sign-in',
      summary: 'Send a code for the second step',
      body: request.sendCode,
      answer: { status: 202, about: 'On its way.', schema: answer.accepted },
      refusals: [401, 403],
      handle: async ({ c, body }) => {
        await identity.sendSecondStepCode(body.challenge, body.factor, factsOf(c));
        return accepted();
      },
    }),
    route({
      method: 'POST',
      path: '/auth/mfa/passkey/options',
      access: 'public',
      tag: 'Sign-in',
      summary: 'Begin the second step with a passkey',
      body: request.challenge,
      answer: { status: 200, about: 'Options of WebAuthn.', schema: answer.passkeyOptions },
      refusals: [401],
      handle: async ({ c, body }) =>
        passkeyQuestion(await identity.secondStepPasskey(body.challenge, factsOf(c))),
    }),
  ];
}

/** Refused before any code is used up, where the cookie that follows could be overheard. */
function signInFacts(c: ApiContext, said?: Said): ClientFacts {
  const facts = factsOf(c, said);
  if (facts.client === 'browser') requireCookieWay(c);
  return facts;
}

/**
 * Answers a sign-in. The session that the browser held before ends, an account's or one of a set-up link: whoever planted
 * or copied its cookie gains nothing by the new one (ASVS 7.2.4).
 */
async function welcome(
  ports: AuthPorts,
  c: ApiContext,
  facts: ClientFacts,
  granted: Granted,
): Promise<Response> {
  if (granted.grant.cookie) {
    try {
      await endPrevious(ports, c, facts, granted.grant.session.id);
    } catch (error) {
      // The new session stands; the old one ends by itself.
      ports.log.warn('The session before this sign-in could not be ended.', {
        error: error instanceof Error ? error.message : 'unknown',
      });
    }
  }
  return signedIn(c, granted);
}

async function endPrevious(
  ports: AuthPorts,
  c: ApiContext,
  facts: ClientFacts,
  current: string,
): Promise<void> {
  const setup = sessionCookie(c);
  if (setup !== undefined) await ports.stores.sessions.remove(setup);
  const context = c.env?.context;
  if (!context || accountCookie(c) === undefined) return;
  const known = context.get(SignedIn);
  const before = known === undefined ? await identifyAccount(ports.identity.sessions, context) : known;
  if (before?.cookie === true && before.session.id !== current) {
    await ports.identity.signOut(before.session, facts);
  }
}
