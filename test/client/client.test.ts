import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClient, memoryStorage, RampartClientError } from '../../client/src/index.ts';
import type { Client, TokenStorage } from '../../client/src/index.ts';
import { ADA, refusal, TokenServer } from './test-server.ts';

let server: TokenServer;
beforeEach(async () => {
  server = await TokenServer.start();
});
afterEach(() => server.stop());

const PASSWORD = { email: 'ada@example.com', password: 'correct horse battery' };
const api = (more: Partial<Parameters<typeof createClient>[0]> = {}): Client =>
  createClient({ baseUrl: server.origin, mode: 'api', ...more });
const errorOf = async (call: Promise<unknown>): Promise<RampartClientError> => {
  const error: unknown = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RampartClientError)) throw new Error(`not refused: ${String(error)}`);
  return error;
};

describe('the types of the package', () => {
  it('are the server’s, letter for letter', () => {
    const read = (path: string): string =>
      readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');
    expect(read('../../client/src/types.ts')).toBe(read('../../src/server/api/auth-types.ts'));
  });

  it('name no route that the client cannot call', () => {
    const text = readFileSync(fileURLToPath(new URL('../../client/src/types.ts', import.meta.url)), 'utf8');
    const calls = readFileSync(fileURLToPath(new URL('../../client/src/routes.ts', import.meta.url)), 'utf8');
    const named = [...text.matchAll(/(?:GET|POST|PATCH|DELETE) (\/auth\/[a-z/-]+)/g)].map(([, path]) =>
      String(path).replace(/\/$/, ''),
    );
    expect(named.length).toBeGreaterThan(25);
    const elsewhere = new Set(['/auth/refresh', '/auth/sign-out']);
    expect(named.filter((path) => !elsewhere.has(path) && !calls.includes(path))).toEqual([]);
  });
});

describe('renewal', () => {
  it('happens once for twenty calls that are refused together, and all of them pass (A10)', async () => {
    server.on('GET /orders', server.guarded({ orders: [] }));
    const client = api();
    await client.signIn(PASSWORD);
    server.expire();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => client.fetch(`${server.origin}/orders`)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    expect(server.count('POST /auth/refresh')).toBe(1);
    expect(server.reused).toBe(0);
  });

  it('is not asked for again by a call whose refusal arrives late', async () => {
    let release = (): void => undefined;
    const late = new Promise<void>((resolve) => (release = resolve));
    let isFirst = true;
    const guarded = server.guarded({ ok: true });
    server.on('GET /slow', async (received) => {
      const answer = guarded(received);
      if (isFirst) {
        isFirst = false;
        await late;
      }
      return answer;
    });
    server.on('GET /quick', guarded);
    const client = api();
    await client.signIn(PASSWORD);
    server.expire();
    const slow = client.fetch('/slow');
    expect((await client.fetch('/quick')).status).toBe(200);
    release();
    expect((await slow).status).toBe(200);
    expect(server.count('POST /auth/refresh')).toBe(1);
  });

  it('is tried once: what is refused again is the answer', async () => {
    server.on('GET /auth/session', () => refusal(401, 'AUTHENTICATION_ERROR'));
    const client = api();
    await client.signIn(PASSWORD);
    const error = await errorOf(client.session());
    expect([error.status, error.code]).toEqual([401, 'AUTHENTICATION_ERROR']);
    expect(server.count('GET /auth/session')).toBe(2);
    expect(server.count('POST /auth/refresh')).toBe(1);
  });

  it('is not tried for a wrong password or code', async () => {
    server.on('POST /auth/sign-in', () => refusal(401, 'INVALID_CREDENTIALS'));
    server.on('POST /auth/step-up', () => refusal(401, 'INVALID_CODE'));
    const client = api({ storage: kept({ refresh: 'refresh-0' }) });
    expect((await errorOf(client.signIn(PASSWORD))).code).toBe('INVALID_CREDENTIALS');
    expect(server.count('POST /auth/refresh')).toBe(0);
    expect((await errorOf(client.stepUp.prove({ factor: 'totp', code: '000000' }))).code).toBe(
      'INVALID_CODE',
    );
    expect(server.count('POST /auth/step-up')).toBe(1);
  });

  it('that is refused ends the session, once, and forgets the token', async () => {
    server.on('GET /auth/session', () => refusal(401, 'AUTHENTICATION_ERROR'));
    server.on('POST /auth/refresh', () => refusal(401, 'SESSION_ENDED'));
    const storage = kept({ refresh: 'refresh-0' });
    const client = api({ storage });
    const changes: string[] = [];
    client.onChange((change) => changes.push(change));
    await Promise.all(Array.from({ length: 20 }, () => errorOf(client.session())));
    expect(changes).toEqual(['signed-out']);
    expect(server.count('POST /auth/refresh')).toBe(1);
    expect(await storage.get('refresh')).toBeNull();
  });

  it('that gets no answer keeps the token for a later try', async () => {
    server.on('POST /auth/refresh', () => ({ status: 503, body: 'down for a moment' }));
    const storage = kept({ refresh: 'refresh-0' });
    const client = api({ storage });
    expect((await errorOf(client.session())).status).toBe(503);
    expect(await storage.get('refresh')).toBe('refresh-0');
  });

  it('starts from a kept token, so that a reload stays signed in', async () => {
    server.on('GET /auth/session', server.guarded({ user: ADA }));
    const storage = memoryStorage();
    await api({ storage }).signIn(PASSWORD);
    expect(await api({ storage }).session()).toEqual({ user: ADA });
    expect(server.count('GET /auth/session')).toBe(1);
  });

  it('by two clients with one storage hands in no token twice, as two tabs would (A10)', async () => {
    server.on('GET /orders', server.guarded({ orders: [] }));
    const storage = memoryStorage();
    const tabs = [api({ storage }), api({ storage })] as const;
    await tabs[0].signIn(PASSWORD);
    await Promise.all(tabs.map((tab) => tab.fetch('/orders')));
    server.expire();
    await Promise.all(tabs.map((tab) => tab.fetch('/orders')));
    expect(server.reused).toBe(0);
  });

  it('comes before a token ends, by the clock that is handed in', async () => {
    server.on('GET /orders', server.guarded({ orders: [] }));
    let nowMs = 1_000_000;
    const client = api({ now: () => nowMs });
    await client.signIn(PASSWORD);
    nowMs += 896_000;
    await client.fetch('/orders');
    expect(server.received.map(({ route }) => route)).toEqual([
      'POST /auth/sign-in',
      'POST /auth/refresh',
      'GET /orders',
    ]);
  });

  it('that ends after the person signed out brings nobody back', async () => {
    let release = (): void => undefined;
    const late = new Promise<void>((resolve) => (release = resolve));
    server.on('POST /auth/refresh', async () => {
      await late;
      const body = { mfaRequired: false, user: ADA, scope: 'full', accessToken: 'a', refreshToken: 'r' };
      return { status: 200, body };
    });
    server.on('POST /auth/sign-out', () => ({ status: 204 }));
    const storage = kept({});
    const client = api({ storage });
    await client.signIn(PASSWORD);
    const renewing = client.refresh();
    await client.signOut();
    release();
    expect(await renewing).toBe(false);
    expect(await storage.get('refresh')).toBeNull();
  });
});

describe('tabs of a browser', () => {
  /** Locks as a browser shares them among its tabs. */
  function sharedLocks() {
    const held = new Map<string, Promise<unknown>>();
    return {
      async request<T>(
        name: string,
        options: { readonly ifAvailable?: boolean },
        work: (lock: object | null) => Promise<T>,
      ): Promise<T> {
        if (options.ifAvailable === true && held.has(name)) return work(null);
        while (held.has(name)) await held.get(name);
        const done = work({ name });
        held.set(
          name,
          done.catch(() => undefined).then(() => held.delete(name)),
        );
        return done;
      },
    };
  }

  it('renew their common session once: who finds another at it waits for it', async () => {
    vi.stubGlobal('navigator', { locks: sharedLocks() });
    let isFresh = false;
    server.on('GET /auth/session', () =>
      isFresh ? { status: 200, body: { user: ADA } } : refusal(401, 'AUTHENTICATION_ERROR'),
    );
    server.on('POST /auth/refresh', async () => {
      // Both tabs have been refused before one of them is answered.
      await vi.waitFor(() => expect(server.count('GET /auth/session')).toBe(2), 15_000);
      isFresh = true;
      return { status: 200, body: { mfaRequired: false, user: ADA, scope: 'full' } };
    });
    const tabs = [0, 1].map(() => createClient({ baseUrl: server.origin }));
    expect(await Promise.all(tabs.map((tab) => tab.session()))).toEqual([{ user: ADA }, { user: ADA }]);
    expect(server.count('POST /auth/refresh')).toBe(1);
    vi.unstubAllGlobals();
  });
});

describe('a step-up', () => {
  const fresh = (): { isFresh: boolean } => {
    const state = { isFresh: false };
    server.on('POST /auth/mfa/disable', () =>
      state.isFresh
        ? { status: 204 }
        : refusal(401, 'FRESH_AUTH_REQUIRED', { factors: ['totp', 'password'], withinSeconds: 600 }),
    );
    return state;
  };

  it('is asked for once for calls that need it together, and they are repeated', async () => {
    const state = fresh();
    let both = (): void => undefined;
    const bothRefused = new Promise<void>((resolve) => (both = resolve));
    const refused = server.handler('POST /auth/mfa/disable');
    server.on('POST /auth/mfa/disable', (received) => {
      if (server.count('POST /auth/mfa/disable') === 2) both();
      return refused(received);
    });
    const asked: unknown[] = [];
    const client = api({
      onStepUp: async (need) => {
        asked.push(need);
        await bothRefused;
        state.isFresh = true;
        return true;
      },
    });
    await client.signIn(PASSWORD);
    await Promise.all([client.mfa.disable({ factor: 'totp' }), client.mfa.disable({ factor: 'sms' })]);
    expect(asked).toEqual([{ factors: ['totp', 'password'], withinSeconds: 600 }]);
    expect(server.count('POST /auth/mfa/disable')).toBe(4);
    expect(server.count('POST /auth/refresh')).toBe(0);
  });

  it('that is declined, or asked for again, leaves the refusal as the answer', async () => {
    fresh();
    const declining = api({ onStepUp: () => Promise.resolve(false) });
    expect((await errorOf(declining.mfa.disable({ factor: 'totp' }))).code).toBe('FRESH_AUTH_REQUIRED');
    expect(server.count('POST /auth/mfa/disable')).toBe(1);
    const insisting = api({ onStepUp: () => Promise.resolve(true) });
    expect((await errorOf(insisting.mfa.disable({ factor: 'totp' }))).code).toBe('FRESH_AUTH_REQUIRED');
    expect(server.count('POST /auth/mfa/disable')).toBe(3);
  });
});

describe('what is sent', () => {
  it('names client, zone and device to the server, and a token to no other origin', async () => {
    const client = api();
    await client.signIn(PASSWORD);
    await client.signIn(PASSWORD);
    const last = server.received.at(-1);
    expect(last?.headers).toMatchObject({
      'x-rampart-client': 'api',
      'x-rampart-timezone': Intl.DateTimeFormat().resolvedOptions().timeZone,
      'x-rampart-device': 'device-1',
    });
    const before = server.received.length;
    for (const url of ['https://evil.example/', '//evil.example/', String.raw`/\evil.example/`]) {
      await expect(client.fetch(url)).rejects.toThrow(TypeError);
    }
    expect(server.received).toHaveLength(before);
  });

  it('by a browser client holds no token and names no client', async () => {
    server.on('POST /auth/sign-in', () => ({
      status: 200,
      body: { mfaRequired: false, user: ADA, scope: 'full' },
    }));
    const inits: RequestInit[] = [];
    const client = createClient({
      baseUrl: server.origin,
      fetch: (input, init) => {
        inits.push(init);
        return fetch(input, init);
      },
    });
    await client.signIn(PASSWORD);
    server.on('GET /auth/session', () => refusal(401, 'AUTHENTICATION_ERROR'));
    await errorOf(client.session());
    expect(server.received.every(({ headers }) => headers['x-rampart-client'] === undefined)).toBe(true);
    expect(server.received.find(({ route }) => route === 'POST /auth/refresh')?.body).toEqual({});
    expect(inits.every(({ credentials }) => credentials === 'include')).toBe(true);
  });

  it('keeps ids inside their part of the path', async () => {
    server.on('DELETE /auth/sessions/..%2Faccount', () => ({ status: 204 }));
    await api().sessions.end('../account');
    expect(server.received.at(-1)?.route).toBe('DELETE /auth/sessions/..%2Faccount');
  });

  it('cannot be set up without an address outside a page', () => {
    expect(() => createClient({ mode: 'api' })).toThrow(/baseUrl/);
  });
});

describe('an error', () => {
  it('tells code, sentence, faults and how long to wait', async () => {
    const faults = [
      { field: 'password', code: 'PASSWORD_TOO_SHORT', message: 'Use at least 15 characters.' },
    ];
    server.on('POST /auth/sign-up', () => refusal(400, 'VALIDATION_ERROR', [...faults, 'odd', null]));
    const fault = await errorOf(api().signUp(PASSWORD));
    expect([fault.status, fault.code, fault.message]).toEqual([
      400,
      'VALIDATION_ERROR',
      'It was VALIDATION_ERROR.',
    ]);
    expect(fault.faults).toEqual(faults);
    server.on('POST /auth/sign-in', () => ({
      ...refusal(429, 'RATE_LIMIT_EXCEEDED'),
      headers: { 'retry-after': '42' },
    }));
    expect((await errorOf(api().signIn(PASSWORD))).retryAfterSeconds).toBe(42);
  });

  it('of something that is no Rampart is told from one', async () => {
    server.on('GET /auth/password/rules', () => ({ status: 502, body: '<h1>Bad gateway</h1>' }));
    expect(await errorOf(api().password.rules())).toMatchObject({ status: 502, code: 'UNEXPECTED' });
    server.on('GET /auth/password/rules', () => ({ status: 200, body: '<h1>Welcome</h1>' }));
    expect(await errorOf(api().password.rules())).toMatchObject({ status: 200, code: 'MALFORMED' });
  });

  it('without an answer says whether it was time, the caller or the network', async () => {
    server.on('GET /auth/password/rules', () => new Promise(() => undefined));
    expect(await errorOf(api({ timeoutMs: 5 }).password.rules())).toMatchObject({
      status: 0,
      code: 'TIMEOUT',
    });
    const giveUp = new AbortController();
    const call = errorOf(api().password.rules({ signal: giveUp.signal }));
    giveUp.abort();
    expect(await call).toMatchObject({ status: 0, code: 'ABORTED' });
    const nowhere = createClient({ baseUrl: 'http://127.0.0.1:1', mode: 'api' });
    expect(await errorOf(nowhere.password.rules())).toMatchObject({ status: 0, code: 'NETWORK' });
  });

  it('holds nothing of what was sent', async () => {
    server.on('POST /auth/sign-in', () => refusal(401, 'INVALID_CREDENTIALS'));
    const error = await errorOf(api().signIn(PASSWORD));
    expect(JSON.stringify([error, error.message, error.stack, error.details])).not.toContain(
      PASSWORD.password,
    );
  });
});

function kept(given: Readonly<Record<string, string>>): TokenStorage {
  const storage = memoryStorage();
  for (const [name, value] of Object.entries(given)) void storage.set(name as 'refresh', value);
  return storage;
}
