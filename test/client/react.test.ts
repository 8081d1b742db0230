import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { createClient, sessionStore } from '../../client/src/index.ts';
import type { SessionState } from '../../client/src/index.ts';
import { RampartProvider, useSession } from '../../client/src/react.ts';
import { ADA } from './test-server.ts';

const json = (status: number, body: unknown): Promise<Response> =>
  Promise.resolve(Response.json(body, { status }));
const refused = (code: string): Promise<Response> =>
  json(401, { success: false, error: { code, message: 'no' } });

function Name() {
  return createElement('p', null, useSession().status);
}

describe('the hooks', () => {
  it('render on a server, where nobody is known yet', () => {
    const client = createClient({ baseUrl: 'https://a.example', fetch: () => refused('X') });
    const tree = createElement(RampartProvider, { client }, createElement(Name));
    expect(renderToString(tree)).toBe('<p>loading</p>');
  });

  it('say what is missing where no provider stands above them', () => {
    expect(() => renderToString(createElement(Name))).toThrow(/RampartProvider/);
  });
});

describe('the session store', () => {
  const next = (store: ReturnType<typeof sessionStore>, status: SessionState['status']): Promise<void> =>
    new Promise((resolve) => {
      const stop = store.subscribe(() => {
        if (store.state().status !== status) return;
        stop();
        resolve();
      });
    });

  it('asks when somebody listens, and follows sign-in and sign-out', async () => {
    let isIn = false;
    const client = createClient({
      baseUrl: 'https://a.example',
      fetch: (input) => {
        if (input.endsWith('/auth/sign-in')) {
          isIn = true;
          return json(200, { mfaRequired: false, user: ADA, scope: 'full' });
        }
        if (input.endsWith('/auth/sign-out')) return Promise.resolve(new Response(null, { status: 204 }));
        return isIn ? json(200, { user: ADA }) : refused('AUTHENTICATION_ERROR');
      },
    });
    const store = sessionStore(client);
    expect(store.state()).toEqual({ status: 'loading' });
    await next(store, 'signed-out');
    const signedIn = next(store, 'signed-in');
    await client.signIn({ email: 'a@b.example', password: 'x' });
    await signedIn;
    await client.signOut();
    expect(store.state()).toEqual({ status: 'signed-out' });
  });

  it('tells a server that cannot say from nobody being signed in', async () => {
    const client = createClient({ baseUrl: 'https://a.example', fetch: () => json(503, {}) });
    const store = sessionStore(client);
    await next(store, 'failed');
    expect(store.state()).toMatchObject({ status: 'failed', error: { status: 503 } });
  });
});
