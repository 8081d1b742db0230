import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestContext } from '../../core/context.ts';
import { createCorridor } from '../../core/corridor.ts';
import { Principal } from '../../core/fact.ts';
import type { Guard } from '../../core/guard.ts';
import { addressReader } from '../../core/proxy.ts';
import { PASS } from '../../core/verdict.ts';
import { ManualClock } from '../../testing/clock.ts';
import type { BlockPlaces, NewBlock } from './block.ts';
import { blockList } from './block-list.ts';
import type { CallerFeatures, PlaceFeatures } from './decide.ts';
import type { BlockListOptions } from './options.ts';

const HOUR_MS = 3_600_000;
const PLACES: Readonly<Record<string, PlaceFeatures>> = {
  '203.0.113.7': { asn: 64500, country: 'DE' },
  '203.0.113.8': { asn: 64501, country: 'DE' },
  '198.51.100.1': { country: 'FR' },
};

interface Visit extends CallerFeatures {
  readonly from?: string;
}

function house(
  options: BlockListOptions = {},
  places: (() => BlockPlaces | undefined) | null = () => (address) => PLACES[address],
) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const blocks = blockList(options, {
    clock,
    ...(places === null
      ? {}
      : {
          places: () => {
            const find = places();
            return find && ((address) => (asked.push(address), find(address)));
          },
        }),
    caller(context, wants) {
      const { user, session, device } = visit;
      expect(context.get(Principal)?.id).toBe(user);
      if (wants.device) asked.push('device');
      return {
        ...(user === undefined ? {} : { user }),
        ...(session === undefined ? {} : { session }),
        ...(device === undefined || !wants.device ? {} : { device }),
      };
    },
  });
  let visit: Visit = {};
  const identify: Guard = {
    name: 'identify',
    phase: 'identify',
    mode: 'enforce',
    onError: 'deny',
    check(context) {
      if (visit.user !== undefined) context.set(Principal, { id: visit.user, kind: 'user', roles: [] });
      return PASS;
    },
  };
  const seen: string[] = [];
  const later: Guard = {
    name: 'later',
    phase: 'authorize',
    mode: 'enforce',
    onError: 'deny',
    check: () => (seen.push('later'), PASS),
  };
  const corridor = createCorridor({
    guards: [blocks.guard, identify, blocks.callerGuard, later],
    clock,
    readClient: addressReader({ trustProxy: false }),
  });
  const ask = (who: Visit = {}): RequestContext => {
    visit = who;
    return corridor.enter({
      method: 'GET',
      target: '/',
      peer: who.from ?? '192.0.2.1',
      encrypted: false,
      header: () => undefined,
    }) as RequestContext;
  };
  const add = (target: string, more: Partial<NewBlock> = {}) =>
    blocks.add({ target, reason: 'testing', createdBy: 'admin:1', ttlMs: null, ...more });
  const blocked = (who: Visit): boolean => ask(who).verdict.kind === 'deny';
  return { blocks, clock, ask, add, blocked, asked, seen };
}

describe('blocks of networks and countries', () => {
  it('refuse whoever comes from there, and nobody else', () => {
    const { add, blocked, blocks } = house();
    add('asn:64500');
    expect(
      ['203.0.113.7', '203.0.113.8', '198.51.100.1', '192.0.2.1'].map((from) => blocked({ from })),
    ).toEqual([true, false, false, false]);
    add('country:FR');
    expect(blocked({ from: '198.51.100.1' })).toBe(true);
    expect(blocks.find('198.51.100.1')?.target).toBe('country:FR');
    expect(blocked({ from: '203.0.113.8' })).toBe(false);
  });

  it('ask for places only while there is such a block, and follow files that change', () => {
    let places: BlockPlaces = (address) => PLACES[address];
    const { add, blocked, blocks, asked } = house({}, () => (address) => places(address));
    add('192.0.2.9');
    add('user:42');
    blocked({ from: '203.0.113.7' });
    expect(asked).toEqual([]);
    const block = add('asn:64500', { ttlMs: HOUR_MS });
    expect(blocked({ from: '203.0.113.7' })).toBe(true);
    places = () => ({ asn: 64999 });
    expect(blocked({ from: '203.0.113.7' })).toBe(false);
    expect(asked.length).toBeGreaterThan(1);
    if (block.ok) blocks.remove(block.block.id);
    asked.length = 0;
    blocked({ from: '203.0.113.7' });
    expect(asked).toEqual([]);
  });

  it('name the address first, then the network, then the country', () => {
    const { add, blocks, clock } = house();
    add('country:DE');
    expect(blocks.find('203.0.113.7')?.target).toBe('country:DE');
    add('asn:64500', { ttlMs: HOUR_MS });
    expect(blocks.find('203.0.113.7')?.target).toBe('asn:64500');
    add('203.0.113.0/24', { ttlMs: HOUR_MS });
    expect(blocks.find('203.0.113.7')?.target).toBe('203.0.113.0/24');
    clock.advance(HOUR_MS);
    expect(blocks.find('203.0.113.7')?.target).toBe('country:DE');
  });

  it('are refused with a reason where no places are known, and stand there when another node set them', () => {
    for (const places of [null, () => undefined]) {
      const { add, blocks, blocked } = house({}, places);
      expect(add('asn:64500')).toMatchObject({ ok: false, code: 'no-places' });
      expect(blocks.refuses('country:DE')?.code).toBe('no-places');
      const stored = {
        id: 'blk_a',
        target: 'country:DE',
        reason: '',
        createdBy: '',
        createdAtMs: 1,
        expiresAtMs: null,
      };
      expect(blocks.replaceAll([stored])).toEqual({ kept: 1, left: 0 });
      expect(blocked({ from: '203.0.113.7' })).toBe(false);
    }
  });

  it('spare what is never blocked: an address, a network, a country', () => {
    const { add, blocked } = house({ neverBlock: ['203.0.113.7', 'asn:AS64501', 'country:FR'] });
    expect(add('asn:64501')).toMatchObject({ code: 'never-block' });
    expect(add('country:fr')).toMatchObject({ code: 'never-block' });
    add('asn:64500');
    add('country:DE');
    expect(blocked({ from: '203.0.113.7' })).toBe(false);
    expect(blocked({ from: '203.0.113.8' })).toBe(false);
  });

  it('are not taken where they would cover the address of whoever asks', () => {
    const { blocks } = house();
    const own = { addresses: ['203.0.113.7'] };
    expect(blocks.refuses('asn:64500', own)).toEqual({
      code: 'own-address',
      text: 'The block would cover your own network asn:64500.',
    });
    expect(blocks.refuses('country:DE', own)?.code).toBe('own-address');
    expect(blocks.refuses('asn:64501', own)).toBeUndefined();
    expect(blocks.refuses('country:FR', own)).toBeUndefined();
  });
});

describe('blocks of users, sessions and devices', () => {
  const lea: Visit = { user: 'user:lea', session: 'ses_1', device: 'dev_1' };

  it.each(['user:lea', 'session:ses_1', 'device:dev_1'])(
    'refuse by %s, before anything else is asked',
    (target) => {
      const { add, ask, blocked, seen } = house();
      add(target);
      const context = ask(lea);
      expect(context.verdict.kind).toBe('deny');
      expect(seen).toEqual([]);
      expect(context.reply).toMatchObject({ status: 403 });
      expect(JSON.stringify(context.reply)).not.toMatch(/lea|ses_|dev_|user|session|device|admin/);
      expect(blocked({ user: 'user:bob', session: 'ses_2', device: 'dev_2' })).toBe(false);
      expect(blocked({})).toBe(false);
      expect(seen).toEqual(['later', 'later']);
    },
  );

  it('answer as a blocked address is answered', () => {
    const { add, ask } = house();
    add('user:lea');
    add('198.51.100.9');
    const plain = (who: Visit) => {
      const { body } = ask(who).reply ?? {};
      const { error } = JSON.parse(body as string) as { error: Record<string, unknown> };
      return { ...error, requestId: null, decision: null, decisionId: null };
    };
    expect(plain(lea)).toEqual(plain({ from: '198.51.100.9' }));
  });

  it('know a principal with or without the word, and those of programs', () => {
    const { add, blocked } = house();
    add('user:42');
    add('user:service:billing');
    expect(blocked({ user: '42' })).toBe(true);
    expect(blocked({ user: 'user:42' })).toBe(true);
    expect(blocked({ user: 'service:billing' })).toBe(true);
    expect(blocked({ user: 'billing' })).toBe(false);
    expect(blocked({ user: '4' })).toBe(false);
  });

  it('look for the device only while one is blocked, and find one that nobody is signed in on', () => {
    const { add, blocked, asked } = house();
    add('user:42');
    blocked(lea);
    expect(asked).toEqual([]);
    add('device:dev_1');
    expect(blocked({ device: 'dev_1' })).toBe(true);
    expect(asked).toEqual(['device']);
  });

  it('end by the clock, are counted, lifted and restored as others are', () => {
    const { add, blocks, blocked, clock } = house();
    const added = add('user:lea', { ttlMs: HOUR_MS });
    if (!added.ok) throw new Error(added.text);
    const { id } = added.block;
    expect(blocked(lea)).toBe(true);
    expect(blocks.hits(id)).toBe(1);
    expect(blocks.findCaller({ user: 'user:lea' })?.id).toBe(id);
    blocks.remove(id);
    expect(blocked(lea)).toBe(false);
    blocks.restore(id);
    clock.advance(HOUR_MS - 1);
    expect(blocked(lea)).toBe(true);
    clock.advance(1);
    expect(blocked(lea)).toBe(false);
    expect(blocks.findCaller({ user: 'user:lea' })).toBeUndefined();
  });

  it('are not taken where they would cover whoever asks, or what is never blocked', () => {
    const { blocks } = house({ neverBlock: ['user:ada', 'device:dev_9'] });
    const own = { user: 'user:lea', session: 'ses_1', device: 'dev_1' };
    for (const target of ['user:lea', 'session:ses_1', 'device:dev_1'])
      expect(blocks.refuses(target, own)?.code).toBe('own-account');
    for (const target of ['user:bob', 'session:ses_2', 'device:dev_2'])
      expect(blocks.refuses(target, own)).toBeUndefined();
    expect(blocks.refuses('user:ada')?.code).toBe('never-block');
    expect(blocks.refuses('device:dev_9')?.code).toBe('never-block');
  });

  it('leave in the record what a block can be tried on, and no session that may be a secret', () => {
    const { ask, blocks } = house();
    const session = `ses_${'0'.repeat(26)}`;
    const features = (who: Visit) => blocks.callerGuard.evidence?.(ask(who))?.features;
    expect(features({ user: 'user:lea', session })).toEqual({
      address: '192.0.2.1',
      user: 'user:lea',
      session,
    });
    expect(features({ user: 'user:lea', session: 'whatever-proves-it' })).toEqual({
      address: '192.0.2.1',
      user: 'user:lea',
    });
    expect(features({})).toBeUndefined();
  });
});

describe('every kind of block', () => {
  it('says again what it said, from its record', () => {
    const target = fc.constantFrom(
      '203.0.113.7',
      '203.0.113.0/24',
      'asn:64500',
      'asn:64501',
      'country:DE',
      'country:FR',
      'user:lea',
      'session:ses_1',
      'device:dev_1',
    );
    const visit = fc.record({
      from: fc.constantFrom('203.0.113.7', '203.0.113.8', '198.51.100.1', '192.0.2.1'),
      user: fc.constantFrom('user:lea', 'lea', 'user:bob'),
      session: fc.constantFrom('ses_1', 'ses_2'),
      device: fc.constantFrom('dev_1', 'dev_2'),
    });
    fc.assert(
      fc.property(fc.uniqueArray(target, { maxLength: 5 }), visit, (targets, who) => {
        const { add, ask, blocks } = house();
        for (const one of targets) expect(add(one).ok).toBe(true);
        const { asn = 0, country = '' } = PLACES[who.from] ?? {};
        const covered = targets.some((one) =>
          [
            who.from,
            `asn:${asn}`,
            `country:${country}`,
            `user:${who.user.replace('user:', '')}`,
            `session:${who.session}`,
            `device:${who.device}`,
            ...(who.from.startsWith('203.') ? ['203.0.113.0/24'] : []),
          ].includes(one),
        );
        const context = ask(who);
        expect(context.verdict.kind).toBe(covered ? 'deny' : 'pass');
        const askedGuards = context.plan.guards.slice(0, context.asked);
        for (const guard of [blocks.guard, blocks.callerGuard].filter((one) => askedGuards.includes(one))) {
          const kept = JSON.parse(JSON.stringify(guard.evidence?.(context) ?? null)) as {
            features: unknown;
            state: unknown;
            atMs: number;
          } | null;
          const entry = context.trail?.find((one) => one.guard === guard.name);
          if (kept !== null)
            expect(guard.decider?.decide(kept.features, kept.state, kept.atMs).kind).toBe(
              entry?.verdict.kind ?? 'pass',
            );
        }
      }),
    );
  });
});
