import { describe, expect, it } from 'vitest';
import { createLogger } from '../base/observe/index.ts';
import { ConflictError } from '../core/errors.ts';
import type { RampartEvent } from '../core/events.ts';
import { blockList, trafficPatterns } from '../modules/shield/index.ts';
import { memoryBus } from '../stores/memory/bus.ts';
import { ManualClock } from '../testing/clock.ts';
import { AutoBlocks } from './auto-blocks.ts';
import { POSTURE_CHANNEL, shareTraffic } from './share-traffic.ts';

const BLOCK = { target: '203.0.113.7', reason: 'too much', ttlMs: 3_600_000 };

function stand(add: (target: string) => void = () => undefined) {
  const clock = new ManualClock();
  const blocks = blockList({}, { clock });
  const added: string[] = [];
  const events: RampartEvent[] = [];
  const lines: string[] = [];
  let announced = 0;
  const auto = new AutoBlocks({
    node: 'n1',
    clock,
    log: createLogger({ level: 'warn', sink: { write: (line) => lines.push(line) } }),
    stores: {
      sql: { transaction: <T>(work: (sql: never) => Promise<T>) => work(undefined as never) },
      blocks: {
        add: async (_sql: unknown, block: { target: string }) => {
          add(block.target);
          added.push(block.target);
        },
      },
      events: { write: async (_sql: unknown, event: RampartEvent) => void events.push(event) },
    } as never,
    blocks: () => blocks,
    announce: async () => void announced++,
  });
  return { auto, blocks, added, events, lines, announced: () => announced };
}

describe('blocks that the house sets by itself', () => {
  it('act at once, and are written with their audit event, once for all that came meanwhile', async () => {
    const { auto, blocks, added, events, announced } = stand();
    for (let i = 0; i < 5; i++) auto.add(BLOCK);
    auto.add({ ...BLOCK, target: '203.0.113.8' });
    expect(blocks.find('203.0.113.7')?.createdBy).toBe('shield.traffic');
    await auto.flush();
    expect(added).toEqual(['203.0.113.7', '203.0.113.8']);
    expect(events.map(({ type, subject }) => [type, subject])).toEqual([
      ['BLOCK_ADDED', '203.0.113.7'],
      ['BLOCK_ADDED', '203.0.113.8'],
    ]);
    expect(announced()).toBe(1);
  });

  it('are nothing to speak of where another node was first', async () => {
    const { auto, lines, announced } = stand(() => {
      throw new ConflictError('This address or range is blocked already.');
    });
    auto.add(BLOCK);
    await auto.flush();
    expect([lines, announced()]).toEqual([[], 0]);
  });

  it('hold here when the database is down, and it is said', async () => {
    const { auto, blocks, lines } = stand(() => {
      throw new Error('down');
    });
    auto.add(BLOCK);
    await auto.flush();
    expect(blocks.find('203.0.113.7')).toBeDefined();
    expect(lines.join()).toContain('on this node alone');
  });
});

describe('the posture of several nodes', () => {
  const log = createLogger({ level: 'silent', sink: { write: () => undefined } });
  /** The bus of one process delivers after the sender has gone on. */
  const delivered = () => new Promise((resolve) => setImmediate(resolve));
  const node = (clock: ManualClock) =>
    trafficPatterns(
      {},
      { clock, events: { emit: () => undefined }, refuses: () => undefined, block: () => undefined },
    );

  it('is the hardest of all, and words that cannot be read move nothing', async () => {
    const clock = new ManualClock();
    const bus = memoryBus();
    const one = node(clock);
    const end = await shareTraffic(one, bus, { node: 'n1', timers: clock, log });
    for (const word of ['', '{', 'null', '{"node":1,"level":"attack"}', '{"node":"n2","level":"war"}'])
      await bus.publish(POSTURE_CHANNEL, word);
    await bus.publish(POSTURE_CHANNEL, JSON.stringify({ node: 'n1', level: 'attack' }));
    await delivered();
    expect(one.posture().level).toBe('normal');
    await bus.publish(POSTURE_CHANNEL, JSON.stringify({ node: 'n2', level: 'attack' }));
    await delivered();
    expect(one.posture()).toMatchObject({ level: 'attack', own: 'normal' });
    clock.advance(60_000);
    expect(one.level()).toBe('normal');
    await end();
    expect(clock.pending).toBe(0);
  });
});
