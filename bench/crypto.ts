import { contest, Contestant } from './lib/contest.ts';
import { machine, rowOf, type BenchResult, type BenchRow } from './lib/result.ts';

const CHILD = new URL('./crypto/child.ts', import.meta.url);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 15);
const SEALERS = ['random nonce per call', 'WebCrypto', 'key stretched per field'];

/**
 * Encrypted fields and signatures. The limit does the same by node:crypto alone: nonces from a pool, place as associated
 * data, base64url; no key ids, no types, no times.
 */
export async function bench(): Promise<BenchResult> {
  const results = [
    await row('seal', 'field of 64 bytes sealed', 'fields/s of CPU', SEALERS),
    await row('open', 'field of 64 bytes opened', 'fields/s of CPU', SEALERS),
    await row('hmac', '1 KB signed and verified', 'messages/s of CPU', ['standardwebhooks', 'stripe']),
  ];
  return { name: 'crypto', machine: machine(), results };
}

async function row(kind: string, about: string, unit: string, peers: readonly string[]): Promise<BenchRow> {
  const all = ['rampart', 'limit', ...peers].map((name) => new Contestant(name, CHILD, [kind, name]));
  try {
    for (const one of all) await one.ask('prove');
    const found = await contest(all, ROUNDS);
    // Of CPU, not of the clock: a busy machine disturbs it less, and threads that help are counted.
    const values = Object.entries(found).map(([name, { cpuUsPerUnit }]) => [name, 1_000_000 / cpuUsPerUnit]);
    return rowOf({ case: about, unit, better: 'more' }, Object.fromEntries(values) as Record<string, number>);
  } finally {
    for (const one of all) await one.end();
  }
}
