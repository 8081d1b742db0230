/** A place in a statement into which a careless application writes a value. */
export interface Slot {
  readonly name: string;
  /** The statement with the value as it came. */
  readonly write: (value: string) => string;
  /** What an honest caller sends there. */
  readonly neutral: string;
}

/** Statements over the tables of the test application, each with one slot. */
export const SLOTS: readonly Slot[] = [
  {
    name: 'text',
    neutral: 'anna',
    write: (v) => `SELECT id, name FROM people WHERE name = '${v}' AND active = true`,
  },
  {
    name: 'sign-in',
    neutral: 'anna',
    write: (v) => `SELECT id FROM people WHERE (name = '${v}' AND secret = 'k3y') LIMIT 1`,
  },
  {
    name: 'number',
    neutral: '7',
    write: (v) => `SELECT id, name FROM people WHERE id = ${v} AND active = true`,
  },
  {
    name: 'number in parentheses',
    neutral: '7',
    write: (v) => `SELECT count(*) FROM people WHERE (active AND (id > ${v}))`,
  },
  { name: 'order', neutral: 'name', write: (v) => `SELECT id, name FROM people ORDER BY ${v} LIMIT 20` },
  { name: 'limit', neutral: '10', write: (v) => `SELECT id FROM people ORDER BY id LIMIT ${v}` },
  {
    name: 'like',
    neutral: 'ann',
    write: (v) => `SELECT id, name FROM people WHERE name ILIKE '%${v}%' ORDER BY id`,
  },
  { name: 'quoted name', neutral: 'name', write: (v) => `SELECT "${v}" FROM people WHERE active` },
  { name: 'table', neutral: 'people', write: (v) => `SELECT id FROM ${v} WHERE active` },
  {
    name: 'insert',
    neutral: 'hello',
    write: (v) => `INSERT INTO notes (body, author) VALUES ('${v}', 5) RETURNING id`,
  },
  {
    name: 'update',
    neutral: 'anna',
    write: (v) => `UPDATE people SET name = '${v}' WHERE id = 1 AND secret = 'k3y'`,
  },
  { name: 'list', neutral: '1', write: (v) => `SELECT id FROM people WHERE id IN (${v}) AND active` },
  { name: 'json key', neutral: 'a', write: (v) => `SELECT id FROM people WHERE extra->>'${v}' IS NULL` },
  {
    name: 'escape text',
    neutral: 'anna',
    write: (v) => `SELECT id FROM people WHERE name = E'${v}' LIMIT 5`,
  },
  {
    name: 'dollar text',
    neutral: 'anna',
    write: (v) => `SELECT id FROM people WHERE name = $t$${v}$t$ LIMIT 5`,
  },
  { name: 'comment', neutral: 'home', write: (v) => `/* page: ${v} */ SELECT id FROM people WHERE active` },
  {
    name: 'line comment',
    neutral: 'home',
    write: (v) => `SELECT id FROM people -- page: ${v}\nWHERE active`,
  },
  {
    name: 'interval',
    neutral: '2',
    write: (v) => `SELECT id FROM people WHERE born < now() - INTERVAL '${v} days'`,
  },
  {
    name: 'function',
    neutral: 'anna',
    write: (v) => `SELECT id FROM people WHERE lower(name) = lower('${v}') OR id = 0`,
  },
];

/** What applications do to a value before they write it. */
export const CHANGES: readonly { readonly name: string; readonly change: (value: string) => string }[] = [
  { name: 'as it is', change: (v) => v },
  { name: 'trimmed', change: (v) => v.trim() },
  { name: 'lower case', change: (v) => v.toLowerCase() },
  { name: 'upper case', change: (v) => v.toUpperCase() },
  { name: 'quotes doubled', change: (v) => v.replaceAll("'", "''") },
  { name: 'quotes escaped', change: (v) => v.replaceAll("'", "\\'") },
  { name: 'blanks made one', change: (v) => v.trim().replaceAll(/\s+/g, ' ') },
  { name: 'a prefix cut off', change: (v) => v.slice(1) },
  { name: 'angle brackets removed', change: (v) => v.replaceAll(/[<>]/g, '') },
  { name: 'first item of a list', change: (v) => v.split(',', 1)[0] as string },
];

/** How PostgreSQL's own quote_literal writes a text. */
export function quoteLiteral(value: string): string {
  const doubled = value.replaceAll("'", "''");
  return value.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`;
}

/** The same statements, with the value quoted as it should be. */
export const QUOTED: readonly ((literal: string) => string)[] = [
  (v) => `SELECT id, name FROM people WHERE name = ${v} AND active = true`,
  (v) => `INSERT INTO notes (body, author) VALUES (${v}, 5) RETURNING id`,
  (v) => `UPDATE people SET name = ${v} WHERE id = 1 AND secret = 'k3y'`,
  (v) => `SELECT id FROM people WHERE name IN ('anna', ${v}, 'bob') ORDER BY name, id DESC`,
  (v) => `SELECT * FROM people WHERE lower(name) = lower(${v}) OR (id = 1 AND active)`,
];
