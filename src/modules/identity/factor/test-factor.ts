import { newId, newSecret } from '../../../core/id.ts';
import type { SqlStore } from '../../../ports/sql.ts';
import type { Factors, Notice } from '../contract.ts';
import type { IdentityTransaction } from '../ports.ts';
import type { ClientFacts } from '../request.ts';
import { testPorts, type TestPorts } from '../test-house.ts';
import { createFactors } from './factors.ts';
import type { FactorOptions } from './options.ts';
import type { FactorPorts } from './ports.ts';

/** Factors over a database, with what a test looks at. */
export interface FactorHouse {
  readonly ports: TestPorts & FactorPorts;
  readonly notices: Notice[];
  readonly factors: Factors;
  /** Another node: its own factors, the same database, keys and clock. */
  node(): Factors;
  /** An account that is active. */
  account(): Promise<{
    readonly id: string;
    readonly email: string;
    readonly name: string;
    readonly user: string;
  }>;
  /** One transaction around one call. */
  act<T>(work: (tx: IdentityTransaction) => Promise<T>): Promise<T>;
}

/** Everything but the database is of this house alone. */
export function factorHouse(
  sql: SqlStore,
  given: Partial<FactorOptions> = {},
  more: Partial<FactorPorts> = {},
): FactorHouse {
  const notices: Notice[] = [];
  const ports = { ...testPorts(sql), notices: { send: (one: Notice) => void notices.push(one) }, ...more };
  const options: FactorOptions = { product: 'Harbour', publicUrl: 'https://app.example.com', ...given };
  const node = (): Factors => createFactors(options, ports);
  return {
    ports: ports as TestPorts & FactorPorts,
    notices,
    factors: node(),
    node,
    async account() {
      const id = newId('acc', ports.clock.now());
      const email = `${id}@example.com`;
      const user = newSecret();
      await sql.query(
        `INSERT INTO rampart.identity_accounts (id, email, email_key, name, locale, status, roles, created_at_ms,
           passkey_user) VALUES ($1, $2, $2, 'Ada', 'en', 'active', '{}', $3, $4)`,
        [id, email, ports.clock.now(), user],
      );
      return { id, email, name: 'Ada', user };
    },
    act: (work) => ports.transaction(work),
  };
}

/** What a client looks like; each group of addresses is its own. */
export function clientFacts(group = '203.0.113.7'): ClientFacts {
  return { address: group, group, client: 'browser', route: 'POST /auth/mfa/send' };
}

/** How often each answer came. */
export function tally<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
