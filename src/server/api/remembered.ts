import type { Clock } from '../../core/clock.ts';

/**
 * Asks for what is dear to find out, and gives the same answer for a while. Who asks meanwhile waits for the question that runs;
 * a failure is everybody's who waited, and is not remembered.
 * @param keepMs from the answer on, milliseconds
 */
export function remembered<T>(
  keepMs: number,
  clock: Pick<Clock, 'monotonic'>,
  ask: () => Promise<T>,
): () => Promise<T> {
  let answer: { readonly value: T; readonly untilMs: number } | undefined;
  let asking: Promise<T> | undefined;
  const askNow = async (): Promise<T> => {
    try {
      const value = await ask();
      answer = { value, untilMs: clock.monotonic() + keepMs };
      return value;
    } finally {
      asking = undefined;
    }
  };
  return () => {
    if (answer !== undefined && clock.monotonic() < answer.untilMs) return Promise.resolve(answer.value);
    return (asking ??= askNow());
  };
}
