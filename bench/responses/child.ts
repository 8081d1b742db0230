/** The guards of `bench responses` in a process of their own: node child.ts NAME CASE. */
import { RequestContext, type RoutePlan } from '../../src/core/context.ts';
import type { Guard } from '../../src/core/guard.ts';
import type { RequestView } from '../../src/core/request.ts';
import { PASS } from '../../src/core/verdict.ts';
import { LeaseBook, responseGuards, ScoreKeeper } from '../../src/modules/respond/index.ts';
import { testLease } from '../../src/modules/respond/leases/test-lease.ts';
import { answerQuestions } from '../lib/contender.ts';

const [name = '', which = ''] = process.argv.slice(2);
const LEASES = which === 'thousand' ? 1_000 : 0;
const ROUND = 300_000;
const CALLERS = 1_000;
const NOW_MS = 1_000;

const book = new LeaseBook();
const guards: readonly Guard[] =
  name === 'rampart'
    ? responseGuards({
        book,
        callerOf: (context) => ({
          user: `acc_${context.client.address}`,
          isAdmin: false,
          isOperator: false,
          provenAtMs: null,
          isGood: true,
        }),
        placeOf: () => 'application',
        canChallenge: () => true,
        score: new ScoreKeeper(),
      })
    : [{ name: 'empty', phase: 'admit', mode: 'enforce', onError: 'allow', check: () => PASS }];
const request: RequestView = {
  method: 'GET',
  target: '/',
  peer: '',
  encrypted: false,
  header: () => 'bench/1',
};
const plan: RoutePlan = {
  route: { name: '*', settings: {} },
  guards: [],
  bodyGuards: [],
  headers: [],
  removes: [],
};

function passes(address: string): boolean {
  const client = { address, group: address, forwarded: false };
  const context = new RequestContext(request, NOW_MS, NOW_MS, '/', plan, client);
  for (const guard of guards) if (guard.check(context) !== PASS) return false;
  return true;
}

/** Half of the leases block addresses, the other half are about accounts. */
function leaseOf(i: number) {
  const about =
    i % 2 === 0
      ? ({ responder: 'block', target: `203.0.${i >> 8}.${i & 255}` } as const)
      : ({ responder: 'require-step-up', target: `user:acc_${i}` } as const);
  return testLease({ ...about, id: `rsp_${i}` });
}

const callers = Array.from({ length: CALLERS }, (_, i) => `198.51.${i >> 8}.${i & 255}`);

function work(): Promise<number> {
  let passed = 0;
  for (let i = 0; i < ROUND; i++) if (passes(callers[i % CALLERS] as string)) passed++;
  return passed === ROUND ? Promise.resolve(ROUND) : Promise.reject(new Error('refused a stranger'));
}

answerQuestions({
  prove() {
    book.replaceAll(Array.from({ length: LEASES }, (_, i) => leaseOf(i)));
    if (!passes(callers[0] as string)) throw new Error('refuses a stranger');
    if (name === 'rampart' && LEASES > 0 && passes('203.0.0.2')) throw new Error('lets a blocked one in');
    return Promise.resolve();
  },
  async prepare() {
    await work();
  },
  round: work,
  end: () => Promise.resolve(),
});
