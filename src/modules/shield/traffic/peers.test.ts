import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientTable, UNIT } from './clients.ts';
import { HotClients } from './hot-clients.ts';
import { MAX_REPORTED, PeerCounts, readClientReport } from './peers.ts';

const MOST = 1_200;

interface Node {
  readonly table: ClientTable;
  readonly hot: HotClients;
  readonly peers: PeerCounts;
}

interface Letter {
  readonly atMs: number;
  readonly take: (atMs: number) => void;
}

/** Nodes that tell each other; a report takes `delayMs` on its way. */
class Nodes {
  readonly #nodes: readonly Node[];
  readonly #posted: Letter[] = [];
  #nowMs = 0;

  constructor(count: number, delayMs: number) {
    this.#nodes = Array.from({ length: count }, () => {
      const table = new ClientTable(256);
      return { table, hot: new HotClients(table, MOST / 16), peers: new PeerCounts() };
    });
    for (const [from, { hot }] of this.#nodes.entries())
      hot.tell = (report) =>
        this.#posted.push({
          atMs: this.#nowMs + delayMs,
          take: (atMs) => {
            for (const [to, { peers }] of this.#nodes.entries())
              if (to !== from) peers.hear(`n${from}`, report, atMs);
          },
        });
  }

  /** @returns what the node takes the client to have sent within the last minute */
  send(to: number, atMs: number): number {
    this.#nowMs = atMs;
    while (this.#posted[0] !== undefined && this.#posted[0].atMs <= atMs) {
      const { atMs: arrivedMs, take } = this.#posted.shift() as Letter;
      take(arrivedMs);
    }
    const { table, hot, peers } = this.#nodes[to] as Node;
    const { minute } = table.add('a', UNIT, atMs);
    hot.note('a', minute, atMs);
    return minute + peers.minute('a', atMs);
  }
}

/** What a node saw at most of a client that sends so many a second, spread over the nodes. */
function mostSeen(nodes: Nodes, perSecond: number, pick: (i: number) => number, phase: number): number {
  let most = 0;
  for (let i = 0; i < perSecond * 150; i++)
    most = Math.max(most, nodes.send(pick(i), phase + (i * 1_000) / perSecond));
  return most;
}

describe('a client that spreads what it sends over the nodes', () => {
  const phases = fc.nat({ max: 60_000 });
  const delays = fc.nat({ max: 1_000 });
  const counts = fc.integer({ min: 2, max: 8 });
  const turns = fc.infiniteStream(fc.nat({ max: 7 }));

  it('is never taken to have sent more than it has, however it spreads it and however late the reports are', () => {
    fc.assert(
      fc.property(phases, delays, counts, turns, (phase, delayMs, count, picks) => {
        const pick = () => (picks.next().value as number) % count;
        expect(mostSeen(new Nodes(count, delayMs), 20, pick, phase)).toBeLessThanOrEqual(MOST);
      }),
      { numRuns: 40 },
    );
  });

  it('is seen when it sends a quarter more than is honest', () => {
    fc.assert(
      fc.property(phases, delays, counts, (phase, delayMs, count) => {
        expect(mostSeen(new Nodes(count, delayMs), 25, (i) => i % count, phase)).toBeGreaterThan(MOST);
      }),
      { numRuns: 40 },
    );
  });
});

describe('what other nodes told', () => {
  it('counts for two seconds, and not at all once the client was blocked', () => {
    const peers = new PeerCounts();
    peers.hear('n2', { counts: [['a', 100]], over: [] }, 0);
    peers.hear('n3', { counts: [['a', 20]], over: [] }, 500);
    expect([peers.minute('a', 1_000), peers.minute('b', 1_000)]).toEqual([120, 0]);
    expect(peers.minute('a', 2_100)).toBe(20);
    peers.forget('a', 2_200);
    peers.hear('n2', { counts: [['a', 100]], over: [] }, 2_300);
    expect(peers.minute('a', 2_400)).toBe(0);
    peers.hear('n2', { counts: [['a', 7]], over: [] }, 4_100);
    expect(peers.minute('a', 4_300)).toBe(7);
  });

  it('fits a message of the bus, with the longest names', () => {
    const table = new ClientTable(4_096);
    const hot = new HotClients(table, 1);
    const told: string[] = [];
    hot.tell = (report) => told.push(JSON.stringify({ node: 'n'.repeat(100), ...report }));
    for (let i = 0; i < 300; i++) {
      const client = `2001:db80:1234:${(i + 4_096).toString(16)}::/64`;
      for (let n = 0; n < 50; n++) table.add(client, UNIT, 0);
      hot.note(client, 50, 0);
    }
    hot.note('another', 0, 1_000);
    expect(told).toHaveLength(2);
    expect((JSON.parse(told[1] as string) as { counts: unknown[] }).counts).toHaveLength(MAX_REPORTED);
    expect(Math.max(...told.map((text) => text.length))).toBeLessThanOrEqual(4_000);
  });

  it('is not acted on when it cannot be read', () => {
    const tooMany = Array.from({ length: MAX_REPORTED + 1 }, () => ['a', 1]);
    for (const given of [
      null,
      {},
      { counts: [], over: [1] },
      { counts: [['a']], over: [] },
      { counts: [['a', -1]], over: [] },
      { counts: [['a', null]], over: [] },
      { counts: [['a'.repeat(65), 1]], over: [] },
      { counts: tooMany, over: [] },
    ])
      expect(readClientReport(given)).toBeUndefined();
    expect(readClientReport({ counts: [['a', 1.5]], over: ['b'] })).toEqual({
      counts: [['a', 1.5]],
      over: ['b'],
    });
  });
});
