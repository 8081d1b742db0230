import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { OptionsError } from '../../core/errors.ts';

/** What a checkpoint says: the log of this origin had these leaves at that time. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** Microseconds since the epoch, by the clock of the database. */
  readonly atUs: string;
}

/** Signs checkpoints with a key that the database never sees: of the house's secret, or of a key service. */
export interface CheckpointSigner {
  /** Ed25519 (RFC 8032), 32 bytes. */
  readonly publicKey: Uint8Array;
  /** @returns 64 bytes */
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** RFC 8410: what stands before the 32 bytes of a private and of a public key. */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const ALGORITHM = 1;
const KEY_BYTES = 32;

/** Signs on this machine. @param seed 32 random bytes */
export function localSigner(seed: Uint8Array): CheckpointSigner {
  if (seed.byteLength !== KEY_BYTES) throw new TypeError('a key of Ed25519 has 32 bytes');
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const der = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    publicKey: new Uint8Array(der.subarray(-KEY_BYTES)),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}

/** Signs a checkpoint as a note (C2SP signed-note and tlog-checkpoint), with its time as an extension line. */
export async function signNote(checkpoint: Checkpoint, signer: CheckpointSigner): Promise<string> {
  const { origin, size, root, atUs } = checkpoint;
  const body = `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\ntime ${atUs}\n`;
  const signature = await signer.sign(Buffer.from(body));
  const line = Buffer.concat([keyId(origin, signer.publicKey), signature]).toString('base64');
  return `${body}\n— ${origin} ${line}\n`;
}

const BODY = /^([^\n+ ]{1,200})\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\ntime (\d{1,20})\n$/;

/** Opens a note; `undefined` when it is none, or no key that is given has signed it. */
export function openNote(note: string, keys: readonly Uint8Array[]): Checkpoint | undefined {
  const end = note.indexOf('\n\n');
  const body = note.slice(0, end + 1);
  const [, origin, size, root, atUs] = BODY.exec(body) ?? [];
  if (end < 0 || origin === undefined || root === undefined || atUs === undefined) return undefined;
  const signed = note
    .slice(end + 2)
    .split('\n')
    .some((line) => isSigned(line, origin, body, keys));
  if (!signed) return undefined;
  return { origin, size: Number(size), root: new Uint8Array(Buffer.from(root, 'base64')), atUs };
}

function isSigned(line: string, origin: string, body: string, keys: readonly Uint8Array[]): boolean {
  const start = `— ${origin} `;
  if (!line.startsWith(start)) return false;
  const bytes = Buffer.from(line.slice(start.length), 'base64');
  if (bytes.length !== 68) return false;
  const key = keys.find((one) => keyId(origin, one).equals(bytes.subarray(0, 4)));
  if (key === undefined) return false;
  const opened = createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, key]), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(body), opened, bytes.subarray(4));
}

function keyId(name: string, publicKey: Uint8Array): Buffer {
  return createHash('sha256')
    .update(`${name}\n`)
    .update(new Uint8Array([ALGORITHM]))
    .update(publicKey)
    .digest()
    .subarray(0, 4);
}

/** A public key as text (`vkey` of C2SP): name, hash and key. */
export function keyText(origin: string, publicKey: Uint8Array): string {
  const key = Buffer.concat([new Uint8Array([ALGORITHM]), publicKey]).toString('base64');
  return `${origin}+${keyId(origin, publicKey).toString('hex')}+${key}`;
}

/** Reads a public key: a `vkey`, or its 32 bytes as base64. @throws OptionsError */
export function readKeyText(path: string, text: string): Uint8Array {
  const last = /^[^+\s]+\+[0-9a-f]{8}\+(.+)$/.exec(text)?.[1] ?? text;
  const bytes = Buffer.from(last, 'base64');
  const key = bytes.length === KEY_BYTES + 1 && bytes[0] === ALGORITHM ? bytes.subarray(1) : bytes;
  if (key.length !== KEY_BYTES || !/^[A-Za-z0-9+/_-]+=*$/.test(last))
    throw new OptionsError(path, 'expected a public key, such as rampart audit checkpoint prints');
  return new Uint8Array(key);
}
