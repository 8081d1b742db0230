import { newId, newSecret } from '../../../core/id.ts';
import type { SqlStore } from '../../../ports/sql.ts';
import { ManualClock } from '../../../testing/clock.ts';
import type { Credential, NewSession, SessionGrant } from '../contract.ts';
import type { ClientFacts } from '../request.ts';
import { testPorts, type TestPorts } from '../test-house.ts';
import { createSessions, type ManagedSessions, type SessionOptions, type SessionPorts } from './index.ts';

export const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
export const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1';

export const browser: ClientFacts = {
  address: '192.0.2.1',
  group: '192.0.2.1',
  client: 'browser',
  userAgent: FIREFOX,
};
export const api: ClientFacts = { ...browser, client: 'api', userAgent: 'orders/1.0' };

/** Sessions over a database, with an account of its own. */
export interface SessionTest {
  readonly ports: TestPorts & SessionPorts;
  readonly clock: ManualClock;
  readonly sessions: ManagedSessions;
  /** Makes an active account. @returns its id */
  readonly account: (roles?: readonly string[]) => Promise<string>;
  readonly open: (account: string, more?: Partial<NewSession>) => Promise<SessionGrant>;
  /** Another node on the same database. @param together whether it hears the first one over the bus; default no */
  otherNode(together?: boolean): Promise<{ readonly sessions: ManagedSessions; readonly ports: TestPorts }>;
}

export async function sessionTest(
  sql: SqlStore,
  options: Partial<SessionOptions> = {},
  more: Partial<SessionPorts> = {},
): Promise<SessionTest> {
  const clock = new ManualClock();
  const given = { issuer: 'https://house.test', audience: 'house', ...options };
  await sql.query('DELETE FROM rampart.identity_keys');
  const ports = { ...testPorts(sql, clock), ...more } as TestPorts & SessionPorts;
  const sessions = createSessions(given, ports);
  await sessions.start();
  return {
    ports,
    clock,
    sessions,
    account: (roles = ['user']) => makeAccount(sql, roles, clock.now()),
    open: (account, change = {}) =>
      ports.transaction((tx) =>
        sessions.open(tx, {
          account,
          scope: 'full',
          factors: ['password'],
          aal: 1,
          device: null,
          facts: api,
          ...change,
        }),
      ),
    async otherNode(together = false) {
      const own = testPorts(sql, clock);
      const bus = together ? ports.bus : own.bus;
      const other = { ...own, bus, box: ports.box, secret: ports.secret };
      const node = createSessions(given, other);
      await node.start();
      return { sessions: node, ports: other };
    },
  };
}

async function makeAccount(sql: SqlStore, roles: readonly string[], nowMs: number): Promise<string> {
  const id = newId('acc', nowMs);
  await sql.query(
    `INSERT INTO rampart.identity_accounts (id, email, email_key, name, locale, status, roles, created_at_ms, passkey_user)
     VALUES ($1, $2, $2, 'Ada', 'en', 'active', $3, $4, $5)`,
    [id, `${id}@house.test`, roles, nowMs, newSecret()],
  );
  return id;
}

export function bearer(grant: SessionGrant | undefined): Credential {
  return { kind: 'bearer', token: grant?.tokens?.accessToken ?? '' };
}

export function cookie(grant: SessionGrant | undefined): Credential {
  return { kind: 'cookie', token: grant?.cookie?.value ?? '' };
}

export function refreshTokenOf(grant: SessionGrant | undefined): string {
  return grant?.tokens?.refreshToken ?? grant?.cookie?.value ?? '';
}
