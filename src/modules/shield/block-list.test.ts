import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../core/context.ts';
import { createCorridor } from '../../core/corridor.ts';
import type { Decider, Evidence } from '../../core/decide.ts';
import { addressReader } from '../../core/proxy.ts';
import { ManualClock } from '../../testing/clock.ts';
import type { Block, BlockChange, NewBlock } from './block.ts';
import { blockList } from './block-list.ts';
import { matcher, matches } from './decide.ts';
import type { BlockListOptions } from './options.ts';

const HOUR_MS = 3_600_000;

function house(options: BlockListOptions = {}) {
  const clock = new ManualClock();
  const changes: BlockChange[] = [];
  const blocks = blockList(options, { clock, onChange: (change) => changes.push(change) });
  const corridor = createCorridor({
    guards: [blocks.guard],
    clock,
    readClient: addressReader({ trustProxy: false }),
  });
  const ask = (peer: string): RequestContext =>
    corridor.enter({
      method: 'GET',
      target: '/',
      peer,
      encrypted: false,
      header: () => undefined,
    }) as RequestContext;
  const add = (target: string, more: Partial<NewBlock> = {}) =>
    blocks.add({ target, reason: 'testing', createdBy: 'admin:1', ttlMs: null, ...more });
  const blocked = (peer: string): boolean => ask(peer).verdict.kind === 'deny';
  return { blocks, clock, changes, ask, add, blocked };
}

function added(result: ReturnType<ReturnType<typeof house>['add']>): Block {
  if (!result.ok) throw new Error(result.text);
  return result.block;
}

function stored(id: string, target: string, expiresAtMs: number | null = null) {
  return { id, target, reason: 'stored', createdBy: 'admin:1', createdAtMs: 1, expiresAtMs };
}

describe('the block list', () => {
  it('refuses a blocked address and tells it nothing of the block', () => {
    const { add, ask, blocked } = house();
    const block = added(add('203.0.113.7', { reason: 'card testing, case 17' }));
    const context = ask('203.0.113.7');
    expect(context.reply).toMatchObject({ status: 403 });
    expect(JSON.parse(context.reply?.body as string)).toMatchObject({ error: { code: 'BLOCKED' } });
    expect(JSON.stringify(context.reply)).not.toMatch(/case 17|203\.0\.113|blk_|admin/);
    expect(context.verdict.reason).toMatchObject({
      code: 'block.blocked',
      text: '203.0.113.7 is blocked by 203.0.113.7: card testing, case 17',
      remedy: { do: 'ask' },
      because: [{ values: { id: block.id, createdBy: 'admin:1', expiresAtMs: null } }],
    });
    expect(blocked('203.0.113.8')).toBe(false);
  });

  it.each([
    '203.0.113.7',
    '::ffff:203.0.113.7',
    '::ffff:cb00:7107',
    '0:0:0:0:0:ffff:203.0.113.7',
    '::FFFF:CB00:7107',
    '::ffff:203.0.113.7%eth0',
  ])('knows an IPv4 address in every form, on either side: %s (A51)', (form) => {
    const plain = house();
    added(plain.add('203.0.113.7'));
    expect(plain.blocked(form)).toBe(true);
    const mapped = house();
    if (!form.includes('%')) expect(added(mapped.add(form)).target).toBe('203.0.113.7');
    expect(matches('203.0.113.7', form)).toBe(true);
  });

  it('blocks ranges of both families, with the most specific block named', () => {
    const { add, blocks, blocked } = house();
    added(add('203.0.113.0/24'));
    const inner = added(add('203.0.113.128/25'));
    added(add('2001:db8:1::/48'));
    expect(blocks.find('203.0.113.200')?.id).toBe(inner.id);
    expect(blocked('203.0.113.1')).toBe(true);
    expect(blocked('203.0.114.1')).toBe(false);
    expect(blocked('2001:db8:1:ffff::1')).toBe(true);
    expect(blocked('2001:db8:2::1')).toBe(false);
  });

  it('lets go at the very millisecond, and falls back to a wider block that stands', () => {
    const { add, blocks, clock, blocked, ask } = house();
    added(add('198.51.100.7', { ttlMs: HOUR_MS }));
    expect(ask('198.51.100.7').verdict.reason?.remedy).toEqual({ do: 'wait', seconds: 3600 });
    clock.advance(HOUR_MS - 1);
    expect(blocked('198.51.100.7')).toBe(true);
    clock.advance(1);
    expect(blocked('198.51.100.7')).toBe(false);
    expect(blocks.list()).toEqual([]);
    added(add('198.51.100.7', { ttlMs: HOUR_MS }));
    added(add('198.51.100.0/24'));
    expect(blocked('198.51.100.7')).toBe(true);
    clock.advance(HOUR_MS);
    expect(blocks.find('198.51.100.7')?.target).toBe('198.51.100.0/24');
    expect(blocked('198.51.100.7')).toBe(true);
  });

  it('keeps whichever block of a target lasts longer, under the first id', () => {
    const { add, blocks, clock, changes } = house();
    const first = added(add('198.51.100.7', { ttlMs: HOUR_MS, reason: 'burst' }));
    expect(add('198.51.100.7', { ttlMs: 1000, reason: 'shorter' })).toMatchObject({
      ok: true,
      changed: false,
      block: { reason: 'burst' },
    });
    const longer = add('::ffff:198.51.100.7', { ttlMs: 2 * HOUR_MS, reason: 'again' });
    expect(longer).toMatchObject({
      ok: true,
      changed: true,
      block: { id: first.id, reason: 'again', expiresAtMs: clock.now() + 2 * HOUR_MS },
    });
    expect(add('198.51.100.7')).toMatchObject({ changed: true, block: { expiresAtMs: null } });
    expect(add('198.51.100.7', { ttlMs: HOUR_MS })).toMatchObject({
      changed: false,
      block: { expiresAtMs: null },
    });
    expect(blocks.list()).toHaveLength(1);
    expect(changes).toHaveLength(3);
  });

  it('lifts a block at once, and takes that back with the old expiry', () => {
    const { add, blocks, clock, blocked, changes } = house();
    const { id, expiresAtMs } = added(add('198.51.100.7', { ttlMs: HOUR_MS }));
    expect(blocked('198.51.100.7')).toBe(true);
    expect(blocks.remove(id)).toMatchObject({ id, hits: 1 });
    expect(blocks.remove(id)).toBeUndefined();
    expect(blocked('198.51.100.7')).toBe(false);
    clock.advance(1000);
    expect(blocks.restore(id)).toMatchObject({ ok: true, block: { id, expiresAtMs, hits: 1 } });
    expect(blocked('198.51.100.7')).toBe(true);
    expect(changes.map((change) => change.kind)).toEqual(['added', 'removed', 'restored']);
    blocks.remove(id);
    clock.advance(HOUR_MS);
    expect(blocks.restore(id)).toBeUndefined();
    expect(blocks.restore('blk_unknown')).toBeUndefined();
  });

  it.each([
    ['127.0.0.1', 'never-block'],
    ['127.0.0.0/8', 'never-block'],
    ['::1', 'never-block'],
    ['::ffff:127.0.0.1', 'never-block'],
    ['192.0.2.10', 'never-block'],
    ['10.1.0.0/16', 'never-block'],
    ['0.0.0.0/0', 'too-wide'],
    ['64.0.0.0/7', 'too-wide'],
    ['::/0', 'too-wide'],
    ['2000::/15', 'too-wide'],
    ['::ffff:0:0/96', 'too-wide'],
    ['198.51.100.0/24', 'own-address'],
    ['everyone', 'not-a-target'],
    ['203.0.113.7:80', 'not-a-target'],
  ])('does not block %s: %s', (target, code) => {
    const { add, blocks } = house({ neverBlock: ['192.0.2.0/24', 'uniquelocal'] });
    expect(add(target, { own: { addresses: ['::ffff:198.51.100.9'] } })).toMatchObject({ ok: false, code });
    expect(blocks.refuses(target, { addresses: ['198.51.100.9'] })?.code).toBe(code);
    expect(blocks.list()).toEqual([]);
  });

  it('never refuses what is on the never-block list, even inside a blocked range (A87)', () => {
    const { add, blocked, blocks } = house({ neverBlock: ['192.0.2.10'] });
    added(add('192.0.2.0/24'));
    expect(blocked('192.0.2.10')).toBe(false);
    expect(blocks.find('192.0.2.10')).toBeUndefined();
    expect(blocked('192.0.2.11')).toBe(true);
    added(add('64.0.0.0/8'));
    const open = house({ neverBlockLoopback: false, minIpv4Bits: 7 });
    added(open.add('127.0.0.1'));
    expect(open.blocked('127.0.0.1')).toBe(true);
    added(open.add('64.0.0.0/7'));
  });

  it.each([0, -1, Number.NaN, Infinity, 11 * 365 * 24 * HOUR_MS])(
    'does not take a length of %d ms',
    (ttlMs) => {
      expect(house().add('203.0.113.7', { ttlMs })).toMatchObject({ ok: false, code: 'bad-ttl' });
    },
  );

  it('never holds more than its ceiling, expired blocks making room', () => {
    const { add, blocks, clock } = house({ maxEntries: 3 });
    for (let i = 1; i <= 3; i++) added(add(`203.0.113.${i}`, { ttlMs: i === 1 ? HOUR_MS : null }));
    expect(add('203.0.113.9')).toMatchObject({ ok: false, code: 'full' });
    clock.advance(HOUR_MS);
    expect(add('203.0.113.9')).toMatchObject({ ok: true });
    expect(blocks.list()).toHaveLength(3);
    expect(blocks.replaceAll([1, 2, 3, 4, 5].map((i) => stored(`blk_${i}`, `198.51.100.${i}`)))).toEqual({
      kept: 3,
      left: 2,
    });
    expect(blocks.list()).toHaveLength(3);
  });

  it('takes over a stored list in one step, leaving out what may not stand', () => {
    const { add, blocks, clock, blocked, changes } = house();
    const old = added(add('203.0.113.7'));
    expect(blocked('203.0.113.7')).toBe(true);
    expect(blocked('198.51.100.1')).toBe(false);
    const kept = blocks.replaceAll([
      old,
      stored('blk_a', '198.51.100.0/24', clock.now() + HOUR_MS),
      stored('blk_b', '198.51.100.0/24'),
      stored('blk_b', '198.51.101.0/24'),
      stored('blk_c', '127.0.0.1'),
      stored('blk_d', '0.0.0.0/0'),
      stored('blk_e', 'x'),
      stored('blk_f', '192.0.2.1', clock.now()),
    ]);
    expect(kept).toEqual({ kept: 2, left: 6 });
    expect(blocks.hits(old.id)).toBe(1);
    expect(blocks.find('198.51.100.1')?.id).toBe('blk_b');
    expect(blocked('198.51.100.1')).toBe(true);
    expect(blocked('192.0.2.1')).toBe(false);
    blocks.replaceAll([]);
    expect(blocked('203.0.113.7')).toBe(false);
    expect(changes).toHaveLength(1);
  });

  it('counts hits per block and in all, and keeps what people wrote within bounds', () => {
    const { add, blocks, blocked } = house();
    const one = added(add('203.0.113.7', { reason: 'x'.repeat(1000), createdBy: 'y'.repeat(1000) }));
    added(add('203.0.113.8'));
    for (let i = 0; i < 3; i++) blocked('203.0.113.7');
    blocked('203.0.113.8');
    blocks.find('203.0.113.7');
    expect([blocks.hits(one.id), blocks.hits(), blocks.hits('none')]).toEqual([3, 4, 0]);
    expect(blocks.list().find((block) => block.id === one.id)).toMatchObject({
      hits: 3,
      reason: 'x'.repeat(500),
      createdBy: 'y'.repeat(200),
    });
  });

  it('forgets the answers of the last thousands of addresses when something changes', () => {
    const { add, blocked, blocks } = house();
    added(add('192.0.2.1'));
    for (let i = 0; i < 6000; i++) expect(blocked(`10.0.${i >> 8}.${i & 255}`)).toBe(false);
    const { id } = added(add('10.0.0.0/16'));
    // The last one that was asked about is surely among them.
    expect(blocked('10.0.23.111')).toBe(true);
    blocks.remove(id);
    expect(blocked('10.0.23.111')).toBe(false);
  });

  it('only notes in shadow mode', () => {
    const { add, ask, blocks } = house({ mode: 'shadow' });
    added(add('203.0.113.7'));
    const context = ask('203.0.113.7');
    expect(context.verdict.kind).toBe('pass');
    expect(context.trail).toMatchObject([{ guard: 'blockList', shadow: true, verdict: { kind: 'deny' } }]);
    expect(blocks.hits()).toBe(1);
  });

  it.each([
    [{ maxEntries: 0 }, 'maxEntries'],
    [{ neverBlock: ['office'] }, 'neverBlock[0]'],
    [{ minIpv4Bits: 33 }, 'minIpv4Bits'],
    [{ mode: 'off' }, 'mode'],
    [{ maxEntry: 1 }, 'maxEntry'],
  ])('refuses %j at construction', (options, path) => {
    expect(() => house(options as BlockListOptions)).toThrow(
      expect.objectContaining({ name: 'OptionsError', path: `blockList.${path}` }),
    );
  });

  it('answers previews without being asked for a block', () => {
    const hit = matcher('203.0.113.0/24');
    expect(['203.0.113.9', '::ffff:203.0.113.9', '203.0.114.9', 'unknown', '2001:db8::1'].map(hit)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(matches('no target', '203.0.113.9')).toBe(false);
  });

  it('says what its decider says again from the record, and what a plain search says', () => {
    const octet = fc.constantFrom(9, 10, 11);
    const text = fc.tuple(octet, octet, octet).map((parts) => `198.${parts.join('.')}`);
    const target = fc.tuple(text, fc.constantFrom(16, 24, 30, 32)).map(([net, bits]) => `${net}/${bits}`);
    const entry = fc.record({ target, ttlMs: fc.constantFrom(null, 1000, HOUR_MS) });
    fc.assert(
      fc.property(
        fc.array(entry, { maxLength: 12 }),
        text,
        fc.constantFrom(0, 999, 1000, HOUR_MS),
        (entries, peer, laterMs) => {
          const { add, ask, blocks, clock } = house();
          const startMs = clock.now();
          for (const one of entries) add(one.target, { ttlMs: one.ttlMs });
          ask(peer);
          clock.advance(laterMs);
          const context = ask(peer);
          const expected = entries.some(
            (one) => matches(one.target, peer) && (one.ttlMs === null || startMs + one.ttlMs > clock.now()),
          );
          expect(context.verdict.kind).toBe(expected ? 'deny' : 'pass');
          const kept = JSON.parse(JSON.stringify(blocks.guard.evidence?.(context))) as Evidence;
          const again = (blocks.guard.decider as Decider).decide(kept.features, kept.state, kept.atMs);
          expect(again.kind).toBe(context.verdict.kind);
          if (expected) expect(again).toEqual(context.verdict);
        },
      ),
    );
  });
});
