import { createHash } from 'node:crypto';
import { hmacSha256 } from '../primitives.ts';

/** Credentials of AWS, of a user or of a role. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

/** A request that is to be signed. */
export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  /** Without `host` and `x-amz-date`, which are added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly region: string;
  readonly service: string;
  readonly nowMs: number;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/**
 * AWS Signature Version 4 over all headers and the body. @returns the headers to send, `host` among them
 */
export function signV4(request: SignedRequest, credentials: AwsCredentials): Record<string, string> {
  const stamp = `${new Date(request.nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
  const date = stamp.slice(0, 8);
  const headers: Record<string, string> = { host: request.url.host, 'x-amz-date': stamp };
  for (const [name, value] of Object.entries(request.headers)) headers[name.toLowerCase()] = value;
  if (credentials.sessionToken !== undefined) headers['x-amz-security-token'] = credentials.sessionToken;
  const scope = `${date}/${request.region}/${request.service}/aws4_request`;
  const names = Object.keys(headers).toSorted().join(';');
  const canonical = canonicalRequest(request, headers);
  const toSign = [ALGORITHM, stamp, scope, sha256Hex(canonical)].join('\n');
  const signature = hmacSha256(
    signingKey(credentials.secretAccessKey, date, request.region, request.service),
    toSign,
  ).toString('hex');
  headers['authorization'] =
    `${ALGORITHM} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return headers;
}

function canonicalRequest({ method, url, body }: SignedRequest, headers: Record<string, string>): string {
  const query = [...url.searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .toSorted()
    .join('&');
  const names = Object.keys(headers).toSorted();
  return [
    method,
    url.pathname,
    query,
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim().replaceAll(/ +/g, ' ')}`),
    '',
    names.join(';'),
    sha256Hex(body),
  ].join('\n');
}

/** A key for one day, region and service. */
export function signingKey(secret: string, date: string, region: string, service: string): Buffer {
  return [date, region, service, 'aws4_request'].reduce<Buffer>(
    (key, part) => hmacSha256(key, part),
    Buffer.from(`AWS4${secret}`),
  );
}

function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** RFC 3986, which leaves fewer characters alone than `encodeURIComponent`. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
