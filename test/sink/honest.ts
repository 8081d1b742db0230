/** Numbers in [0, 1) that are the same at every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const FIRST = [
  'Anna',
  "D'Arcy",
  'Jean-Luc',
  'Zoë',
  'Ng',
  'Mária',
  'سارة',
  '美咲',
  'Олег',
  'Ναταλία',
  'अनिता',
  'Nguyễn',
];
const LAST = [
  "O'Brien",
  "O'Neill-Smith",
  'van der Berg',
  "d'Alembert",
  'Müller',
  'Łukasiewicz',
  'Иванова',
  '김',
  '山田',
  'Ó Súilleabháin',
  "N'Diaye",
  "L'Hôpital",
  'Null',
  'Union',
  'Select',
  'Order',
  'de la Cruz',
  "'t Hooft",
  'Ἀθήνη',
];
const WORDS = (
  "the order was late and I don't want it; please drop it, select another or update table 5 from the union hall where " +
  "we insert coins (really!) into 'slots' -- thanks, it's 50% off = great & cheap; values: 1, 2, 3 /* see note */ and " +
  'like always: "quoted" words, $5.00 or €7, #1 @home 7:30 C:\\temp a\\b 100% null is not true'
).split(' ');
const CODE = [
  (n: string) => `SELECT * FROM users WHERE id = ${n};`,
  (n: string) => `SELECT id, name FROM people WHERE name = '${n}' AND active = true`,
  (n: string) => `INSERT INTO t (a, b) VALUES ('it''s', ${n});`,
  (n: string) => `const s${n} = 'it\\'s'; // "x" || 'y'`,
  (n: string) => `if (a[${n}] === "b" && c != 'd') { return \`\${e}\`; } /* done */`,
  (n: string) => `<a href="/x?id=${n}&y='z'">don't</a><!-- c -->`,
  (n: string) => `grep -E '^[a-z]+$' file${n} | awk '{print $1}' -- "$@"; rm -rf ./x`,
  (n: string) => `E'\\\\d{${n}}' || U&'\\0041' || $$body$$ || $fn$x$fn$`,
  (n: string) => `WHERE a = '${n}' OR 1=1 --`,
  (n: string) => `# Title ${n}\n\n- it's *bold*\n- \`code('x')\`\n\n> quote; "end"\n\n---\n`,
  (n: string) => `{"a": "it's", "b": [${n}, -2.5e3], "c": {"d": null}}`,
  (n: string) => `=SUM(A1:A${n})*'Sheet 1'!B2`,
  (n: string) => `${n}' --`,
  (n: string) => `', '${n}`,
];
const SHORT = [
  "'",
  "''",
  '"',
  '""',
  '\\',
  "\\'",
  '--',
  '/*',
  '*/',
  ';',
  "';",
  '$$',
  '$1',
  "', '",
  ') ',
  ' = ',
  '= ',
  '(a)',
  'a, b',
  "E'",
  "U&'a'",
  ':)',
  ';-)',
  '<3',
  '-1',
  '+49 30 123',
  '1.5',
  '1,5',
  '1e5',
  '-0',
  '50%',
  '#1',
  'id = 1',
  'a.b',
  "'a'",
  '\n',
  '\t',
  ' ',
  'name',
  'SELECT',
  'id DESC',
  '*',
  '(*)',
  "it's",
  "'tis",
  "rock 'n' roll",
  "\\\\'",
  "x'",
  "'x",
  '5\' 11"',
];

type Maker = (pick: <T>(from: readonly T[]) => T, number: (below: number) => number) => string;
const MAKERS: readonly Maker[] = [
  (pick) => `${pick(FIRST)} ${pick(LAST)}`,
  (pick) => `${pick(LAST)}, ${pick(FIRST)}`,
  (pick, number) => `${pick(FIRST).toLowerCase()}.${number(999)}+tag@mail-${number(99)}.example.com`,
  (pick, number) => Array.from({ length: 1 + number(40) }, () => pick(WORDS)).join(' '),
  (pick, number) => pick(CODE)(String(number(10_000))),
  (pick, number) => `${pick(CODE)(String(number(99)))}\n${pick(CODE)(String(number(99)))}`,
  (_pick, number) =>
    '8-4-4-4-12'.replaceAll(/\d+/g, (n) =>
      Array.from({ length: Number(n) }, () => number(16).toString(16)).join(''),
    ),
  (_pick, number) => `https://example.com/a/${number(999)}?q=it's&r=%27x%27#frag`,
  (pick, number) => pick(['/var/log/', 'C:\\Users\\', '\\\\srv\\share\\', '../']) + pick(LAST) + number(99),
  (_pick, number) => String((number(2_000_000) - 1_000_000) / pickDivisor(number)),
  (_pick, number) => `2026-${1 + number(12)}-${1 + number(28)}T${number(24)}:00:00Z`,
  (_pick, number) => Array.from({ length: 2 + number(6) }, () => number(500)).join(','),
  (pick) => pick(SHORT),
  (pick) => pick(SHORT) + pick(SHORT),
  (pick, number) => Array.from({ length: number(12) }, () => pick(SHORT)).join(pick(['', ' ', ','])),
  (pick, number) =>
    Array.from({ length: 1 + number(30) }, () => String.fromCodePoint(32 + number(0x2ff))).join('') +
    pick(FIRST),
];

function pickDivisor(number: (below: number) => number): number {
  return [1, 10, 100][number(3)] as number;
}

/** Values that honest people and programs send, hostile-looking ones among them. The same ones at every run. */
export function honestValues(count: number, seed = 20_261_121): readonly string[] {
  const random = seeded(seed);
  const number = (below: number): number => Math.floor(random() * below);
  const pick = <T>(from: readonly T[]): T => from[number(from.length)] as T;
  return Array.from({ length: count }, (_, i) => (MAKERS[i % MAKERS.length] as Maker)(pick, number));
}
