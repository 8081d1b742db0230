/** A row that was typed: its columns, or what is wrong with a line. */
export type TypedRow =
  { readonly row: Readonly<Record<string, unknown>> | undefined } | { readonly fault: string };

const LINE = /^([^:=]+)[:=](.*)$/s;
const MAX_COLUMNS = 50;

/**
 * Reads a row, a `column: value` a line. Numbers, `true`, `false` and `null` are taken as such, whatever begins with a
 * quote, `{` or `[` as JSON, and everything else as text. Nothing typed is no row.
 */
export function readRow(typed: string): TypedRow {
  const lines = typed.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) return { row: undefined };
  if (lines.length > MAX_COLUMNS) return { fault: `At most ${MAX_COLUMNS} columns.` };
  const columns: [string, unknown][] = [];
  for (const line of lines) {
    const [, name = '', value = ''] = LINE.exec(line.trim()) ?? [];
    if (name.trim() === '')
      return { fault: `‘${line.trim().slice(0, 40)}’ is not of the form column: value.` };
    try {
      columns.push([name.trim(), valueOf(value.trim())]);
    } catch {
      return { fault: `The value of ${name.trim()} is not valid JSON.` };
    }
  }
  return { row: Object.fromEntries(columns) };
}

function valueOf(text: string): unknown {
  if (/^["{[]/.test(text)) return JSON.parse(text) as unknown;
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  // A number that would come back as another text is an identifier: 007, 1e400, or more digits than a number holds.
  const number = Number(text);
  return text !== '' && String(number) === text && Number.isFinite(number) ? number : text;
}
