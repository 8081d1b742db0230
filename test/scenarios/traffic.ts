import type { Agent } from 'node:http';
import type { RampartConfig } from '../../src/server/config.ts';
import type { Answer, Sent } from './client.ts';
import type { Running } from './server.ts';

/** A small limit on the sample, forwarded addresses from this machine, every pass kept. */
export const SMALL_LIMIT: RampartConfig<'api'> = {
  trustProxy: ['loopback'],
  limits: { api: { max: 5, window: '10m', by: 'ip' } },
  routes: { '/sample/*': { limit: 'api' } },
  records: { passes: 1 },
};

/** A request on behalf of a client with this address. Asking for orders unsigned is passed by the guards, then 401. */
export function from(address: string, sent: Partial<Sent> = {}): Sent {
  return { path: '/sample/orders', ...sent, headers: { 'x-forwarded-for': address, ...sent.headers } };
}

/** The decision that a response names. */
export function decisionOf(answer: Answer): string | undefined {
  const id = answer.headers['x-rampart-decision'];
  return typeof id === 'string' ? id : undefined;
}

/** What clients saw. */
export interface Seen {
  readonly answers: Answer[];
  /** Requests whose connection broke before their response was whole. */
  broken: number;
}

/** Clients that send one request after the other, each from some addresses of its own, until their connection breaks. */
export async function clients(server: Running, lanes: number, seen: Seen, agent?: Agent): Promise<void> {
  const lane = async (number: number): Promise<void> => {
    for (let i = 0; ; i++) {
      try {
        const address = `198.51.${number}.${Math.floor(i / 12) % 250}`;
        seen.answers.push(await server.send(from(address, agent === undefined ? {} : { agent })));
      } catch {
        seen.broken++;
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, number) => lane(number)));
}

/** Ids of the refusals among the answers. */
export function refusalsOf(answers: readonly Answer[]): readonly string[] {
  return answers.map(decisionOf).filter((id) => id !== undefined);
}

/** The ids, of those given, that the server does not know. */
export async function unknownTo(server: Running, ids: readonly string[]): Promise<readonly string[]> {
  const unknown: string[] = [];
  for (const id of ids) {
    if ((await server.ask('GET', `/admin/decisions/${id}`)).status !== 200) unknown.push(id);
  }
  return unknown;
}

/** Ids of all events that the server shows. */
export async function eventIds(server: Running): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let before = ''; ;) {
    const { body } = await server.ask<{ events: { id: string }[]; nextBefore: string | null }>(
      'GET',
      `/admin/events?limit=200${before}`,
    );
    ids.push(...body.events.map(({ id }) => id));
    if (body.nextBefore === null) return ids;
    before = `&before=${body.nextBefore}`;
  }
}
