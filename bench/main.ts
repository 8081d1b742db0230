/** npm run bench -- NAME [--json] [--rows N]: measures Rampart beside its peers. */
import { parseArgs } from 'node:util';
import { table, type BenchResult } from './lib/result.ts';

/** Each bench is loaded when it is asked for: its peers are heavy. */
const BENCHES: Readonly<Record<string, () => Promise<BenchResult>>> = {
  limit: async () => (await import('./limit.ts')).bench(),
  token: async () => (await import('./token.ts')).bench(),
  access: async () => (await import('./access.ts')).bench(),
  crypto: async () => (await import('./crypto.ts')).bench(),
  rls: async () => (await import('./rls.ts')).bench(),
  shield: async () => (await import('./shield.ts')).bench(),
  audit: async () => (await import('./audit.ts')).bench(),
  events: async () => (await import('./events.ts')).bench(),
  blocks: async () => (await import('./blocks.ts')).bench(),
  responses: async () => (await import('./responses.ts')).bench(),
  http: () => outside('./http/main.ts', 'benchHttp'),
};

/** A bench that lives in a folder of its own. */
async function outside(path: string, name: string): Promise<BenchResult> {
  const module = (await import(new URL(path, import.meta.url).href)) as Record<
    string,
    (() => Promise<BenchResult>) | undefined
  >;
  const run = module[name];
  if (!run) throw new Error(`${path} has no ${name}`);
  return run();
}

const USAGE = `usage: npm run bench -- NAME [--json] [--rows N]

NAME is one of: ${Object.keys(BENCHES).join(', ')}
  --json    one JSON object instead of a table
  --rows N  rows that "events" makes (default 10000000; or BENCH_EVENTS_ROWS)
  --help    this

BENCH_ROUNDS=N measures so often; DATABASE_URL and REDIS_URL name the servers; what "events" makes is kept for the next
time in BENCH_EVENTS_DATABASE_URL, where that names an empty database.
`;

const { name, json } = readArguments();
const bench = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (!bench) fail();

function readArguments(): { readonly name: string; readonly json: boolean } {
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: flag, help: { ...flag, short: 'h' }, rows: { type: 'string' } },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    const [first, ...more] = positionals;
    if (first === undefined || more.length > 0) return fail();
    if (values.rows !== undefined) {
      if (!/^[1-9]\d{0,9}$/.test(values.rows)) return fail();
      process.env['BENCH_EVENTS_ROWS'] = values.rows;
    }
    return { name: first, json: values.json };
  } catch {
    return fail();
  }
}

function fail(): never {
  process.stderr.write(USAGE);
  process.exit(2);
}

const result = await bench();
process.stdout.write(`${json ? JSON.stringify(result) : table(result)}\n`);
