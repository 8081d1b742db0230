import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemTimers, type Timers } from '../../../core/clock.ts';
import { OptionsError, RampartError } from '../../../core/errors.ts';
import { ManualClock } from '../../../testing/clock.ts';
import { httpSms, type HttpSmsOptions } from './sms.ts';

const TO = '+4915112345678';
const ACCOUNT = 'AC0123456789abcdef0123456789abcdef';
let stop: (() => void) | undefined;
afterEach(() => stop?.());

/** Answers as the resource Messages of the API 2010-04-01 is documented to. */
async function provider(script: (number | 'hang' | 'cut')[] = []) {
  const requests: { form: Record<string, string>; headers: IncomingMessage['headers'] }[] = [];
  const arrived = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      requests.push({ form: Object.fromEntries(new URLSearchParams(body)), headers: request.headers });
      arrived.resolve();
      const next = script.shift() ?? 201;
      if (next === 'hang') return;
      if (next === 'cut') return void request.socket.destroy();
      answer(request, response, next, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stop = () => {
    server.closeAllConnections();
    server.close();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    arrived: arrived.promise,
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

function answer(request: IncomingMessage, response: ServerResponse, status: number, body: string): void {
  const reply = (code: number, value: object): void => {
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };
  const credentials = Buffer.from((request.headers.authorization ?? '').slice(6), 'base64').toString();
  if (request.method !== 'POST' || request.url !== `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`)
    return reply(404, { code: 20404, message: 'not found', status: 404 });
  if (credentials !== `${ACCOUNT}:token`)
    return reply(401, { code: 20003, message: 'Authenticate', status: 401 });
  const form = new URLSearchParams(body);
  const missing =
    !form.has('To') || !form.has('Body') || !(form.has('From') || form.has('MessagingServiceSid'));
  if (missing) return reply(400, { code: 21602, message: 'A required parameter is missing', status: 400 });
  if (status >= 400)
    return reply(status, { code: 21211, message: `Invalid 'To': ${form.get('To')}`, status });
  reply(201, { sid: 'SM0123', status: 'queued', to: form.get('To') });
}

const sender = (url: string, more: Partial<HttpSmsOptions> = {}, timers: Timers = systemTimers) =>
  httpSms({ url, accountSid: ACCOUNT, authToken: 'token', from: '+15005550006', ...more }, fetch, timers);
const failure = (promise: Promise<void>): Promise<RampartError> =>
  promise.then(
    () => {
      throw new Error('was sent');
    },
    (error: unknown) => error as RampartError,
  );

describe('short messages over HTTP', () => {
  it('are posted as the API asks for', async () => {
    const { url, requests } = await provider();
    await sender(url).send(TO, 'Your code: 314159 – رمزك');
    expect(requests).toHaveLength(1);
    expect(requests[0]?.form).toEqual({ To: TO, From: '+15005550006', Body: 'Your code: 314159 – رمزك' });
    expect(requests[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  });

  it('go through a messaging service where one is named', async () => {
    const { url, requests } = await provider();
    const sms = httpSms({ url, accountSid: ACCOUNT, authToken: 'token', messagingServiceSid: 'MG1' }, fetch);
    await sms.send(TO, 'x');
    expect(requests[0]?.form).toEqual({ To: TO, MessagingServiceSid: 'MG1', Body: 'x' });
  });

  it('are tried once more when the provider breaks down, and not a third time', async () => {
    const { url, requests } = await provider([503, 201]);
    await sender(url).send(TO, 'x');
    expect(requests).toHaveLength(2);
    const broken = await provider([500, 502, 201]);
    const error = await failure(sender(broken.url).send(TO, 'x'));
    expect(error.code).toBe('SMS_UNSENT');
    expect(broken.requests).toHaveLength(2);
  });

  it.each([
    [400, 'SMS_REFUSED'],
    [404, 'SMS_REFUSED'],
    [429, 'SMS_UNSENT'],
  ])('%d is %s at once, with the number of the error and without the phone number', async (status, code) => {
    const { url, requests } = await provider([status]);
    const error = await failure(sender(url).send(TO, 'x'));
    expect(error).toBeInstanceOf(RampartError);
    expect(error.code).toBe(code);
    expect(error.message).toContain(`status ${status}, code 21211`);
    expect(error.message + String(error.cause)).not.toContain('15112345678');
    expect(requests).toHaveLength(1);
  });

  it('a wrong token is SMS_REFUSED and stands in no error', async () => {
    const { url } = await provider();
    const error = await failure(sender(url, { authToken: 'hunter2' }).send(TO, 'x'));
    expect(error.message).toContain('status 401, code 20003');
    expect(error.message).not.toContain('hunter2');
  });

  it('are not sent twice after a timeout or a broken connection: they may be under way', async () => {
    const clock = new ManualClock();
    const { url, requests, arrived } = await provider(['hang']);
    const outcome = failure(sender(url, {}, clock).send(TO, 'x'));
    await arrived;
    clock.advance(5_000);
    expect((await outcome).message).toContain('timeout');
    expect(requests).toHaveLength(1);
    const cut = await provider(['cut']);
    expect((await failure(sender(cut.url).send(TO, 'x'))).code).toBe('SMS_UNSENT');
    expect(cut.requests).toHaveLength(1);
  });

  it('a provider that cannot be reached at all is tried once more', async () => {
    const clock = new ManualClock();
    let tries = 0;
    const unreachable = (): Promise<Response> => {
      tries += 1;
      return Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }));
    };
    const sms = httpSms({ accountSid: ACCOUNT, authToken: 'token', from: 'Markt' }, unreachable, clock);
    const outcome = failure(sms.send(TO, 'x'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(tries).toBe(1);
    clock.advance(500);
    expect((await outcome).message).toContain('ECONNREFUSED');
    expect(tries).toBe(2);
  });

  it.each([
    '',
    '0151',
    '+49 151',
    '+0151123456',
    `+${'4'.repeat(30)}`,
    '+4915112345678\r\nX: y',
    'whatsapp:+4915112345678',
  ])("the number '%s' is none", async (to) => {
    const { url, requests } = await provider();
    expect((await failure(sender(url).send(to, 'x'))).code).toBe('SMS_REFUSED');
    expect(requests).toEqual([]);
  });
});

describe('options of short messages', () => {
  const good = { accountSid: ACCOUNT, authToken: 'token', from: '+15005550006' };
  it.each([
    [{ ...good, url: 'http://sms.example' }, 'sms.url'],
    [{ ...good, url: 'https://user:hunter2@sms.example' }, 'sms.url'],
    [{ ...good, accountSid: '../x' }, 'sms.accountSid'],
    [{ ...good, messagingServiceSid: 'MG1' }, 'sms'],
    [{ accountSid: ACCOUNT, authToken: 'token' }, 'sms'],
    [{ ...good, from: 'a\r\nb' }, 'sms.from'],
  ])('%j is refused with its path', (given, path) => {
    const make = (): unknown => httpSms(given, fetch);
    expect(make).toThrow(OptionsError);
    expect(make).toThrow(`${path}:`);
    expect(make).not.toThrow(/hunter2/);
  });
});
