import type { RequestContext } from '../../core/context.ts';
import type { CounterStep } from '../../ports/counter.ts';
import { ARG } from './algorithms/algorithm.ts';
import { countedStep, type LimitCall } from './call.ts';
import { capacityOf } from './judge.ts';
import { digits, epochSeconds } from './headers.ts';
import type { Policy } from './policy.ts';

/** The row after the call, computed here: the store tells only what it held before. */
const scratch = new Float64Array(128);

/** What the tightest policy has left; filled anew by every `summarise`. */
const tightest = { share: 2, capacity: 0, remaining: 0, resetAtMs: 0 };
const lists = { state: '', policies: '' };

/** Adds the fields of a request that passed: those of this call, and of the earlier phase's call where there was one. */
export function showOnPass(call: LimitCall, earlier: LimitCall | undefined, context: RequestContext): void {
  tightest.share = 2;
  lists.state = lists.policies = '';
  if (earlier !== undefined && earlier.list === null && earlier.granted) summarise(earlier);
  summarise(call);
  if (tightest.share > 1) return;
  const headers = (context.headers ??= []);
  headers.push(
    'x-ratelimit-limit',
    digits(tightest.capacity),
    'x-ratelimit-remaining',
    digits(tightest.remaining),
    'x-ratelimit-reset',
    epochSeconds(tightest.resetAtMs),
    'ratelimit',
    lists.state,
    'ratelimit-policy',
    lists.policies,
  );
}

function summarise(call: LimitCall): void {
  let { at } = call;
  for (let i = 0; i < call.policies.length; i++) {
    const step = countedStep(call, i);
    if (step === undefined) continue;
    const policy = call.policies[i] as Policy;
    if (!policy.shadow) summariseOne(call, policy, step, at);
    at += step.program.columns;
  }
}

function summariseOne(call: LimitCall, policy: Policy, step: CounterStep, at: number): void {
  const { algorithm } = policy;
  const { args, program } = step;
  const { atMs } = call;
  const { columns } = program;
  for (let i = 0; i < columns; i++) scratch[i] = call.rows[at + i] as number;
  program.commit(scratch, 0, args, atMs, true);
  const capacity = capacityOf(algorithm, args);
  const used = algorithm.used(scratch, 0, args, atMs);
  const remaining = Math.max(0, Math.floor(capacity - used + 1e-6));
  const resetAtMs = Math.min(algorithm.resetAtMs(scratch, 0, args, atMs), atMs + policy.settings.windowMs);
  if (remaining / capacity < tightest.share) {
    tightest.share = remaining / capacity;
    tightest.capacity = capacity;
    tightest.remaining = remaining;
    tightest.resetAtMs = resetAtMs;
  }
  const { texts } = policy;
  const state = texts.state(remaining, Math.max(0, Math.ceil((resetAtMs - atMs) / 1000)));
  lists.state = lists.state === '' ? state : `${lists.state}, ${state}`;
  lists.policies = texts.policies(lists.policies, args[ARG.max] as number);
}
