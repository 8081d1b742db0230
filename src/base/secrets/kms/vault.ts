import { randomFillSync } from 'node:crypto';
import { OptionsError } from '../../../core/errors.ts';
import { DATA_KEY_BYTES, type KeyContext, type KeyWrapper, unwrapFailed } from '../wrap.ts';
import { type CallAnswer, type CallPorts, callService, dataKeyOf, refused, textOf } from './call.ts';

/** A key of the transit engine of HashiCorp Vault or OpenBao. */
export interface VaultOptions {
  /** Address of the server, such as `https://vault.internal:8200`. */
  readonly url: string;
  /** Where the engine is mounted, default `transit`. */
  readonly mount?: string;
  /** Name of the key: of type aes256-gcm96 or chacha20-poly1305. */
  readonly key: string;
  /** The token, or what fetches the one that is good now. */
  readonly token: string | (() => string | Promise<string>);
  readonly namespace?: string;
  /**
   * Who makes data keys: `here` (default), where the key's name is authenticated with it, or `vault` by its `datakey`
   * endpoint, which binds no name.
   */
  readonly dataKeys?: 'here' | 'vault';
  /** Time of one attempt, milliseconds: default 3,000. */
  readonly timeoutMs?: number;
  /** Attempts in all: default 4. */
  readonly attempts?: number;
}

const UNBOUND = 'unbound:';
const PART = /^[A-Za-z0-9][A-Za-z0-9_./-]{0,200}$/;

/**
 * Wraps data keys by the transit engine (HTTP API of Vault, secret/transit): encrypt, decrypt, datakey/plaintext. Its own
 * key versions stand in what it returns; a key that was rotated there goes on opening what it wrapped.
 * @throws OptionsError on an address or a name that is none
 */
export function vaultWrapper(options: VaultOptions, ports: CallPorts = {}): KeyWrapper {
  const { key, mount = 'transit', namespace, timeoutMs = 3_000, attempts = 4 } = options;
  if (!URL.canParse(options.url) || !/^https?:$/.test(new URL(options.url).protocol))
    throw new OptionsError('url', 'expected the https address of a Vault server');
  for (const [path, value] of Object.entries({ mount, key }))
    if (!PART.test(value) || value.includes('..')) throw new OptionsError(path, 'not a name in Vault');
  const within = namespace === undefined ? '' : ` in ${namespace}`;
  const name = `vault ${new URL(options.url).host}/${mount}/${key}${within}`;

  const ask = async (action: string, body: object): Promise<CallAnswer> => {
    const answer = await callService(
      async () => ({
        url: `${options.url.replace(/\/+$/, '')}/v1/${mount}/${action}/${encodeURIComponent(key)}`,
        headers: {
          'content-type': 'application/json',
          'x-vault-request': 'true',
          'x-vault-token': typeof options.token === 'string' ? options.token : await options.token(),
          ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }),
        },
        body: JSON.stringify(body),
      }),
      // 412: a replica that lags behind; 429: over a quota; 473, 5xx: standby, sealed, broken.
      {
        name,
        timeoutMs,
        attempts,
        isTransient: ({ status }) => status === 412 || status === 429 || status >= 472,
      },
      ports,
    );
    if (answer.status === 403) throw refused(name, 'the token may not use this key');
    if (answer.status === 404) throw refused(name, 'there is no such key, mount or namespace');
    return answer;
  };

  const wrap = async (made: Uint8Array, context: KeyContext): Promise<string> => {
    const { status, json } = await ask('encrypt', {
      plaintext: Buffer.from(made).toString('base64'),
      associated_data: boundTo(context),
    });
    if (status !== 200) throw refused(name, `status ${status}`);
    return textOf(name, json['data'], 'ciphertext');
  };
  return {
    name,
    wrap,
    async generate(context) {
      if (options.dataKeys === 'vault') {
        const { status, json } = await ask('datakey/plaintext', { bits: DATA_KEY_BYTES * 8 });
        if (status !== 200) throw refused(name, `status ${status}`);
        const made = dataKeyOf(name, textOf(name, json['data'], 'plaintext'));
        return { key: made, wrapped: UNBOUND + textOf(name, json['data'], 'ciphertext') };
      }
      const made = new Uint8Array(randomFillSync(Buffer.allocUnsafeSlow(DATA_KEY_BYTES)));
      return { key: made, wrapped: await wrap(made, context) };
    },
    async unwrap(wrapped, context) {
      const isUnbound = wrapped.startsWith(UNBOUND);
      const { status, json } = await ask('decrypt', {
        ciphertext: isUnbound ? wrapped.slice(UNBOUND.length) : wrapped,
        ...(isUnbound ? {} : { associated_data: boundTo(context) }),
      });
      if (status === 400) throw unwrapFailed(context);
      if (status !== 200) throw refused(name, `status ${status}`);
      return dataKeyOf(name, textOf(name, json['data'], 'plaintext'));
    },
  };
}

function boundTo({ purpose, id }: KeyContext): string {
  return Buffer.from(`rampart/${purpose}/${id}`).toString('base64');
}
