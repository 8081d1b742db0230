/** One contender of `bench token` in a process of its own: node child.ts KIND NAME ALGORITHM. */
import { newId } from '../../src/core/id.ts';
import { signAccessToken, type TokenAlgorithm } from '../../src/modules/identity/token/index.ts';
import { answerQuestions } from '../lib/contender.ts';
import { CONTENDERS, type Identify } from './contenders.ts';
import { AUDIENCE, type BenchHouse, ISSUER, openHouse } from './house.ts';

const [kind = '', name = '', algorithm = ''] = process.argv.slice(2);
const make = kind === 'seen' || kind === 'first' ? CONTENDERS[kind][name] : undefined;
if (!make) throw new Error(`no contender '${name}'`);
const ALGORITHM = algorithm as TokenAlgorithm;
const SESSIONS = kind === 'seen' ? 500 : 20;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9);
const ROUND = kind === 'seen' ? 200_000 : ALGORITHM === 'HS256' ? 10_000 : 3_000;

let house: BenchHouse;
let identify: Identify;
let opened: Awaited<ReturnType<BenchHouse['open']>>[] = [];
let requests: string[] = [];
/** First sights: a batch of tokens for each round, and one to warm up. */
const batches: string[][] = [];

/** A text as a request brings it: a piece of memory of its own that nobody has hashed yet. */
function copyOf(token: string): string {
  return Buffer.from(token, 'latin1').toString('latin1');
}

async function proves(token: string): Promise<boolean> {
  try {
    return (await identify(token)) !== undefined;
  } catch {
    return false;
  }
}

/** Tokens that nobody has seen, of sessions that are known. */
async function fresh(count: number): Promise<string[]> {
  const tokens: string[] = [];
  for (let i = 0; i < count; i++) {
    const { session } = opened[i % opened.length] as (typeof opened)[number];
    const iat = Math.floor(Date.now() / 1_000);
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: session.account, sid: session.id, epoch: 1 };
    const times = { jti: newId('jti', Date.now()), iat, exp: iat + 900 };
    tokens.push(copyOf(await signAccessToken({ ...claims, ...times }, house.key)));
  }
  return tokens;
}

answerQuestions({
  async prove() {
    house = await openHouse(ALGORITHM);
    identify = make(house, ALGORITHM);
    const { session, token } = await house.open();
    if (!(await proves(token)) || !(await proves(copyOf(token)))) throw new Error('refuses a good token');
    const at = token.lastIndexOf('.') - 5;
    const altered = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
    if (await proves(altered)) throw new Error('takes an altered token');
    if (name !== 'rampart') return;
    await house.endAll(session.account);
    if (await proves(token)) throw new Error('takes a token whose session has ended');
  },

  async prepare() {
    for (let i = 0; i < SESSIONS; i++) opened.push(await house.open());
    for (const { token } of opened) if (!(await proves(token))) throw new Error('refuses a good token');
    const batchCount = kind === 'first' ? ROUNDS + 1 : 0;
    for (let i = 0; i < batchCount; i++) batches.push(await fresh(ROUND));
    layOut();
    await work();
  },

  layOut,

  round: work,

  async end() {
    await house.close();
  },
});

function layOut(): void {
  if (kind === 'first') requests = batches.shift() ?? requests;
  else
    requests = Array.from({ length: ROUND }, (_, i) =>
      copyOf((opened[(i * 7) % SESSIONS] as { token: string }).token),
    );
}

async function work(): Promise<number> {
  let last: unknown;
  for (const token of requests) {
    const answer = identify(token);
    // An answer that is there is not waited for.
    last = answer instanceof Promise ? await answer : answer;
  }
  if (last === undefined) throw new Error('refuses a good token');
  return requests.length;
}
