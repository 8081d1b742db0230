import type { Part, Stage } from './stage.ts';

/**
 * A part that repeats one act with a gap.
 * @param expects detectors of which one has to see it
 */
export function repeated(
  kind: string,
  gapMs: readonly [number, number],
  lacks: Part['lacks'],
  once: (stage: Stage, round: number) => Promise<unknown>,
  expects: readonly string[] = [],
): Part {
  return {
    kind,
    lacks,
    expects,
    async act(stage) {
      for (let round = 0; ; round++) {
        await once(stage, round);
        await stage.pause(gapMs[0], gapMs[1]);
      }
    },
  };
}
