import { describe, expect, it } from 'vitest';
import { RequestContext } from '../../core/context.ts';
import { deny, type Verdict } from '../../core/verdict.ts';
import { ManualClock } from '../../testing/clock.ts';
import { accessLog, bufferedSink, createLogger, DurationHistogram, redact, TrafficMeter } from './index.ts';

function lines(): { write(line: string): void; all: string[] } {
  const all: string[] = [];
  return { all, write: (line) => void all.push(line) };
}

function context(
  target: string,
  more: { verdict?: Verdict; status?: number; method?: string; label?: string } = {},
): RequestContext {
  const view = {
    method: more.method ?? 'GET',
    target,
    peer: '1.2.3.4',
    encrypted: false,
    header: () => undefined,
  };
  const plan = {
    route: { name: more.label ?? '*', settings: {} },
    guards: [],
    bodyGuards: [],
    headers: [],
    removes: [],
  };
  const made = new RequestContext(view, 1_795_000_000_007, 0, target, plan, {
    address: '1.2.3.4',
    group: '1.2.3.4',
    forwarded: false,
  });
  if (more.verdict) {
    made.verdict = more.verdict;
    made.reply = { status: more.status ?? 403, headers: [], body: null };
  }
  return made;
}

const END = { status: 200, durationMs: 1.234, bytes: 17, aborted: false };

describe('the log', () => {
  it('masks secrets by name at every depth, and inside texts', () => {
    const sink = lines();
    const logger = createLogger({ sink });
    logger.info('sign-in', {
      user: 'ada',
      password: 'hunter2',
      nested: {
        headers: { Authorization: 'Bearer abc.def.ghi', 'x-api-key': 'k1' },
        list: [{ refreshToken: 't' }],
      },
      url: 'postgres://app:pa55w0rd@db/x?token=tok123&a=1',
      text: 'sent Bearer eyJhbGciOi.x.y to them',
      paid: 'by 4242 4242 4242 4242 at 1763743168123',
      error: Object.assign(new Error('failed for Bearer abcdefgh'), { code: 'E1' }),
    });
    const line = sink.all[0] as string;
    for (const secret of [
      'hunter2',
      'abc.def.ghi',
      'k1',
      '"t"',
      'pa55w0rd',
      'tok123',
      'eyJhbGciOi',
      'abcdefgh',
      '4242 4242',
    ]) {
      expect(line).not.toContain(secret);
    }
    expect(JSON.parse(line)).toMatchObject({
      level: 'info',
      message: 'sign-in',
      user: 'ada',
      error: { name: 'Error', code: 'E1' },
    });
  });

  it('is one valid JSON line whatever it is given (A71)', () => {
    const sink = lines();
    const logger = createLogger({ sink });
    const nasty = 'a\r\n{"level":"error"}\u2028\u2029\u001b[31m\u0085"\\\u0000';
    logger.info(nasty, {
      [nasty]: nasty,
      big: 'x'.repeat(1_000_000),
      bytes: new Uint8Array(9),
      when: new Date(0),
      n: 1n,
    });
    accessLog(sink).end(context(`/${nasty}`, { method: nasty }), END);
    for (const line of sink.all) {
      expect(line.endsWith('\n')).toBe(true);
      // oxlint-disable-next-line no-control-regex -- these must not be there
      expect(line.slice(0, -1)).not.toMatch(/[\n\r\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      expect(line.length).toBeLessThan(10_000);
      expect(JSON.parse(line)).toHaveProperty('level', 'info');
    }
  });

  it('is bounded in depth and does not follow circles', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(JSON.stringify(redact(circle))).toContain('[deep]');
  });

  it('writes for people when asked', () => {
    const sink = lines();
    createLogger({ sink, format: 'pretty' }).warn('hello', { a: 1 });
    expect(sink.all[0]).toMatch(/^\d\d:\d\d:\d\d .*warn.* hello a=1\n$/);
  });

  it('writes for people without what others put into their terminal (A71)', () => {
    const sink = lines();
    const logger = createLogger({ sink, format: 'pretty' });
    logger.info('a\r\nforged\u001b[2J', { path: '/x\u001b]0;title\u0007\n12:00:00 error forged\u2028' });
    expect(sink.all).toHaveLength(1);
    // oxlint-disable-next-line no-control-regex -- the colours that are ours
    const line = (sink.all[0] as string).slice(0, -1).replaceAll(/\u001b\[\d*m/g, '');
    // oxlint-disable-next-line no-control-regex -- these must not be there
    expect(line).not.toMatch(/[\n\r\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  });

  it('says nothing below its level', () => {
    const sink = lines();
    createLogger({ sink, level: 'error' }).info('no');
    expect(sink.all).toEqual([]);
  });
});

describe('the access line', () => {
  it('tells what happened to a request', () => {
    const sink = lines();
    const refused = deny({ status: 429, code: 'X', message: '' }, { code: 'x', text: '' });
    const one = context('/a', { verdict: refused, status: 429, label: 'GET /a' });
    one.decisionId = 'dec_1';
    accessLog(sink).end(one, { status: 429, durationMs: 0.5, bytes: 10, aborted: true });
    expect(JSON.parse(sink.all[0] as string)).toEqual({
      level: 'info',
      time: new Date(1_795_000_000_007).toISOString(),
      message: 'request',
      method: 'GET',
      path: '/a',
      route: 'GET /a',
      status: 429,
      durationMs: 0.5,
      bytes: 10,
      address: '1.2.3.4',
      verdict: 'deny',
      decision: 'dec_1',
      aborted: true,
    });
  });

  it.each([0, 0.004, 0.005, 0.01, 0.1, 0.5, 1, 1.05, 9.999, 12.34, 1234.5, 99_999.99])(
    'writes %d milliseconds to the hundredth',
    (durationMs) => {
      const sink = lines();
      accessLog(sink).end(context('/a'), { ...END, durationMs });
      const { durationMs: told } = JSON.parse(sink.all[0] as string) as { durationMs: number };
      expect(told).toBe(Math.round(durationMs * 100) / 100);
    },
  );

  it('tells routes and methods apart, also when there are more than it remembers', () => {
    const sink = lines();
    const log = accessLog(sink);
    const asked = Array.from({ length: 1_200 }, (_none, i) => [i % 2 === 0 ? 'GET' : 'PUT', `r${i >> 1}`]);
    for (const [method, label] of [...asked, ...asked])
      log.end(context('/a', { method: method as string, label: label as string }), END);
    const told = sink.all.map((line) => JSON.parse(line) as { method: string; route: string });
    expect(told.map(({ method, route }) => [method, route])).toEqual([...asked, ...asked]);
  });

  it('is gathered and written in blocks: when time is up, or when there is much', () => {
    const clock = new ManualClock();
    const blocks: string[] = [];
    const sink = bufferedSink({
      write: (block) => blocks.push(block),
      after: (ms, task) => clock.after(ms, task),
      maxCharacters: 10,
    });
    sink.write('ab\n');
    sink.write('cd\n');
    expect(blocks).toEqual([]);
    clock.advance(100);
    expect(blocks).toEqual(['ab\ncd\n']);
    sink.write('0123456789\n');
    expect(blocks).toHaveLength(2);
    sink.write('e\n');
    sink.flush();
    sink.flush();
    expect(blocks[2]).toBe('e\n');
  });
});

describe('the traffic meter', () => {
  it('counts every request once, by class and by route, and forgets what was taken', () => {
    const meter = new TrafficMeter();
    const limited = deny({ status: 429, code: 'X', message: '' }, { code: 'x', text: '' });
    meter.end(context('/a', { label: 'a' }), END);
    meter.end(context('/a', { label: 'a', verdict: limited, status: 429 }), { ...END, status: 429 });
    meter.end(context('/b', { label: 'b', verdict: limited, status: 403 }), { ...END, status: 403 });
    const shadowed = context('/b', { label: 'b' });
    shadowed.noteShadow('limit', limited);
    meter.end(shadowed, END);
    expect(meter.takeSecond()).toEqual({
      allowed: 2,
      answered: 0,
      challenged: 0,
      limited: 1,
      blocked: 1,
      wouldRefuse: 1,
    });
    expect(meter.takeSecond().allowed).toBe(0);
    expect(
      meter.takeRoutes().map((route) => [route.route, route.counts.allowed, route.counts.wouldRefuse]),
    ).toEqual([
      ['a', 1, 0],
      ['b', 1, 1],
    ]);
    expect(meter.takeRoutes()).toEqual([]);
    expect([...meter.routes()][0]?.durations.count).toBe(2);
  });

  it('tells what was answered since it was last asked: errors, refusals, durations', () => {
    const meter = new TrafficMeter();
    const limited = deny({ status: 429, code: 'X', message: '' }, { code: 'x', text: '' });
    for (let i = 0; i < 98; i++) meter.end(context('/', {}), { ...END, durationMs: 2 });
    meter.end(context('/', {}), { ...END, status: 503, durationMs: 900 });
    meter.end(context('/', { verdict: limited, status: 429 }), { ...END, status: 429, durationMs: 1 });
    const { p50Ms, p95Ms, ...counts } = meter.takeMinute();
    expect(counts).toEqual({ requests: 100, errors: 1, refused: 1 });
    expect([Math.round(p50Ms), Math.round(p95Ms)]).toEqual([2, 2]);
    expect(meter.takeMinute()).toEqual({ requests: 0, errors: 0, refused: 0, p50Ms: 0, p95Ms: 0 });
  });

  it('never holds more than its bound of routes', () => {
    const meter = new TrafficMeter(3);
    for (let i = 0; i < 50; i++) meter.end(context('/', { label: `r${i}` }), END);
    const routes = [...meter.routes()];
    expect(routes.map((route) => route.route)).toEqual(['r0', 'r1', 'r2', 'other']);
    expect(routes[3]?.totals[0]).toBe(47);
  });
});

describe('the duration histogram', () => {
  it('finds quantiles within an eighth', () => {
    const histogram = new DurationHistogram();
    for (let i = 1; i <= 10_000; i++) histogram.record(i / 10);
    for (const [quantile, ms] of [
      [0.5, 500],
      [0.9, 900],
      [0.99, 990],
    ] as const) {
      expect(Math.abs(histogram.quantileMs(quantile) - ms) / ms).toBeLessThan(0.125);
    }
    expect(histogram.countUpTo(100)).toBeGreaterThan(900);
    expect(histogram.countUpTo(100)).toBeLessThan(1130);
    expect(new DurationHistogram().quantileMs(0.99)).toBe(0);
  });
  it('takes nonsense without harm', () => {
    const histogram = new DurationHistogram();
    for (const ms of [-5, 0, 1e12]) histogram.record(ms);
    expect(histogram.count).toBe(3);
  });
});
