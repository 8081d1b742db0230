import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { clientGroup, formatAddress, type IpAddress, parseAddress } from '../../../core/address.ts';
import type { RequestContext } from '../../../core/context.ts';
import { createCorridor, type RouteRule } from '../../../core/corridor.ts';
import { replayStep } from '../../../core/decision.ts';
import { Clearance } from '../../../core/fact.ts';
import type { Guard } from '../../../core/guard.ts';
import { PASS } from '../../../core/verdict.ts';
import { ManualClock } from '../../../testing/clock.ts';
import { AgentReader } from './agent.ts';
import { botDecider } from './decide.ts';
import { BotClass, bots } from './guard.ts';
import type { BotOptions } from './options.ts';
import { BotRanges, readBotRanges } from './ranges.ts';
import type { BotResolver } from './resolver.ts';
import { GOOD_BOTS } from './table.ts';
import { isWithin } from './verify.ts';

const GOOGLE = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const DUCK = 'DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)';
const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
/** The internet of these tests. */
const REAL = '66.249.66.1';
const SPOOFER = '45.9.20.1';

const folder = mkdtempSync(join(tmpdir(), 'rampart-bots-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

class Failure extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/** Answers from tables; a name that is not there does not exist. */
class Dns implements BotResolver {
  asked = 0;
  readonly pointers = new Map<string, readonly string[]>([
    [REAL, ['crawl-66-249-66-1.googlebot.com']],
    [SPOOFER, ['crawl-1.googlebot.com']],
    ['2001:4860:4801:10::1', ['Crawl-IPv6.GoogleBot.Com.']],
  ]);
  readonly hosts = new Map<string, readonly string[]>([
    ['crawl-66-249-66-1.googlebot.com', ['66.249.66.1']],
    ['crawl-1.googlebot.com', ['66.249.66.2']],
    ['crawl-ipv6.googlebot.com', ['2001:4860:4801:0010:0:0:0:1']],
  ]);
  fails: Failure | null = null;
  hangs = false;

  async reverse(address: string): Promise<readonly string[]> {
    this.asked++;
    return this.#answer(this.pointers.get(address));
  }
  async addresses(name: string): Promise<readonly string[]> {
    return this.#answer(this.hosts.get(name));
  }
  #answer(found: readonly string[] | undefined): Promise<readonly string[]> {
    if (this.hangs) return new Promise(() => undefined);
    if (this.fails) return Promise.reject(this.fails);
    return found === undefined ? Promise.reject(new Failure('ENOTFOUND')) : Promise.resolve(found);
  }
}

interface Asked {
  readonly from?: string;
  readonly agent?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly cleared?: boolean;
}

function house(options: BotOptions = {}, rules: readonly RouteRule[] = [], ranges = new BotRanges()) {
  const clock = new ManualClock();
  const dns = new Dns();
  const events: { type: string; subject?: string | undefined }[] = [];
  const made = bots(
    options,
    {
      clock,
      timers: clock,
      resolver: dns,
      ranges,
      events: { emit: (type, fields) => void events.push({ type, subject: fields?.subject }) },
    },
    (route) => route.settings['bots'],
  );
  let asking: Asked = {};
  const clear: Guard = {
    name: 'clear',
    phase: 'admit',
    mode: 'enforce',
    onError: 'deny',
    check(context) {
      if (asking.cleared) context.set(Clearance, true);
      return PASS;
    },
  };
  const corridor = createCorridor({
    guards: [clear, made.guard],
    rules,
    clock,
    readClient: () => {
      const address = parseAddress(asking.from ?? REAL) as IpAddress;
      const client = { address: formatAddress(address), group: clientGroup(address), forwarded: false };
      return { ok: true, client, untrustedHeader: false };
    },
  });
  const enter = (asked: Asked): RequestContext | Promise<RequestContext> => {
    asking = asked;
    const headers: Record<string, string | undefined> = { 'user-agent': asked.agent, ...asked.headers };
    return corridor.enter({
      method: 'GET',
      target: asked.path ?? '/',
      peer: undefined,
      encrypted: false,
      header: (name) => headers[name],
    });
  };
  /** Its class, and the code of the refusal. */
  const ask = async (asked: Asked): Promise<string> => told(await enter(asked));
  return { ...made, clock, dns, events, enter, ask };
}

function told(context: RequestContext): string {
  const { verdict } = context;
  const code = verdict.kind === 'deny' || verdict.kind === 'challenge' ? ` ${verdict.refusal.code}` : '';
  return `${context.get(BotClass)?.class}${code}`;
}

describe('what a caller says of itself', () => {
  it.each([
    ['curl/8.9.1', 'tool'],
    ['Wget/1.24.5', 'tool'],
    ['python-requests/2.32.4', 'tool'],
    ['Python-urllib/3.12', 'tool'],
    ['Ruby', 'tool'],
    ['Go-http-client/2.0', 'tool'],
    ['okhttp/4.12.0', 'tool'],
    ['node', 'tool'],
    ['PostmanRuntime/7.43.0', 'tool'],
    ['Shop/12 CFNetwork/1568.200.51 Darwin/24.1.0', 'tool'],
    ['Mozilla/5.0 (Windows NT; Windows NT 10.0; en-GB) WindowsPowerShell/5.1.19041.1', 'tool'],
    ['', 'tool'],
    [CHROME.replace('Chrome/', 'HeadlessChrome/'), 'headless'],
    ['Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1', 'headless'],
    ['Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)', 'crawler'],
    ['Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)', 'crawler'],
    [CHROME, 'human'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', 'human'],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1',
      'human',
    ],
    [
      'Mozilla/5.0 (Linux; Android 14; CUBOT X70) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36',
      'human',
    ],
    [
      'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36',
      'human',
    ],
    [
      'Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/490.0.0.0.0;]',
      'human',
    ],
    // Link previews that people's own telephones fetch.
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0',
      'crawler',
    ],
  ])('%s', async (agent, expected) => {
    expect(await house().ask({ agent })).toBe(expected);
  });

  it('is told by client hints where the User-Agent hides it', async () => {
    const hints = '"Chromium";v="141", "HeadlessChrome";v="141"';
    expect(await house().ask({ agent: CHROME, headers: { 'sec-ch-ua': hints } })).toBe('headless');
  });

  it('is kept for the last 2,000 of them, however long they are', () => {
    const agents = new AgentReader();
    for (let i = 0; i < 3_000; i++) agents.read(`agent ${i} ${'(Mozilla/5.0; bot '.repeat(400)}`, undefined);
    expect(agents.size).toBe(2_000);
    expect(agents.read(CHROME, undefined).kind).toBe('human');
  });
});

describe('a good bot', () => {
  it('is proven by its reverse name that leads back, whatever its case and dots', async () => {
    const { ask, dns } = house();
    expect(await ask({ agent: GOOGLE })).toBe('verified');
    expect(await ask({ agent: GOOGLE, from: '2001:4860:4801:10::1' })).toBe('verified');
    expect(await ask({ agent: GOOGLE })).toBe('verified');
    expect(dns.asked).toBe(2);
  });

  it('is an impostor where the forward name leads elsewhere, or the name is of another domain', async () => {
    const { ask, events } = house();
    expect(await ask({ agent: GOOGLE, from: SPOOFER })).toBe('impostor BOT_DETECTED');
    for (const name of [
      'evilgooglebot.com',
      'googlebot.com.evil.example',
      'googlebot.com',
      'x.googlebot.com/evil',
      'a\0.googlebot.com',
    ]) {
      const other = house();
      other.dns.pointers.set('45.9.21.1', [name]);
      other.dns.hosts.set(name, ['45.9.21.1']);
      expect([name, await other.ask({ agent: GOOGLE, from: '45.9.21.1' })]).toEqual([
        name,
        'impostor BOT_DETECTED',
      ]);
    }
    expect(events).toEqual([{ type: 'BOT_IMPOSTOR', subject: 'googlebot' }]);
  });

  it('is an impostor where its address has no name at all, and on addresses that are not of the internet', async () => {
    const { ask, dns } = house();
    expect(await ask({ agent: GOOGLE, from: '45.9.22.1' })).toBe('impostor BOT_DETECTED');
    const { asked } = dns;
    for (const from of ['127.0.0.1', '10.1.2.3', '203.0.113.9', '::1', '2001:db8::1'])
      expect(await ask({ agent: GOOGLE, from })).toBe('impostor BOT_DETECTED');
    expect(dns.asked).toBe(asked);
  });

  it('is not taken for an impostor behind a proxy that nobody named', async () => {
    const headers = { 'x-forwarded-for': REAL };
    expect(await house().ask({ agent: GOOGLE, from: '10.0.0.2', headers })).toBe('unverified');
    // From the internet such a header means nothing.
    expect(await house().ask({ agent: GOOGLE, from: SPOOFER, headers })).toBe('impostor BOT_DETECTED');
  });

  it('is unverified while the DNS does not answer, and proven as soon as it does', async () => {
    const { ask, dns, clock } = house();
    dns.fails = new Failure('ESERVFAIL');
    expect(await ask({ agent: GOOGLE })).toBe('unverified');
    dns.fails = null;
    expect(await ask({ agent: GOOGLE })).toBe('unverified');
    clock.advance(60_001);
    expect(await ask({ agent: GOOGLE })).toBe('verified');
  });

  it('waits for a DNS that hangs no longer than the budget, and gives the look-up up', async () => {
    const { enter, dns, clock } = house({ dnsBudget: '200ms' });
    dns.hangs = true;
    const waiting = enter({ agent: GOOGLE });
    expect(waiting).toBeInstanceOf(Promise);
    clock.advance(199);
    let over = false;
    void Promise.resolve(waiting).then(() => (over = true));
    await Promise.resolve();
    expect(over).toBe(false);
    clock.advance(1);
    expect(told(await waiting)).toBe('unverified');
    clock.advance(5_000);
    expect(clock.pending).toBe(0);
  });

  it('begins at most 32 look-ups at once, and one for each address', async () => {
    const { enter, dns, clock } = house();
    dns.hangs = true;
    const waiting = Array.from({ length: 100 }, (_, i) => enter({ agent: GOOGLE, from: `45.9.30.${i + 1}` }));
    waiting.push(enter({ agent: GOOGLE, from: '45.9.30.1' }));
    await Promise.resolve();
    expect(dns.asked).toBe(32);
    clock.advance(200);
    for (const one of waiting) expect(told(await one)).toBe('unverified');
  });

  it('looks at a huge answer only so far', async () => {
    const { ask, dns } = house();
    let forward = 0;
    dns.pointers.set(
      SPOOFER,
      Array.from({ length: 100_000 }, (_, i) => `crawl-${i}.googlebot.com`),
    );
    const addresses = dns.addresses.bind(dns);
    dns.addresses = (name) => {
      forward++;
      return addresses(name).catch(() => []);
    };
    expect(await ask({ agent: GOOGLE, from: SPOOFER })).toBe('impostor BOT_DETECTED');
    expect(forward).toBeLessThanOrEqual(3);
    dns.hosts.set('crawl-0.googlebot.com', [...Array.from({ length: 1_000 }, () => '1.1.1.1'), '45.9.40.1']);
    dns.pointers.set('45.9.40.1', ['crawl-0.googlebot.com']);
    expect(await ask({ agent: GOOGLE, from: '45.9.40.1' })).toBe('impostor BOT_DETECTED');
  });

  it('remembers an impostor for its whole /64, and for an hour', async () => {
    const { ask, dns, clock } = house();
    for (let i = 1; i <= 50; i++)
      expect(await ask({ agent: GOOGLE, from: `2a00:1:2:3::${i}` })).toBe('impostor BOT_DETECTED');
    expect(dns.asked).toBe(1);
    clock.advance(3_600_001);
    await ask({ agent: GOOGLE, from: '2a00:1:2:3::1' });
    expect(dns.asked).toBe(2);
  });

  it('is never believed by its name alone', async () => {
    const agents = fc.constantFrom(
      GOOGLE,
      DUCK,
      'bingbot/2.0',
      'Applebot/0.1',
      'YandexBot/3.0',
      'Baiduspider/2.0',
    );
    const label = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
    const name = fc.oneof(
      label.map((one) => `${one}.googlebot.com`),
      label.map((one) => `${one}.search.msn.com.`),
      fc.array(label, { maxLength: 5 }).map((labels) => labels.join('.')),
      fc.string({ maxLength: 300 }),
    );
    await fc.assert(
      fc.asyncProperty(agents, fc.array(name, { maxLength: 12 }), async (agent, names) => {
        const { ask, dns } = house();
        dns.pointers.set('45.9.50.1', names);
        for (const one of names) dns.hosts.set(one.toLowerCase().replace(/\.$/, ''), ['66.249.66.1']);
        expect(await ask({ agent, from: '45.9.50.1' })).not.toBe('verified');
      }),
      { numRuns: 60 },
    );
  });

  it('lies in a domain by whole labels', () => {
    expect(isWithin('a.googlebot.com', ['googlebot.com'])).toBe(true);
    expect(isWithin('agooglebot.com', ['googlebot.com'])).toBe(false);
    expect(isWithin(`${'a.'.repeat(200)}googlebot.com`, ['googlebot.com'])).toBe(false);
    expect(isWithin(7, ['googlebot.com'])).toBe(false);
  });

  it('has a name, a token and a way to be proven, each', () => {
    expect(new Set(GOOD_BOTS.map(({ id }) => id)).size).toBe(GOOD_BOTS.length);
    for (const { domains } of GOOD_BOTS)
      for (const domain of domains) expect(domain).toMatch(/^[a-z.]+\.[a-z]+$/);
  });
});

describe('published ranges', () => {
  const write = (name: string, content: unknown): void =>
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));

  it('prove a bot without the DNS, and tell an impostor where there is no other way', async () => {
    write('duckduckbot.json', {
      creationTime: '2026-11-01',
      prefixes: [{ ipv4Prefix: '20.191.45.212/32' }, { ipv6Prefix: '2a01:111::/32' }],
    });
    const { ask, dns } = house({}, [], readBotRanges(folder));
    expect(await ask({ agent: DUCK, from: '20.191.45.212' })).toBe('verified');
    expect(await ask({ agent: DUCK, from: '2a01:111::7' })).toBe('verified');
    expect(await ask({ agent: DUCK, from: '20.191.45.213' })).toBe('impostor BOT_DETECTED');
    // Ranges of another bot prove nothing.
    expect(await ask({ agent: GOOGLE, from: '20.191.45.212' })).toBe('impostor BOT_DETECTED');
    expect(dns.asked).toBe(1);
    expect(await house().ask({ agent: DUCK, from: '20.191.45.212' })).toBe('unverified');
  });

  it.each<[string, unknown]>([
    ['no JSON', '{'],
    ['null', 'null'],
    ['no prefixes', {}],
    ['an empty list', { prefixes: [] }],
    ['no range', { prefixes: [{ ipv4Prefix: 'x' }] }],
    ['everything', { prefixes: [{ ipv4Prefix: '0.0.0.0/0' }] }],
    ['a wide range', { prefixes: [{ ipv6Prefix: '2000::/3' }] }],
  ])('are refused where the file holds %s', (_what, content) => {
    write('bingbot.json', content);
    expect(() => readBotRanges(folder)).toThrow(/bingbot\.json/);
    rmSync(join(folder, 'bingbot.json'));
  });

  it('are read anew, and stay what they were where the new ones cannot be read', async () => {
    write('duckduckbot.json', { prefixes: [{ ipv4Prefix: '20.191.45.212/32' }] });
    const { ask, reload } = house({ rangesFolder: folder });
    expect(await ask({ agent: DUCK, from: '20.191.45.212' })).toBe('verified');
    write('duckduckbot.json', '{');
    expect(reload).toThrow(/duckduckbot/);
    expect(await ask({ agent: DUCK, from: '20.191.45.212' })).toBe('verified');
    write('duckduckbot.json', { prefixes: [{ ipv4Prefix: '20.191.45.1/32' }] });
    reload();
    expect(await ask({ agent: DUCK, from: '20.191.45.212' })).toBe('impostor BOT_DETECTED');
  });
});

describe('what is done about a class', () => {
  it('differs by route, class by class, and can be off there', async () => {
    const { ask } = house({ headless: 'deny' }, [
      { match: '/pages/*', settings: { bots: { tool: 'challenge', crawler: 'deny' } } },
      { match: '/off', settings: { bots: false } },
    ]);
    const headless = CHROME.replace('Chrome/', 'HeadlessChrome/');
    expect(await ask({ agent: 'curl/8', path: '/api' })).toBe('tool');
    expect(await ask({ agent: 'curl/8', path: '/pages/a' })).toBe('tool CHALLENGE_REQUIRED');
    expect(await ask({ agent: 'curl/8', path: '/pages/a', cleared: true })).toBe('tool');
    expect(await ask({ agent: 'AhrefsBot/7.0', path: '/pages/a', cleared: true })).toBe(
      'crawler BOT_DETECTED',
    );
    expect(await ask({ agent: headless, path: '/pages/a' })).toBe('headless BOT_DETECTED');
    expect(await ask({ agent: GOOGLE, from: SPOOFER, path: '/off' })).toBe('undefined');
  });

  it('limits a class per client and window', async () => {
    const { ask, clock } = house({ tool: 'limit', limit: { max: 3, window: '10s' } });
    const agent = 'curl/8';
    for (let i = 0; i < 3; i++) expect(await ask({ agent })).toBe('tool');
    expect(await ask({ agent })).toBe('tool RATE_LIMIT_EXCEEDED');
    expect(await ask({ agent, from: SPOOFER })).toBe('tool');
    expect(await ask({ agent: CHROME })).toBe('human');
    clock.advance(9_999);
    expect(await ask({ agent })).toBe('tool RATE_LIMIT_EXCEEDED');
    clock.advance(1);
    expect(await ask({ agent })).toBe('tool');
  });

  it('tells of an impostor once an hour, and only watches in shadow mode', async () => {
    const { ask, events, clock, enter } = house({ mode: 'shadow' });
    for (let i = 0; i < 20; i++) expect(await ask({ agent: GOOGLE, from: SPOOFER })).toBe('impostor');
    expect((await enter({ agent: GOOGLE, from: SPOOFER })).trail).toMatchObject([{ shadow: true }]);
    expect(events).toHaveLength(1);
    clock.advance(3_600_000);
    await ask({ agent: GOOGLE, from: SPOOFER });
    expect(events).toHaveLength(2);
  });

  it('is decided the same again from its record', async () => {
    const { enter, guard } = house();
    const context = await enter({ agent: GOOGLE, from: SPOOFER });
    const evidence = guard.evidence?.(context);
    if (evidence === undefined) throw new Error('no evidence');
    const step = {
      guard: guard.name,
      mode: guard.mode,
      verdict: 'deny' as const,
      decider: botDecider,
      evidence: JSON.parse(JSON.stringify(evidence)) as typeof evidence,
    };
    expect(replayStep(step, new Map([[botDecider.name, botDecider]]))).toEqual(context.verdict);
  });

  it.each<[unknown, string]>([
    [{ tool: 'refuse' }, 'shield.bots.tool'],
    [{ dnsBudget: '1h' }, 'shield.bots.dnsBudget'],
    [{ tools: 'deny' }, "did you mean 'tool'"],
  ])('refuses options such as %j', (options, words) => {
    expect(() => house(options as BotOptions)).toThrow(words);
  });

  it('refuses nonsense of a route at the start', () => {
    expect(() => house({}, [{ match: '/a', settings: { bots: { dnsBudget: '1s' } } }])).toThrow(
      "routes['/a'].shield.bots.dnsBudget",
    );
  });
});
