/** A piece of a statement on a line: key words are told apart from the rest. */
export interface SqlPart {
  readonly text: string;
  readonly isKeyword: boolean;
}
/** A line of a formatted statement, indented by so many steps. */
export interface SqlLine {
  readonly indent: number;
  readonly parts: readonly SqlPart[];
}

const TOKEN = /"(?:[^"]|"")*"|'(?:[^']|'')*'|[\p{L}_][\p{L}\p{N}_$]*|\s+|[^\s\p{L}_]/gu;
const KEYWORDS = new Set(
  `ALL AND ANY AS ASC BETWEEN BY CASE CONFLICT CROSS DELETE DESC DISTINCT DO ELSE END EXCEPT EXISTS FETCH FILTER FIRST FOR
  FROM FULL GROUP HAVING ILIKE IN INNER INSERT INTERSECT INTO IS JOIN LAST LATERAL LEFT LIKE LIMIT LOCKED NATURAL NOT
  NOTHING NULL NULLS OFFSET ON OR ORDER OUTER OVER PARTITION RECURSIVE RETURNING RIGHT SELECT SET SKIP THEN UNION UPDATE
  USING VALUES WHEN WHERE WINDOW WITH`.split(/\s+/),
);
/** Words that begin a clause, and a line; of several in a row, the first does. */
const CLAUSES = new Set(
  `SELECT FROM WHERE GROUP ORDER HAVING LIMIT OFFSET FETCH UNION INTERSECT EXCEPT VALUES SET RETURNING WITH WINDOW
  INSERT UPDATE DELETE`.split(/\s+/),
);
const JOINS = new Set('JOIN INNER LEFT RIGHT FULL CROSS NATURAL'.split(' '));
/** After these, a word that would begin a clause goes on with what stands before it. */
const GOING_ON = new Set('LEFT RIGHT FULL INNER CROSS NATURAL OUTER'.split(' '));

/**
 * Breaks a statement of one line into lines: clauses at the margin, joins and conditions below them, what stands in
 * brackets with a SELECT further in. No word of it is changed.
 */
export function formatSql(text: string): readonly SqlLine[] {
  const lines: { indent: number; parts: SqlPart[] }[] = [{ indent: 0, parts: [] }];
  /** For each open bracket: whether a statement stands in it. */
  const open: boolean[] = [];
  const tokens = (text.match(TOKEN) ?? []).map((token) => (token.trim() === '' ? ' ' : token));
  let between = false;
  let before = '';
  const add = (token: string, isKeyword: boolean): void => {
    const line = lines.at(-1);
    if (line === undefined || (token === ' ' && line.parts.length === 0)) return;
    line.parts.push({ text: token, isKeyword });
  };
  const depth = (): number => open.filter(Boolean).length;
  const begin = (indent: number): void => {
    const line = lines.at(-1);
    if (line?.parts.at(-1)?.text === ' ') line.parts.pop();
    if (line?.parts.length === 0) line.indent = indent;
    else lines.push({ indent, parts: [] });
  };
  for (const [at, token] of tokens.entries()) {
    if (token === ' ') {
      add(token, false);
      continue;
    }
    const word = token.toUpperCase();
    const isInList = open.at(-1) === false;
    if (token === '(') {
      const next =
        tokens
          .slice(at + 1)
          .find((one) => one !== ' ')
          ?.toUpperCase() ?? '';
      add(token, false);
      open.push(next === 'SELECT' || next === 'WITH');
      if (open.at(-1) === true) begin(depth() * 2);
    } else if (token === ')') {
      if (open.at(-1) === true) begin(depth() * 2 - 1);
      open.pop();
      add(token, false);
    } else {
      if (!isInList && breaks(word, before)) begin(depth() * 2);
      else if (!isInList && (word === 'OR' || (word === 'AND' && !between))) begin(depth() * 2 + 1);
      if (word === 'BETWEEN') between = true;
      else if (word === 'AND') between = false;
      add(token, KEYWORDS.has(word));
    }
    before = word;
  }
  return lines;
}

/** Whether a word begins a line, given the one before it. */
function breaks(word: string, before: string): boolean {
  if (JOINS.has(word)) return !GOING_ON.has(before);
  if (!CLAUSES.has(word)) return false;
  // DELETE FROM, INSERT … ON CONFLICT DO UPDATE SET, FOR UPDATE, IS DISTINCT FROM, UNION ALL SELECT begin once.
  if (word === 'FROM') return before !== 'DELETE' && before !== 'DISTINCT';
  if (word === 'UPDATE') return before !== 'DO' && before !== 'FOR';
  return !(word === 'SET' && before === 'UPDATE');
}

/** What a statement does to what, in a few words: `SELECT from app.orders`. Its first word alone where no table stands. */
export function titleOf(shape: string): string {
  const [verb = 'Statement'] = /[\p{L}]+/u.exec(shape) ?? [];
  const table =
    /\b(FROM|INTO|UPDATE|JOIN)\s+(?:ONLY\s+)?((?:"[^"]+"|[\p{L}_][\p{L}\p{N}_$]*)(?:\.(?:"[^"]+"|[\p{L}_][\p{L}\p{N}_$]*))?)/iu.exec(
      shape,
    );
  if (!table) return verb.toUpperCase();
  const [, word = '', name = ''] = table;
  const link = word.toUpperCase() === 'UPDATE' ? '' : `${word.toLowerCase()} `;
  return `${verb.toUpperCase()} ${link}${name}`;
}
