/**
 * Tables of the sample application beside its orders, each with the column whose rows are counted together: one person's,
 * one restaurant's.
 */
export const SAMPLE_TABLES = {
  profile: 'id',
  restaurants: 'owner_id',
  menu: 'restaurant_id',
  reviews: 'author_id',
  addresses: 'user_id',
  payments: 'payer_id',
  payouts: 'owner_id',
  analytics: 'restaurant_id',
  locations: 'driver_id',
  earnings: 'driver_id',
  deliveries: 'driver_id',
} as const;

/** One of them. */
export type SampleTable = keyof typeof SAMPLE_TABLES;

/** Columns beside `id` and the time. Keys are looked up, not enforced: a foreign key would tell which of them exist. */
const COLUMNS: Readonly<Record<SampleTable, string>> = {
  profile: 'name text NOT NULL, phone text, national_id text',
  restaurants: 'owner_id text COLLATE "C" NOT NULL, name text NOT NULL, open boolean NOT NULL',
  menu: 'restaurant_id text COLLATE "C" NOT NULL, name text NOT NULL, price numeric(10, 2) NOT NULL',
  reviews:
    'order_id text COLLATE "C" NOT NULL, author_id text COLLATE "C" NOT NULL, stars integer NOT NULL, text text',
  addresses: 'user_id text COLLATE "C" NOT NULL, line text NOT NULL',
  payments:
    'order_id text COLLATE "C" NOT NULL, payer_id text COLLATE "C" NOT NULL, amount numeric(10, 2) NOT NULL',
  payouts: 'owner_id text COLLATE "C" NOT NULL, amount numeric(10, 2) NOT NULL',
  analytics: 'restaurant_id text COLLATE "C" NOT NULL, day date NOT NULL, revenue numeric(10, 2) NOT NULL',
  locations: 'driver_id text COLLATE "C" NOT NULL, latitude numeric(8, 5), longitude numeric(8, 5)',
  earnings: 'driver_id text COLLATE "C" NOT NULL, amount numeric(10, 2) NOT NULL',
  deliveries: 'order_id text COLLATE "C" NOT NULL, driver_id text COLLATE "C" NOT NULL, state text NOT NULL',
};

/** The statements that make them. */
export const sampleTables: string = Object.entries(COLUMNS)
  .map(([name, columns]) => {
    const table = `rampart.sample_${name}`;
    const counted = SAMPLE_TABLES[name as SampleTable];
    return [
      `CREATE TABLE ${table} (id text COLLATE "C" PRIMARY KEY, ${columns}, created_at_ms bigint NOT NULL);`,
      `CREATE INDEX sample_${name}_created ON ${table} (created_at_ms, id);`,
      ...(counted === 'id' ? [] : [`CREATE INDEX sample_${name}_of ON ${table} (${counted}, id);`]),
    ].join('\n');
  })
  .join('\n');
