import { afterEach, describe, expect, it } from 'vitest';
import type { Timers } from '../../../core/clock.ts';
import { ManualClock } from '../../../testing/clock.ts';
import type { KeyWrapper } from '../wrap.ts';
import { awsKmsWrapper } from './aws.ts';
import { signingKey, signV4 } from './sigv4.ts';
import { fakeKms, fakeVault, type FakeService } from './test-services.ts';
import { vaultWrapper } from './vault.ts';

const context = { purpose: 'fields', id: 'k1' };
const clock = new ManualClock();
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'secret/with+signs',
  sessionToken: 'token',
};
const waits: number[] = [];
/** Waits are noted and not waited for. */
const timers: Timers = {
  after(delayMs, task) {
    waits.push(delayMs);
    const handle = setImmediate(task);
    return () => clearImmediate(handle);
  },
};
const ports = { timers, random: () => 0.5, clock };
const open: FakeService[] = [];
const keep = <T extends FakeService>(service: T): T => {
  open.push(service);
  return service;
};
afterEach(async () => {
  waits.length = 0;
  await Promise.all(open.splice(0).map((service) => service.close()));
});

const vault = async (
  more: object = {},
): Promise<{ service: Awaited<ReturnType<typeof fakeVault>>; wrapper: KeyWrapper }> => {
  const service = keep(await fakeVault({ token: 't0', namespace: 'team' }));
  const options = { url: service.url, key: 'rampart', token: 't0', namespace: 'team', ...more };
  return { service, wrapper: vaultWrapper(options, ports) };
};
const kms = async (more: object = {}): Promise<{ service: FakeService; wrapper: KeyWrapper }> => {
  const service = keep(await fakeKms({ ...credentials, nowMs: () => clock.now() }));
  const options = {
    region: 'eu-central-1',
    keyId: 'alias/rampart',
    credentials,
    endpoint: service.url,
    ...more,
  };
  return { service, wrapper: awsKmsWrapper(options, ports) };
};

describe.each([
  ['Vault', vault],
  ['Vault, which makes the keys itself', () => vault({ dataKeys: 'vault' })],
  ['AWS KMS', kms],
] as const)('keys wrapped by %s', (_name, make) => {
  it('come back as they were', async () => {
    const { wrapper } = await make();
    const made = await wrapper.generate(context);
    expect(made.key).toHaveLength(32);
    expect(made.wrapped).not.toContain(Buffer.from(made.key).toString('base64'));
    expect(await wrapper.unwrap(made.wrapped, context)).toEqual(made.key);
    await expect(wrapper.unwrap(`${made.wrapped.slice(0, -8)}AAAAAAAA`, context)).rejects.toMatchObject({
      code: 'KEY_UNWRAP_FAILED',
    });
  });

  it('are asked for again while the service is in trouble, with growing waits', async () => {
    const { service, wrapper } = await make();
    service.troubles.push(
      { status: 503, body: {} },
      { status: 500, body: 'broken' },
      { status: 502, body: [] },
    );
    expect((await wrapper.generate(context)).key).toHaveLength(32);
    expect(service.asked).toHaveLength(4);
    expect(waits).toEqual([50, 100, 200]);
  });

  it('are given up after four attempts', async () => {
    const { service, wrapper } = await make();
    for (let i = 0; i < 4; i++) service.troubles.push({ status: 503, body: {} });
    await expect(wrapper.generate(context)).rejects.toMatchObject({ code: 'KMS_UNAVAILABLE' });
    expect(service.asked).toHaveLength(4);
  });

  it('are unavailable when nobody listens', async () => {
    const { service, wrapper } = await make();
    await service.close();
    await expect(wrapper.generate(context)).rejects.toMatchObject({ code: 'KMS_UNAVAILABLE' });
  });

  it('are not believed when the answer lacks a key, or holds a short one', async () => {
    const { service, wrapper } = await make();
    const { wrapped } = await wrapper.generate(context);
    for (const body of [{}, { data: {} }, { Plaintext: 'AAAA', data: { plaintext: 'AAAA' } }]) {
      service.troubles.push({ status: 200, body });
      await expect(wrapper.unwrap(wrapped, context)).rejects.toMatchObject({ code: 'KMS_REFUSED' });
    }
  });
});

describe('keys wrapped under their name', () => {
  it.each([
    ['Vault', vault],
    ['AWS KMS', kms],
  ] as const)('do not open under another one: %s', async (_name, make) => {
    const { wrapper } = await make();
    const { wrapped } = await wrapper.generate(context);
    for (const other of [
      { purpose: 'fields', id: 'k2' },
      { purpose: 'payment', id: 'k1' },
    ])
      await expect(wrapper.unwrap(wrapped, other)).rejects.toMatchObject({ code: 'KEY_UNWRAP_FAILED' });
  });
});

describe('Vault', () => {
  it('opens what older versions of its key have wrapped', async () => {
    const { service, wrapper } = await vault();
    const before = await wrapper.generate(context);
    service.rotate();
    const after = await wrapper.generate(context);
    expect([before.wrapped.slice(0, 9), after.wrapped.slice(0, 9)]).toEqual(['vault:v1:', 'vault:v2:']);
    expect(await wrapper.unwrap(before.wrapped, context)).toEqual(before.key);
  });

  it.each([
    ['a token that is not good', { token: 'other' }, 'the token may not'],
    ['another namespace', { namespace: 'other' }, 'no such key'],
    ['another key', { key: 'other' }, 'no such key'],
  ])('refuses %s at once', async (_about, more, words) => {
    const { service, wrapper } = await vault(more);
    await expect(wrapper.generate(context)).rejects.toThrow(words);
    expect(service.asked).toHaveLength(1);
  });

  it('asks for a token each time, since they end', async () => {
    const tokens = ['other', 't0'];
    const { wrapper } = await vault({ token: () => Promise.resolve(tokens.shift() ?? '') });
    await expect(wrapper.generate(context)).rejects.toMatchObject({ code: 'KMS_REFUSED' });
    expect((await wrapper.generate(context)).key).toHaveLength(32);
  });

  it('is not made of nonsense', () => {
    const options = { url: 'https://vault.internal:8200', key: 'rampart', token: 't' };
    expect(() => vaultWrapper({ ...options, url: 'vault' })).toThrow('url:');
    expect(() => vaultWrapper({ ...options, key: '../sys/seal' })).toThrow('key:');
    expect(() => vaultWrapper({ ...options, mount: 'a/../b' })).toThrow('mount:');
    expect(vaultWrapper(options).name).toBe('vault vault.internal:8200/transit/rampart');
  });
});

describe('AWS KMS', () => {
  it('is asked again when it throttles, and not when it refuses', async () => {
    const { service, wrapper } = await kms();
    service.troubles.push({ status: 400, body: { __type: 'ThrottlingException' } });
    expect((await wrapper.generate(context)).key).toHaveLength(32);
    expect(service.asked).toHaveLength(2);
    service.troubles.push({
      status: 400,
      body: { __type: 'AccessDeniedException', Message: 'arn:aws:iam::1:user' },
    });
    await expect(wrapper.generate(context)).rejects.toThrow('refuses: AccessDeniedException.');
    expect(service.asked).toHaveLength(3);
  });

  it.each([
    [
      'a wrong secret',
      { credentials: { ...credentials, secretAccessKey: 'x' } },
      'InvalidSignatureException',
    ],
    ['a wrong name', { credentials: { ...credentials, accessKeyId: 'x' } }, 'UnrecognizedClientException'],
    [
      'no session',
      { credentials: { ...credentials, sessionToken: undefined } },
      'UnrecognizedClientException',
    ],
    ['another key', { keyId: 'alias/other' }, 'NotFoundException'],
  ])('refuses %s', async (_about, more, words) => {
    const { wrapper } = await kms(more);
    await expect(wrapper.generate(context)).rejects.toThrow(words);
  });

  it('refuses a clock that is wrong', async () => {
    const service = keep(await fakeKms({ ...credentials, nowMs: () => clock.now() + 600_000 }));
    const options = { region: 'eu-central-1', keyId: 'alias/rampart', credentials, endpoint: service.url };
    await expect(awsKmsWrapper(options, ports).generate(context)).rejects.toThrow('RequestExpired');
  });

  it('is not made of nonsense', () => {
    expect(() => awsKmsWrapper({ region: 'here', keyId: 'k', credentials })).toThrow('region:');
    expect(() => awsKmsWrapper({ region: 'eu-central-1', keyId: '', credentials })).toThrow('keyId:');
  });
});

describe('Signature Version 4', () => {
  it('derives the signing key of the documentation', () => {
    const key = signingKey('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', '20150830', 'us-east-1', 'iam');
    expect(key.toString('hex')).toBe('c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9');
  });

  it('signs as the vectors of AWS: get-vanilla', () => {
    const headers = signV4(
      {
        method: 'GET',
        url: new URL('https://example.amazonaws.com/'),
        headers: {},
        body: '',
        region: 'us-east-1',
        service: 'service',
        nowMs: Date.UTC(2015, 7, 30, 12, 36, 0),
      },
      { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
    );
    expect(headers['authorization']).toBe(
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    );
  });
});
