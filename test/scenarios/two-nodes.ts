import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duration } from '../../src/core/duration.ts';
import { SHIPPED_RESPONSES } from '../../src/modules/respond/index.ts';
import { writeMmdb } from '../../src/modules/shield/place/test-mmdb.ts';
import type { RampartConfig } from '../../src/server/config.ts';
import { defaultConfig } from '../../src/server/default-config.ts';
import { type Running, start, temporaryFolder } from './server.ts';

/** Two nodes of one house that answer attacks by themselves, behind a proxy. */
export interface TwoNodes {
  readonly first: Running;
  readonly second: Running;
  /** What `rampart simulate` has to be told of them. */
  readonly given: readonly string[];
}

/** Addresses whose places they know. */
const [BERLIN, SYDNEY] = ['192.0.2.10', '198.19.0.10'] as const;

/** Starts both. @param ttl how long each of their responses holds; absent: as shipped */
export async function twoNodes(database: string, redis: string, ttl?: Duration): Promise<TwoNodes> {
  const env = {
    DATABASE_URL: database,
    REDIS_URL: redis,
    RAMPART_SECRET: 'one secret of at least 32 characters',
  };
  const places = join(temporaryFolder(), 'places.mmdb');
  const at = (iso_code: string, latitude: number, longitude: number) => ({
    country: { iso_code },
    location: { latitude, longitude, accuracy_radius: 20 },
  });
  writeFileSync(
    places,
    writeMmdb({ '192.0.2.0/24': at('DE', 52.5, 13.4), '198.19.0.0/24': at('AU', -33.9, 151.2) }),
  );
  const rules =
    ttl &&
    Object.fromEntries(Object.entries(SHIPPED_RESPONSES).map(([name, rule]) => [name, { ...rule, ttl }]));
  const config = {
    ...defaultConfig,
    trustProxy: ['loopback'],
    shield: { place: { files: [places] } },
    responses: { mode: 'enforce', ...(rules && { rules }) },
    // A busy machine keeps a node waiting for longer than in production.
    limitStore: { storeBudget: '5s' },
  } as RampartConfig;
  const [first, second] = await Promise.all([
    start({ dir: temporaryFolder(), config, env }),
    start({ dir: temporaryFolder(), config, env }),
  ]);
  const urlOf = ({ port }: Running): string => `http://127.0.0.1:${port}`;
  const nodes = ['--url', urlOf(first), '--node', urlOf(second)];
  return { first, second, given: [...nodes, '--behind-proxy', '--place', BERLIN, '--place', SYDNEY] };
}
