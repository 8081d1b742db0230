/** One list of `bench blocks` in a process of its own: node child.ts NAME CASE. */
import { RequestContext, type RoutePlan } from '../../src/core/context.ts';
import { Principal, type PrincipalValue } from '../../src/core/fact.ts';
import type { Guard } from '../../src/core/guard.ts';
import type { RequestView } from '../../src/core/request.ts';
import { PASS } from '../../src/core/verdict.ts';
import { blockList } from '../../src/modules/shield/index.ts';
import { answerQuestions } from '../lib/contender.ts';

const [name = '', which = ''] = process.argv.slice(2);
const BLOCKS = 100_000;
const ROUND = 400_000;
/** Callers that come again and again, or one that is new each time. */
const CALLERS = which === 'known' ? 1_000 : 200_000;

const address = (net: number, i: number): string => `${net}.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
const TARGETS: Readonly<Record<string, (i: number) => string>> = {
  addresses: (i) => (i % 50 === 0 ? `${address(60, i)}/${20 + ((i / 50) % 12)}` : address(50, i)),
  rampart: (i) => MIXED[i % MIXED.length]?.(i) ?? '',
};
const MIXED: readonly ((i: number) => string)[] = [
  (i) => (i % 70 === 0 ? `${address(60, i)}/${20 + ((i / 70) % 12)}` : address(50, i)),
  (i) => `asn:${100_000 + i}`,
  (i) => `country:${String.fromCharCode(65 + ((i >> 3) % 10), 65 + ((i >> 8) % 26))}`,
  (i) => `user:acc_${i}`,
  (i) => `session:ses_${i}`,
  (i) => `device:dev_${i}`,
  (i) => address(70, i),
];
const PLACE = { asn: 64_500, country: 'ZZ' };
const clock = { now: () => 1_000, monotonic: () => 1_000 };
const blocks = blockList(
  { maxEntries: BLOCKS },
  {
    clock,
    places: () => (text) => (text.startsWith('198.') ? undefined : PLACE),
    caller(context) {
      const { id: user, session = '' } = context.get(Principal) as PrincipalValue;
      return { user, session, device: 'dev_x' };
    },
  },
);
const request: RequestView = {
  method: 'GET',
  target: '/',
  peer: '',
  encrypted: false,
  header: () => undefined,
};
const plan: RoutePlan = {
  route: { name: '*', settings: {} },
  guards: [],
  bodyGuards: [],
  headers: [],
  removes: [],
};
const people: PrincipalValue[] = [];
const callers: string[] = [];

function walk(from: string, person: PrincipalValue): boolean {
  const context = new RequestContext(request, 1_000, 1_000, '/', plan, {
    address: from,
    group: from,
    forwarded: false,
  });
  if (blocks.guard.check(context) !== PASS) return false;
  context.set(Principal, person);
  const guard: Guard = blocks.callerGuard;
  return guard.check(context) === PASS;
}

answerQuestions({
  prove() {
    const target = TARGETS[name];
    if (target !== undefined) {
      const stored = Array.from({ length: BLOCKS }, (_, i) => ({
        id: `blk_${i}`,
        target: target(i),
        reason: 'bench',
        createdBy: 'bench',
        createdAtMs: 0,
        expiresAtMs: null,
      }));
      blocks.replaceAll(stored);
      // Countries repeat themselves; everything else stands.
      if (blocks.list().length < BLOCKS * 0.8) throw new Error(`only ${blocks.list().length} blocks stand`);
    }
    for (let i = 0; i < CALLERS; i++) {
      callers.push(Buffer.from(address(20, i * 7)).toString('latin1'));
      people.push({ id: `user:acc_p${i}`, kind: 'user', roles: [], session: `ses_p${i}` });
    }
    if (!walk('20.0.0.1', people[0] as PrincipalValue)) throw new Error('refuses a stranger');
    if (target !== undefined && walk(address(50, 7), people[0] as PrincipalValue))
      throw new Error('lets a blocked one in');
    return Promise.resolve();
  },

  async prepare() {
    await work();
  },

  round: work,

  end: () => Promise.resolve(),
});

function work(): Promise<number> {
  let passed = 0;
  for (let i = 0; i < ROUND; i++) {
    const at = i % CALLERS;
    if (walk(callers[at] as string, people[at] as PrincipalValue)) passed++;
  }
  if (passed !== ROUND) return Promise.reject(new Error('refused a stranger'));
  return Promise.resolve(ROUND);
}
