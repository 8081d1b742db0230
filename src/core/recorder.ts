import type { Clock } from './clock.ts';
import type { RequestContext, TrailEntry } from './context.ts';
import type { DecisionRecord, DecisionStep, RecordSink } from './decision.ts';
import { Principal } from './fact.ts';
import type { Finisher, Guard, RequestEnd } from './guard.ts';
import { keyedHash, type KeyedHash } from './hash.ts';
import { newId } from './id.ts';

/** How decisions are kept. */
export interface RecorderOptions {
  readonly node: string;
  readonly clock: Clock;
  /** Hash of the configuration. */
  readonly policy: string;
  readonly sink: RecordSink;
  /**
   * Share of the passes that is kept, 0 to 1; default 0.1. Chosen by the hash of the caller, not by request, so that a
   * kept caller's traffic is whole and limits can be replayed. A function is asked per request.
   */
  readonly passShare?: number | (() => number);
  /** Hash that every node and every restart shares, so that all keep the same callers. */
  readonly hash?: KeyedHash;
}

/** Turns walked corridors into decision records: all refusals, a share of the passes. */
export interface Recorder extends Finisher {
  /** Records a refusal before it is sent, so that whoever holds its id can look it up, even after a crash. */
  refused(context: RequestContext): void;
}

/** Makes the recorder; its `refused` is the corridor's `onRefused`, itself one of the finishers. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { sink } = options;
  const given = options.passShare ?? 0.1;
  const passShare = typeof given === 'function' ? given : () => given;
  const hash = options.hash ?? keyedHash();
  return {
    name: 'recorder',
    refused(context) {
      const durationMs = options.clock.monotonic() - context.startedMs;
      const { verdict, reply } = context;
      // Without a reply the handler's own demand was refused, and its error is on the way to the adapter.
      const asked = verdict.kind === 'deny' ? verdict.refusal.status : 0;
      const end = { status: reply?.status ?? asked, bytes: 0, aborted: false, durationMs };
      sink.write(buildRecord(options, context, end, 1));
    },
    end(context, end) {
      if (context.verdict.kind === 'deny' || context.verdict.kind === 'challenge') return;
      let weight = 1;
      if (context.decisionId === null && !wouldRefuse(context)) {
        const share = passShare();
        if (share < 1 && hash.to32(callerOf(context)) >= share * 4294967296) return;
        weight = share >= 1 ? 1 : 1 / share;
      }
      sink.write(buildRecord(options, context, end, weight));
    },
  };
}

function wouldRefuse(context: RequestContext): boolean {
  return context.trail !== null && context.trail.some((entry) => entry.shadow);
}

function callerOf(context: RequestContext): string {
  return context.get(Principal)?.id ?? context.client.group;
}

function buildRecord(
  options: RecorderOptions,
  context: RequestContext,
  end: RequestEnd,
  weight: number,
): DecisionRecord {
  const { verdict, plan } = context;
  const trail = context.trail ?? [];
  const last = verdict.kind === 'pass' ? undefined : trail.findLast((entry) => entry.verdict === verdict);
  const steps = plan.guards.slice(0, context.asked).map((guard) => stepOf(guard, context, trail));
  for (const entry of trail) {
    // Verdicts of the corridor itself, and those of single shadow policies within a guard.
    if (!plan.guards.some((guard) => guard.name === entry.guard)) steps.push(entryStep(entry));
  }
  return {
    id: context.decisionId ?? newId('dec', context.nowMs),
    atMs: context.nowMs,
    node: options.node,
    policy: options.policy,
    method: context.request.method.slice(0, 20),
    route: context.routeLabel ?? plan.route.name,
    path: context.path.slice(0, 200),
    address: context.client.address,
    group: context.client.group,
    principal: context.get(Principal)?.id ?? null,
    userAgent: context.request.header('user-agent')?.slice(0, 200) ?? null,
    verdict: verdict.kind,
    guard: last?.guard ?? null,
    code: verdict.kind === 'deny' || verdict.kind === 'challenge' ? verdict.refusal.code : null,
    status: end.status,
    wouldRefuse: [...new Set(trail.filter((entry) => entry.shadow).map((entry) => entry.guard))],
    durationMs: Math.round(end.durationMs * 1000) / 1000,
    weight,
    steps,
  };
}

function stepOf(guard: Guard, context: RequestContext, trail: readonly TrailEntry[]): DecisionStep {
  const entry = trail.find((one) => one.guard === guard.name);
  const evidence = guard.evidence?.(context);
  return {
    guard: guard.name,
    mode: guard.mode,
    verdict: entry?.verdict.kind ?? 'pass',
    ...(entry?.verdict.reason === undefined ? {} : { reason: entry.verdict.reason }),
    ...(guard.decider && evidence
      ? { decider: { name: guard.decider.name, version: guard.decider.version }, evidence }
      : {}),
  };
}

function entryStep(entry: TrailEntry): DecisionStep {
  return {
    guard: entry.guard,
    mode: entry.shadow ? 'shadow' : 'enforce',
    verdict: entry.verdict.kind,
    ...(entry.verdict.reason === undefined ? {} : { reason: entry.verdict.reason }),
  };
}
