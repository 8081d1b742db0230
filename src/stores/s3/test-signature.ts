import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A request as it came over the wire. */
export interface Received {
  readonly method: string;
  /** Path and query as they stood in the request line. */
  readonly target: string;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Verifies AWS Signature Version 4 from the documentation of it alone, so that a mistake of the signer is no mistake here.
 * @returns what is wrong, or nothing
 */
export function signatureFault(
  received: Received,
  secretOf: (id: string) => string | undefined,
): string | undefined {
  const { method, headers, body } = received;
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers['authorization'] ?? '',
    );
  if (match === null) return 'AuthorizationHeaderMalformed';
  const [, id = '', date = '', region = '', service = '', names = '', signature = ''] = match;
  const secret = secretOf(id);
  if (secret === undefined) return 'InvalidAccessKeyId';
  const stamp = headers['x-amz-date'] ?? '';
  if (!stamp.startsWith(date)) return 'AuthorizationHeaderMalformed';
  const signed = names.split(';');
  const needed = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  if (needed.some((name) => !signed.includes(name))) return 'AccessDenied';
  const given = headers['x-amz-content-sha256'] ?? '';
  if (given !== sha256(body)) return 'XAmzContentSHA256Mismatch';
  const canonical = [
    method,
    ...pathAndQuery(received.target),
    ...signed.map((name) => `${name}:${(headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}`),
    '',
    names,
    given,
  ].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const expected = hmac(key, ['AWS4-HMAC-SHA256', stamp, scope, sha256(canonical)].join('\n'));
  return timingSafeEqual(expected, Buffer.from(signature, 'hex')) ? undefined : 'SignatureDoesNotMatch';
}

/** Percent-encoded anew, by the rule of the documentation: everything but letters, digits and `-._~`. */
function encoded(text: string): string {
  return encodeURIComponent(decodeURIComponent(text)).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function pathAndQuery(target: string): readonly [string, string] {
  const [path = '', query = ''] = target.split('?', 2);
  const parameters = query
    .split('&')
    .filter((one) => one !== '')
    .map((one) => {
      const [name = '', value = ''] = one.split('=', 2);
      return `${encoded(name)}=${encoded(value)}`;
    });
  return [path.split('/').map(encoded).join('/'), parameters.toSorted().join('&')];
}
