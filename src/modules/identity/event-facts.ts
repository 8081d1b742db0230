import type { EventFields } from '../../core/events.ts';
import type { ClientFacts } from './request.ts';

/** What an event says of the request. */
export function eventFacts(facts: ClientFacts): EventFields {
  return {
    address: facts.address,
    ...(facts.route === undefined ? {} : { route: facts.route }),
    ...(facts.decision === undefined ? {} : { decision: facts.decision }),
    ...(facts.session === undefined ? {} : { session: facts.session }),
    ...(facts.userAgent === undefined ? {} : { userAgent: facts.userAgent }),
    ...(facts.requestId === undefined ? {} : { requestId: facts.requestId }),
    ...(facts.traceId === undefined ? {} : { traceId: facts.traceId }),
  };
}
