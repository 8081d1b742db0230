import type { RequestContext } from '../../core/context.ts';
import type { Clock, Timers } from '../../core/clock.ts';
import { createCorridor, type RouteRule } from '../../core/corridor.ts';
import type { EventFields, EventType } from '../../core/events.ts';
import {
  AccountName,
  ApiKeyId,
  Clearance,
  Principal,
  type PrincipalValue,
  RiskScore,
} from '../../core/fact.ts';
import type { Guard } from '../../core/guard.ts';
import { parseAddress, clientGroup, formatAddress } from '../../core/address.ts';
import { PASS } from '../../core/verdict.ts';
import { limitRules, limits, type Limits, type LimitsPorts } from './limits.ts';
import type { LimitsOptions } from './options.ts';

/** A corridor around the limits, for the tests of this folder. */

/** A request of a test. */
export interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly principal?: PrincipalValue;
  readonly account?: string;
  readonly apiKey?: string;
  readonly risk?: number;
  /** It has solved a challenge. */
  readonly cleared?: boolean;
}

/** How it was answered. */
export interface Told {
  readonly context: RequestContext;
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly code: string | undefined;
  /** Ends the response. */
  end(): void;
}

/** A corridor with the limits in it and a clock that stands still. */
export interface House {
  readonly limits: Limits;
  readonly events: { readonly type: EventType; readonly fields: EventFields | undefined }[];
  readonly failures: unknown[];
  readonly ask: (asked?: Asked) => Promise<Told>;
}

/** Builds one. */
export function house(
  options: LimitsOptions,
  clock: Clock & Timers,
  ports: LimitsPorts = {},
  extra: { readonly rules?: readonly RouteRule[]; readonly guards?: readonly Guard[] } = {},
): House {
  const events: House['events'] = [];
  const failures: unknown[] = [];
  const made = limits(options, {
    clock,
    timers: clock,
    events: { emit: (type, fields) => void events.push({ type, fields }) },
    ...ports,
  });
  let asking: Asked = {};
  const identify: Guard = {
    name: 'identify',
    phase: 'identify',
    mode: 'enforce',
    onError: 'deny',
    check(context) {
      if (asking.principal) context.set(Principal, asking.principal);
      if (asking.account !== undefined) context.set(AccountName, asking.account);
      if (asking.apiKey !== undefined) context.set(ApiKeyId, asking.apiKey);
      if (asking.risk !== undefined) context.set(RiskScore, asking.risk);
      return PASS;
    },
  };
  const clear: Guard = {
    name: 'clear',
    phase: 'admit',
    mode: 'enforce',
    onError: 'deny',
    check(context) {
      if (asking.cleared) context.set(Clearance, true);
      return PASS;
    },
  };
  const corridor = createCorridor({
    guards: [clear, ...made.guards, identify, ...(extra.guards ?? [])],
    rules: [...limitRules(options), ...(extra.rules ?? [])],
    clock,
    readClient: () => {
      const address = parseAddress(asking.from ?? '203.0.113.7');
      if (!address) throw new TypeError('no address');
      return {
        ok: true,
        client: { address: formatAddress(address), group: clientGroup(address), forwarded: false },
        untrustedHeader: false,
      };
    },
    onGuardFailure: (_guard, error) => void failures.push(error),
  });
  return {
    limits: made,
    events,
    failures,
    async ask(asked = {}) {
      asking = asked;
      const context = await corridor.enter({
        method: asked.method ?? 'GET',
        target: asked.path ?? '/',
        peer: '127.0.0.1',
        encrypted: false,
        header: (name) => asked.headers?.[name],
      });
      return told(context, (status) => corridor.leave(context, status, 0, false));
    },
  };
}

function told(context: RequestContext, leave: (status: number) => void): Told {
  const flat = context.reply?.headers ?? context.headers ?? [];
  const headers = new Map<string, string>();
  for (let i = 0; i < flat.length; i += 2) headers.set(flat[i] as string, flat[i + 1] as string);
  const { verdict } = context;
  const status = context.reply?.status ?? 200;
  return {
    context,
    status,
    headers,
    code: verdict.kind === 'deny' || verdict.kind === 'challenge' ? verdict.refusal.code : undefined,
    end: () => leave(status),
  };
}
