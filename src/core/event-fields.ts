import type { RequestContext } from './context.ts';
import type { EventFields } from './events.ts';
import { Principal } from './fact.ts';
import { isId } from './id.ts';
import { isSecretName, REDACTED } from './secret-names.ts';
import type { Scalar } from './verdict.ts';

const MAX_USER_AGENT = 300;
const MAX_DETAILS = 40;
const MAX_NAME = 100;
const MAX_TEXT = 1_000;
/** Ids of proxies and tracing libraries; anything else is the client's own text, and not worth keeping. */
const REQUEST_ID = /^[\w.:+/=-]{1,100}$/;
/** W3C Trace Context: version, trace, parent, flags. Version ff and a trace of zeros are not valid. */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-|$)/;

/** What every event of a request says of it: who sent it from where, and under which ids it is known. */
export function requestFields(context: RequestContext): EventFields {
  const { request, decisionId } = context;
  const session = context.get(Principal)?.session;
  return {
    address: context.client.address,
    route: context.routeLabel ?? context.plan.route.name,
    ...(decisionId === null ? {} : { decision: decisionId }),
    // The session of an application's own login may be a secret: only ids of ours are written down.
    ...(session === undefined || !isId('ses', session) ? {} : { session }),
    ...headerFields((name) => request.header(name)),
  };
}

/** What events take from headers: user agent, request id, trace id; what has no sensible form is left out. */
export function headerFields(
  header: (name: string) => string | undefined,
): Pick<EventFields, 'userAgent' | 'requestId' | 'traceId'> {
  const userAgent = header('user-agent');
  const requestId = header('x-request-id');
  const traceId = TRACEPARENT.exec(header('traceparent')?.slice(0, 100) ?? '')?.[1];
  return {
    ...(userAgent === undefined || userAgent === '' ? {} : { userAgent }),
    ...(requestId === undefined || !REQUEST_ID.test(requestId) ? {} : { requestId }),
    ...(traceId === undefined ? {} : { traceId }),
  };
}

/** Fields as they are kept: texts bounded, control characters out, and no detail under the name of a secret. */
export function keptFields(fields: EventFields): EventFields {
  const { userAgent, details } = fields;
  if (userAgent === undefined && details === undefined) return fields;
  return {
    ...fields,
    ...(userAgent === undefined ? {} : { userAgent: plainText(userAgent, MAX_USER_AGENT) }),
    ...(details === undefined ? {} : { details: keptDetails(details) }),
  };
}

function keptDetails(details: Readonly<Record<string, Scalar>>): Readonly<Record<string, Scalar>> {
  let kept: Record<string, Scalar> | undefined;
  const names = Object.keys(details);
  for (const name of names) {
    const value = details[name] as Scalar;
    const fits = typeof value !== 'string' || value.length <= MAX_TEXT;
    if (fits && name.length <= MAX_NAME && !isSecretName(name)) continue;
    kept ??= { ...details };
    if (name.length > MAX_NAME) delete kept[name];
    else kept[name] = isSecretName(name) ? REDACTED : `${(value as string).slice(0, MAX_TEXT)}…`;
  }
  if (names.length <= MAX_DETAILS) return kept ?? details;
  return Object.fromEntries(Object.entries(kept ?? details).slice(0, MAX_DETAILS));
}

function plainText(text: string, maxLength: number): string {
  return text
    .slice(0, maxLength)
    .toWellFormed()
    .replace(/\p{Cc}+/gu, ' ');
}
