import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A service on this machine, and what it was asked. */
export interface FakeService {
  readonly url: string;
  readonly asked: string[];
  /** Answers of this kind come first, once each. */
  readonly troubles: { readonly status: number; readonly body: unknown }[];
  close(): Promise<void>;
}

type Answer = { readonly status: number; readonly body: unknown };
type Handler = (request: IncomingMessage, body: string) => Answer;

async function serve(handle: Handler): Promise<FakeService> {
  const asked: string[] = [];
  const troubles: { readonly status: number; readonly body: unknown }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      asked.push(`${request.url} ${String(request.headers['x-amz-target'] ?? '')}`.trim());
      const { status, body: answer } = troubles.shift() ?? handle(request, body);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    troubles,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function sealWith(key: Buffer, plain: Buffer, aad: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(aad));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

function openWith(key: Buffer, text: string, aad: string): Buffer | undefined {
  try {
    const bytes = Buffer.from(text, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(Buffer.from(aad));
    decipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
  } catch {
    return undefined;
  }
}

/** The part of Vault's transit engine that wraps keys: tokens, namespaces and key versions are checked. */
export async function fakeVault(expected: {
  readonly token: string;
  readonly namespace?: string;
}): Promise<FakeService & { rotate(): void }> {
  const versions = [randomBytes(32)];
  const service = await serve((request, text) => {
    if (request.headers['x-vault-token'] !== expected.token) return errors(403, 'permission denied');
    if (request.headers['x-vault-namespace'] !== expected.namespace)
      return errors(404, 'no handler for route');
    const [, action, name] =
      /^\/v1\/transit\/(encrypt|decrypt|datakey\/plaintext)\/([a-z-]+)$/.exec(request.url ?? '') ?? [];
    if (action === undefined || name !== 'rampart') return errors(404, 'unsupported path');
    const body = JSON.parse(text) as Record<string, string>;
    const aad = body['associated_data'] ?? '';
    const newest = versions.length;
    const encrypt = (plain: Buffer): string =>
      `vault:v${newest}:${sealWith(versions[newest - 1] as Buffer, plain, aad)}`;
    if (action === 'encrypt') {
      const plain = Buffer.from(body['plaintext'] ?? '', 'base64');
      return { status: 200, body: { data: { ciphertext: encrypt(plain), key_version: newest } } };
    }
    if (action === 'datakey/plaintext') {
      const plain = randomBytes(32);
      return {
        status: 200,
        body: { data: { plaintext: plain.toString('base64'), ciphertext: encrypt(plain) } },
      };
    }
    const [, version, sealed] = /^vault:v(\d+):(.+)$/.exec(body['ciphertext'] ?? '') ?? [];
    const key = versions[Number(version) - 1];
    const plain = key === undefined ? undefined : openWith(key, sealed ?? '', aad);
    if (plain === undefined) return errors(400, 'cipher: message authentication failed');
    return { status: 200, body: { data: { plaintext: plain.toString('base64') } } };
  });
  return { ...service, rotate: () => void versions.push(randomBytes(32)) };
}

function errors(status: number, ...messages: string[]): Answer {
  return { status, body: { errors: messages } };
}

/** The part of AWS KMS that wraps keys: signatures are computed anew from what arrived. */
export async function fakeKms(expected: {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly nowMs: () => number;
}): Promise<FakeService> {
  const key = randomBytes(32);
  return serve((request, text) => {
    const fault = signatureFault(request, text, expected);
    if (fault !== undefined) return failure(fault);
    if (request.headers['content-type'] !== 'application/x-amz-json-1.1')
      return failure('SerializationException');
    const body = JSON.parse(text) as Record<string, unknown>;
    if (body['KeyId'] !== 'alias/rampart') return failure('NotFoundException');
    const context = JSON.stringify(body['EncryptionContext'] ?? {});
    const target = request.headers['x-amz-target'];
    if (target === 'TrentService.GenerateDataKey' && body['NumberOfBytes'] === 32) {
      const plain = randomBytes(32);
      const answer = {
        KeyId: 'arn',
        Plaintext: plain.toString('base64'),
        CiphertextBlob: sealWith(key, plain, context),
      };
      return { status: 200, body: answer };
    }
    if (target === 'TrentService.Encrypt') {
      const CiphertextBlob = sealWith(key, Buffer.from(String(body['Plaintext']), 'base64'), context);
      return { status: 200, body: { KeyId: 'arn', CiphertextBlob } };
    }
    if (target === 'TrentService.Decrypt') {
      const plain = openWith(key, String(body['CiphertextBlob']), context);
      if (plain === undefined) return failure('InvalidCiphertextException');
      return { status: 200, body: { KeyId: 'arn', Plaintext: plain.toString('base64') } };
    }
    return failure('UnknownOperationException');
  });
}

function failure(type: string): Answer {
  return { status: 400, body: { __type: `com.amazonaws.kms#${type}`, message: 'no' } };
}

/** Written from the description of Signature Version 4, apart from the signer. */
function signatureFault(
  request: IncomingMessage,
  body: string,
  expected: Parameters<typeof fakeKms>[0],
): string | undefined {
  const authorization = request.headers.authorization ?? '';
  const [, keyId, date, region, names, signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/kms\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? [];
  if (keyId !== expected.accessKeyId || region !== 'eu-central-1') return 'UnrecognizedClientException';
  if (request.headers['x-amz-security-token'] !== expected.sessionToken) return 'UnrecognizedClientException';
  const stamp = String(request.headers['x-amz-date']);
  const atMs = Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(atMs - expected.nowMs()) < 300_000) || !stamp.startsWith(date ?? '-'))
    return 'RequestExpired';
  for (const needed of ['host', 'x-amz-date', 'x-amz-target'])
    if (!(names ?? '').split(';').includes(needed)) return 'IncompleteSignature';
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const lines = (names ?? '').split(';').map((name) => `${name}:${String(request.headers[name])}\n`);
  const canonical = `POST\n/\n\n${lines.join('')}\n${names}\n${hash(body)}`;
  const mac = (with_: string | Buffer, text: string): Buffer =>
    createHmac('sha256', with_).update(text).digest();
  const dayKey = mac(`AWS4${expected.secretAccessKey}`, date ?? '');
  const signingKey = mac(mac(mac(dayKey, region), 'kms'), 'aws4_request');
  const toSign = `AWS4-HMAC-SHA256\n${stamp}\n${date}/${region}/kms/aws4_request\n${hash(canonical)}`;
  return mac(signingKey, toSign).toString('hex') === signature ? undefined : 'InvalidSignatureException';
}
