import type { Clock } from '../core/clock.ts';
import { RequestContext, type RoutePlan } from '../core/context.ts';
import type { Finisher } from '../core/guard.ts';
import { newId } from '../core/id.ts';
import type { ClientAddressResult } from '../core/proxy.ts';
import type { RequestView } from '../core/request.ts';
import { deny, type Refusal, type Reply } from '../core/verdict.ts';

/** What happens to bytes that never became a request. */
export interface UnreadParts {
  readonly clock: Clock;
  readonly readClient: (view: RequestView) => ClientAddressResult;
  /** Writes the refusal as a response. */
  readonly render: (refusal: Refusal, decisionId: string | null) => Reply;
  /** Counts and lines of every response. */
  readonly finishers: readonly Finisher[];
  /** Takes a refusal on record. */
  readonly record: (context: RequestContext) => void;
}

/** Records a second at most: garbage costs its sender nothing, so it must not fill the disk. The rest is counted. */
const RECORDS_PER_SECOND = 50;
const PLAN: RoutePlan = {
  route: { name: '(unreadable)', settings: {} },
  guards: [],
  bodyGuards: [],
  headers: [],
  removes: [],
};

/**
 * Answers for what the HTTP parser refused. Nobody walked it through the corridor, but it leaves a decision like any
 * other refusal, by the guard `http`.
 * @returns takes the refusal and the address of the socket, gives the response
 */
export function unreadRequests(parts: UnreadParts): (refusal: Refusal, peer: string) => Reply {
  let second = 0;
  let recorded = 0;
  const withinCeiling = (monotonicMs: number): boolean => {
    const now = Math.floor(monotonicMs / 1000);
    if (now !== second) {
      second = now;
      recorded = 0;
    }
    return recorded++ < RECORDS_PER_SECOND;
  };
  return (refusal, peer) => {
    const [nowMs, startedMs] = [parts.clock.now(), parts.clock.monotonic()];
    const view: RequestView = {
      method: '-',
      target: '',
      peer,
      encrypted: false,
      header: () => undefined,
    };
    const context = new RequestContext(view, nowMs, startedMs, '', PLAN, parts.readClient(view).client);
    const kept = withinCeiling(startedMs);
    if (kept) context.decisionId = newId('dec', nowMs);
    context.verdict = deny(refusal, {
      code: 'http.unreadable',
      text: 'What was sent is not a request of HTTP/1.1.',
      values: { status: refusal.status },
      remedy: { do: 'change', what: 'the request so that it follows RFC 9112' },
    });
    context.trail = [{ guard: 'http', verdict: context.verdict, shadow: false }];
    context.reply = parts.render(refusal, context.decisionId);
    if (kept) parts.record(context);
    const end = { status: refusal.status, bytes: 0, aborted: false, durationMs: 0 };
    for (const finisher of parts.finishers) finisher.end(context, end);
    return context.reply;
  };
}
