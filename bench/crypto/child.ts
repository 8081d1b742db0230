/** One contender of `bench crypto` in a process of its own: node child.ts KIND NAME. */
import { answerQuestions } from '../lib/contender.ts';
import { contender } from './contenders.ts';

const [kind = '', name = ''] = process.argv.slice(2);
const { work, prove } = await contender(kind, name);
const ROUND = name === 'key stretched per field' ? 2 : 20_000;
const AT_ONCE = 100;

async function round(): Promise<number> {
  for (let from = 0; from < ROUND; from += AT_ONCE) {
    const promises: unknown[] = [];
    for (let at = from; at < Math.min(ROUND, from + AT_ONCE); at++) {
      const done = work(at);
      if (done instanceof Promise) promises.push(done);
    }
    if (promises.length > 0) await Promise.all(promises);
  }
  return ROUND;
}

answerQuestions({
  prove: () => Promise.resolve(prove()).then(() => undefined),
  async prepare() {
    for (let i = 0; i < 3; i++) await round();
  },
  round,
  end: () => Promise.resolve(),
});
