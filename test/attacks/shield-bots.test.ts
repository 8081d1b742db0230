import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayStep } from '../../src/core/decision.ts';
import { type RunningApp, Stage } from '../../src/testing/suites/adapter-app.ts';
import { call } from '../../src/testing/suites/adapter-client.ts';
import { APPS, shieldHouse } from './shield-house.ts';

const GOOGLE = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
const CRAWLER = '66.249.66.1';
const LIAR = '45.9.20.1';

/** Somebody who owns the reverse zone of LIAR, but not googlebot.com. */
const resolver = {
  reverse: async (address: string) => [
    address === CRAWLER ? 'crawl-1.googlebot.com' : 'crawl-2.googlebot.com',
  ],
  addresses: async () => [CRAWLER],
};

describe.each(APPS)('bots before an application behind the %s adapter', (_name, start) => {
  const { house, records, events } = shieldHouse(
    {
      trustProxy: ['loopback'],
      routes: { '/empty': { shield: { bots: { tool: 'deny' } } }, '/own': { shield: { bots: false } } },
    },
    { botResolver: resolver },
  );
  const stage = new Stage();
  let app: RunningApp;
  beforeAll(async () => {
    app = await start(house, stage);
  });
  afterAll(async () => {
    await app.close();
    await house.close();
  });
  const ask = async (agent: string, from: string, path = '/hello') => {
    const answer = await call(app.port, { path, headers: { 'user-agent': agent, 'x-forwarded-for': from } });
    const code =
      answer.status === 403 ? (JSON.parse(answer.body) as { error: { code: string } }).error.code : '';
    return `${answer.status} ${code}`.trim();
  };

  it('lets the real crawler in, and refuses who only uses its name', async () => {
    const { calls } = stage;
    expect(await ask(GOOGLE, CRAWLER)).toBe('200');
    expect(stage.calls).toBe(calls + 1);
    expect(await ask(GOOGLE, LIAR)).toBe('403 BOT_DETECTED');
    expect(await ask(GOOGLE, '127.0.0.1')).toBe('403 BOT_DETECTED');
    expect(stage.calls).toBe(calls + 1);
    await house.events.flush();
    expect(events.filter(({ type }) => type === 'BOT_IMPOSTOR')).toHaveLength(2);
  });

  it('leaves APIs open to programs, and closes what a route closes', async () => {
    for (const agent of ['curl/8.9.1', 'Wget/1.24', 'python-requests/2.32.4', 'Ruby', 'Go-http-client/2.0'])
      expect([agent, await ask(agent, LIAR)]).toEqual([agent, '200']);
    expect(await ask('curl/8.9.1', LIAR, '/empty')).toBe('403 BOT_DETECTED');
    expect(
      await ask('Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0', LIAR, '/empty'),
    ).toBe('204');
    expect(await ask(GOOGLE, LIAR, '/own')).toBe('200');
  });

  it('leaves records that are decided the same again', () => {
    const steps = records
      .flatMap((record) => record.steps)
      .filter((step) => step.guard === 'shield.bots' && step.verdict === 'deny');
    expect(steps.length).toBeGreaterThan(1);
    for (const step of steps) expect(replayStep(step, house.deciders).kind).toBe('deny');
  });
});
