import { describe, expect, it } from 'vitest';
import {
  isPlainAttestation,
  isSameOrigin,
  readAuthentication,
  readRegistration,
} from './passkey-response.ts';
import { cbor } from './test-authenticator.ts';

type Statement = Parameters<typeof cbor>[0];
const attestation = (fmt: string, statement: Statement): string =>
  cbor(
    new Map<string, Statement>([
      ['fmt', fmt],
      ['attStmt', statement],
    ]),
  ).toString('base64url');
const clientData = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('an attestation', () => {
  it('is looked at only where no certificate stands in it, whose revocation list would be fetched', () => {
    expect(isPlainAttestation(attestation('none', new Map()))).toBe(true);
    expect(isPlainAttestation(attestation('packed', new Map([['alg', -7]])))).toBe(true);
    expect(isPlainAttestation(attestation('packed', new Map([['x5c', [Buffer.from('x')]]])))).toBe(false);
    for (const format of ['fido-u2f', 'tpm', 'apple', 'android-key', 'android-safetynet', '__proto__']) {
      expect(isPlainAttestation(attestation(format, new Map()))).toBe(false);
    }
    expect(isPlainAttestation(attestation('none', 'text'))).toBe(false);
    expect(isPlainAttestation(cbor([1, 2]).toString('base64url'))).toBe(false);
  });
});

describe('client data', () => {
  it('come from a page of ours, not from a frame', () => {
    expect(isSameOrigin(clientData({ crossOrigin: false }))).toBe(true);
    expect(isSameOrigin(clientData({}))).toBe(true);
    const frames = [{ crossOrigin: true }, { crossOrigin: 'false' }, { topOrigin: 'https://a.example' }];
    for (const one of [...frames, null, [], 'x', 1]) expect(isSameOrigin(clientData(one))).toBe(false);
  });
});

describe('reading a response', () => {
  const common = { id: 'aGk', rawId: 'aGk', type: 'public-key' };

  it('keeps what is verified, and drops everything else', () => {
    const response = {
      clientDataJSON: 'e30',
      attestationObject: 'oA',
      transports: ['usb', 'tcp', 'usb'],
      publicKey: 'x',
    };
    expect(readRegistration({ ...common, response, authenticatorAttachment: 'platform' })).toEqual({
      ...common,
      response: { clientDataJSON: 'e30', attestationObject: 'oA', transports: ['usb'] },
      clientExtensionResults: {},
    });
  });

  it('takes an empty handle as none', () => {
    const response = { clientDataJSON: 'e30', authenticatorData: 'AA', signature: 'AA' };
    for (const userHandle of [null, '', undefined]) {
      const read = readAuthentication({ ...common, response: { ...response, userHandle } });
      expect(read?.response).toEqual(response);
    }
  });

  it('bounds every field', () => {
    const response = { clientDataJSON: 'e30', attestationObject: 'oA' };
    const long = 'A'.repeat(16_385);
    const refused = [
      { ...common, id: 'A'.repeat(1_365), response },
      { ...common, response: { ...response, clientDataJSON: long } },
      { ...common, response: { ...response, attestationObject: long } },
      { ...common, response: { ...response, attestationObject: 'not base64url!' } },
      { ...common, response: { ...response, transports: Array.from({ length: 21 }, () => 'usb') } },
    ];
    expect(readRegistration({ ...common, response })).toBeDefined();
    for (const one of refused) expect(readRegistration(one)).toBeUndefined();
  });
});
