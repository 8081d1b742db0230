import { describe, expect, it } from 'vitest';
import {
  configurationFindings,
  type DataFolderFacts,
  dataFolderFindings,
  portFindings,
  runtimeFindings,
} from './checks.ts';
import type { Finding } from './finding.ts';
import { type DatabaseFacts, databaseFindings, type RedisFacts, redisFindings } from './stores.ts';
import { type ProductionFacts, productionFindings, topologyFindings } from './topology.ts';

const levels = (findings: readonly Finding[]): readonly string[] => findings.map(({ level }) => level);
const only = (findings: readonly Finding[], level: Finding['level'], text: RegExp, remedy: RegExp): void => {
  expect(levels(findings)).toEqual([level]);
  expect(findings[0]?.text).toMatch(text);
  expect(findings[0]?.remedy).toMatch(remedy);
};

describe('the runtime', () => {
  const facts = { nodeVersion: '24.1.0', memoryLimitMb: 2_048, memoryFreeMb: 900 };
  it.each(['22.18.0', '24.0.0', '26.3.1'])('is fine with Node.js %s', (nodeVersion) =>
    expect(runtimeFindings({ ...facts, nodeVersion })).toEqual([]),
  );
  it.each(['20.19.0', '22.17.9', '9.9.9'])('is too old with Node.js %s', (nodeVersion) =>
    only(runtimeFindings({ ...facts, nodeVersion }), 'error', /older than 22\.18/, /Install/),
  );
  it('wants memory for the embedded database', () =>
    only(runtimeFindings({ ...facts, memoryLimitMb: 256 }), 'warning', /256 MiB/, /DATABASE_URL/));
  it('says when little memory is free', () =>
    only(runtimeFindings({ ...facts, memoryFreeMb: 50 }), 'warning', /50 MiB/, /add memory/));
});

describe('the configuration', () => {
  it('is fine when its file is valid', () =>
    expect(configurationFindings({ file: '/a/rampart.config.ts', error: undefined })).toEqual([]));
  it('is a note when there is none', () =>
    expect(levels(configurationFindings({ file: undefined, error: undefined }))).toEqual(['info']));
  it('is a problem with the path of the mistake', () =>
    only(
      configurationFindings({ file: '/a/rampart.config.ts', error: 'limits.api.max: expected' }),
      'error',
      /limits\.api\.max/,
      /\/a\/rampart\.config\.ts/,
    ));
});

describe('the data folder', () => {
  const facts: DataFolderFacts = {
    path: '/data',
    exists: true,
    writable: true,
    mode: 0o40700,
    secretMode: 0o100600,
    locks: [],
    served: false,
  };
  const lock = { folder: 'journal', pid: 7, host: 'here' } as const;
  it('is fine with modes 0700 and 0600', () => expect(dataFolderFindings(facts)).toEqual([]));
  it('is fine where the system has no modes', () =>
    expect(dataFolderFindings({ ...facts, mode: undefined, secretMode: undefined })).toEqual([]));
  it('must be writable', () =>
    only(
      dataFolderFindings({ ...facts, writable: false }),
      'error',
      /cannot be written/,
      /RAMPART_DATA_DIR/,
    ));
  it('may be absent before the first start', () =>
    expect(levels(dataFolderFindings({ ...facts, exists: false }))).toEqual(['info']));
  it('must not be open to others', () =>
    only(dataFolderFindings({ ...facts, mode: 0o40755 }), 'warning', /0755/, /chmod 700/));
  it('must keep its secret', () =>
    only(dataFolderFindings({ ...facts, secretMode: 0o100640 }), 'error', /0640/, /chmod 600/));
  it('may be held by a server that answers', () =>
    expect(dataFolderFindings({ ...facts, served: true, locks: [{ ...lock, holder: 'running' }] })).toEqual(
      [],
    ));
  it.each([
    ['running', 'warning', /does not answer/],
    ['gone', 'info', /is gone/],
    ['elsewhere', 'warning', /another machine/],
  ] as const)('tells of a lock whose holder is %s', (holder, level, text) =>
    only(dataFolderFindings({ ...facts, locks: [{ ...lock, holder }] }), level, text, /./),
  );
});

describe('the database', () => {
  const facts: DatabaseFacts = {
    configured: true,
    error: undefined,
    version: '17.2',
    pending: 0,
    unknown: 0,
    clockAheadMs: 3,
  };
  it('is fine when it answers and is up to date', () => expect(databaseFindings(facts)).toEqual([]));
  it('is not asked for when it is not configured', () =>
    expect(databaseFindings({ ...facts, configured: false, error: 'x' })).toEqual([]));
  it('is a problem when it cannot be used', () =>
    only(databaseFindings({ ...facts, error: 'ECONNREFUSED' }), 'error', /ECONNREFUSED/, /DATABASE_URL/));
  it('may be old', () =>
    only(databaseFindings({ ...facts, version: '13.9' }), 'warning', /13\.9/, /Upgrade/));
  it('may wait for migrations', () =>
    only(databaseFindings({ ...facts, pending: 2 }), 'info', /2 migrations/, /migrate/));
  it('must not be newer than the code', () =>
    only(databaseFindings({ ...facts, unknown: 1 }), 'error', /does not know/, /newer version/));
  it.each([
    [5_000, /5\.0 s ahead of/],
    [-2_500, /2\.5 s behind/],
  ])('must have the same time: %i ms', (clockAheadMs, text) =>
    only(databaseFindings({ ...facts, clockAheadMs }), 'warning', text, /NTP/),
  );
});

describe('Redis', () => {
  const facts: RedisFacts = {
    configured: true,
    error: undefined,
    version: '7.4.0',
    maxmemoryPolicy: 'noeviction',
    maxmemoryBytes: 0,
    persistent: true,
    clockAheadMs: 0,
  };
  it('is fine when it keeps what it is given', () => expect(redisFindings(facts)).toEqual([]));
  it('is fine when it does not tell its settings', () =>
    expect(redisFindings({ ...facts, maxmemoryPolicy: undefined, persistent: undefined })).toEqual([]));
  it('is a problem when it cannot be used', () =>
    only(redisFindings({ ...facts, error: 'WRONGPASS' }), 'error', /WRONGPASS/, /REDIS_URL/));
  it('must not throw counters away', () =>
    only(
      redisFindings({ ...facts, maxmemoryPolicy: 'allkeys-lru' }),
      'warning',
      /allkeys-lru/,
      /noeviction/,
    ));
  it('may forget at a restart', () =>
    only(redisFindings({ ...facts, persistent: false }), 'info', /restart/, /appendonly/));
  it('may be old', () =>
    only(redisFindings({ ...facts, version: '5.0.1' }), 'warning', /5\.0\.1/, /Upgrade/));
});

describe('the port', () => {
  it.each([
    ['free', []],
    ['ours', []],
    ['taken', ['error']],
    ['forbidden', ['error']],
    ['no-address', ['error']],
  ] as const)('is judged when it is %s', (state, expected) =>
    expect(levels(portFindings({ host: '127.0.0.1', port: 80, state }))).toEqual(expected),
  );
});

describe('the addresses of clients', () => {
  const traffic = {
    requests: 500,
    addresses: [{ address: '10.0.0.2', requests: 500 }],
    untrustedForwards: 0,
  };
  it('say nothing while no server runs', () =>
    expect(topologyFindings({ trustsProxy: false, traffic: undefined })).toEqual([]));
  it('look wrong when all clients have one', () =>
    only(topologyFindings({ trustsProxy: false, traffic }), 'warning', /10\.0\.0\.2/, /set trustProxy/));
  it('look wrong behind a trusted proxy that names nobody', () =>
    only(topologyFindings({ trustsProxy: true, traffic }), 'warning', /10\.0\.0\.2/, /X-Forwarded-For/));
  it('prove nothing over a few requests', () =>
    expect(topologyFindings({ trustsProxy: false, traffic: { ...traffic, requests: 20 } })).toEqual([]));
  it('are fine when there are several', () => {
    const addresses = [...traffic.addresses, { address: '10.0.0.3', requests: 1 }];
    expect(topologyFindings({ trustsProxy: false, traffic: { ...traffic, addresses } })).toEqual([]);
  });
  it('are forged, or a proxy is missing, when an untrusted peer forwards', () => {
    const forwarded = { requests: 3, addresses: [], untrustedForwards: 1 };
    only(topologyFindings({ trustsProxy: false, traffic: forwarded }), 'warning', /no proxy/, /trustProxy/);
    only(topologyFindings({ trustsProxy: true, traffic: forwarded }), 'warning', /missing/, /trustProxy/);
  });
});

describe('production', () => {
  const facts: ProductionFacts = {
    production: true,
    publicUrl: 'https://a.example',
    listensBeyond: true,
    passwordInEnvironment: false,
    openStores: [],
  };
  it('is ready with https and secrets in files', () => expect(productionFindings(facts)).toEqual([]));
  it('wants https', () =>
    only(productionFindings({ ...facts, publicUrl: 'http://a.example' }), 'warning', /plain http/, /TLS/));
  it('refuses a password in the environment, and warns elsewhere', () => {
    const given = { ...facts, passwordInEnvironment: true };
    only(productionFindings(given), 'error', /RAMPART_ADMIN_PASSWORD/, /_FILE/);
    expect(levels(productionFindings({ ...given, production: false, listensBeyond: false }))).toEqual([
      'warning',
    ]);
  });
  it('must be said where strangers come', () =>
    only(productionFindings({ ...facts, production: false }), 'warning', /stacks/, /NODE_ENV=production/));
  it('wants TLS to stores beyond this machine', () =>
    only(productionFindings({ ...facts, openStores: ['db:5432'] }), 'warning', /db:5432/, /verify-full/));
});
