import type { RequestContext } from '../../core/context.ts';
import { createCorridor, type RouteRule } from '../../core/corridor.ts';
import type { Decider, Evidence } from '../../core/decide.ts';
import type { EventFields } from '../../core/events.ts';
import type { Guard } from '../../core/guard.ts';
import { addressReader } from '../../core/proxy.ts';
import type { Verdict } from '../../core/verdict.ts';
import { ManualClock } from '../../testing/clock.ts';
import { browser, type BrowserPorts } from './browser.ts';
import type { BrowserOptions } from './options.ts';

/** A request of a test; header names in lower case. */
export interface TestRequest {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly encrypted?: boolean;
  readonly peer?: string;
}

/** What came of it. */
export interface TestAnswer {
  readonly verdict: Verdict['kind'];
  /** Code of the reason, or null for a plain pass. */
  readonly reason: string | null;
  readonly status: number;
  /** The headers of the response, as an adapter would send them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly context: RequestContext;
}

/** The module in a corridor, with clock and events in hand. */
export function browserHouse(
  options: BrowserOptions,
  more: {
    readonly rules?: readonly RouteRule[];
    readonly ports?: Partial<BrowserPorts>;
    readonly before?: readonly Guard[];
    readonly trustProxy?: readonly string[];
  } = {},
) {
  const clock = new ManualClock();
  const events: { type: string; fields: EventFields | undefined }[] = [];
  const guards = browser(options, {
    events: { emit: (type, fields) => void events.push({ type, fields }) },
    ...more.ports,
  });
  const corridor = createCorridor({
    guards: [...(more.before ?? []), ...guards],
    rules: more.rules ?? [],
    clock,
    readClient: addressReader({ trustProxy: more.trustProxy ?? [] }),
  });
  return {
    clock,
    events,
    guards,
    corridor,
    /** Walks one request through. */
    ask: (request: TestRequest): TestAnswer => {
      const { method = 'GET', target = '/', headers = {}, encrypted = false, peer = '203.0.113.7' } = request;
      const view = { method, target, peer, encrypted, header: (name: string) => headers[name] };
      const context = corridor.enter(view) as RequestContext;
      const { verdict, plan } = context;
      const flat = context.reply?.headers ?? [...plan.headers, ...(context.headers ?? [])];
      const sent: Record<string, string> = {};
      for (let i = 0; i < flat.length; i += 2) sent[flat[i] as string] = flat[i + 1] as string;
      return {
        verdict: verdict.kind,
        reason: verdict.reason?.code ?? null,
        status: context.reply?.status ?? 200,
        headers: sent,
        context,
      };
    },
    /** What the guard's decider says of the same evidence. */
    again: (name: string, context: RequestContext): Verdict => {
      const guard = guards.find((one) => one.name === name) as Guard;
      const evidence = guard.evidence?.(context) as Evidence;
      const kept = JSON.parse(JSON.stringify(evidence)) as Evidence;
      return (guard.decider as Decider).decide(kept.features, kept.state, kept.atMs);
    },
  };
}
