/** Whole lines that are put into a text; nothing else of it is touched. */
export interface Insertion {
  /** Lines before it, 0 for the very beginning. */
  readonly afterLine: number;
  readonly lines: readonly string[];
}

const CONTEXT_LINES = 3;

/** The text with the insertions in it, in the line ends that it has. */
export function insertLines(text: string, insertions: readonly Insertion[]): string {
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.split(end);
  return sorted(insertions)
    .toReversed()
    .reduce((all, { afterLine, lines: added }) => all.toSpliced(afterLine, 0, ...added), lines)
    .join(end);
}

/**
 * A unified diff of insertions alone: since they are known, nothing needs to be compared.
 * @param text what the file holds, or `undefined` where it is new
 */
export function unifiedDiff(
  path: string,
  text: string | undefined,
  insertions: readonly Insertion[],
): string {
  const old = text === undefined ? [] : text.split(/\r?\n/);
  if (old.at(-1) === '') old.pop();
  const out = [text === undefined ? '--- /dev/null' : `--- a/${path}`, `+++ b/${path}`];
  let shift = 0;
  for (const group of grouped(sorted(insertions))) {
    const from = Math.max(0, (group[0] as Insertion).afterLine - CONTEXT_LINES);
    const to = Math.min(old.length, (group.at(-1) as Insertion).afterLine + CONTEXT_LINES);
    const added = group.reduce((sum, one) => sum + one.lines.length, 0);
    out.push(`@@ -${range(from, to - from)} +${range(from + shift, to - from + added)} @@`);
    let at = from;
    for (const { afterLine, lines } of group) {
      out.push(...old.slice(at, afterLine).map((line) => ` ${line}`), ...lines.map((line) => `+${line}`));
      at = afterLine;
    }
    out.push(...old.slice(at, to).map((line) => ` ${line}`));
    shift += added;
  }
  return `${out.join('\n')}\n`;
}

/** A range of no lines is named by the line before it. */
function range(from: number, count: number): string {
  return `${count === 0 ? from : from + 1},${count}`;
}

function sorted(insertions: readonly Insertion[]): readonly Insertion[] {
  return insertions.toSorted((a, b) => a.afterLine - b.afterLine);
}

function grouped(insertions: readonly Insertion[]): readonly (readonly Insertion[])[] {
  const groups: Insertion[][] = [];
  for (const one of insertions) {
    const last = groups.at(-1);
    const near = last && one.afterLine - (last.at(-1) as Insertion).afterLine <= 2 * CONTEXT_LINES;
    if (last && near === true) last.push(one);
    else groups.push([one]);
  }
  return groups;
}
