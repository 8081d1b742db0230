import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Gate } from '../../src/core/gate.ts';
import { limitRules, limits, type LimitsOptions } from '../../src/modules/limit/index.ts';
import { type RunningApp, Stage, type StartApp } from '../../src/testing/suites/adapter-app.ts';
import { call, open } from '../../src/testing/suites/adapter-client.ts';
import { type TestHouse, testHouse } from '../../src/testing/suites/adapter-house.ts';
import { startExpressApp } from './express-app.ts';
import { startFastifyApp } from './fastify-app.ts';
import { startGenericHonoApp, startHonoApp } from './hono-app.ts';
import { startNodeApp } from './node-app.ts';
import { startWebApp } from './web-app.ts';

const OPTIONS: LimitsOptions = {
  policies: {
    few: { max: 2, window: '1h', by: 'ip' },
    single: { max: 1, window: '1m', by: 'ip', algorithm: 'concurrency' },
  },
  routes: { '/hello': 'few', '/stream': 'single' },
};

const ADAPTERS: readonly (readonly [string, StartApp])[] = [
  ['node', startNodeApp],
  ['web', startWebApp],
  ['express', startExpressApp],
  ['fastify', startFastifyApp],
  ['hono', startHonoApp],
  ['hono (Request and Response alone)', startGenericHonoApp],
];

describe.each(ADAPTERS)('limits behind the %s adapter', (_name, start) => {
  const stage = new Stage();
  let house: TestHouse;
  let app: RunningApp;
  const gate: Gate = {
    enter: (request) => house.gate.enter(request),
    leave: (...end) => house.gate.leave(...end),
    fail: (error, context) => house.gate.fail(error, context),
  };
  beforeAll(async () => {
    app = await start(gate, stage);
  });
  beforeEach(() => {
    house = testHouse(limits(OPTIONS).guards, limitRules(OPTIONS));
  });
  afterEach(() => stage.release());
  afterAll(() => app.close());

  it('count down in the headers of passes, then refuse with 429 and the truth about when', async () => {
    const answers = [await call(app.port), await call(app.port), await call(app.port)];
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 429]);
    expect(answers.map((answer) => answer.headers['x-ratelimit-remaining'])).toEqual(['1', '0', '0']);
    expect(answers[0]?.headers['retry-after']).toBeUndefined();
    expect(Number(answers[2]?.headers['retry-after'])).toBeGreaterThan(0);
    expect(JSON.parse(answers[2]?.body ?? '')).toMatchObject({
      success: false,
      error: { code: 'RATE_LIMIT_EXCEEDED', decision: answers[2]?.headers['x-rampart-decision'] },
    });
    expect((await call(app.port, { path: '/nonce' })).status).toBe(200);
  });

  it('hold a place while a response is streamed, and give it back when its client goes', async () => {
    const first = await open(app.port, { path: '/stream' });
    first.on('error', () => undefined);
    await once(first, 'data');
    expect((await call(app.port, { path: '/stream' })).status).toBe(429);
    first.destroy();
    await house.whenLeft(2);
    const again = await open(app.port, { path: '/stream' });
    expect(again.statusCode).toBe(200);
    await once(again, 'data');
    const ended = once(again.resume(), 'end');
    stage.release();
    await ended;
    await house.whenLeft(3);
    expect(house.left.filter((end) => end.aborted)).toHaveLength(1);
  });
});
