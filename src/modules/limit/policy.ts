import type { RequestContext } from '../../core/context.ts';
import type { PrincipalValue } from '../../core/fact.ts';
import { type Algorithm, FLAG } from './algorithms/algorithm.ts';
import { FIXED } from './algorithms/fixed.ts';
import { GCRA } from './algorithms/gcra.ts';
import { leasesFor } from './algorithms/leases.ts';
import { logFor } from './algorithms/log.ts';
import { penalised } from './algorithms/programs.ts';
import { type Sliding, slidingFor } from './algorithms/sliding.ts';
import { PolicyTexts } from './headers.ts';
import { isEarly, keyReader } from './key.ts';
import { largest, type PolicySettings } from './settings.ts';

/** Most argument lists that a policy keeps ready; costs that vary more than that are put together each time. */
const MAX_READY = 64;

/** A policy ready for requests: everything that does not depend on one is settled. */
export interface Policy {
  readonly settings: PolicySettings;
  readonly name: string;
  readonly algorithm: Algorithm;
  /** `admit` where only the connection counts, else `meter`. */
  readonly phase: 'admit' | 'meter';
  readonly shadow: boolean;
  readonly commitWhenRefused: boolean;
  /** What it grants is held until it is given back: a concurrency limit. */
  readonly holds: boolean;
  readonly texts: PolicyTexts;
  keyOf(context: RequestContext): string;
  /** The limit of a caller, before risk and nodes. */
  maxFor(principal: PrincipalValue | undefined): number;
  /** The limit that a risk leaves. */
  scaled(max: number, risk: number): number;
  costOf(context: RequestContext): number;
  /** The program's arguments for a limit and a cost. */
  argsFor(max: number, cost: number): readonly number[];
}

/** Settles a policy. */
export function compilePolicy(settings: PolicySettings): Policy {
  const { max, adaptive, cost, name } = settings;
  const algorithm = algorithmFor(settings);
  const early = settings.by.every(isEarly) && typeof max === 'number' && adaptive.length === 0;
  return {
    settings,
    name,
    algorithm,
    phase: early && typeof cost === 'number' ? 'admit' : 'meter',
    shadow: settings.mode === 'shadow',
    commitWhenRefused: settings.countRefused || settings.penalties !== undefined,
    texts: new PolicyTexts(name, settings.windowMs),
    holds: algorithm.name === 'concurrency',
    keyOf: keyReader(name, settings.by),
    maxFor: typeof max === 'number' ? () => max : (principal) => tightest(max, principal),
    scaled(full, risk) {
      for (const step of adaptive) if (risk > step.above) return Math.max(1, Math.floor(full * step.share));
      return full;
    },
    costOf: typeof cost === 'number' ? () => cost : (context) => askCost(cost, context),
    argsFor: argsMaker(settings, algorithm),
  };
}

function algorithmFor(settings: PolicySettings): Algorithm {
  const most = largest(settings.max);
  let algorithm: Algorithm | undefined;
  if (settings.algorithm === 'sliding') algorithm = slidingFor(most);
  else if (settings.algorithm === 'gcra') algorithm = GCRA;
  else if (settings.algorithm === 'log') algorithm = logFor(most);
  else if (settings.algorithm === 'concurrency') algorithm = leasesFor(most);
  algorithm ??= FIXED;
  return settings.penalties ? penalised(algorithm) : algorithm;
}

function tightest(table: Readonly<Record<string, number>>, principal: PrincipalValue | undefined): number {
  let found = Infinity;
  for (const role of principal ? principal.roles : ['anonymous'])
    if (Object.hasOwn(table, role)) found = Math.min(found, table[role] as number);
  if (found !== Infinity) return found;
  return table['default'] ?? Math.min(...Object.values(table));
}

function askCost(cost: (context: RequestContext) => number, context: RequestContext): number {
  let given = NaN;
  try {
    given = cost(context);
  } catch {
    // A cost that breaks down counts as one request.
  }
  return given >= 1 ? Math.ceil(Math.min(given, 1e12)) : 1;
}

function argsMaker(settings: PolicySettings, algorithm: Algorithm): Policy['argsFor'] {
  const windowMs =
    algorithm.name === 'sliding'
      ? Math.ceil(settings.windowMs / (algorithm as Sliding).buckets)
      : settings.windowMs;
  const flags =
    (settings.countRefused ? FLAG.countRefused : 0) + (settings.mode === 'shadow' ? FLAG.advisory : 0);
  const { penalties } = settings;
  const tail = penalties ? [penalties.maxMs, penalties.decayMs, settings.windowMs, ...penalties.steps] : [];
  const whole = largest(settings.max);
  const make = (max: number, cost: number): readonly number[] => {
    const burst = Math.max(1, Math.floor(((settings.burst ?? whole) * max) / whole));
    const most = algorithm.name === 'gcra' ? burst : max;
    return [max, windowMs, Math.min(cost, most), algorithm.name === 'gcra' ? burst : 0, flags, ...tail];
  };
  const ready = new Map<number, readonly number[]>();
  const usual = typeof settings.cost === 'number' ? settings.cost : 1;
  let last = make(whole, usual);
  return (max, cost) => {
    if (cost === usual && last[0] === max) return last;
    if (cost !== usual) return make(max, cost);
    let args = ready.get(max);
    if (args === undefined) {
      args = make(max, cost);
      if (ready.size < MAX_READY) ready.set(max, args);
    }
    last = args;
    return args;
  };
}
