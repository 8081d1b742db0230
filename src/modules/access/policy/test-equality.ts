import fc from 'fast-check';
import type { AccessPrincipal, AccessRow } from '../contract.ts';
import type { PolicyDeclaration } from './declare.ts';
import type { ColumnType } from './values/types.ts';

type Row = Record<string, unknown>;

const UUID = '7f0c2f6e-3f5a-4f0e-9d25-0a1b2c3d4e5f';
const OTHER_UUID = '00000000-0000-4000-8000-000000000000';

/** Few values, so that equal ones meet; among them those at which systems differ. */
const POOLS: Readonly<Record<ColumnType, readonly unknown[]>> = {
  text: [
    '',
    'a',
    'A',
    'b',
    'é',
    'e\u0301',
    '\uffff',
    '\ue000',
    '😀',
    'user:1',
    'user:2',
    `O'B \\ "x"`,
    '5',
    '-3',
    UUID,
    '$1',
  ],
  uuid: [UUID, UUID.toUpperCase(), OTHER_UUID],
  boolean: [true, false],
  integer: [-2_147_483_648, -3, 0, 1, 5, 2_147_483_647],
  bigint: [
    0,
    5,
    '-3',
    9_007_199_254_740_993n,
    '9007199254740992',
    '9223372036854775807',
    '-9223372036854775808',
  ],
  numeric: [
    0,
    0.1,
    '0.10',
    '1e-7',
    5,
    '-5',
    '123456789012345678901234567890.5',
    '9007199254740993',
    'NaN',
    'Infinity',
    '-Infinity',
  ],
  date: ['2026-01-01', '2026-03-29', '0001-01-01', '9999-12-31', 'infinity', '-infinity'],
  timestamptz: [
    '2026-03-29T01:00:00.000001Z',
    '2026-03-29T01:00:00Z',
    '2026-03-29T03:00:00+02:00',
    '2026-03-28 18:15:00.5-0645',
    '1970-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999Z',
    'infinity',
    '-infinity',
  ],
  'text[]': [[], ['a'], ['a', '😀', null], ['user:1', '"', '\\', '{}', 'NULL']],
  'integer[]': [[], [1, 5], [null, 0]],
};

const THINGS = {
  owner: 'text',
  label: 'text',
  key: 'uuid',
  flag: 'boolean',
  n: 'integer',
  big: 'bigint',
  amount: 'numeric',
  day: 'date',
  at: 'timestamptz',
  words: 'text[]',
  nums: 'integer[]',
  parent_id: 'text',
} as const;
const PARENTS = { id: 'text', level: 'integer', big: 'bigint', at: 'timestamptz', words: 'text[]' } as const;
const ATTRIBUTES = {
  level: 'integer',
  serial: 'bigint',
  limit: 'numeric',
  region: 'text',
  token: 'uuid',
  trusted: 'boolean',
  teams: 'text[]',
} as const;

const table = (name: string, columns: object): string =>
  `CREATE TABLE ${name} (seq integer, ${Object.entries(columns)
    .map(([column, type]) => `"${column}" ${type as string}`)
    .join(', ')});`;

/** Tables of the property; `notes` has no policies of its own, `parents` has. */
export const TABLES = `${table('things', THINGS)} ${table('parents', PARENTS)} ${table('notes', PARENTS)}`;

const orNull = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { freq: 4 });
const pick = (type: ColumnType): fc.Arbitrary<unknown> => fc.constantFrom(...POOLS[type]);
const rowOf = (columns: Readonly<Record<string, ColumnType>>): fc.Arbitrary<Row> =>
  fc.record(Object.fromEntries(Object.entries(columns).map(([name, type]) => [name, orNull(pick(type))])));

/** Rows of the three tables, `seq` numbered. */
export function sampleRows(
  seed: number,
  count: number,
): Readonly<Record<'things' | 'parents' | 'notes', readonly Row[]>> {
  const sample = (columns: Readonly<Record<string, ColumnType>>, howMany: number, shift: number): Row[] =>
    fc.sample(rowOf(columns), { seed: seed + shift, numRuns: howMany }).map((row, seq) => ({ seq, ...row }));
  return { things: sample(THINGS, count, 0), parents: sample(PARENTS, 25, 1), notes: sample(PARENTS, 25, 2) };
}

/** Things with the related rows that a loader would bring. */
export function loaded({ things, parents, notes }: ReturnType<typeof sampleRows>): readonly AccessRow[] {
  const same = (a: unknown, b: unknown): boolean => a !== null && a === b;
  return things.map((thing) => ({
    ...thing,
    parent: parents.filter((one) => same(one['id'], thing['parent_id'])),
    twin: parents.filter((one) => same(one['id'], thing['label']) && same(one['level'], thing['n'])),
    notes: notes.filter((one) => same(one['level'], thing['n'])),
    self: thing['parent_id'] === null ? null : things.filter((one) => one['owner'] === thing['parent_id']),
  }));
}

const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const ZONES = [
  'Asia/Riyadh',
  'America/New_York',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'UTC',
  'Etc/GMT+3',
];
const FACTORS = ['totp', 'passkey'];

/** Literals, facts, columns and moments that may stand beside a column. */
function operands(type: ColumnType, columns: Readonly<Record<string, ColumnType>>): fc.Arbitrary<unknown> {
  const ofType = (all: Readonly<Record<string, string>>): string[] =>
    Object.keys(all).filter((name) => all[name] === type);
  const facts = [
    ...ofType(ATTRIBUTES),
    ...(['text', 'uuid', 'integer', 'bigint'].includes(type) ? ['id', 'tenant'] : []),
    ...(type === 'text' ? ['kind'] : []),
  ];
  const moment = fc.constantFrom({ now: true }, { ago: '30d' }, { ahead: '1h' }, { ago: '250ms' });
  return fc.oneof(
    pick(type),
    ...(facts.length > 0 ? [fc.constantFrom(...facts).map((principal) => ({ principal }))] : []),
    ...(ofType(columns).length > 0
      ? [fc.constantFrom(...ofType(columns)).map((column) => ({ column }))]
      : []),
    ...(type === 'timestamptz' ? [moment] : []),
  );
}

function comparisons(columns: Readonly<Record<string, ColumnType>>): fc.Arbitrary<unknown>[] {
  return Object.entries(columns).flatMap(([name, type]): fc.Arbitrary<unknown>[] => {
    const isNull = fc.constant({ isNull: name });
    if (type === 'text[]' || type === 'integer[]') {
      const item = type === 'text[]' ? 'text' : 'integer';
      return [operands(item, columns).map((value) => ({ contains: { [name]: value } })), isNull];
    }
    const relations = type === 'boolean' ? ['eq', 'ne'] : ['eq', 'ne', 'lt', 'lte', 'gt', 'gte'];
    const compare = fc
      .tuple(fc.constantFrom(...relations), operands(type, columns))
      .map(([relation, value]) => ({ [relation]: { [name]: value } }));
    const lists = [fc.array(pick(type), { minLength: 1, maxLength: 3 }) as fc.Arbitrary<unknown>];
    if (type === 'text') lists.push(fc.constantFrom({ principal: 'teams' }, { principal: 'roles' }));
    return [compare, compare, fc.oneof(...lists).map((list) => ({ in: { [name]: list } })), isNull];
  });
}

const facts: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom({ role: 'a' }, { role: 'b' }, { role: 'c' }),
  fc.constantFrom(
    { principal: { kind: 'service' } },
    { principal: { region: 'a' } },
    { principal: { level: 5 } },
    { principal: { trusted: true } },
    { principal: { limit: '0.1' } },
  ),
  fc
    .record({
      factor: fc.option(fc.constantFrom(...FACTORS), { nil: undefined }),
      within: fc.constantFrom('10m', '1d'),
    })
    .map((fresh) => ({ fresh })),
  fc
    .record({
      days: fc.subarray(WEEK, { minLength: 1 }),
      from: fc.constantFrom('00:00', '08:30', '22:00'),
      to: fc.constantFrom('06:15', '17:00', '24:00'),
      zone: fc.constantFrom(...ZONES),
    })
    .map((time) => ({ time })),
);

/** Conditions over a table. */
function conditions(
  columns: Readonly<Record<string, ColumnType>>,
  relations: Readonly<Record<string, Readonly<Record<string, ColumnType>>>>,
): fc.Arbitrary<unknown> {
  const { condition } = fc.letrec<{ condition: unknown }>((tie) => {
    const parts = fc.array(tie('condition'), { minLength: 1, maxLength: 3 });
    const related = Object.entries(relations).map(([name, related]) =>
      conditions(related, {}).map((where) => ({ exists: { [name]: where } })),
    );
    return {
      condition: fc.oneof(
        { maxDepth: 3, depthSize: 'small' },
        fc.oneof(...comparisons(columns), fc.constant(true)),
        fc.oneof(...comparisons(columns)),
        facts,
        ...related,
        parts.map((and) => ({ and })),
        parts.map((or) => ({ or })),
        tie('condition').map((not) => ({ not })),
      ),
    };
  });
  return condition;
}

/** Places where the three are likely to differ, which chance alone would seldom reach. */
const corners: fc.Arbitrary<unknown> = fc
  .tuple(
    fc.constantFrom<unknown>(
      { eq: { label: { principal: 'tenant' } } },
      { in: { label: { principal: 'teams' } } },
      { in: { owner: { principal: 'teams' } } },
      { lt: { label: '😀' } },
      { gt: { owner: '\uffff' } },
      { gt: { amount: { principal: 'limit' } } },
      { time: { days: ['sun', 'mon'], from: '03:00', to: '12:00', zone: 'America/New_York' } },
      { time: { from: '02:00', to: '02:15', zone: 'Australia/Lord_Howe' } },
    ),
    fc.boolean(),
  )
  .map(([condition, negated]) => (negated ? { not: condition } : condition));

const onThings = conditions(THINGS, { parent: PARENTS, twin: PARENTS, notes: PARENTS, self: THINGS });

/** Random policies about things; who may see parents has nothing to do with who may look at them from things. */
export const policies: fc.Arbitrary<PolicyDeclaration> = fc
  .record({
    a: fc.oneof(onThings, corners),
    b: fc.option(onThings, { nil: undefined }),
    c: fc.oneof(onThings, corners),
    cannot: fc.option(onThings, { nil: undefined, freq: 2 }),
    parents: fc.option(conditions(PARENTS, {}), { nil: undefined }),
  })
  .map(({ a, b, c, cannot, parents }) => ({
    resources: {
      things: {
        columns: THINGS,
        relations: {
          parent: { resource: 'parents', on: { parent_id: 'id' } },
          twin: { resource: 'parents', on: { label: 'id', n: 'level' } },
          notes: { table: 'notes', columns: PARENTS, on: { n: 'level' } },
          self: { resource: 'things', on: { parent_id: 'owner' } },
        },
      },
      parents: { columns: PARENTS },
    },
    attributes: ATTRIBUTES,
    roles: {
      a: { can: { 'things:read': a, 'parents:read': parents } },
      b: { inherits: ['a'], can: { 'things:read': b } },
      c: { can: { '*:read': true, 'things:read': c }, cannot: { 'things:read': cannot } },
      d: { can: { 'things:read': c } },
    },
  }));

/** Principals, with facts that do not fit among those that do. */
export const principals: fc.Arbitrary<AccessPrincipal> = fc
  .record({
    id: fc.constantFrom('user:1', 'user:2', '5', '-3', '007', '😀', 'a', UUID, UUID.toUpperCase(), "'"),
    kind: fc.constantFrom('user', 'service'),
    roles: fc.subarray(['a', 'b', 'd', 'ghost'], { minLength: 1 }),
    extra: fc.constantFrom<readonly string[]>([], [], ['c']),
    tenant: fc.constantFrom(undefined, '', 'user:1', '5', 'a'),
    attributes: fc.record(
      {
        level: fc.constantFrom<unknown>(1, 5, '5', '007', 1.5, -0, 1e21, null, 'x', '999999999999'),
        serial: fc.constantFrom<unknown>('9007199254740993', 5, true, '-3', '99999999999999999999'),
        limit: fc.constantFrom<unknown>(0.1, '0.10', 1e-7, 1e21, '1e5', 'NaN', -5, null),
        region: fc.constantFrom<unknown>('a', '😀', '', 5, null),
        token: fc.constantFrom<unknown>(UUID.toUpperCase(), 'no', 5),
        trusted: fc.constantFrom<unknown>(true, false, 'true', 1),
        teams: fc.constantFrom<unknown>([], [], ['a', 'user:1'], ['"', '\\', '{}'], ['a', 5], 'a'),
      },
      { requiredKeys: [] },
    ),
    provenAtMs: fc.option(
      fc.record(
        {
          totp: fc.constantFrom(-700_000, -1_000, 90_000),
          passkey: fc.constantFrom(-90_000_000, -600_000, 30_000.5),
        },
        { requiredKeys: [] },
      ),
      { nil: undefined },
    ),
  })
  .map(({ extra, tenant, provenAtMs, roles, attributes, ...rest }) => ({
    ...rest,
    roles: [...roles, ...extra],
    attributes: attributes as AccessPrincipal['attributes'] & object,
    ...(tenant === undefined ? {} : { tenant }),
    ...(provenAtMs === undefined ? {} : { provenAtMs }),
  })) as fc.Arbitrary<AccessPrincipal>;

/** Moments around changes of the clock and of the week. */
export const moments: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(
    Date.UTC(2026, 2, 8, 7, 0, 0),
    Date.UTC(2026, 2, 8, 6, 59, 59, 999),
    Date.UTC(2026, 3, 4, 15, 0),
    Date.UTC(2026, 2, 29, 1, 0),
    0,
  ),
  fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) }),
);
