import { parentPort, workerData } from 'node:worker_threads';
import { send } from './client.ts';

/** What the thread is told. */
export interface Waves {
  readonly port: number;
  /** How many waves, one after the other. */
  readonly waves: number;
  /** Sign-ins of one wave, all at once. */
  readonly width: number;
  /** Accounts that sign in with their password; the rest of a wave are strangers. */
  readonly known: readonly string[];
  readonly password: string;
  /** Part of the strangers' names, so that no two waves guess at the same account. */
  readonly guests: string;
}

/** What came of them. */
export interface WavesDone {
  /** By status, and by code where it is a refusal. */
  readonly counts: Readonly<Record<string, number>>;
  /** Refusals that do not say when to come again. */
  readonly withoutRetryAfter: number;
  readonly ms: number;
}

/** Runs in a thread of its own, so that sending does not hold up whoever measures. */
async function run({ port, waves, width, known, password, guests }: Waves): Promise<WavesDone> {
  const counts: Record<string, number> = {};
  let withoutRetryAfter = 0;
  const began = performance.now();
  const one = async (wave: number, i: number): Promise<void> => {
    // Strangers guess a password of their own each: one password on many accounts would be slowed as spraying.
    const stranger = { email: `${guests}.${wave}.${i}@nobody.example`, password: `${password} ${wave}.${i}` };
    const who = known[i] === undefined ? stranger : { email: known[i], password };
    const { status, headers, body } = await send(port, {
      method: 'POST',
      path: '/auth/sign-in',
      headers: {
        'content-type': 'application/json',
        'sec-fetch-site': 'same-origin',
        'x-forwarded-for': `198.${18 + (wave % 2)}.${i}.${(wave % 250) + 1}`,
      },
      body: JSON.stringify(who),
    });
    const code = status < 400 ? '' : (JSON.parse(body) as { error: { code: string } }).error.code;
    const name = `${status} ${code}`.trim();
    counts[name] = (counts[name] ?? 0) + 1;
    if (status === 429 && !(Number(headers['retry-after']) > 0)) withoutRetryAfter += 1;
  };
  for (let wave = 0; wave < waves; wave++) {
    await Promise.all(Array.from({ length: width }, (_, i) => one(wave, i)));
  }
  return { counts, withoutRetryAfter, ms: performance.now() - began };
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
if (parentPort !== null) parentPort.postMessage(await run(workerData as Waves));
