import { z } from 'zod';
import { ConflictError } from '../../../../core/errors.ts';
import type { JudgePassword } from '../../../../modules/validate/fields/password.ts';
import { register } from '../../../../modules/validate/rule-sets.ts';
import { judgeBy } from '../../../password-judge.ts';
import type { ApiPorts } from '../../ports.ts';
import { json, route, type Route } from '../../route.ts';
import { makeSampleToken, SAMPLE_TOKEN_MS } from '../../sample-token.ts';
import { policy } from './asker.ts';

/** Without accounts nobody judges passwords: the sample then asks for a length alone. */
const LENGTH_ALONE: JudgePassword = (password) =>
  password.length < 15
    ? {
        code: 'PASSWORD_TOO_SHORT',
        message: 'Use at least 15 characters; a few unrelated words are easy to remember.',
      }
    : undefined;

/** A new customer, by the rule set `register`. */
export function registerRoute(ports: ApiPorts): Route {
  const { identity, isDisposableDomain } = ports;
  const judge = identity === null ? LENGTH_ALONE : judgeBy(identity.passwords);
  return route({
    method: 'POST',
    path: '/sample/register',
    access: 'public',
    tag: 'Sample',
    summary: 'Sign up in the demo',
    about:
      'Checked by the rule set `register`: mail address, password, name, telephone. Name and telephone become the profile; the address and the password are checked and not kept, since anybody may sign in under any name here.',
    body: register(judge, isDisposableDomain && { email: { isDisposable: isDisposableDomain } }),
    answer: {
      status: 201,
      about: 'The customer, with a token as POST /sample/sign-in gives one.',
      schema: z.object({
        token: z.string(),
        expiresInSeconds: z.int(),
        user: z.object({ id: z.string(), name: z.string(), phone: z.string().nullable() }),
      }),
    },
    refusals: [409],
    handle: async ({ body: { name, phone = null } }) => {
      const id = `sample:${name}`;
      const filter = policy.accessible({ id, kind: 'user', roles: ['customer'] }, 'profile:read');
      const profile = { id, name, phone, national_id: null };
      const made = await ports.stores.sampleRows.add('profile', profile, filter, ports.clock.now());
      if (made === 'exists') throw new ConflictError('Somebody of this name is there already.');
      const token = makeSampleToken(ports.facts.secret, name, ports.clock.now());
      return json({ token, expiresInSeconds: SAMPLE_TOKEN_MS / 1000, user: { id, name, phone } }, 201);
    },
  });
}
