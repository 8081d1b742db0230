/**
 * Whether a count is one at which it is told how many there were: 1, 10, 100 and so on. A flood is told of a few times, and
 * whoever looks for ten or for five hundred hears of them without waiting for a window to end. Pure.
 * @param count a whole number from 1
 */
export function isMilestone(count: number): boolean {
  let rest = count;
  while (rest >= 10 && rest % 10 === 0) rest /= 10;
  return rest === 1;
}
