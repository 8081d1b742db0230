import { type Clock, systemClock } from '../../../core/clock.ts';
import { OptionsError } from '../../../core/errors.ts';
import { DATA_KEY_BYTES, type KeyContext, type KeyWrapper, unwrapFailed } from '../wrap.ts';
import { type CallAnswer, type CallPorts, callService, dataKeyOf, refused, textOf } from './call.ts';
import { type AwsCredentials, signV4 } from './sigv4.ts';

/** A symmetric key of AWS KMS, or of what speaks its API. */
export interface AwsKmsOptions {
  /** Such as `eu-central-1`. */
  readonly region: string;
  /** Id, ARN or alias (`alias/rampart`) of the key. */
  readonly keyId: string;
  /** The credentials, or what fetches those that are good now. */
  readonly credentials: AwsCredentials | (() => AwsCredentials | Promise<AwsCredentials>);
  /** Default `https://kms.REGION.amazonaws.com`. */
  readonly endpoint?: string;
  /** Time of one attempt, milliseconds: default 3,000. */
  readonly timeoutMs?: number;
  /** Attempts in all: default 4. */
  readonly attempts?: number;
}

/** What else the driver stands on. */
export interface AwsKmsPorts extends CallPorts {
  /** Signatures carry the time: off by five minutes they are refused. */
  readonly clock?: Clock;
}

/** Errors of KMS after which another attempt may help. */
const TRANSIENT = new Set([
  'ThrottlingException',
  'LimitExceededException',
  'RequestLimitExceeded',
  'KMSInternalException',
  'DependencyTimeoutException',
  'KeyUnavailableException',
  'ServiceUnavailable',
]);
/** What KMS says of a text that is not this key's, or was moved or changed. */
const FOREIGN = new Set(['InvalidCiphertextException', 'IncorrectKeyException']);

/**
 * Wraps data keys by AWS KMS: GenerateDataKey and Decrypt, with purpose and id as encryption context, so that a wrapped
 * key opens under its own name alone, and CloudTrail shows which was opened.
 * @throws OptionsError on a region or an endpoint that is none
 */
export function awsKmsWrapper(options: AwsKmsOptions, ports: AwsKmsPorts = {}): KeyWrapper {
  const { region, keyId, timeoutMs = 3_000, attempts = 4 } = options;
  const { clock = systemClock } = ports;
  if (!/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(region))
    throw new OptionsError('region', 'expected one such as eu-central-1');
  if (keyId === '') throw new OptionsError('keyId', 'must not be empty');
  const endpoint = options.endpoint ?? `https://kms.${region}.amazonaws.com`;
  if (!URL.canParse(endpoint)) throw new OptionsError('endpoint', 'expected a URL');
  const url = new URL('/', endpoint);
  const name = `aws-kms ${region} ${keyId}`;

  const ask = async (target: string, body: object, context: KeyContext): Promise<CallAnswer['json']> => {
    const text = JSON.stringify(body);
    const answer = await callService(
      async () => {
        const credentials =
          typeof options.credentials === 'function' ? await options.credentials() : options.credentials;
        const { host: _, ...headers } = signV4(
          {
            method: 'POST',
            url,
            headers: {
              'content-type': 'application/x-amz-json-1.1',
              'x-amz-target': `TrentService.${target}`,
            },
            body: text,
            region,
            service: 'kms',
            nowMs: clock.now(),
          },
          credentials,
        );
        // fetch writes the host itself, and it is the one that was signed.
        return { url: url.href, headers, body: text };
      },
      {
        name,
        timeoutMs,
        attempts,
        isTransient: (given) => given.status >= 500 || TRANSIENT.has(errorOf(given)),
      },
      ports,
    );
    if (answer.status === 200) return answer.json;
    if (FOREIGN.has(errorOf(answer))) throw unwrapFailed(context);
    throw refused(name, errorOf(answer) || `status ${answer.status}`);
  };

  return {
    name,
    async generate(context) {
      const body = { KeyId: keyId, NumberOfBytes: DATA_KEY_BYTES, EncryptionContext: boundTo(context) };
      const json = await ask('GenerateDataKey', body, context);
      return {
        key: dataKeyOf(name, textOf(name, json, 'Plaintext')),
        wrapped: textOf(name, json, 'CiphertextBlob'),
      };
    },
    async wrap(key, context) {
      const Plaintext = Buffer.from(key).toString('base64');
      const json = await ask(
        'Encrypt',
        { KeyId: keyId, Plaintext, EncryptionContext: boundTo(context) },
        context,
      );
      return textOf(name, json, 'CiphertextBlob');
    },
    async unwrap(wrapped, context) {
      // The key is named: without it any key of the account would do that the caller may use.
      const body = { KeyId: keyId, CiphertextBlob: wrapped, EncryptionContext: boundTo(context) };
      const json = await ask('Decrypt', body, context);
      return dataKeyOf(name, textOf(name, json, 'Plaintext'));
    },
  };
}

function boundTo({ purpose, id }: KeyContext): Readonly<Record<string, string>> {
  return { 'rampart:purpose': purpose, 'rampart:key': id };
}

/** `__type` may carry a namespace before a `#`. */
function errorOf({ json }: CallAnswer): string {
  const type = json['__type'];
  return typeof type === 'string' ? (type.split('#').at(-1) ?? '') : '';
}
