import { expect, it } from 'vitest';
import { type AdapterTraits, type Scene, SECRET } from './adapter-app.ts';
import { type Answer, call } from './adapter-client.ts';

interface Envelope {
  readonly success: boolean;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly decision?: string;
    readonly details?: unknown;
  };
}
const envelope = (answer: Answer): Envelope => JSON.parse(answer.body) as Envelope;

/** What a client is answered. */
export function answerScenarios(scene: () => Scene, traits: AdapterTraits): void {
  const ask = (
    path: string,
    headers: Readonly<Record<string, string>> = {},
    method = 'GET',
  ): Promise<Answer> => call(scene().port, { path, headers, method });
  refusals(scene, ask);
  headers(scene, ask);
  errors(scene, ask);

  it('tells the label of the route that answered', async () => {
    const { house } = scene();
    expect((await ask('/items/42')).body).toBe('42');
    await house.whenLeft(1);
    expect(house.left[0]?.context.routeLabel).toBe(traits.labels ? '/items/:id' : null);
    await ask('/nowhere/at/all');
    await house.whenLeft(2);
    expect(house.left[1]?.context.routeLabel).toBeNull();
  });

  it('shows guards the method, the target as sent, the peer, and headers', async () => {
    const { house } = scene();
    await ask('/items/a%2Fb?x=%201&y', { 'x-one': 'a', cookie: 'c=1' });
    const { request } = house.entered[0] as (typeof house.entered)[0];
    expect(request.method).toBe('GET');
    expect(request.target).toBe('/items/a%2Fb?x=%201&y');
    expect(house.entered[0]?.client.address).toBe('127.0.0.1');
    expect(request.encrypted).toBe(false);
    expect(request.header('x-one')).toBe('a');
    expect(request.header('cookie')).toBe('c=1');
    expect(request.header('x-absent')).toBeUndefined();
  });
}

type AskPath = (path: string, headers?: Readonly<Record<string, string>>, method?: string) => Promise<Answer>;

function refusals(scene: () => Scene, ask: AskPath): void {
  it.each(['limit', 'limit-later'])('refuses with 429, the envelope and its headers (%s)', async (word) => {
    const { house, stage } = scene();
    const answer = await ask('/hello', { 'x-test': word });
    expect(answer.status).toBe(429);
    expect(answer.headers['retry-after']).toBe('40');
    expect(answer.headers['x-ratelimit-remaining']).toBe('0');
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    const { success, error } = envelope(answer);
    expect(success).toBe(false);
    expect(error.code).toBe('RATE_LIMIT_EXCEEDED');
    expect(error.decision).toBe(answer.headers['x-rampart-decision']);
    expect(error.decision).toMatch(/^dec_/);
    expect(stage.calls).toBe(0);
    await house.whenLeft(1);
    expect(house.left[0]).toMatchObject({
      status: 429,
      aborted: false,
      bytes: Buffer.byteLength(answer.body),
    });
    expect(house.leases()).toBe(0);
  });

  it('refuses a POST from another site', async () => {
    const { stage, port } = scene();
    const answer = await call(port, {
      method: 'POST',
      path: '/echo',
      headers: { 'x-test': 'csrf' },
      body: 'a=1',
    });
    expect(answer.status).toBe(403);
    expect(envelope(answer).error.code).toBe('CSRF_REFUSED');
    expect(stage.calls).toBe(0);
  });

  it('answers a preflight for a guard, without a body', async () => {
    const { house, stage } = scene();
    const answer = await ask('/echo', { 'access-control-request-method': 'POST' }, 'OPTIONS');
    expect(answer.status).toBe(204);
    expect(answer.headers['access-control-allow-origin']).toBe('https://app.example');
    expect(answer.headers['content-length']).toBeUndefined();
    expect(answer.headers['x-rampart-decision']).toBeUndefined();
    expect(answer.body).toBe('');
    expect(stage.calls).toBe(0);
    await house.whenLeft(1);
    expect(house.left[0]).toMatchObject({ status: 204, bytes: 0, aborted: false });
  });

  it('sends the page of a challenge byte for byte', async () => {
    const answer = await ask('/hello', { 'x-test': 'challenge' });
    expect(answer.status).toBe(403);
    expect(answer.body).toBe('<p>ü</p>');
    expect(answer.headers['content-length']).toBe('9');
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['x-frame-options']).toBe('SAMEORIGIN');
  });

  it.each(['shadow', 'pass-later', 'crash-lenient'])('lets a request go on (%s)', async (word) => {
    const { house, stage } = scene();
    const answer = await ask('/hello', { 'x-test': word });
    expect([answer.status, answer.body]).toEqual([200, 'hello']);
    expect(stage.calls).toBe(1);
    await house.whenLeft(1);
    expect(house.left[0]).toMatchObject({ status: 200, bytes: 5, aborted: false });
    expect(house.leases()).toBe(0);
  });

  it.each(['crash', 'reject-later'])('refuses when a strict guard breaks down (%s)', async (word) => {
    const { house, stage } = scene();
    const answer = await ask('/hello', { 'x-test': word });
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
    expect(envelope(answer).error.code).toBe('GUARD_UNAVAILABLE');
    expect(answer.body).not.toContain('guard broke');
    expect(stage.calls).toBe(0);
    await house.whenLeft(1);
    expect(house.leases()).toBe(0);
  });
}

function headers(scene: () => Scene, ask: AskPath): void {
  const cases: [string, number, string, Readonly<Record<string, string>>, string?][] = [
    ['a pass', 200, '/hello', {}],
    ['a refusal', 429, '/hello', { 'x-test': 'limit' }],
    ['an unknown route', 404, '/nowhere', {}],
    ['an error', 500, '/throw/unknown', {}],
    ['a redirect', 302, '/redirect', {}],
    ['an empty answer', 204, '/empty', {}],
    ['HEAD', 200, '/hello', {}, 'HEAD'],
    ['a refused HEAD', 429, '/hello', { 'x-test': 'limit' }, 'HEAD'],
    ['a waiting guard', 200, '/hello', { 'x-test': 'pass-later' }],
  ];
  it.each(cases)('puts the headers of the house on %s', async (_name, status, path, sent, method) => {
    const answer = await ask(path, sent, method);
    expect(answer.status).toBe(status);
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.headers['x-frame-options']).toBe('DENY');
    expect(answer.headers['vary']?.split(', ')).toContain('origin');
    expect(answer.headers['content-security-policy']).toMatch(/^script-src 'nonce-[\w+/=]{24}'$/);
    expect(answer.headers['set-cookie']).toEqual(['house=1; Path=/']);
    expect(answer.headers['x-powered-by']).toBeUndefined();
    const names = answer.rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
    expect(names).toEqual([...new Set(names)]);
  });

  it('lets a header of the application replace one of the house, keeps both cookies, and joins vary', async () => {
    const answer = await ask('/own');
    expect(answer.body).toBe('own');
    expect(answer.headers['x-frame-options']).toBe('SAMEORIGIN');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.headers['set-cookie']?.toSorted()).toEqual(['app=1', 'house=1; Path=/']);
    expect(answer.headers['x-powered-by']).toBeUndefined();
    const vary = (answer.headers['vary'] ?? '').split(', ').toSorted();
    expect(vary).toEqual(['accept', 'origin']);
  });

  it('gives the handler the nonce that stands in the header, a new one each time', async () => {
    const [one, two] = [await ask('/nonce'), await ask('/nonce')];
    expect(one.headers['content-security-policy']).toBe(`script-src 'nonce-${one.body}'`);
    expect(two.headers['content-security-policy']).toBe(`script-src 'nonce-${two.body}'`);
    expect(one.body).not.toBe(two.body);
  });

  it('sends no body to HEAD, whether it passes or is refused', async () => {
    const { house } = scene();
    const passed = await ask('/hello', {}, 'HEAD');
    const refused = await ask('/hello', { 'x-test': 'limit' }, 'HEAD');
    expect([passed.status, passed.body, refused.status, refused.body]).toEqual([200, '', 429, '']);
    const whole = await ask('/hello', { 'x-test': 'limit' });
    expect(refused.headers['content-length']).toBe(whole.headers['content-length']);
    await house.whenLeft(3);
    expect(house.left.map((end) => end.bytes)).toEqual([0, 0, Buffer.byteLength(whole.body)]);
  });
}

function errors(scene: () => Scene, ask: AskPath): void {
  const kinds = [
    ['validation', 400, 'VALIDATION_ERROR'],
    ['authentication', 401, 'AUTHENTICATION_ERROR'],
    ['authorization', 403, 'AUTHORIZATION_ERROR'],
    ['missing', 404, 'NOT_FOUND'],
    ['conflict', 409, 'CONFLICT'],
    ['limit', 429, 'RATE_LIMIT_EXCEEDED'],
  ] as const;
  it.each(kinds)('answers a thrown %s error with %i %s', async (kind, status, code) => {
    for (const path of [`/throw/${kind}`, `/reject/${kind}`]) {
      const answer = await ask(path);
      expect(answer.status).toBe(status);
      expect(envelope(answer).error.code).toBe(code);
      if (kind === 'limit') expect(answer.headers['retry-after']).toBe('17');
      if (kind === 'validation')
        expect(envelope(answer).error.details).toEqual([{ field: 'name', code: 'required' }]);
    }
    const { house } = scene();
    await house.whenLeft(2);
    expect(house.leases()).toBe(0);
  });

  it.each(['/throw/unknown', '/reject/unknown'])(
    'keeps to itself what an unknown error says: %s',
    async (path) => {
      const { house } = scene();
      const answer = await ask(path);
      const failure = house.failures[0] as (typeof house.failures)[0];
      expect(answer.status).toBe(500);
      expect(envelope(answer).error).toMatchObject({
        code: 'INTERNAL_ERROR',
        details: { errorId: failure.id },
      });
      expect(answer.body).not.toContain(SECRET);
      expect(answer.body).not.toContain('.ts');
      expect((failure.error as Error).message).toBe(SECRET);
    },
  );

  it('answers errors, refusals and unknown routes as problem+json when that is asked for', async () => {
    const accept = { accept: 'application/problem+json' };
    for (const [path, headers, status] of [
      ['/throw/conflict', accept, 409],
      ['/nowhere', accept, 404],
      ['/hello', { ...accept, 'x-test': 'limit' }, 429],
    ] as const) {
      const answer = await ask(path, headers);
      expect(answer.headers['content-type']).toBe('application/problem+json');
      expect(JSON.parse(answer.body)).toMatchObject({ type: 'about:blank', status });
    }
  });

  it('drops what told of the body that was never sent', async () => {
    const answer = await ask('/marked');
    expect(answer.status).toBe(409);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['etag']).toBeUndefined();
    expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.body)));
  });

  it('breaks a response off whose body fails after its head was sent, and lives on', async () => {
    const { house } = scene();
    await expect(ask('/broken')).rejects.toThrow(/aborted|socket hang up/);
    await house.whenLeft(1);
    expect(house.left[0]).toMatchObject({ aborted: true });
    expect(house.leases()).toBe(0);
    expect((await ask('/hello')).status).toBe(200);
  });
}
