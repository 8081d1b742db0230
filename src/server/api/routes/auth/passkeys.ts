import type { SessionScope } from '../../../../modules/identity/contract.ts';
import { requireCookieWay } from '../../auth-cookies.ts';
import { factsOf } from '../../auth-facts.ts';
import { answer, byId, passkeyRequest, request } from '../../auth-schemas.ts';
import type { PasskeyList, PasskeyRegistered } from '../../auth-types.ts';
import { empty, json, route, type Route } from '../../route.ts';
import { type AuthPorts, passkeyOf, passkeyQuestion, sessionOf, withGrant, within } from './answers.ts';

const ENROLLING: readonly SessionScope[] = ['full', 'enrol'];
const TAG = 'Passkeys';

/** Passkeys of an account. */
export function passkeyRoutes(ports: AuthPorts): readonly Route[] {
  return [...registrationRoutes(ports), ...ownRoutes(ports)];
}

function registrationRoutes({ identity }: AuthPorts): readonly Route[] {
  return [
    within(
      ENROLLING,
      route({
        method: 'POST',
        path: '/auth/passkeys/register/options',
        access: 'partial',
        tag: TAG,
        summary: 'Begin to register a passkey',
        about: 'Needs a fresh factor.',
        answer: { status: 200, about: 'Options of WebAuthn.', schema: answer.passkeyOptions },
        refusals: [409],
        handle: async ({ c, caller }) => {
          const session = sessionOf(caller, ENROLLING);
          return passkeyQuestion(
            await identity.passkeyRegistrationQuestion(session, factsOf(c, { session })),
          );
        },
      }),
    ),
    within(
      ENROLLING,
      route({
        method: 'POST',
        path: '/auth/passkeys/register/verify',
        access: 'partial',
        tag: TAG,
        summary: 'Register a passkey',
        about: 'The session has new tokens. Backup codes come with the first second factor.',
        body: passkeyRequest.registration,
        answer: { status: 201, about: 'Registered.', schema: answer.passkeyRegistered },
        refusals: [409],
        handle: async ({ c, caller, body }) => {
          const session = sessionOf(caller, ENROLLING);
          if (session.client === 'browser') requireCookieWay(c);
          const done = await identity.registerPasskey(session, body, factsOf(c, { session }));
          const shown: PasskeyRegistered = {
            passkey: passkeyOf(done.passkey),
            backupCodes: done.backupCodes,
          };
          return withGrant(c, done.granted, shown, 201);
        },
      }),
    ),
  ];
}

function ownRoutes({ identity }: AuthPorts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/auth/passkeys',
      access: 'session',
      tag: TAG,
      summary: 'List the passkeys',
      answer: { status: 200, about: "The account's own.", schema: answer.passkeys },
      handle: async ({ caller }) => {
        const { passkeys } = await identity.mfaStatus(sessionOf(caller));
        return json({ passkeys: passkeys.map(passkeyOf) } satisfies PasskeyList);
      },
    }),
    route({
      method: 'PATCH',
      path: '/auth/passkeys/:id',
      access: 'session',
      tag: TAG,
      summary: 'Rename a passkey',
      params: byId,
      body: request.passkeyName,
      answer: { status: 200, about: 'Renamed.', schema: answer.passkey },
      refusals: [404],
      handle: async ({ caller, params, body }) =>
        json(passkeyOf(await identity.renamePasskey(sessionOf(caller), params.id, body.name))),
    }),
    route({
      method: 'DELETE',
      path: '/auth/passkeys/:id',
      access: 'session',
      tag: TAG,
      summary: 'Remove a passkey',
      about: 'Needs a fresh factor. The last second factor stays where a role of the account demands one.',
      params: byId,
      answer: { status: 204, about: 'Removed.' },
      refusals: [404, 409],
      handle: async ({ c, caller, params }) => {
        const session = sessionOf(caller);
        await identity.removePasskey(session, params.id, factsOf(c, { session }));
        return empty();
      },
    }),
  ];
}
