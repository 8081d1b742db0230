import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seeded, seedOf } from '../../src/server/cli/simulate/random.ts';
import { readTarget } from '../../src/server/cli/simulate/target.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { startTinyServer } from './tiny-server.ts';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function simulate(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['src/server/cli/simulate.ts', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

describe('simulate against a protected server', () => {
  let app: RunningApp;
  beforeAll(async () => {
    app = await startTinyServer({ policies: { api: { max: 20, window: '1m', by: 'ip', everywhere: true } } });
  });
  afterAll(() => app.close());

  it('refuses attackers by the limit and no honest user, and ends with the line that says so', async () => {
    const { code, out, err } = await simulate(
      '--url',
      `http://127.0.0.1:${app.port}`,
      '--seconds',
      '4',
      '--attackers',
      '11',
    );
    expect(err).toBe('');
    expect(out.trimEnd().split('\n').at(-1)).toBe('honest requests refused: 0');
    expect(code).toBe(0);
    expect(out).toMatch(/^honest +customer +\d+/m);
    expect(out).toMatch(/^honest +visitor with a browser +[1-9]/m);
    expect(out).toMatch(/^flood +\d+ +429 +RATE_LIMIT_EXCEEDED/m);
    expect(out).toMatch(/^malformed and oversized +\d+ +413 +PAYLOAD_TOO_LARGE/m);
    expect(out).toMatch(/^forged addresses +\d+ +429 +RATE_LIMIT_EXCEEDED/m);
    expect(out).not.toMatch(/5xx/);
  });
});

describe('simulate against a server that is too strict', () => {
  it('says how many honest requests were refused, and ends with 1', async () => {
    const app = await startTinyServer({
      policies: { single: { max: 1, window: '1h', by: 'route' } },
      routes: { '/sample/orders': 'single' },
    });
    const { code, out } = await simulate('--url', `http://127.0.0.1:${app.port}`, '--seconds', '2', '--json');
    await app.close();
    const result = JSON.parse(out) as {
      honestRefused: number;
      actors: { kind: string; refusals: unknown[] }[];
    };
    expect(result.honestRefused).toBeGreaterThan(0);
    expect(result.actors.find((one) => one.kind === 'customer')?.refusals).toContainEqual(
      expect.objectContaining({ status: 429, code: 'RATE_LIMIT_EXCEEDED' }),
    );
    expect(code).toBe(1);
  });
});

describe('simulate', () => {
  it.each([
    'http://example.com',
    'http://192.168.0.4:4600',
    'http://127.0.0.1.example.com',
    'http://127.evil.example',
    'https://localhost',
    'http://[::ffff:8.8.8.8]',
    'localhost:4600',
  ])('does not attack %s', (url) => {
    expect(readTarget(url)).toBeTypeOf('string');
  });

  it.each(['http://localhost:4600', 'http://127.0.0.1:4600/', 'http://127.9.9.9', 'http://[::1]:4600'])(
    'takes %s',
    (url) => {
      expect(readTarget(url)).toHaveProperty('port');
    },
  );

  it('ends with 2 when another machine is named, and with 1 when nobody answers', async () => {
    const [abroad, silent] = await Promise.all([
      simulate('--url', 'http://example.com'),
      simulate('--url', 'http://127.0.0.1:9'),
    ]);
    expect(abroad.code).toBe(2);
    expect(abroad.err).toMatch(/not this machine/);
    expect(silent.code).toBe(1);
    expect(silent.err).toMatch(/No server answers at http:\/\/127\.0\.0\.1:9/);
  });

  it('acts the same for the same seed, and gives each actor another', () => {
    const numbers = (seed: number): number[] => {
      const chance = seeded(seed);
      return Array.from({ length: 20 }, () => chance.whole(0, 1_000_000));
    };
    expect(numbers(seedOf(1, 0))).toEqual(numbers(seedOf(1, 0)));
    const firsts = new Set(Array.from({ length: 500 }, (_, actor) => numbers(seedOf(1, actor))[0]));
    expect(firsts.size).toBeGreaterThan(490);
  });

  it('spreads chance evenly between both bounds', () => {
    const chance = seeded(7);
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 40_000; i++) counts[chance.whole(0, 3)] = (counts[chance.whole(0, 3)] ?? 0) + 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(900);
  });
});
