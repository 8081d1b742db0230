import type { Tally } from './tally.ts';

/** Stands where a handler refused, not a guard. */
export const APPLICATION = 'the application';

/**
 * Writes into the tally which guard stood behind each kind of refusal. A refusal without a decision id came from the
 * application itself.
 * @param ask the guard of a decision; rejects when the server cannot be asked
 * @returns a sentence when the guards stay unknown
 */
export async function nameGuards(
  tally: Tally,
  ask: (decision: string) => Promise<string | null>,
): Promise<string | undefined> {
  const known = new Map<string, string>();
  let unknown = false;
  for (const { refusals } of tally.kinds.values()) {
    for (const refusal of refusals.values()) {
      const { decision, status, code } = refusal;
      if (decision === undefined) {
        refusal.guard = APPLICATION;
        continue;
      }
      const kind = `${status} ${code}`;
      const guard: string | null | undefined =
        known.get(kind) ?? (unknown ? undefined : await ask(decision).catch(() => undefined));
      if (guard === undefined || guard === null) {
        unknown ||= guard === undefined;
        continue;
      }
      known.set(kind, guard);
      refusal.guard = guard;
    }
  }
  return unknown
    ? 'Which guard refused is not shown: run it where the data folder of the server is (RAMPART_DATA_DIR).'
    : undefined;
}
