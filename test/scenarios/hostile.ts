import type { Sent } from './client.ts';

/** One route of the server's own description. */
export interface Operation {
  readonly method: string;
  /** With its parameters filled in. */
  readonly path: string;
  readonly takesBody: boolean;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly requestBody?: unknown }>>>>;
}

/** Every operation of an OpenAPI document. */
export function operationsOf(document: Document): readonly Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { requestBody }]) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{[^}]+\}/g, 'x'),
      takesBody: requestBody !== undefined,
    })),
  );
}

const JSON_BODY = { 'content-type': 'application/json' };

/** Bodies that no route takes, by name. */
export const HOSTILE_BODIES: Readonly<Record<string, Partial<Sent>>> = {
  'too large': { headers: JSON_BODY, body: `{"a":"${'a'.repeat(1_100_000)}"}` },
  'not JSON': { headers: JSON_BODY, body: '{"name":' },
  'of another type': { headers: JSON_BODY, body: '[1,null,{"a":[]}]' },
  null: { headers: JSON_BODY, body: 'null' },
  'with wrong types': {
    headers: JSON_BODY,
    body: '{"name":1,"items":"x","target":[],"setupToken":{},"key":null,"value":false,"minutes":"x"}',
  },
  'reaching for the prototype': { headers: JSON_BODY, body: '{"__proto__":{"admin":true},"name":"ada"}' },
  'nested without end': { headers: JSON_BODY, body: '['.repeat(30_000) },
  'not UTF-8': { headers: JSON_BODY, body: Uint8Array.of(0x22, 0xff, 0xfe, 0x22) },
  compressed: { headers: { ...JSON_BODY, 'content-encoding': 'gzip' }, body: '{}' },
  'of no type': { body: '{}' },
  'of two types': { headers: { 'content-type': 'text/plain, application/json' }, body: '{}' },
  'with null bytes': { headers: JSON_BODY, body: '{"name":"a\\u0000b","target":"\\u0000"}' },
};

/** Query texts that no route takes. */
export const HOSTILE_QUERIES = [
  'limit=1&limit=2&before=a&before=b',
  'limit=-1&fromMs=x',
  'limit=1e309&fromMs=NaN&buckets=0',
  '__proto__[a]=b&constructor=c',
  'filter=:&filter=nonsense&exclude=%00',
  'before=%00%ff%c0%af',
  `search=${'a'.repeat(8_000)}`,
  '%',
] as const;

/** What replaces the path's parameters. */
export const HOSTILE_PARAMETERS = [
  '..%2f..%2fetc%2fpasswd',
  '%00',
  '%c0%ae%c0%ae',
  '%E2%80%AE',
  'a'.repeat(4_000),
  "1'%20OR%20'1'='1",
  '%0d%0aset-cookie:%20a=b',
] as const;

/** Bytes that are no request, or no honest one; `{target}` stands for a path. */
export const HOSTILE_BYTES: Readonly<Record<string, string>> = {
  'two lengths': 'POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x',
  'a length and chunks':
    'POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'a length that is none': 'POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: 1e3\r\n\r\n',
  'chunks of no size':
    'POST {target} HTTP/1.1\r\nHost: x\r\nUser-Agent: y\r\nAccept: */*\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n',
  'headers beyond all bounds': `GET {target} HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(100_000)}\r\n\r\n`,
  'thousands of headers': `GET {target} HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(17_000)}\r\n`,
  'a target beyond all bounds': `GET {target}?${'a'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  'a line break in the path': 'GET {target}\r\nX: y HTTP/1.1\r\nHost: x\r\n\r\n',
  'a null byte in the path': 'GET {target}\u0000 HTTP/1.1\r\nHost: x\r\n\r\n',
  'a null byte in a header': 'GET {target} HTTP/1.1\r\nHost: x\r\nX-A: a\u0000b\r\n\r\n',
  'a folded header': 'GET {target} HTTP/1.1\r\nHost: x\r\nX-A: a\r\n b\r\n\r\n',
  'a space before the colon': 'GET {target} HTTP/1.1\r\nHost : x\r\n\r\n',
  'no version': 'GET {target}\r\n\r\n',
  'no host': 'GET {target} HTTP/1.1\r\n\r\n',
  'an unknown method': 'BREW {target} HTTP/1.1\r\nHost: x\r\n\r\n',
  'a method in lower case': 'get {target} HTTP/1.1\r\nHost: x\r\n\r\n',
  'an unknown version': 'GET {target} HTTP/9.9\r\nHost: x\r\n\r\n',
  'a TLS greeting': '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
};
