import { randomBytes } from 'node:crypto';
import { secretBox } from '../../src/base/secrets/index.ts';
import { systemClock, systemTimers } from '../../src/core/clock.ts';
import { newId, newSecret } from '../../src/core/id.ts';
import type { SessionState } from '../../src/modules/identity/contract.ts';
import type { IdentityPorts } from '../../src/modules/identity/ports.ts';
import type { ClientFacts } from '../../src/modules/identity/request.ts';
import { createSessions, type ManagedSessions } from '../../src/modules/identity/session/index.ts';
import { identityTables } from '../../src/modules/identity/tables/index.ts';
import { KeyRing, type SigningKey, type TokenAlgorithm } from '../../src/modules/identity/token/index.ts';
import { transactions } from '../../src/modules/identity/transaction.ts';
import { memoryBus } from '../../src/stores/memory/bus.ts';
import { openEmbedded } from '../../src/stores/postgres/embedded.ts';
import type { SqlStore } from '../../src/ports/sql.ts';

export const ISSUER = 'https://house.example';
export const AUDIENCE = 'house';
export const FACTS: ClientFacts = {
  address: '192.0.2.1',
  group: '192.0.2.1',
  client: 'api',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
};

/** Sessions as a server has them, on an embedded database, with the key that signs for it. */
export interface BenchHouse {
  readonly sessions: ManagedSessions;
  readonly key: SigningKey;
  /** Opens a session of a new account. @returns it with its access token */
  readonly open: () => Promise<{ readonly session: SessionState; readonly token: string }>;
  readonly endAll: (account: string) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

export async function openHouse(algorithm: TokenAlgorithm): Promise<BenchHouse> {
  const sql = await openEmbedded({ dir: ':memory:' });
  await sql.script(`CREATE SCHEMA IF NOT EXISTS rampart; ${identityTables}`);
  const ports = portsOver(sql);
  const sessions = createSessions({ issuer: ISSUER, audience: AUDIENCE, algorithm }, ports);
  await sessions.start();
  const ring = new KeyRing(algorithm, 900_000, ports);
  await ring.start();
  return {
    sessions,
    key: ring.signing(),
    async open() {
      const account = await makeAccount(sql);
      const grant = await ports.transaction((tx) =>
        sessions.open(tx, {
          account,
          scope: 'full',
          factors: ['password'],
          aal: 1,
          device: null,
          facts: FACTS,
        }),
      );
      return { session: grant.session, token: grant.tokens?.accessToken ?? '' };
    },
    endAll: (account) => ports.transaction((tx) => sessions.endAll(tx, account, 'admin')),
    async close() {
      await sessions.close();
      await sql.close();
    },
  };
}

function portsOver(sql: SqlStore): IdentityPorts {
  const nothing = (): void => undefined;
  const away = (): Promise<never> => Promise.reject(new Error('not part of this bench'));
  return {
    sql,
    clock: systemClock,
    timers: systemTimers,
    events: { emit: nothing },
    bus: memoryBus(),
    box: secretBox([{ id: 'bench', key: randomBytes(32) }]),
    secret: new Uint8Array(randomBytes(32)),
    mailer: { kind: 'mailbox', send: away, close: () => Promise.resolve() },
    sms: { kind: 'mailbox', send: away },
    log: { warn: nothing, error: nothing },
    transaction: transactions(sql, systemClock, { node: 'bench', write: () => Promise.resolve() }),
  };
}

async function makeAccount(sql: SqlStore): Promise<string> {
  const now = systemClock.now();
  const id = newId('acc', now);
  await sql.query(
    `INSERT INTO rampart.identity_accounts
       (id, email, email_key, name, locale, status, roles, created_at_ms, passkey_user)
     VALUES ($1, $2, $2, 'Ada', 'en', 'active', '{user}', $3, $4)`,
    [id, `${id}@house.example`, now, newSecret()],
  );
  return id;
}
