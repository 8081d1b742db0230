import { Agent, request } from 'node:http';
import { postgresService, temporaryDatabase } from '../../src/testing/services.ts';
import { startCareless } from './app.ts';
import { ATTACKS } from './attacks.ts';
import { changesShape } from './measure.ts';
import { readLists } from './outside.ts';
import { SLOTS } from './slots.ts';

/**
 * Sends attacks into every place of the careless application, over HTTP, and prints how many reached its server:
 * `node test/sink/over-http.ts FOLDER…`.
 */
const service = await postgresService();
if (service.url === undefined) throw new Error(service.absent);
const SHOWN = 5;
const IN_FLIGHT = 16;

const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
function send(url: string, slot: number, value: string, posted: boolean): Promise<number> {
  const path = posted ? `/${slot}` : `/${slot}?v=${encodeURIComponent(value)}`;
  return new Promise((resolve, reject) => {
    request(`${url}${path}`, { agent, method: posted ? 'POST' : 'GET' }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    })
      .on('error', reject)
      .end(posted ? JSON.stringify({ v: value }) : undefined);
  });
}

async function measure(name: string, attacks: readonly string[]): Promise<void> {
  const database = await temporaryDatabase(service.url as string);
  const app = await startCareless(database.url);
  for (const [slot, { neutral }] of SLOTS.entries()) await send(app.url, slot, neutral, false);
  let changed = 0;
  let refused = 0;
  const reached: string[] = [];
  for (const [i, slot] of SLOTS.entries()) {
    const meant = attacks.filter((attack) => changesShape(slot, slot.write(attack), attack));
    for (let from = 0; from < meant.length; from += IN_FLIGHT) {
      const part = meant.slice(from, from + IN_FLIGHT);
      app.sent.length = 0;
      const answers = await Promise.all(
        part.map((attack, j) => send(app.url, i, attack, j % 2 === 0 || attack.length > 2_000)),
      );
      changed += part.length;
      refused += answers.filter((status) => status === 400).length;
      reached.push(...app.sent);
    }
  }
  console.log(
    `${name}: ${changed} requests changed a statement, ${refused} answered 400, ${reached.length} sent`,
  );
  for (const text of reached.slice(0, SHOWN)) console.log(`  sent ${text.slice(0, 200)}`);
  await app.close();
  await database.drop();
}

await measure('own corpus', Object.values(ATTACKS).flat());
for (const { name, attack } of readLists(process.argv.slice(2)))
  if (attack.length > 0) await measure(name, attack);
agent.destroy();
