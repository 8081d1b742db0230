/** One contender of `bench limit` in a process of its own: node child.ts KIND NAME KEYS REDIS_URL. */
import { randomBytes, randomInt } from 'node:crypto';
import { answerQuestions } from '../lib/contender.ts';
import { MEMORY, REDIS, type LimitContender } from './contenders.ts';

const [kind, name = '', keyCount = '0', redisUrl = ''] = process.argv.slice(2);
const make = (kind === 'redis' ? REDIS : MEMORY)[name];
if (!make) throw new Error(`no contender '${name}'`);
const KEYS = Number(keyCount);
const WINDOW_MS = 60_000;
const IN_FLIGHT = 50;
const ROUND = kind === 'redis' ? 20_000 : 300_000;

const started: LimitContender[] = [];
async function start(max: number): Promise<LimitContender> {
  const prefix = `bench${randomBytes(6).toString('hex')}`;
  const contender = await make!({ max, windowMs: WINDOW_MS, prefix, redisUrl });
  started.push(contender);
  return contender;
}

/** Keys as a request brings them: flat strings, one piece of memory each. */
function keyOf(i: number): string {
  return Buffer.from(`ip:10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`, 'latin1').toString('latin1');
}

let contender: LimitContender;
let requests: (readonly string[])[] = [];

/** Every request brings strings of its own: nobody has seen them, hashed them or kept them as a key of a map. */
function layOut(): void {
  const pick = (): string => keyOf(randomInt(KEYS));
  requests = Array.from({ length: ROUND }, () => (kind === 'redis' ? [pick(), pick(), pick()] : [pick()]));
}

answerQuestions({
  async prove() {
    const small = await start(5);
    const keys = ['a', 'b', 'c'];
    let granted = 0;
    for (let i = 0; i < 20; i++) if (await small.hit(keys)) granted++;
    if (granted !== 5) throw new Error(`granted ${granted} of 20 at a limit of 5`);
    if (!(await small.hit(['d', 'e', 'f']))) throw new Error('refuses a fresh key');
  },

  async prepare() {
    contender = await start(8_000);
    if (kind !== 'redis') for (let i = 0; i < KEYS; i++) await contender.hit([keyOf(i)]);
    layOut();
    await work();
  },

  layOut,

  round: work,

  async hold() {
    contender = await start(8_000);
    for (let i = 0; i < KEYS; i++) await contender.hit([keyOf(i)]);
    return KEYS;
  },

  async end() {
    for (const one of started) await one.end();
  },
});

function work(): Promise<number> {
  return kind === 'redis' ? inFlight() : oneByOne();
}

async function oneByOne(): Promise<number> {
  for (const request of requests) {
    const granted = contender.hit(request);
    // A store that answers at once is asked for the next without a turn of the microtask queue.
    if (typeof granted !== 'boolean') await granted;
  }
  return requests.length;
}

async function inFlight(): Promise<number> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < requests.length) await contender.hit(requests[next++] as readonly string[]);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return requests.length;
}
