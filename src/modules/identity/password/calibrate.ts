import { hashRaw } from '@node-rs/argon2';
import { type Clock, systemClock } from '../../../core/clock.ts';
import { leastMemoryKib } from './options.ts';
import type { ArgonParameters } from './stored.ts';

/** What `rampart doctor` recommends. */
export interface Calibration extends ArgonParameters {
  /** Least of three hashes with these parameters on this machine: other work beside it only ever adds. */
  readonly measuredMs: number;
  /** False: even the least that OWASP allows takes longer than the target here. */
  readonly withinTarget: boolean;
}

/** What calibration stands on. */
export interface CalibrationPorts {
  readonly clock?: Clock;
  /** Makes one hash; default Argon2id. */
  readonly hash?: (parameters: ArgonParameters) => Promise<unknown>;
  /** Most milliseconds in all, checked between hashes; default 4,000. */
  readonly budgetMs?: number;
}

/** From OWASP's floor up, each step about half as strong again as the one before. */
const LADDER: readonly ArgonParameters[] = [
  [leastMemoryKib(2), 2],
  [32_768, 2],
  [leastMemoryKib(1), 2],
  [65_536, 2],
  [65_536, 3],
  [98_304, 3],
  [131_072, 3],
  [196_608, 3],
  [262_144, 3],
].map(([memoryKib, passes]) => ({ memoryKib: memoryKib as number, passes: passes as number, lanes: 1 }));

/**
 * The strongest parameters of Argon2id whose hash takes at most `targetMs` on this machine, never below OWASP's floor.
 * @param targetMs milliseconds that one hash may take; OWASP: under a second
 */
export async function calibrate(targetMs: number, ports: CalibrationPorts = {}): Promise<Calibration> {
  const clock = ports.clock ?? systemClock;
  const endMs = clock.monotonic() + (ports.budgetMs ?? 4_000);
  let best: Calibration | undefined;
  for (const parameters of LADDER) {
    const measuredMs = await least(parameters, clock, endMs, ports.hash ?? hashOnce);
    const next = { ...parameters, measuredMs, withinTarget: measuredMs <= targetMs };
    if (best === undefined || next.withinTarget) best = next;
    if (!next.withinTarget || clock.monotonic() >= endMs) break;
  }
  return best as Calibration;
}

async function least(
  parameters: ArgonParameters,
  clock: Clock,
  endMs: number,
  hash: (parameters: ArgonParameters) => Promise<unknown>,
): Promise<number> {
  let takenMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3 && (round === 0 || clock.monotonic() < endMs); round++) {
    const startMs = clock.monotonic();
    await hash(parameters);
    takenMs = Math.min(takenMs, clock.monotonic() - startMs);
  }
  return takenMs;
}

function hashOnce(parameters: ArgonParameters): Promise<unknown> {
  return hashRaw('a password that nobody has', {
    memoryCost: parameters.memoryKib,
    timeCost: parameters.passes,
    parallelism: parameters.lanes,
    outputLen: 32,
    salt: Buffer.alloc(16, 1),
  });
}
