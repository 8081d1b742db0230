/** npm run bench -- NAME [--json]: measures Rampart beside its peers. */
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

const args = process.argv.slice(2);
const json = args.includes('--json');
const [name, ...more] = args.filter((arg) => arg !== '--json');
const bench = name !== undefined && Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
if (!bench || more.length > 0) {
  process.stderr.write(
    `usage: npm run bench -- NAME [--json], NAME one of: ${Object.keys(BENCHES).join(', ')}\n`,
  );
  process.exit(2);
}
const result = await bench();
process.stdout.write(`${json ? JSON.stringify(result) : table(result)}\n`);
