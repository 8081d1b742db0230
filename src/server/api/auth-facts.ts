import { headerFields } from '../../core/event-fields.ts';
import type { SessionState } from '../../modules/identity/contract.ts';
import type { ClientFacts } from '../../modules/identity/request.ts';
import { DpopThumbprint } from '../identify.ts';
import { deviceCookie } from './auth-cookies.ts';
import type { ApiContext } from './route.ts';

/** What a request says beside its headers. */
export interface Said {
  /** Time zone from the body; wins over the header. */
  readonly timezone?: string | undefined;
  /** Session of the caller: it knows better than a header what kind of client it belongs to. */
  readonly session?: SessionState;
}

const TIMEZONE = /^[A-Za-z][A-Za-z0-9_+\-/]{0,63}$/;
const DEVICE = /^[\x21-\x7e]{1,300}$/;

/** Whether the request asks for tokens in the body instead of cookies. */
export function isApiClient(c: ApiContext): boolean {
  return c.req.header('x-rampart-client')?.trim().toLowerCase() === 'api';
}

/**
 * What identity looks at of a request. Address and group are those of the corridor, which limits and records use too;
 * no header is ever asked for them. Everything is cut to a bounded length, and what has no sensible form is left out.
 */
export function factsOf(c: ApiContext, said: Said = {}): ClientFacts {
  const context = c.env?.context;
  const address = context?.client.address ?? 'unknown';
  const client = said.session?.client ?? (isApiClient(c) ? 'api' : 'browser');
  const facts: Partial<Record<keyof ClientFacts, string | undefined>> = {
    language: text(c, 'accept-language', 200),
    platform: text(c, 'sec-ch-ua-platform', 40)?.replaceAll('"', ''),
    timezone: fitting(said.timezone ?? c.req.header('x-rampart-timezone'), TIMEZONE),
    device: client === 'api' ? fitting(c.req.header('x-rampart-device'), DEVICE) : deviceCookie(c),
    dpopThumbprint: context?.get(DpopThumbprint) ?? said.session?.dpopThumbprint ?? undefined,
    decision: context?.decisionId ?? undefined,
    route: context?.routeLabel ?? context?.plan.route.name,
    session: said.session?.id,
    ...headerFields((name) => c.req.header(name)),
  };
  // What events keep of it is shorter; who looks for known devices reads more.
  facts.userAgent = text(c, 'user-agent', 512);
  const known = Object.entries(facts).filter(([, value]) => value !== undefined && value !== '');
  return { address, group: context?.client.group ?? address, client, ...Object.fromEntries(known) };
}

function text(c: ApiContext, header: string, maxLength: number): string | undefined {
  return c.req.header(header)?.slice(0, maxLength);
}

function fitting(value: string | undefined, form: RegExp): string | undefined {
  return value !== undefined && form.test(value) ? value : undefined;
}
