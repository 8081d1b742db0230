import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KEY_PURPOSES } from '../../base/secrets/index.ts';
import { fakeKms, type FakeService, fakeVault } from '../../base/secrets/kms/test-services.ts';
import { systemClock, type Timers } from '../../core/clock.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { migrate, openEmbedded } from '../../stores/postgres/index.ts';
import { databaseTemplate } from '../../testing/database.ts';
import { migrations } from '../data/index.ts';
import { keyFindings } from './findings.ts';
import { KeyStore } from './store.ts';
import { type Wrappers, type WrappingEnvironment, wrappersOf } from './wrapper.ts';

/** Timers that never fire: a node that looks only when it is told to. */
const DEAF: Timers = { after: () => () => undefined };
const SECRET = randomBytes(32);
const AWS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'aws-secret' };
const NOTHING: WrappingEnvironment = {
  wrappingKey: undefined,
  kmsUrl: undefined,
  kmsToken: undefined,
  aws: undefined,
};

describe('keys that are to be wrapped by something else', () => {
  let sql: SqlStore;
  let vault: FakeService;
  let kms: FakeService;
  const audited: unknown[] = [];
  const open = async (wrappers: Wrappers): Promise<KeyStore> => {
    const store = new KeyStore({
      sql,
      clock: systemClock,
      timers: DEAF,
      ...wrappers,
      derive: (purpose) => (purpose === 'identity' ? SECRET : undefined),
      log: { warn: () => undefined, error: () => undefined },
      audit: (_tx, type, fields) =>
        Promise.resolve(void audited.push([type, fields.subject, fields.details])),
    });
    await store.start();
    return store;
  };
  const given = (environment: Partial<WrappingEnvironment>): Wrappers =>
    wrappersOf({ ...NOTHING, ...environment }, SECRET);
  const onVault = () => ({ kmsUrl: `vault+${vault.url}/transit/rampart`, kmsToken: 's.token' });
  const onKms = () => ({
    kmsUrl: `aws-kms://eu-central-1/${encodeURIComponent('alias/rampart')}?endpoint=${encodeURIComponent(kms.url)}`,
    aws: AWS,
  });
  const materials = (store: KeyStore): readonly string[] =>
    KEY_PURPOSES.map((purpose) => store.ring(purpose).find('k1')?.key.export().toString('hex') ?? 'none');
  const usable = async (store: KeyStore): Promise<boolean> => (await store.list()).every((one) => one.usable);
  const wrappersNow = async (): Promise<readonly unknown[]> => {
    const { rows } = await sql.query(
      'SELECT DISTINCT wrapper FROM rampart.keys WHERE wrapped IS NOT NULL ORDER BY wrapper',
    );
    return rows.map(({ wrapper }) => wrapper);
  };

  beforeAll(async () => {
    sql = await openEmbedded({ dir: ':memory:', template: databaseTemplate() });
    await migrate(sql, migrations);
    vault = await fakeVault({ token: 's.token' });
    kms = await fakeKms({ ...AWS, nowMs: () => Date.now() });
  });
  beforeEach(async () => {
    audited.length = 0;
    vault.troubles.length = 0;
    await sql.query('DELETE FROM rampart.keys');
  });
  afterAll(async () => {
    await vault.close();
    await kms.close();
    await sql.close();
  });

  it('go from a wrapping key of the environment to Vault, and seal as before', async () => {
    const wrappingKey = randomBytes(32).toString('hex');
    const before = await open(given({ wrappingKey }));
    const keys = materials(before);
    expect(new Set(keys).size).toBe(KEY_PURPOSES.length);
    const both = await open(given({ wrappingKey, ...onVault() }));
    const told = async (): Promise<readonly string[]> =>
      keyFindings(await both.list(), Date.now(), both.wrapper).map(({ remedy }) => remedy);
    expect(await told()).toEqual(['rampart keys rewrap']);
    const found = await both.rewrap('operator');
    expect(await told()).toEqual([]);
    expect(found).toMatchObject({ same: 0, failed: [], wrapper: expect.stringMatching(/^vault /) as string });
    expect(found.done).toHaveLength(KEY_PURPOSES.length - 1);
    expect(await wrappersNow()).toEqual([found.wrapper]);
    expect(audited).toContainEqual([
      'KEY_REWRAPPED',
      'fields/k1',
      { from: 'wrapping key', to: found.wrapper },
    ]);
    // Only Vault is needed from now on; and a node that does not know of it goes on with what it has in memory.
    expect(materials(await open(given(onVault())))).toEqual(keys);
    await before.refresh();
    expect([materials(before), await usable(before)]).toEqual([keys, true]);
    expect(await both.rewrap('operator')).toMatchObject({ done: [], same: KEY_PURPOSES.length - 1 });
  });

  it('go from Vault to AWS KMS, retired ones too', async () => {
    const before = await open(given(onVault()));
    await before.add('fields', 'test');
    const keys = materials(before);
    await sql.query(`UPDATE rampart.keys SET writes_from_ms = 1 WHERE id = 'k2'`);
    await before.retire('fields', 'k1', 'test');
    const alone = await open(given(onKms()));
    const lost = await alone.rewrap('operator');
    expect([lost.done, lost.failed.length]).toEqual([[], KEY_PURPOSES.length]);
    const { kmsUrl: olderKmsUrl, kmsToken: olderKmsToken } = onVault();
    const both = await open(given({ ...onKms(), olderKmsUrl, olderKmsToken }));
    const found = await both.rewrap('operator');
    expect([found.failed, found.done.length]).toEqual([[], KEY_PURPOSES.length]);
    expect(await wrappersNow()).toEqual(['aws-kms eu-central-1 alias/rampart']);
    const after = await open(given(onKms()));
    await after.restore('fields', 'k1', 'test');
    expect(await usable(after)).toBe(true);
    expect(materials(after)).toEqual(keys);
  });

  it('stay as they are where the old service is away in the middle, and go on later', async () => {
    await open(given(onVault()));
    const { kmsUrl: olderKmsUrl, kmsToken: olderKmsToken } = onVault();
    const both = await open(given({ ...onKms(), olderKmsUrl, olderKmsToken }));
    vault.troubles.push({ status: 403, body: {} });
    const first = await both.rewrap('operator');
    expect(first.failed).toHaveLength(1);
    expect(first.done).toHaveLength(KEY_PURPOSES.length - 2);
    const again = await both.rewrap('operator');
    expect([again.done, again.failed]).toEqual([first.failed.map(({ key }) => key), []]);
  });

  it('are not written when what was wrapped does not open as the same key', async () => {
    await open(given({}));
    const { wrapper, older } = given({ wrappingKey: randomBytes(32).toString('hex') });
    const forgetful = { ...wrapper, unwrap: () => Promise.resolve(randomBytes(32)) };
    const store = await open({ wrapper: forgetful, older });
    const found = await store.rewrap('operator');
    expect([found.done, found.failed.length]).toEqual([[], KEY_PURPOSES.length - 1]);
    expect(await wrappersNow()).toEqual(['secret']);
  });

  it('are not counted as wrapped already where another key goes by the same name', async () => {
    await open(given({ wrappingKey: randomBytes(32).toString('hex') }));
    const other = await open(given({ wrappingKey: randomBytes(32).toString('hex') }));
    const found = await other.rewrap('operator');
    expect([found.same, found.done, found.failed.length]).toEqual([0, [], KEY_PURPOSES.length - 1]);
  });

  it('go from one namespace of Vault to another', () => {
    const named = (namespace: string): string => {
      const { kmsUrl, kmsToken } = onVault();
      return given({ kmsUrl: `${kmsUrl}?namespace=${namespace}`, kmsToken }).wrapper.name;
    };
    expect(named('new')).not.toBe(named('old'));
  });
});
