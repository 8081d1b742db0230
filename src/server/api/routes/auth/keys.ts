import { z } from 'zod';
import { route, type Route } from '../../route.ts';
import type { AuthPorts } from './answers.ts';

/** Public keys by which others verify access tokens (RFC 7517). */
export function keyRoutes({ identity }: AuthPorts): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/.well-known/jwks.json',
      access: 'public',
      tag: 'Pages',
      summary: 'Read the public keys of access tokens',
      about: 'RFC 7517. A verifier must also pin `typ` to `at+jwt`, the issuer and the audience.',
      answer: {
        status: 200,
        about: 'Keys; none where tokens are signed with a shared secret.',
        schema: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
      },
      handle: () =>
        new Response(JSON.stringify(identity.sessions.jwks()), {
          headers: {
            'content-type': 'application/json; charset=utf-8',
            'cache-control': 'public, max-age=300',
          },
        }),
    }),
  ];
}
