import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from './environment.ts';
import { productionFaults, refuseFaults } from './production-checks.ts';

const faults = (env: Record<string, string>) =>
  productionFaults(readEnvironment({ NODE_ENV: 'production', ...env }, false)).map(({ path }) => path);

describe('what production is not started with', () => {
  it('is nothing by default', () => expect(faults({})).toEqual([]));

  it.each([
    ['changeme-changeme-changeme-changeme'],
    ['aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['0123456789abcdef0123456789abcdef'],
    ['my-super-Secret-key-for-this-app-1'],
    ['ababababababababababababababababababab'],
  ])('a secret such as %s', (RAMPART_SECRET) =>
    expect(faults({ RAMPART_SECRET })).toEqual(['RAMPART_SECRET']),
  );

  it('but any that was drawn', () => {
    for (let i = 0; i < 500; i += 1) {
      expect(faults({ RAMPART_SECRET: randomBytes(32).toString('base64') })).toEqual([]);
      expect(faults({ RAMPART_SECRET: randomBytes(24).toString('hex') })).toEqual([]);
    }
  });

  it.each([
    [{ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, ['NODE_TLS_REJECT_UNAUTHORIZED']],
    [{ DATABASE_URL: 'postgres://db.internal/x?sslmode=disable' }, ['DATABASE_URL']],
    [{ DATABASE_URL: 'postgres://db.internal/x?sslmode=no-verify' }, ['DATABASE_URL']],
    [{ DATABASE_URL: 'postgres://db.internal/x' }, []],
    [{ DATABASE_URL: 'postgres://127.0.0.1/x?sslmode=disable' }, []],
    [{ RAMPART_NODES: '3' }, ['REDIS_URL', 'DATABASE_URL']],
    [{ RAMPART_NODES: '3', REDIS_URL: 'rediss://r', DATABASE_URL: 'postgres://db/x' }, []],
  ])('%o: %o', (env, paths) => expect(faults(env as Record<string, string>)).toEqual(paths));

  it('is told with path, reason and remedy, and only in production', () => {
    const env = { RAMPART_NODES: '2', RAMPART_SECRET: 'changeme-changeme-changeme-changeme' };
    expect(() => refuseFaults(readEnvironment(env, false))).not.toThrow();
    const refuse = (): void => refuseFaults(readEnvironment({ ...env, NODE_ENV: 'production' }, false));
    expect(refuse).toThrow(/^RAMPART_SECRET: it can be guessed.*openssl rand -base64 32/);
    expect(refuse).not.toThrow(/changeme/);
  });
});
