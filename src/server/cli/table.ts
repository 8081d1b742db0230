/**
 * Lines up cells in columns for a terminal.
 * @param rows the first one is the heading; cells that are numbers are set to the right
 */
export function textTable(rows: readonly (readonly (string | number)[])[]): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...rows.map((row) => String(row[at] ?? '').length)),
  );
  const isNumber = Array.from({ length: columns }, (_, at) =>
    rows.slice(1).every((row) => typeof row[at] === 'number'),
  );
  const line = (row: readonly (string | number)[]): string =>
    row
      .map((cell, at) =>
        isNumber[at] === true
          ? String(cell).padStart(widths[at] as number)
          : String(cell).padEnd(widths[at] as number),
      )
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}
