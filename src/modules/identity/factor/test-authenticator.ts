import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

type CborValue = number | string | Uint8Array | Map<number | string, CborValue> | readonly CborValue[];

/** Writes CBOR (RFC 8949): whole numbers, texts, bytes, lists and maps, which is all that WebAuthn needs. */
export function cbor(value: CborValue): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string')
    return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (value instanceof Map) {
    const pairs = [...value].map(([key, one]) => Buffer.concat([cbor(key), cbor(one)]));
    return Buffer.concat([head(5, value.size), ...pairs]);
  }
  return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
}

function head(major: number, length: number): Buffer {
  const kind = major << 5;
  if (length < 24) return Buffer.from([kind | length]);
  if (length < 256) return Buffer.from([kind | 24, length]);
  return Buffer.from([kind | 25, length >> 8, length & 255]);
}

/** What an authenticator says of itself and of the page; each may be a lie. */
export interface Claims {
  readonly rpId: string;
  readonly origin: string;
  readonly challenge: string;
  readonly type: string;
  /** User present, user verified, may be backed up, is backed up. */
  readonly up: boolean;
  readonly uv: boolean;
  readonly be: boolean;
  readonly bs: boolean;
  readonly counter: number;
  readonly crossOrigin: boolean | undefined;
  readonly userHandle: string | undefined;
  /** Credential id beside the signed data. */
  readonly id: string;
  readonly format: string;
  readonly statement: Map<string, CborValue>;
  /** Padding within the attestation, in bytes. */
  readonly padding: number;
  readonly transports: readonly string[];
  readonly key: KeyObject;
  /** COSE key that is attested in place of the true one. */
  readonly publicKey: Map<number, CborValue> | undefined;
}

/** A credential in software: ES256, made by `node:crypto`. */
export class TestAuthenticator {
  readonly id: string = randomBytes(32).toString('base64url');
  readonly #pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #honest: Pick<Claims, 'rpId' | 'origin'>;
  userHandle: string | undefined;
  counter = 0;

  constructor(rpId = 'app.example.com', origin = 'https://app.example.com') {
    this.#honest = { rpId, origin };
  }

  /** Answers `navigator.credentials.create`. */
  register(options: object, lies: Partial<Claims> = {}): Record<string, unknown> {
    const { challenge, user } = options as { challenge: string; user: { id: string } };
    this.userHandle = user.id;
    const claims = this.#claims('webauthn.create', challenge, lies);
    const attestation = new Map<string, CborValue>([
      ['fmt', claims.format],
      ['attStmt', claims.statement],
      ['authData', Buffer.concat([this.#authData(claims, 0x40), this.#attested(claims)])],
    ]);
    if (claims.padding > 0) attestation.set('padding', Buffer.alloc(claims.padding));
    return {
      id: claims.id,
      rawId: claims.id,
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: { credProps: { rk: true } },
      response: {
        clientDataJSON: clientData(claims).toString('base64url'),
        attestationObject: cbor(attestation).toString('base64url'),
        transports: claims.transports,
        publicKeyAlgorithm: -7,
      },
    };
  }

  /** Answers `navigator.credentials.get`. */
  answer(options: object, lies: Partial<Claims> = {}): Record<string, unknown> {
    const { challenge } = options as { challenge: string };
    const claims = this.#claims('webauthn.get', challenge, lies);
    const authData = this.#authData(claims, 0);
    const client = clientData(claims);
    const signed = Buffer.concat([authData, createHash('sha256').update(client).digest()]);
    return {
      id: claims.id,
      rawId: claims.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: sign('sha256', signed, claims.key).toString('base64url'),
        ...(claims.userHandle === undefined ? {} : { userHandle: claims.userHandle }),
      },
    };
  }

  #claims(type: string, challenge: string, lies: Partial<Claims>): Claims {
    return {
      ...this.#honest,
      challenge,
      type,
      up: true,
      uv: true,
      be: true,
      bs: true,
      counter: this.counter,
      crossOrigin: false,
      userHandle: this.userHandle,
      id: this.id,
      format: 'none',
      statement: new Map(),
      padding: 0,
      transports: ['internal', 'hybrid'],
      key: this.#pair.privateKey,
      publicKey: undefined,
      ...lies,
    };
  }

  #authData(claims: Claims, more: number): Buffer {
    const flags =
      more | (claims.up ? 1 : 0) | (claims.uv ? 4 : 0) | (claims.be ? 8 : 0) | (claims.bs ? 16 : 0);
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(claims.counter);
    return Buffer.concat([createHash('sha256').update(claims.rpId).digest(), Buffer.from([flags]), counter]);
  }

  /** Credential data within the attestation: AAGUID, credential id, COSE key (RFC 9053). */
  #attested({ publicKey }: Claims): Buffer {
    const id = Buffer.from(this.id, 'base64url');
    const { x, y } = this.#pair.publicKey.export({ format: 'jwk' });
    const key = new Map<number, CborValue>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, Buffer.from(x as string, 'base64url')],
      [-3, Buffer.from(y as string, 'base64url')],
    ]);
    return Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, cbor(publicKey ?? key)]);
  }
}

function clientData(claims: Claims): Buffer {
  const { type, challenge, origin, crossOrigin } = claims;
  return Buffer.from(
    JSON.stringify({ type, challenge, origin, ...(crossOrigin === undefined ? {} : { crossOrigin }) }),
  );
}
