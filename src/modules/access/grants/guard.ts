import type { RequestContext } from '../../../core/context.ts';
import { requestFields } from '../../../core/event-fields.ts';
import type { EventSink } from '../../../core/events.ts';
import { ApiKeyId, fact, Principal, type PrincipalValue } from '../../../core/fact.ts';
import type { Guard } from '../../../core/guard.ts';
import { newId } from '../../../core/id.ts';
import { deny, PASS, type Refusal, type Verdict } from '../../../core/verdict.ts';
import type { Grants, KeyIdentity } from './grants.ts';
import { KEY_PREFIX } from './key-text.ts';

/** The principal as it was identified, before roles were added that are assigned to it. */
const Identified = fact<PrincipalValue>('identifiedPrincipal');

/** The same whatever is wrong with a key (RFC 6750 3.1). */
const REFUSED: Refusal = {
  status: 401,
  code: 'UNAUTHORIZED',
  message: 'Sign in first.',
  headers: ['www-authenticate', 'Bearer error="invalid_token"'],
};
const BEARER = /^bearer +(rk_\S{1,250})\s*$/i;

/** The API key of a request: from its Authorization header alone, never from its address. */
export function keyOf(context: RequestContext): string | undefined {
  const header = context.request.header('authorization');
  if (header === undefined || header.length > 300 || !header.includes(KEY_PREFIX)) return undefined;
  return BEARER.exec(header)?.[1];
}

/** Recognises API keys, and gives every principal the roles that are assigned to it. Stands after who identifies. */
export function grantsGuard(grants: Pick<Grants, 'identify' | 'principalOf'>, events: EventSink): Guard {
  const take = (context: RequestContext, whole: PrincipalValue): Verdict => {
    if (whole !== context.get(Principal)) context.set(Principal, whole);
    return PASS;
  };
  const judge = (context: RequestContext, found: KeyIdentity): Verdict => {
    if (found.ok) {
      context.set(Identified, { ...found.principal, roles: [] });
      context.set(ApiKeyId, found.key);
      return take(context, found.principal);
    }
    context.decisionId ??= newId('dec', context.nowMs);
    events.emit('API_KEY_REFUSED', {
      ...requestFields(context),
      ...(found.key === null ? {} : { subject: `key:${found.key}` }),
      outcome: 'refused',
      details: { fault: found.fault },
    });
    return deny(REFUSED, {
      code: `api_key.${found.fault}`,
      text: 'The API key is not accepted.',
      values: { fault: found.fault, key: found.key },
      remedy: { do: 'change', what: 'the API key' },
    });
  };
  return {
    name: 'grants',
    phase: 'identify',
    mode: 'enforce',
    onError: 'deny',
    check(context) {
      const text = keyOf(context);
      if (text !== undefined) {
        const found = grants.identify(text);
        return found instanceof Promise ? found.then((one) => judge(context, one)) : judge(context, found);
      }
      const principal = context.get(Principal);
      if (principal === undefined) return PASS;
      context.set(Identified, principal);
      const whole = grants.principalOf(principal);
      return whole instanceof Promise ? whole.then((one) => take(context, one)) : take(context, whole);
    },
  };
}

/** The principal of a request with the roles that count at this moment, not those of its arrival. */
export function principalNow(
  grants: Pick<Grants, 'principalOf'>,
  context: RequestContext,
): PrincipalValue | undefined | Promise<PrincipalValue | undefined> {
  const identified = context.get(Identified) ?? context.get(Principal);
  return identified && grants.principalOf(identified);
}
