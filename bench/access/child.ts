/** One contender of `bench access` in a process of its own: node child.ts NAME. */
import { answerQuestions } from '../lib/contender.ts';
import { type Ask, CONTENDERS, type Order, type Person } from './contenders.ts';

const [name = ''] = process.argv.slice(2);
const make = Object.hasOwn(CONTENDERS, name) ? CONTENDERS[name] : undefined;
if (!make) throw new Error(`no contender '${name}'`);
const PEOPLE = 1_000;
const ORDERS = 1_000;
const SLOW = ['casbin', 'accesscontrol', 'casl, per request'];
const ROUND = SLOW.includes(name) ? 100_000 : 2_000_000;

const people: Person[] = Array.from({ length: PEOPLE }, (_, i) => ({
  id: `user:${i}`,
  kind: 'user',
  // Each session brings a list of its own.
  roles: [i % 50 === 0 ? 'admin' : i % 5 === 0 ? 'driver' : 'customer'],
}));
const orders: Order[] = Array.from({ length: ORDERS }, (_, i) => ({
  id: `order:${i}`,
  // Half of the orders belong to who will ask; texts of their own, as a database brings them.
  customer_id: Buffer.from(`user:${i % 2 === 0 ? i : i + 1}`).toString('latin1'),
  driver_id: Buffer.from(`user:${i % 2 === 0 ? i : i + 5}`).toString('latin1'),
  status: i % 3 === 0 ? 'delivered' : 'placed',
}));

let ask: Ask;

answerQuestions({
  async prove() {
    ask = await make();
    const order: Order = { id: 'o', customer_id: 'ann', driver_id: 'dan', status: 'delivered' };
    const person = (id: string, role: string): Person => ({ id, kind: 'user', roles: [role] });
    const expected: readonly (readonly [Person, 'read' | 'update', Order, boolean])[] = [
      [person('ann', 'customer'), 'read', order, true],
      [person('ann', 'customer'), 'update', order, false],
      [person('ann', 'customer'), 'update', { ...order, status: 'placed' }, true],
      [person('bea', 'customer'), 'read', order, false],
      [person('dan', 'driver'), 'update', order, true],
      [person('eve', 'driver'), 'read', order, false],
      [person('adam', 'admin'), 'update', order, true],
    ];
    for (const [one, action, about, wanted] of expected)
      if ((await ask(one, action, about)) !== wanted) throw new Error(`${one.id} ${action}: not ${wanted}`);
  },

  async prepare() {
    await work();
  },

  round: work,

  end: () => Promise.resolve(),
});

async function work(): Promise<number> {
  let allowed = 0;
  for (let i = 0; i < ROUND; i++) {
    const at = i % ORDERS;
    const answer = ask(people[at] as Person, (i & 3) === 0 ? 'update' : 'read', orders[at] as Order);
    if (answer === true) allowed++;
  }
  if (allowed === 0 || allowed === ROUND) throw new Error('answers the same to all');
  return ROUND;
}
