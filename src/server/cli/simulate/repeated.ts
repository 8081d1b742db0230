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
  more: Pick<Part, 'atFirst'> = {},
): Part {
  return {
    kind,
    lacks,
    expects,
    ...more,
    async act(stage) {
      for (let round = 0; ; round++) {
        await once(stage, round);
        await stage.pause(gapMs[0], gapMs[1]);
      }
    },
  };
}

/** What tools for trying passwords have under way. */
export const AT_ONCE = 4;

/** The same act several times at once. @param act told which of them it is */
export function atOnce(act: (lane: number) => Promise<unknown>): Promise<unknown> {
  return Promise.all(Array.from({ length: AT_ONCE }, (_, lane) => act(lane)));
}
