/** One way of hashing in a process of its own: node hash-child.ts hash|beside NAME. */
import { stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { answerQuestions } from '../lib/contender.ts';
import { HASHERS, type HashContender } from './hashers.ts';

const [kind = '', name = ''] = process.argv.slice(2);
const make = HASHERS[name];
if (!make) throw new Error(`no contender '${name}'`);
const PASSWORD = 'a long and quiet pass phrase';
const HASHES = 8;
const SIGN_INS_PER_SECOND = 50;
const LOAD_MS = 4_000;

const contender: HashContender = make();
let stored = '';

answerQuestions({
  async prove() {
    stored = await contender.hash(PASSWORD);
    if (!(await contender.verify(PASSWORD, stored))) throw new Error('refuses the password');
    if (await contender.verify(`${PASSWORD}.`, stored)) throw new Error('takes another password');
  },
  async prepare() {
    await contender.verify(PASSWORD, stored);
  },
  round: () => (kind === 'hash' ? oneByOne() : beside()),
  end: () => Promise.resolve(),
});

async function oneByOne(): Promise<number> {
  for (let i = 0; i < HASHES; i++) await contender.verify(PASSWORD, stored);
  return HASHES;
}

/**
 * Other work while people sign in: every five milliseconds a look at a file, which goes through the event loop and the
 * thread pool as requests do. The round's pieces are such that milliseconds per piece are the 99th percentile.
 */
async function beside(): Promise<number> {
  const from = performance.now();
  const signIns: Promise<unknown>[] = [];
  const looks: Promise<void>[] = [];
  const took: number[] = [];
  let busy = true;
  const signIn = setInterval(() => {
    // A queue that is full refuses: that is an answer as well.
    signIns.push(contender.verify(PASSWORD, stored).catch(() => undefined));
  }, 1_000 / SIGN_INS_PER_SECOND);
  let due = performance.now();
  while (busy) {
    due += 5;
    await wait(Math.max(0, due - performance.now()));
    const at = due;
    looks.push(
      stat(import.meta.filename).then(() => {
        took.push(performance.now() - at);
      }),
    );
    busy = performance.now() - from < LOAD_MS;
  }
  clearInterval(signIn);
  await Promise.all([...looks, ...signIns]);
  took.sort((a, b) => a - b);
  const p99Ms = took[Math.floor(took.length * 0.99)] ?? 0;
  return (performance.now() - from) / p99Ms;
}
