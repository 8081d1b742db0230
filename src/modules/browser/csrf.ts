import type { Decider } from '../../core/decide.ts';
import { deny, pass, type Reason, type Refusal, type Verdict } from '../../core/verdict.ts';

/** What the check for forged requests looks at: classes, never the values of cookies or tokens. */
export interface CsrfFeatures {
  readonly method: string;
  /** The request opens a WebSocket, over which everything can be done. */
  readonly websocket: boolean;
  /** A header or query parameter that asks for another method, as some frameworks honour it. */
  readonly override: 'none' | 'header' | 'query';
  /** Sec-Fetch-Site; `other` for words that are not of the standard; null where it is missing (old browsers, programs). */
  readonly site: 'same-origin' | 'same-site' | 'cross-site' | 'none' | 'other' | null;
  /** Sec-Fetch-Mode is `navigate`. */
  readonly navigate: boolean;
  readonly origin: OriginClass | null;
  readonly referer: OriginClass | null;
  readonly cookies: boolean;
  /** `token`: Bearer or DPoP, which no browser attaches by itself; `ambient`: Basic and others that browsers do attach. */
  readonly authorization: 'none' | 'token' | 'ambient';
  /** Class of the body: `simple` is what a form of any site can send. */
  readonly body: 'none' | 'json' | 'simple' | 'other';
  /** The signed double-submit token. */
  readonly token: 'absent' | 'valid' | 'invalid';
}

/** `own`: this site; `trusted`: listed, or allowed by the route's CORS policy. */
export type OriginClass = 'own' | 'trusted' | 'foreign' | 'null';

/** How a route is protected. */
export interface CsrfPolicy {
  readonly safeMethods: 'pass' | 'check';
  readonly methodOverride: 'refuse' | 'check';
  readonly sameSite: 'refuse' | 'allow';
  readonly contentTypes: 'any' | 'json';
  readonly isolate: boolean;
  /** Own origins are configured, so that `foreign` is certain. */
  readonly ownKnown: boolean;
  /** The route's CORS policy lets every site call without credentials. */
  readonly open: boolean;
}

const FORGED: Refusal = {
  status: 403,
  code: 'CSRF_REFUSED',
  message: 'The request came from another site, or it did not show that it came from this one.',
};
const NOT_JSON: Refusal = {
  status: 415,
  code: 'UNSUPPORTED_MEDIA_TYPE',
  message: 'This content type is not accepted here.',
};

/** Whether a request was sent by a page of this site, as far as the browser tells (Fetch Metadata, Origin, token). */
export const csrfDecider: Decider<CsrfFeatures, CsrfPolicy> = {
  name: 'browser.csrf',
  version: 1,
  decide(features, policy) {
    if (features.override !== 'none' && policy.methodOverride === 'refuse')
      return refused(
        'method_override',
        `A ${features.override} asks for another method than ${shownMethod(features)}.`,
        features,
        {
          do: 'change',
          what: 'Send the real method.',
        },
      );
    if (policy.isolate && isolated(features) && !opened(features, policy))
      return refused('isolated', 'Another site loads this as a part of its page.', features);
    if (!changesState(features, policy))
      return passed('safe_method', 'The method changes nothing.', features);
    if (features.authorization === 'token' && !features.cookies)
      return passed(
        'token',
        'A bearer token and no cookies: a browser attaches no such token by itself.',
        features,
      );
    const verdict = sourceOf(features, policy);
    if (verdict.kind !== 'pass' || verdict.reason?.code === 'csrf.program') return verdict;
    if (policy.contentTypes === 'json' && (features.body === 'simple' || features.body === 'other'))
      return deny(
        NOT_JSON,
        reasonOf(
          'content_type',
          'The route takes JSON only; a form of any site can send this type.',
          features,
        ),
      );
    return verdict;
  },
};

/** Whether the request is to be checked at all. */
export function changesState(
  features: Pick<CsrfFeatures, 'method' | 'websocket' | 'override'>,
  policy: CsrfPolicy,
): boolean {
  const { method } = features;
  const safe = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
  return !safe || features.websocket || features.override !== 'none' || policy.safeMethods === 'check';
}

function isolated(features: CsrfFeatures): boolean {
  return (
    (features.site === 'cross-site' || features.site === 'other') &&
    !features.navigate &&
    features.origin !== 'trusted'
  );
}

/** A route that CORS opens to every site, called without anything that the browser adds by itself. */
function opened(features: CsrfFeatures, policy: CsrfPolicy): boolean {
  return policy.open && !ambient(features);
}

function ambient(features: CsrfFeatures): boolean {
  return features.cookies || features.authorization === 'ambient';
}

function sourceOf(features: CsrfFeatures, policy: CsrfPolicy): Verdict {
  if (features.site !== null) return bySite(features, policy);
  if (features.origin !== null) return byOrigin(features, policy);
  if (features.referer === 'own' || features.referer === 'trusted')
    return passed('referer', `The referring page is ${features.referer}.`, features);
  if (features.referer !== null)
    return refused('foreign_referer', 'The referring page is of another site.', features);
  if (!ambient(features))
    return passed('program', 'Neither a browser nor anything that a browser adds by itself.', features);
  return byToken(
    features,
    'no_proof',
    'The request carries cookies and nothing that tells where it comes from.',
  );
}

function bySite(features: CsrfFeatures, policy: CsrfPolicy): Verdict {
  const { site, origin } = features;
  const trusted = origin === 'trusted';
  if (site === 'same-origin' || site === 'none') {
    const contradicts = origin === 'foreign' && (policy.ownKnown || site === 'none');
    return contradicts
      ? refused('contradiction', `Sec-Fetch-Site says ${site}, but the origin is foreign.`, features)
      : passed('same_origin', `Sec-Fetch-Site says ${site}.`, features);
  }
  if (trusted) return passed('trusted', 'The origin is listed.', features);
  if (site === 'same-site') {
    if (policy.sameSite === 'allow' || origin === 'own')
      return passed('same_site', 'A page of the same site.', features);
    return refused(
      'same_site',
      'A sibling domain of this site sent it, and siblings are not trusted.',
      features,
    );
  }
  if (opened(features, policy)) return passed('open', 'The route is open to every site.', features);
  return refused('cross_site', 'Another site sent it.', features);
}

function byOrigin(features: CsrfFeatures, policy: CsrfPolicy): Verdict {
  const { origin } = features;
  if (origin === 'own' || origin === 'trusted') return passed('origin', `The origin is ${origin}.`, features);
  if (opened(features, policy)) return passed('open', 'The route is open to every site.', features);
  if (origin === 'null')
    return byToken(features, 'null_origin', 'The origin is null, as of a sandboxed frame of any site.');
  return refused('foreign_origin', 'Another origin sent it.', features);
}

function byToken(features: CsrfFeatures, code: string, text: string): Verdict {
  if (features.token === 'valid')
    return passed('double_submit', 'The signed token fits the session.', features);
  return refused(code, text, features, {
    do: 'change',
    what: 'Reload the page and try again, or use a current browser.',
  });
}

function shownMethod(features: CsrfFeatures): string {
  return features.method.slice(0, 20);
}

function reasonOf(code: string, text: string, features: CsrfFeatures, remedy?: Reason['remedy']): Reason {
  return {
    code: `csrf.${code}`,
    text,
    values: { ...features, method: shownMethod(features) },
    ...(remedy === undefined ? {} : { remedy }),
  };
}

function passed(code: string, text: string, features: CsrfFeatures): Verdict {
  return pass(reasonOf(code, text, features));
}

function refused(code: string, text: string, features: CsrfFeatures, remedy?: Reason['remedy']): Verdict {
  return deny(
    FORGED,
    reasonOf(
      code,
      text,
      features,
      remedy ?? { do: 'change', what: 'Send the request from a page of this site.' },
    ),
  );
}
