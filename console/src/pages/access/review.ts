import type { ReviewAnswer, ReviewLine } from '../../../../src/server/api/access-types.ts';

/** What tells the lines of a review apart. */
export function keyOf({ kind, target }: Pick<ReviewLine, 'kind' | 'target'>): string {
  return `${kind} ${target}`;
}

/** Lines as they stood when the page was opened: deciding one moves none. New ones come last. */
export function inFirstOrder(lines: readonly ReviewLine[], order: readonly string[]): readonly ReviewLine[] {
  const places = new Map(order.map((key, at) => [key, at]));
  const placeOf = (line: ReviewLine): number => places.get(keyOf(line)) ?? order.length;
  return lines.toSorted((a, b) => placeOf(a) - placeOf(b));
}

/** The answer with one line decided. */
export function withDecided(answer: ReviewAnswer, line: ReviewLine): ReviewAnswer {
  const lines = answer.lines.map((one) => (keyOf(one) === keyOf(line) ? line : one));
  const open = lines.filter(({ decision }) => decision === null).length;
  return { review: { ...answer.review, open }, lines };
}

/** The undecided line that comes after another, or from the beginning again; undefined when it was the last. */
export function nextOpen(line: ReviewLine, lines: readonly ReviewLine[]): ReviewLine | undefined {
  const at = lines.findIndex((one) => keyOf(one) === keyOf(line));
  return [...lines.slice(at + 1), ...lines.slice(0, Math.max(0, at))].find(
    ({ decision }) => decision === null,
  );
}

/** The undecided line that the focus stands on. */
export function lineAtFocus(lines: readonly ReviewLine[]): ReviewLine | undefined {
  const key = document.activeElement?.closest<HTMLElement>('[data-line]')?.dataset['line'];
  return lines.find((line) => keyOf(line) === key && line.decision === null);
}

/** Moves the focus on, from a line that was decided. */
export function focusNextOpen(line: ReviewLine, lines: readonly ReviewLine[]): void {
  const next = nextOpen(line, lines);
  if (!next) return;
  const row = document.querySelector<HTMLElement>(`[data-line="${CSS.escape(keyOf(next))}"]`);
  row?.focus();
  row?.scrollIntoView({ block: 'nearest' });
}
