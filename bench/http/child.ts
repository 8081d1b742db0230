/** One contender in a process of its own: starts, tells its port, and answers how much CPU it has used. */
import { CONTENDERS, type Contender } from './contenders.ts';
import { RAMPARTS } from './rampart.ts';

const [name, max, redisUrl] = process.argv.slice(2);
const all: Readonly<Record<string, Contender>> = { ...CONTENDERS, ...RAMPARTS };
const contender = all[name ?? ''];
if (!contender) throw new Error(`no contender '${name}'`);

const { port } = await contender({ max: Number(max), redisUrl: redisUrl === '' ? undefined : redisUrl });
process.send?.({ port });
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuUs: user + system, rssBytes: process.memoryUsage.rss() });
});
process.on('disconnect', () => process.exit(0));
