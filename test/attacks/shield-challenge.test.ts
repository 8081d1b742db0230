import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { replayStep } from '../../src/core/decision.ts';
import { presets } from '../../src/modules/limit/index.ts';
import { type RunningApp, Stage } from '../../src/testing/suites/adapter-app.ts';
import { type Answer, call } from '../../src/testing/suites/adapter-client.ts';
import { APPS, shieldHouse } from './shield-house.ts';

const PATH = '/.well-known/rampart/challenge';
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const PAGE = { 'user-agent': FIREFOX, accept: 'text/html,*/*;q=0.8', 'sec-fetch-mode': 'navigate' };
const CONFIG = {
  trustProxy: ['loopback'],
  limits: { edge: { ...presets.edge, max: 3 } },
  routes: {
    '/hello': { shield: { challenge: { demand: 'always' } } },
    '/nonce': { limit: 'edge' },
    '/own': { shield: { bots: { tool: 'challenge' } } },
    '/empty': { shield: { challenge: false, bots: { tool: 'challenge' } } },
  },
  browser: { cors: { origins: ['https://app.example.com'] } },
  shield: { challenge: { bits: { normal: 6 }, puzzles: 3 } },
} as const;

interface Instruction {
  readonly seed: string;
  readonly bits: number;
  readonly puzzles: number;
  readonly token: string;
  readonly submit: string;
}

/** As the README tells programs to do it. */
function solve({ seed, bits, puzzles }: Instruction): string {
  return Array.from({ length: puzzles }, (_, index) => {
    for (let counter = 0; ; counter++) {
      const hash = createHash('sha256').update(`${seed}:${index}:${counter}`).digest();
      if (hash.readUInt32BE(0) >>> (32 - bits) === 0) return counter;
    }
  }).join('.');
}

const instructionOf = ({ body }: Answer): Instruction =>
  (JSON.parse(body) as { error: { details: { challenge: Instruction } } }).error.details.challenge;
const errorOf = ({ body }: Answer): { code: string; details: { why: string } } =>
  (JSON.parse(body) as { error: { code: string; details: { why: string } } }).error;

describe.each(APPS)('the challenge before an application behind the %s adapter', (_name, start) => {
  const { house, clock, records, events } = shieldHouse(CONFIG);
  let app: RunningApp;
  let hosts = 1;
  beforeAll(async () => {
    app = await start(house, new Stage());
  });
  afterAll(async () => {
    await app.close();
    await house.close();
  });

  /** Somebody with an address of their own. */
  const somebody = (headers: Record<string, string> = { 'user-agent': FIREFOX }) => {
    const from = `198.51.100.${hosts++}`;
    const ask = (path: string, more: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
      call(app.port, { path, method, headers: { 'x-forwarded-for': from, ...headers, ...more } });
    const handIn = (token: string, proof: string, more: Record<string, string> = {}): Promise<Answer> =>
      ask(PATH, { 'x-rampart-challenge': token, 'x-rampart-proof': proof, ...more }, 'POST');
    const clear = async (): Promise<{ cookie: string; clearance: string }> => {
      const given = instructionOf(await ask('/hello'));
      const solved = await handIn(given.token, solve(given));
      const cookie = String(solved.headers['set-cookie']).split(';')[0] as string;
      const { clearance } = (JSON.parse(solved.body) as { data: { clearance: string } }).data;
      return { cookie, clearance };
    };
    return { from, ask, handIn, clear };
  };

  it('tells a program what to solve, and lets it in by cookie or header afterwards', async () => {
    const { ask, clear } = somebody();
    const asked = await ask('/hello');
    expect([asked.status, errorOf(asked).code]).toEqual([403, 'CHALLENGE_REQUIRED']);
    expect(instructionOf(asked)).toMatchObject({ type: 'sha256-zeros', bits: 6, puzzles: 3, submit: PATH });
    const { cookie, clearance } = await clear();
    expect((await ask('/hello', { cookie })).status).toBe(200);
    expect((await ask('/hello', { 'x-rampart-clearance': clearance })).status).toBe(200);
    expect((await ask('/hello')).status).toBe(403);
    expect(JSON.parse((await ask(`${PATH}/status`, { cookie })).body)).toEqual({
      success: true,
      data: { cleared: true },
    });
  });

  it('shows browsers a page with a strict policy, and its files', async () => {
    const { ask } = somebody(PAGE);
    const page = await ask('/hello', { 'accept-language': 'ar' });
    expect(page.status).toBe(403);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-language': 'ar',
    });
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self';/);
    expect(page.headers['content-security-policy']).not.toMatch(/unsafe|\*/);
    expect(page.body).toContain('<html lang="ar" dir="rtl">');
    expect(page.body).not.toMatch(/ style=|<style|<script>|\son\w+=/);
    expect(page.body).toContain(String(page.headers['x-rampart-decision']));
    for (const [, file] of page.body.matchAll(/(?:src|href|data-solver)="(\/[^"]+)"/g)) {
      const asset = await ask(file as string);
      expect([file, asset.status]).toEqual([file, 200]);
      expect(asset.headers['x-content-type-options']).toBe('nosniff');
    }
    // A script that fetches is no person who looks.
    expect((await ask('/hello', { 'sec-fetch-mode': 'cors' })).headers['content-type']).toMatch(/json/);
  });

  it('refuses a proof that is shown twice, forged, of somebody else, unsolved, or late', async () => {
    const person = somebody();
    const given = instructionOf(await person.ask('/hello'));
    const proof = solve(given);
    const why = async (answer: Promise<Answer>): Promise<string> => {
      const { status, headers } = await answer;
      expect([status, headers['set-cookie']]).toEqual([403, undefined]);
      return errorOf(await answer).details.why;
    };
    expect(await why(somebody().handIn(given.token, proof))).toBe('forged');
    expect(await why(person.handIn(given.token, proof, { 'user-agent': 'curl/8' }))).toBe('forged');
    expect(await why(person.handIn(given.token.replace(`.${given.bits}.`, '.1.'), proof))).toBe('forged');
    expect(await why(person.handIn('', proof))).toBe('forged');
    expect(await why(person.handIn(given.token, '0.0.0'))).toBe('unsolved');
    expect((await person.handIn(given.token, proof)).status).toBe(200);
    expect(await why(person.handIn(given.token, proof))).toBe('used');
    const late = instructionOf(await person.ask('/hello'));
    clock.advance(300_001);
    expect(await why(person.handIn(late.token, solve(late)))).toBe('expired');
    await house.events.flush();
    expect(events.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['CHALLENGE_SOLVED', 'CHALLENGE_FAILED']),
    );
  });

  it("takes nobody else's clearance, and none that has run out", async () => {
    const person = somebody();
    const { cookie } = await person.clear();
    expect((await somebody().ask('/hello', { cookie })).status).toBe(403);
    expect((await person.ask('/hello', { cookie, 'user-agent': 'curl/8' })).status).toBe(403);
    expect((await person.ask('/hello', { cookie: `${cookie.slice(0, -2)}AA` })).status).toBe(403);
    expect((await person.ask('/hello', { cookie })).status).toBe(200);
    clock.advance(3_600_001);
    expect((await person.ask('/hello', { cookie })).status).toBe(403);
  });

  it('stands before the refusal of a limit that asks for it, and the refusal stands behind it', async () => {
    const { ask, clear } = somebody();
    for (let i = 0; i < 3; i++) expect((await ask('/nonce')).status).toBe(200);
    const asked = await ask('/nonce');
    expect([asked.status, errorOf(asked).code]).toEqual([429, 'RATE_LIMIT_EXCEEDED']);
    expect(asked.headers['retry-after']).toMatch(/^\d+$/);
    expect(instructionOf(asked).submit).toBe(PATH);
    expect((await ask('/nonce', PAGE)).headers['content-type']).toBe('text/html; charset=utf-8');
    const { cookie } = await clear();
    for (let i = 0; i < 3; i++) expect((await ask('/nonce', { cookie })).status).toBe(200);
    const refused = await ask('/nonce', { cookie, ...PAGE });
    expect([refused.status, errorOf(refused).code]).toEqual([429, 'RATE_LIMIT_EXCEEDED']);
    expect(refused.body).not.toContain('sha256-zeros');
  });

  it('lets preflights be, and tells an origin that is allowed what to solve', async () => {
    const { ask } = somebody();
    const origin = 'https://app.example.com';
    const preflight = { origin, 'access-control-request-method': 'GET' };
    expect((await ask('/hello', preflight, 'OPTIONS')).status).toBe(204);
    const asked = await ask('/hello', { origin });
    expect([asked.status, asked.headers['access-control-allow-origin']]).toEqual([403, origin]);
  });

  it('is asked of a class of bots, and passed by who has solved it', async () => {
    const { ask, clear } = somebody({ 'user-agent': 'curl/8.9' });
    expect(errorOf(await ask('/own')).code).toBe('CHALLENGE_REQUIRED');
    const { cookie } = await clear();
    expect((await ask('/own', { cookie })).status).toBe(200);
  });

  it('A33: goes on to nowhere but this site', async () => {
    const { ask } = somebody(PAGE);
    const after = async (next: string): Promise<string | undefined> =>
      /data-after="([^"]*)"/.exec((await ask(`${PATH}?next=${next}`)).body)?.[1];
    expect(await after('%2Forders%3Fa%3D1')).toBe('/orders?a=1');
    for (const evil of [
      '//evil.example',
      '%2F%2Fevil.example',
      '/%5Cevil.example',
      'https:evil.example',
      'javascript:alert(1)',
      '/%09/evil.example',
      '/..//evil.example',
      '%22%3E%3Cscript%3E',
    ])
      expect([evil, await after(evil)]).toEqual([evil, '/']);
    expect(await after('/a&amp;b')).toBe('/a');
    expect(await after(encodeURIComponent(PATH))).toBe('/');
  });

  it('counts what was asked, solved and handed in wrongly', () => {
    const counts = house.shield.challengeCounts?.();
    expect(counts?.asked).toBeGreaterThan(10);
    expect(counts?.solved).toBeGreaterThan(3);
    expect(counts?.failed).toBeGreaterThan(5);
  });

  it('leaves records that are decided the same again', () => {
    const steps = records
      .flatMap(({ steps }) => steps)
      .filter(({ evidence, verdict }) => evidence && verdict === 'challenge');
    expect(steps.length).toBeGreaterThan(5);
    for (const step of steps) expect(replayStep(step, house.deciders).kind).toBe('challenge');
  });
});
