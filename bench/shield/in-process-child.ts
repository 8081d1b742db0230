/** One contender of inspection without sockets, in a process of its own: node in-process-child.ts NAME CASE. */
import easyWaf from 'easy-waf';
import type { RequestContext } from '../../src/core/context.ts';
import { systemClock } from '../../src/core/clock.ts';
import { createCorridor } from '../../src/core/corridor.ts';
import { addressReader } from '../../src/core/proxy.ts';
import { inspection } from '../../src/modules/shield/index.ts';
import { answerQuestions } from '../lib/contender.ts';
import { ATTACK, CASES } from './requests.ts';
import { type Arrival, arrivals } from './arrivals.ts';

const [name = '', kind = ''] = process.argv.slice(2);
const requests = CASES[kind] ?? [];
if (requests.length === 0) throw new Error(`no case '${kind}'`);
const COUNT = Math.max(2_000, Math.floor(20_000_000 / Math.max(...requests.map(({ length }) => length))));

/** Takes one request; says whether it may go on. */
type Take = (request: Arrival) => boolean | Promise<boolean>;

const TAKES: Readonly<Record<string, () => Take>> = {
  corridor: () => throughCorridor([]),
  rampart: () => throughCorridor([inspection({}, { events: { emit: () => undefined } })]),
  'easy-waf': () => {
    const waf = easyWaf({ disableLogging: true });
    const response = { writeHead: () => undefined, write: () => undefined, end: () => undefined };
    return async (request) => {
      let passed = false;
      await waf(request.asMessage() as never, response as never, () => {
        passed = true;
      });
      return passed;
    };
  },
};

function throughCorridor(guards: Parameters<typeof createCorridor>[0]['guards']): Take {
  const readClient = addressReader({ trustProxy: false });
  const corridor = createCorridor({ guards, clock: systemClock, readClient });
  return (request) => {
    const context = corridor.enter(request) as RequestContext;
    let passes = context.reply === null;
    const walk = passes ? corridor.openBody(context) : null;
    if (walk !== null) passes = !((request.body !== null && walk.write(request.body)) || walk.end());
    corridor.leave(context, 200, 2, false);
    return passes;
  };
}

const make = Object.hasOwn(TAKES, name) ? TAKES[name] : undefined;
if (!make) throw new Error(`no contender '${name}'`);
const take = make();
let laidOut: readonly Arrival[] = [];

/** @returns how many were let through */
async function takeAll(all: readonly Arrival[]): Promise<number> {
  let passed = 0;
  for (const one of all) {
    const answer = take(one);
    if (typeof answer === 'boolean' ? answer : await answer) passed++;
  }
  return passed;
}

answerQuestions({
  async prove() {
    if ((await takeAll(arrivals(requests, requests.length))) !== requests.length)
      throw new Error(`${name} refuses an honest request`);
    if ((await takeAll(arrivals([ATTACK], 1))) !== (name === 'corridor' ? 1 : 0))
      throw new Error(`${name} misjudges an attack`);
  },
  async prepare() {
    for (let i = 0; i < 3; i++) await takeAll(arrivals(requests, COUNT));
  },
  layOut() {
    laidOut = [];
    globalThis.gc?.();
    laidOut = arrivals(requests, COUNT);
  },
  async round() {
    return takeAll(laidOut);
  },
  async end() {},
});
