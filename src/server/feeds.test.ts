import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createLogger } from '../base/observe/index.ts';
import type { RequestContext } from '../core/context.ts';
import type { RampartEvent } from '../core/events.ts';
import { addresses, freshFolder, publish, type Source } from '../modules/shield/feeds/test-source.ts';
import { writeMmdb } from '../modules/shield/place/test-mmdb.ts';
import { RiskScore } from '../core/fact.ts';
import { BotClass, Reputation } from '../modules/shield/index.ts';
import { email } from '../modules/validate/fields/email.ts';
import { memoryCounters } from '../stores/memory/counter.ts';
import { ManualClock } from '../testing/clock.ts';
import { type RampartConfig, readConfig } from './config.ts';
import { buildHouse, type House } from './house.ts';

const houses: House[] = [];
afterEach(async () => {
  for (const house of houses.splice(0)) await house.close();
});

interface Built {
  readonly house: House;
  readonly clock: ManualClock;
  readonly events: RampartEvent[];
  readonly ask: (peer: string, agent?: string) => Promise<RequestContext>;
}

function build(shield: RampartConfig['shield'], dataDir = freshFolder(), more: RampartConfig = {}): Built {
  const clock = new ManualClock();
  const events: RampartEvent[] = [];
  const counters = memoryCounters({ clock });
  const house = buildHouse(readConfig({ ...more, shield: shield ?? {} }), {
    clock,
    timers: clock,
    node: 'one',
    log: createLogger({ level: 'silent', sink: { write: () => undefined } }),
    counters,
    localCounters: counters,
    sink: { write: () => undefined },
    watchers: [{ name: 'journal', stage: 'journal', on: '*', handle: (batch) => void events.push(...batch) }],
    dataDir,
    botResolver: {
      reverse: () => new Promise(() => undefined),
      forward: () => new Promise(() => undefined),
    } as never,
  });
  houses.push(house);
  const ask = async (peer: string, agent = 'Mozilla/5.0 (X11) Firefox/140.0'): Promise<RequestContext> => {
    const headers: Record<string, string> = { 'user-agent': agent, accept: '*/*', host: 'a.example' };
    const context = await house.enter({
      method: 'GET',
      target: '/',
      peer,
      encrypted: false,
      header: (name) => headers[name],
    });
    house.leave(context, 200, 0, false);
    return context;
  };
  return { house, clock, events, ask };
}

const from = (source: Source) => ({
  from: source.url,
  fetch: { allowHttp: true, ports: [source.port], allowRanges: ['127.0.0.1'] },
});
const codeOf = ({ verdict }: RequestContext): string =>
  verdict?.kind === 'deny' || verdict?.kind === 'challenge' ? verdict.refusal.code : 'let in';

describe('feeds of a house', () => {
  it('of lists are what place decides by, as soon as they are there, without another word', async () => {
    const source = await publish(addresses(3));
    const { house, clock, events, ask } = build({
      feeds: { bad: { kind: 'list', do: 'deny', ...from(source) } },
    });
    expect(codeOf(await ask('192.0.0.2'))).toBe('let in');
    for (let minute = 0; minute < 6; minute++) {
      clock.advance(60_000);
      await house.shield.feeds?.idle();
    }
    const refused = await ask('192.0.0.2');
    expect(codeOf(refused)).toBe('PLACE_REFUSED');
    expect(refused.get(Reputation)).toEqual(['bad']);
    expect(codeOf(await ask('192.0.0.3'))).toBe('let in');
    await house.close();
    expect(events.find(({ type }) => type === 'FEED_UPDATED')).toMatchObject({
      subject: 'bad',
      details: { kind: 'list', entries: 3, by: 'schedule' },
    });
  });

  it('of lists add to the risk that adaptive limits heed, except for whom nothing may be refused', async () => {
    const source = await publish(`${addresses(3)}\n10.0.0.0/8\n203.0.113.7`);
    const feeds = {
      grey: { kind: 'list', do: 'score', ...from(source) },
      dark: { kind: 'list', do: 'score', score: 0.3, ...from(source) },
    } as const;
    const limits = { api: { max: 10, window: '1m', by: 'ip', adaptive: true, everywhere: true } } as const;
    const more: RampartConfig = { limits, blocks: { neverBlock: ['203.0.113.7'] } };
    const passes = async ({ ask }: Built, peer: string): Promise<number> => {
      for (let passed = 0; ; passed++) if (codeOf(await ask(peer)) !== 'let in') return passed;
    };
    const built = build({ feeds, traffic: false }, freshFolder(), more);
    expect((await built.ask('192.0.0.2')).get(RiskScore)).toBeUndefined();
    await built.house.shield.feeds?.update('grey');
    expect((await built.ask('192.0.0.2')).get(RiskScore)).toBe(0.6);
    expect(await passes(built, '192.0.0.4')).toBe(6);
    await built.house.shield.feeds?.update('dark');
    expect((await built.ask('192.0.0.2')).get(RiskScore)).toBe(0.9);
    expect(await passes(built, '192.0.0.0')).toBe(3);
    expect([await passes(built, '10.1.2.3'), await passes(built, '203.0.113.7')]).toEqual([10, 10]);
    const shadow = build({ feeds, place: { mode: 'shadow' } });
    await shadow.house.shield.feeds?.update('grey');
    expect((await shadow.ask('192.0.0.2')).get(RiskScore)).toBeUndefined();
  });

  it('of databases are what countries are known by; a rule of countries does not start without one', async () => {
    const dataDir = freshFolder();
    const shield: RampartConfig['shield'] = {
      feeds: { land: { kind: 'mmdb' } },
      place: { countries: { deny: ['DE'] } },
    };
    expect(() => build(shield, dataDir)).toThrow(/countries: needs a database.*rampart feeds update land/);
    const onRoute = { routes: { '/de': { shield: { place: { countries: { allow: ['DE'] } } } } } };
    expect(() => build({ feeds: { land: { kind: 'mmdb' } } }, dataDir, onRoute)).toThrow(
      /routes\['\/de'\].*rampart feeds update land/,
    );
    mkdirSync(join(dataDir, 'feeds'));
    writeFileSync(
      join(dataDir, 'feeds', 'land.mmdb'),
      writeMmdb({ '203.0.113.0/24': { country: { iso_code: 'DE' } } }),
    );
    const { ask } = build(shield, dataDir);
    expect(codeOf(await ask('203.0.113.9'))).toBe('PLACE_REFUSED');
    expect(codeOf(await ask('192.0.2.9'))).toBe('let in');
  });

  it('of databases let countries be blocked from the moment that one is there', async () => {
    const source = await publish(writeMmdb({ '203.0.113.0/24': { country: { iso_code: 'DE' } } }));
    const { house, ask } = build({ feeds: { land: { kind: 'mmdb', ...from(source) } } });
    const block = { target: 'country:DE', reason: 'test', createdBy: 'user:1', ttlMs: null };
    expect(house.blocks.add(block)).toMatchObject({ ok: false, code: 'no-places' });
    await house.shield.feeds?.update('land');
    expect(house.blocks.add(block).ok).toBe(true);
    expect(codeOf(await ask('203.0.113.9'))).toBe('BLOCKED');
  });

  it('of bots prove them', async () => {
    const dataDir = freshFolder();
    const prefixes = [{ ipv4Prefix: '66.249.64.0/27' }];
    const source = await publish(JSON.stringify({ prefixes }));
    const { house, clock, ask } = build({ feeds: { googlebot: from(source) } }, dataDir);
    const before = ask('66.249.64.1', 'Googlebot/2.1');
    // No name server answers: the request waits as long as it may.
    clock.advance(1_000);
    expect((await before).get(BotClass)?.class).toBe('unverified');
    await house.shield.feeds?.update('googlebot');
    expect((await ask('66.249.64.1', 'Googlebot/2.1')).get(BotClass)?.class).toBe('verified');
  });

  it('of mail domains take the place of the list that is shipped, while the house stands', async () => {
    const source = await publish('trash.example\n');
    const isRefused = async (address: string): Promise<boolean> =>
      (await email()['~standard'].validate(address)).issues !== undefined;
    const { house } = build({ feeds: { trash: { kind: 'disposable', ...from(source) } } });
    expect([await isRefused('a@trash.example'), await isRefused('a@mailinator.com')]).toEqual([false, true]);
    await house.shield.feeds?.update('trash');
    expect([await isRefused('a@x.trash.example'), await isRefused('a@mailinator.com')]).toEqual([
      true,
      false,
    ]);
    await house.close();
    expect([await isRefused('a@trash.example'), await isRefused('a@mailinator.com')]).toEqual([false, true]);
  });

  it('may not bear the name of a list that is named twice', () => {
    const place = { lists: { tor: { file: '/nowhere' } } };
    expect(() => build({ feeds: { tor: true }, place })).toThrow(/lists\.tor: is also a feed/);
  });

  it('leave no trace of where they come from in the policy that decisions remember', () => {
    const { policy, policyHash } = readConfig({
      shield: { feeds: { own: { kind: 'list', do: 'deny', from: 'https://a.example/?token=abc' } } },
    });
    expect(JSON.stringify(policy)).not.toContain('abc');
    const other = readConfig({ shield: { feeds: { own: { kind: 'list', from: 'https://a.example/' } } } });
    expect(other.policyHash).not.toBe(policyHash);
    expect(() => readConfig({ shield: { feeds: null as never } })).not.toThrow();
  });
});
