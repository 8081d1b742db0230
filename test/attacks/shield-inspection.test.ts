import { deflateRawSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningApp, Stage } from '../../src/testing/suites/adapter-app.ts';
import { type Answer, call } from '../../src/testing/suites/adapter-client.ts';
import { APPS, shieldHouse } from './shield-house.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
const MULTIPART = { 'content-type': 'multipart/form-data; boundary=x' };
const part = (name: string, content: string): string =>
  `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${content}\r\n--x--\r\n`;

describe.each(APPS)('attacks on an application behind the %s adapter', (_name, start) => {
  // Programs call: this is not about browsers.
  const { house, records, events } = shieldHouse({ browser: false });
  const stage = new Stage();
  let app: RunningApp;
  beforeAll(async () => {
    app = await start(house, stage);
  });
  afterAll(async () => {
    await app.close();
    await house.close();
  });
  const get = (query: string, headers: Record<string, string> = {}): Promise<Answer> =>
    call(app.port, { path: `/hello?${query}`, headers });
  const post = (body: string | Uint8Array, headers: Record<string, string> = JSON_TYPE): Promise<Answer> =>
    call(app.port, { path: '/echo', method: 'POST', body, headers });
  const statuses = async (answers: readonly Promise<Answer>[]): Promise<readonly number[]> =>
    (await Promise.all(answers)).map(({ status }) => status);

  it('lets honest requests pass', async () => {
    const honest = JSON.stringify({ name: "Seán O'Brien", note: 'Rock & Roll; a < b', list: ['1 or 2'] });
    expect(
      await statuses([
        get("q=O'Brien+%26+sons"),
        post(honest),
        post('message=Hello%0D%0Athere%2C+it%27s+me&ok=1', FORM_TYPE),
        post(part('note', 'Rock & Roll'), MULTIPART),
      ]),
    ).toEqual([200, 200, 200, 200]);
  });

  it('A56: keys that reach a prototype are refused wherever they stand', async () => {
    const before = stage.calls;
    expect(
      await statuses([
        get('__proto__[admin]=1'),
        get('a[__proto__][admin]=1'),
        get('constructor[prototype][admin]=1'),
        get('constructor.prototype.admin=1'),
        get('a=1', { cookie: 'j=%7B%22__proto__%22%3A%7B%22admin%22%3A1%7D%7D' }),
        post('{"__proto__":{"admin":1}}'),
        post(String.raw`{"a":[{"\u005f_proto__":{"admin":1}}]}`),
        post('{"constructor":{"prototype":{"admin":1}}}'),
        post(String.raw`{"constr\u0075ctor":{"prot\u006ftype":{"admin":1}}}`),
        post('__proto__[admin]=1', FORM_TYPE),
        post(part('__proto__[admin]', '1'), MULTIPART),
      ]),
    ).toEqual(Array.from({ length: 11 }, () => 403));
    expect(stage.calls).toBe(before);
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  it('A59: a compressed body that grows beyond the bound is cut', async () => {
    const bomb = gzipSync(Buffer.alloc(100_000_000, ' '));
    const resident = process.memoryUsage().rss;
    expect((await post(bomb, { ...JSON_TYPE, 'content-encoding': 'gzip' })).status).toBe(413);
    expect(process.memoryUsage().rss - resident).toBeLessThan(64_000_000);
    const small = gzipSync('{"a":"<script>alert(1)</script>"}');
    expect((await post(small, { ...JSON_TYPE, 'content-encoding': 'gzip' })).status).toBe(403);
  });

  it('A60: a multipart body that parsers read in several ways is refused', async () => {
    const before = stage.calls;
    const field = 'Content-Disposition: form-data; name="a"';
    const attack = '<script>alert(1)</script>';
    const bodies = [
      `--x\r\n${field}; filename="a"\r\n${field}\r\n\r\n${attack}\r\n--x--\r\n`,
      `--x\r\n${field}\r\n ; filename="a"\r\n\r\n${attack}\r\n--x--\r\n`,
      `--x\r\n${field}; name="b"; filename="a"\r\n\r\n${attack}\r\n--x--\r\n`,
      `${part('a', 'plain')}${part('a', attack)}`,
      `--x\r\n${field}; filename="a"\r\n\r\n${attack}`,
      `--y\r\n${field}\r\n\r\n${attack}\r\n--y--\r\n`,
    ];
    const doubled = { 'content-type': 'multipart/form-data; boundary=y; boundary=x' };
    expect(
      await statuses([...bodies.map((body) => post(body, MULTIPART)), post(part('a', attack), doubled)]),
    ).toEqual(Array.from({ length: 7 }, () => 400));
    expect((await post(part('a', `x--x--\r\n${attack}`), MULTIPART)).status).toBe(403);
    expect(stage.calls).toBe(before);
  });

  it('A61: JSON that is too deep or has too many keys is refused before anybody parses it', async () => {
    const before = stage.calls;
    const keys = Array.from({ length: 60_000 }, (_, i) => `"k${i}":0`).join(',');
    expect(
      await statuses([post('['.repeat(100_000)), post(`{"a":`.repeat(10_000)), post(`{${keys}}`)]),
    ).toEqual([400, 400, 400]);
    expect(stage.calls).toBe(before);
  });

  it('a body is seen as applications read it, whatever its labels say', async () => {
    const attack = '{"a":"<script>alert(1)</script>"}';
    const before = stage.calls;
    const behind = Buffer.concat([deflateRawSync(' '), Buffer.from(attack)]);
    expect(
      await statuses([
        post(attack, { 'content-type': 'application/json; charset=utf-16le' }),
        post(behind, { ...JSON_TYPE, 'content-encoding': 'deflate' }),
        post(attack, { 'content-type': 'application/json; x-charset=utf-16le' }),
        post(attack, { 'content-type': 'image/png' }),
        post(attack, { 'content-type': 'application/csp-report' }),
        post(attack, { 'content-type': 'image/png, application/json' }),
        post(attack, {}),
      ]),
    ).toEqual([415, 415, 403, 403, 403, 403, 403]);
    expect(stage.calls).toBe(before);
  });

  it('files and reports of honest clients arrive whole', async () => {
    const report = '{"csp-report":{"blocked-uri":"inline","script-sample":"<script>alert(1)</script>"}}';
    const picture = Buffer.concat([Buffer.from('\x89PNG\r\n<script>', 'latin1'), Buffer.alloc(3_000_000, 7)]);
    const answers = await Promise.all([
      post(picture, { 'content-type': 'image/png' }),
      post(picture.subarray(0, 20), { 'content-type': 'application/octet-stream' }),
      post(report, { 'content-type': 'application/csp-report' }),
      post('', { 'content-type': 'application/octet-stream' }),
    ]);
    expect(answers.map(({ status, body }) => [status, body])).toEqual([
      [200, `${picture.length}`],
      [200, '20'],
      [200, `${report.length}`],
      [200, '0'],
    ]);
  });

  it('puts each refusal on record with its rules, and tells of it', async () => {
    const { status, body } = await post(JSON.stringify({ user: { note: "x' OR '1'='1' -- hunter2" } }));
    expect(status).toBe(403);
    const { decision } = (JSON.parse(body) as { error: { code: string; decision: string } }).error;
    const record = records.find((one) => one.id === decision);
    expect(record).toMatchObject({ guard: 'inspection', code: 'REQUEST_BLOCKED' });
    expect(JSON.stringify(record)).toMatch(/sql\..*user\.note/s);
    expect(JSON.stringify([record, body])).not.toContain('hunter2');
    expect(
      events.some(({ type, details }) => type === 'INJECTION_ATTEMPT' && details?.['class'] === 'sql'),
    ).toBe(true);
    expect((await post(JSON.stringify({ note: '<script>alert(document.cookie)</script>' }))).status).toBe(
      403,
    );
    await house.events.flush();
    const scripts = events.filter(({ details }) => details?.['class'] === 'xss');
    expect(scripts.map(({ type }) => type)).toContain('XSS_ATTEMPT');
    expect(scripts.every(({ type }) => type === 'XSS_ATTEMPT')).toBe(true);
  });
});
