import { describe, expect, it } from 'vitest';
import { createCorridor } from '../../core/corridor.ts';
import type { RequestContext } from '../../core/context.ts';
import type { Guard } from '../../core/guard.ts';
import { PASS } from '../../core/verdict.ts';
import { ManualClock } from '../../testing/clock.ts';
import type { FactorKind, SessionState } from './contract.ts';
import { freshAuthGuard, freshestMs, readFreshAuth } from './fresh-auth.ts';
import { SignedIn } from './signed-in.ts';

const clock = new ManualClock();
const session = (
  provenAtMs: SessionState['provenAtMs'],
  scope: SessionState['scope'] = 'full',
): SessionState => ({ id: 'ses_1', provenAtMs, scope }) as SessionState;

async function ask(
  inMemory: SessionState | null,
  stored: SessionState | undefined,
  freshAuth: unknown = true,
  ways: readonly FactorKind[] = ['totp', 'password'],
): Promise<RequestContext> {
  const signIn: Guard = {
    name: 'identify',
    phase: 'identify',
    mode: 'enforce',
    onError: 'deny',
    check(context) {
      context.set(SignedIn, inMemory && { session: inMemory, cookie: true });
      return PASS;
    },
  };
  const corridor = createCorridor({
    guards: [
      signIn,
      freshAuthGuard({ fresh: () => Promise.resolve(stored), ways: () => Promise.resolve(ways) }),
    ],
    rules: [{ match: 'POST /payout', settings: { freshAuth } }],
    clock,
    readClient: () => ({
      ok: true,
      client: { address: '192.0.2.1', group: '192.0.2.1', forwarded: false },
      untrustedHeader: false,
      hops: 0,
    }),
  });
  return corridor.enter({
    method: 'POST',
    target: '/payout',
    peer: '192.0.2.1',
    encrypted: true,
    header: () => undefined,
  });
}

describe('a route that needs a fresh factor', () => {
  const minutesAgo = (count: number): number => clock.now() - count * 60_000;

  it('lets in who has proven one within the time', async () => {
    const one = session({ password: minutesAgo(10) });
    expect((await ask(one, one)).verdict.kind).toBe('pass');
  });

  it('asks everybody else to prove one, and says which and how recent', async () => {
    const one = session({ password: minutesAgo(11) });
    const { reply } = await ask(one, one);
    expect(reply?.status).toBe(401);
    expect(JSON.parse(String(reply?.body))).toMatchObject({
      error: { code: 'FRESH_AUTH_REQUIRED', details: { factors: ['totp', 'password'], withinSeconds: 600 } },
    });
  });

  it('takes a password for no second factor', async () => {
    const one = session({ password: minutesAgo(1), totp: minutesAgo(20) });
    expect((await ask(one, one, { factor: 'second' })).reply?.status).toBe(401);
    expect((await ask(one, one, { factor: 'second', within: '30m' })).reply).toBeNull();
    expect((await ask(one, one, { factor: 'passkey', within: '30m' }, ['passkey'])).reply?.status).toBe(401);
  });

  it('takes a code by mail for no second factor (ASVS 6.3.6)', async () => {
    const one = session({ password: minutesAgo(1), email: minutesAgo(1) });
    expect((await ask(one, one, { factor: 'second' })).reply?.status).toBe(401);
  });

  it('takes no proof from the future for one', async () => {
    const one = session({ password: minutesAgo(-5) });
    expect((await ask(one, one)).reply?.status).toBe(401);
  });

  it('names the ways that count, and says where there is none', async () => {
    const one = session({ password: minutesAgo(1) });
    const { reply } = await ask(one, one, { factor: 'second' }, ['passkey', 'password']);
    expect(JSON.parse(String(reply?.body))).toMatchObject({
      error: { code: 'FRESH_AUTH_REQUIRED', details: { factors: ['passkey'] } },
    });
    const none = (await ask(one, one, { factor: 'second' }, ['password'])).reply;
    expect(none?.status).toBe(403);
    expect(String(none?.body)).toContain('MFA_REQUIRED');
  });

  it('believes the database, not the memory: a session that has just ended opens nothing (A14)', async () => {
    const { reply } = await ask(session({ password: clock.now() }), undefined);
    expect(reply?.status).toBe(401);
    expect(String(reply?.body)).toContain('AUTHENTICATION_ERROR');
  });

  it('refuses the half-signed-in and the anonymous (A36)', async () => {
    const half = session({ password: clock.now() }, 'enrol');
    expect((await ask(half, half)).reply?.status).toBe(401);
    expect((await ask(null, undefined)).reply?.status).toBe(401);
  });

  it('refuses nonsense at the start', () => {
    expect(() => readFreshAuth('routes./x.freshAuth', { within: '0s' })).toThrow(
      'routes./x.freshAuth.within',
    );
    expect(() => readFreshAuth('routes./x.freshAuth', { factor: 'luck' })).toThrow('factor');
    expect(freshestMs({}, 'any', 0)).toBeUndefined();
  });
});
