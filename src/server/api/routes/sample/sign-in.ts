import { z } from 'zod';
import type { ApiPorts } from '../../ports.ts';
import { json, route, type Route } from '../../route.ts';
import { makeSampleToken, SAMPLE_ROLES, SAMPLE_TOKEN_MS } from '../../sample-token.ts';

/** A demo token for any name. */
export function signInRoute(ports: ApiPorts): Route {
  return route({
    method: 'POST',
    path: '/sample/sign-in',
    access: 'public',
    tag: 'Sample',
    summary: 'Become somebody in the demo',
    about:
      'Gives a bearer token for any name. It is good for /sample only and guards nothing: it is there to show limits and ownership.',
    body: z.strictObject({
      name: z
        .string()
        .trim()
        .min(2)
        .max(50)
        .regex(/^[\p{L}\p{N} '_-]+$/u, 'Letters, digits, spaces, apostrophes and hyphens only.')
        .meta({ example: 'ada' }),
      role: z.enum(SAMPLE_ROLES).default('customer'),
    }),
    answer: {
      status: 200,
      about: 'The token.',
      schema: z.object({
        token: z.string(),
        expiresInSeconds: z.int(),
        user: z.object({ id: z.string(), name: z.string(), role: z.enum(SAMPLE_ROLES) }),
      }),
    },
    handle: ({ body }) =>
      json({
        token: makeSampleToken(ports.facts.secret, body.name, ports.clock.now(), body.role),
        expiresInSeconds: SAMPLE_TOKEN_MS / 1000,
        user: { id: `sample:${body.name}`, name: body.name, role: body.role },
      }),
  });
}
