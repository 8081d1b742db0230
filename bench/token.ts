import { contest, Contestant, type Standing } from './lib/contest.ts';
import { machine, rowOf, type BenchResult, type BenchRow } from './lib/result.ts';

const TOKEN_CHILD = new URL('./token/child.ts', import.meta.url);
const HASH_CHILD = new URL('./token/hash-child.ts', import.meta.url);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9);
const HASHERS = ['rampart', '@node-rs/argon2', 'node:crypto', 'bcrypt 12'];

/**
 * Who stands behind an access token, and passwords. Rampart's answer includes the session and the account, so that a
 * session that was ended no longer passes; the peers verify the token alone.
 */
export async function bench(): Promise<BenchResult> {
  const results: BenchRow[] = [];
  for (const algorithm of ['EdDSA', 'HS256']) {
    results.push(await tokens('seen', `access token seen before, ${algorithm}`, algorithm, ['fast-jwt']));
  }
  for (const [algorithm, peers] of [
    ['HS256', ['fast-jwt', 'jose', 'jsonwebtoken']],
    ['EdDSA', ['fast-jwt', 'jose']],
  ] as const) {
    results.push(await tokens('first', `access token at first sight, ${algorithm}`, algorithm, peers));
  }
  results.push(await hashes('hash', 'password verified, Argon2id 19 MiB t=2', ROUNDS));
  // A round of it takes four seconds and longer: three are enough for a middle one.
  results.push(await hashes('beside', 'p99 of other work, 50 sign-ins/s', Math.min(3, ROUNDS)));
  return { name: 'token', machine: machine(), results };
}

async function tokens(
  kind: string,
  about: string,
  algorithm: string,
  peers: readonly string[],
): Promise<BenchRow> {
  const all = ['rampart', ...peers].map((name) => new Contestant(name, TOKEN_CHILD, [kind, name, algorithm]));
  const found = await together(all, ROUNDS);
  return rowOf(
    { case: about, unit: 'tokens/s', better: 'more' },
    valuesOf(found, (one) => one.unitsPerSecond),
  );
}

async function hashes(kind: string, about: string, rounds: number): Promise<BenchRow> {
  const all = HASHERS.filter((name) => name !== 'node:crypto' || hasArgon()).map(
    (name) => new Contestant(name, HASH_CHILD, [kind, name]),
  );
  const found = await together(all, rounds);
  return rowOf(
    { case: about, unit: 'ms', better: 'less' },
    valuesOf(found, (one) => 1_000 / one.unitsPerSecond),
  );
}

/** Node.js has Argon2 since 24.7. */
function hasArgon(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 7);
}

function valuesOf(
  standings: Readonly<Record<string, Standing>>,
  pick: (standing: Standing) => number,
): Record<string, number> {
  return Object.fromEntries(Object.entries(standings).map(([name, standing]) => [name, pick(standing)]));
}

/** Each proves that it does the job before it is measured; all end, whatever happens. */
async function together(all: readonly Contestant[], rounds: number): Promise<Record<string, Standing>> {
  try {
    for (const one of all) await one.ask('prove');
    return await contest(all, rounds);
  } finally {
    for (const one of all) await one.end();
  }
}
