import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  randomBytes,
  randomFillSync,
  scryptSync,
  timingSafeEqual,
  webcrypto,
} from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { Stripe } from 'stripe';
import { fieldCipher, fixedRing, signer } from '../../src/base/secrets/index.ts';

/** One way of doing a piece of work; `work` is given its number and may wait. */
export interface Contender {
  readonly work: (at: number) => unknown;
  /** Throws unless the work is really done. */
  readonly prove: () => unknown;
}

/** 64 bytes, as a name and an address may have. */
const TEXT = 'Ada Lovelace, 12 St James Square, London, in the first floor...!';
const MESSAGE = JSON.stringify({ type: 'order.paid', data: 'x'.repeat(1_024 - 33) });
const bytes = randomBytes(32);
const key = createSecretKey(bytes);
const pool = Buffer.allocUnsafeSlow(12 * 1_024);

function pooledNonce(at: number): Buffer {
  const from = (at % 1_024) * 12;
  if (from === 0) randomFillSync(pool);
  return pool.subarray(from, from + 12);
}

function sealed(nonce: Uint8Array, by: typeof key | Buffer, at: number): string {
  const cipher = createCipheriv('aes-256-gcm', by, nonce);
  cipher.setAAD(Buffer.from(`customers.name ${at}`));
  return Buffer.concat([nonce, cipher.update(TEXT, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
    'base64url',
  );
}

function opened(text: string, by: typeof key | Buffer, at: number): string {
  const body = Buffer.from(text, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', by, body.subarray(0, 12));
  decipher.setAAD(Buffer.from(`customers.name ${at}`));
  decipher.setAuthTag(body.subarray(-16));
  return Buffer.concat([decipher.update(body.subarray(12, -16)), decipher.final()]).toString('utf8');
}

/** What sealing and opening look like, of which a case measures one. */
interface Sealer {
  readonly seal: (at: number) => string | Promise<string>;
  readonly open: (text: string, at: number) => string | Promise<string>;
}

/** Salt and stretched key for each field, as many helpers on the web do it. */
const stretched: Sealer = {
  seal(at) {
    const salt = randomBytes(16);
    return `${salt.toString('hex')}.${sealed(randomBytes(12), scryptSync(bytes, salt, 32), at)}`;
  },
  open(text, at) {
    const [salt = '', body = ''] = text.split('.');
    return opened(body, scryptSync(bytes, Buffer.from(salt, 'hex'), 32), at);
  },
};

async function webSealer(): Promise<Sealer> {
  const imported = await webcrypto.subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
  const aad = (at: number): Buffer => Buffer.from(`customers.name ${at}`);
  return {
    async seal(at) {
      const iv = webcrypto.getRandomValues(new Uint8Array(12));
      const options = { name: 'AES-GCM', iv, additionalData: aad(at) };
      const body = await webcrypto.subtle.encrypt(options, imported, Buffer.from(TEXT));
      return Buffer.concat([iv, Buffer.from(body)]).toString('base64url');
    },
    async open(text, at) {
      const all = Buffer.from(text, 'base64url');
      const options = { name: 'AES-GCM', iv: all.subarray(0, 12), additionalData: aad(at) };
      return Buffer.from(await webcrypto.subtle.decrypt(options, imported, all.subarray(12))).toString(
        'utf8',
      );
    },
  };
}

function ourSealer(): Sealer {
  const ring = fixedRing('fields', [{ id: 'k1', key: bytes }]);
  const cipher = fieldCipher({ ring, table: 'app.customers', column: 'name' });
  return { seal: (at) => cipher.seal(TEXT, at), open: (text, at) => cipher.open(text, at) };
}

const SEALERS: Readonly<Record<string, () => Sealer | Promise<Sealer>>> = {
  rampart: ourSealer,
  limit: () => ({
    seal: (at) => sealed(pooledNonce(at), key, at),
    open: (text, at) => opened(text, key, at),
  }),
  'random nonce per call': () => ({
    seal: (at) => sealed(randomBytes(12), bytes, at),
    open: (text, at) => opened(text, bytes, at),
  }),
  WebCrypto: webSealer,
  'key stretched per field': () => stretched,
};

async function sealing(name: string, which: 'seal' | 'open'): Promise<Contender> {
  const make = SEALERS[name];
  if (make === undefined) throw new Error(`no contender '${name}'`);
  const sealer = await make();
  const texts: string[] = [];
  for (let at = 0; at < 64; at++) texts.push(await sealer.seal(at));
  return {
    work: which === 'seal' ? sealer.seal : (at) => sealer.open(texts[at % 64] as string, at % 64),
    async prove() {
      if ((await sealer.open(await sealer.seal(7), 7)) !== TEXT)
        throw new Error('does not open what it sealed');
      const moved = await Promise.resolve()
        .then(async () => sealer.open(await sealer.seal(7), 8))
        .catch(() => undefined);
      if (moved !== undefined) throw new Error('opens in another row');
    },
  };
}

/** Signs and checks what it signed: both count as one piece of work. */
function signing(name: string): Contender {
  const proving = (check: (message: string) => boolean): Contender => ({
    work: () => check(MESSAGE),
    prove() {
      if (!check(MESSAGE)) throw new Error('does not verify what it signed');
    },
  });
  if (name === 'rampart') {
    const ours = signer({ ring: fixedRing('hmac', [{ id: 'k1', key: bytes }]), about: 'webhook' });
    return proving((message) => ours.verify(message, ours.sign(message)).valid);
  }
  if (name === 'limit') {
    const mac = (message: string): Buffer => createHmac('sha256', key).update(message).digest();
    return proving((message) => {
      const text = mac(message).toString('base64url');
      return timingSafeEqual(Buffer.from(text, 'base64url'), mac(message));
    });
  }
  if (name === 'standardwebhooks') {
    const webhook = new Webhook(bytes.toString('base64'));
    return proving((message) => {
      const now = new Date();
      const headers = {
        'webhook-id': 'msg_1',
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': webhook.sign('msg_1', now, message),
      };
      return webhook.verify(message, headers) !== undefined;
    });
  }
  if (name !== 'stripe') throw new Error(`no contender '${name}'`);
  const { webhooks } = new Stripe('sk_test_1');
  const secret = bytes.toString('hex');
  return proving((payload) => {
    const header = webhooks.generateTestHeaderString({ payload, secret });
    return webhooks.constructEvent(payload, header, secret).data !== undefined;
  });
}

/** Makes a contender of a case. */
export async function contender(kind: string, name: string): Promise<Contender> {
  return kind === 'hmac' ? signing(name) : sealing(name, kind === 'open' ? 'open' : 'seal');
}
