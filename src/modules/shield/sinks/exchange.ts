import { type ClientRequest, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as secureRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { formatAddress, parseAddress } from '../../../core/address.ts';
import { ACCEPT_ENCODING, type OnBytes, readAnswer } from './answer-body.ts';
import { SsrfError, UpstreamError } from './errors.ts';
import type { Target } from './target.ts';

/** One request to one server. */
export interface Hop {
  readonly target: Target;
  /** Checked ones; it is connected to no other. */
  readonly addresses: readonly string[];
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | undefined;
  readonly signal: AbortSignal;
  readonly maxBodyBytes: number;
  readonly maxHeaderBytes: number;
  /** Certificates that are trusted instead of the public ones. */
  readonly ca: string | undefined;
  readonly onBytes: OnBytes | undefined;
}

/** What came back, read to its end. */
export interface HopAnswer {
  readonly message: IncomingMessage;
  readonly status: number;
  readonly body: Uint8Array | null;
}

/** Answers before the answer (`103 Early Hints`) that are borne. */
const MAX_INTERIM = 10;
/** What belongs to the connection is ours to write. */
const OWN_HEADERS =
  /^(?:host|connection|keep-alive|transfer-encoding|content-length|te|trailer|upgrade|expect|proxy-.*)$/;

/**
 * Sends one request and reads the answer. Name and certificate stay those of the URL while the connection goes to the
 * checked addresses alone; of several the one that answers first is taken (RFC 8305).
 * @throws SsrfError, UpstreamError
 */
export async function exchange(hop: Hop): Promise<HopAnswer> {
  const request = open(hop);
  try {
    const message = await head(request, hop);
    const status = message.statusCode as number;
    const isBodiless = hop.method === 'HEAD' || status === 204 || status === 205 || status === 304;
    const body = isBodiless ? null : await readAnswer(message, hop.maxBodyBytes, hop.onBytes);
    return { message, status, body };
  } finally {
    // Also on success: nothing is kept open, whatever the other side would like.
    request.destroy();
  }
}

function open({ target, addresses, method, headers, body, signal, maxHeaderBytes, ca }: Hop): ClientRequest {
  const isSecure = target.url.protocol === 'https:';
  const given: Record<string, string> = {};
  for (const [name, value] of headers) if (!OWN_HEADERS.test(name)) given[name] = value;
  const request = (isSecure ? secureRequest : plainRequest)({
    // One of its own: the shared one may be told by the environment to use a proxy, which would resolve names anew.
    agent: false,
    host: target.host,
    port: target.port,
    path: target.url.pathname + target.url.search,
    method,
    headers: {
      'accept-encoding': ACCEPT_ENCODING,
      ...given,
      host: target.url.host,
      connection: 'close',
      ...(body === undefined ? {} : { 'content-length': body.byteLength }),
    },
    lookup: pinned(target.host, addresses),
    ...(isSecure && target.literal === undefined ? { servername: target.host } : {}),
    ...(ca === undefined ? {} : { ca }),
    maxHeaderSize: maxHeaderBytes,
    insecureHTTPParser: false,
    signal,
  });
  request.end(body);
  return request;
}

/** Answers with what was checked, so that nobody asks the name servers a second time. */
function pinned(host: string, addresses: readonly string[]): LookupFunction {
  return (name, options, done) => {
    const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    const first = all[0];
    if (name !== host || first === undefined) done(new SsrfError('address'), '', 4);
    else if (options.all === true) done(null, all);
    else done(null, first.address, first.family);
  };
}

function head(request: ClientRequest, { addresses }: Hop): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let interim = 0;
    request.once('response', resolve);
    // Stays: what is broken off later must find a listener.
    request.on('error', (cause: Error & { code?: string }) => reject(asOurs(cause)));
    // Whoever offers an upgrade that nobody asked for is hung up on without an error.
    request.once('close', () => reject(new UpstreamError('UPSTREAM_FAILED')));
    request.on('information', () => {
      if (++interim > MAX_INTERIM) request.destroy(new UpstreamError('UPSTREAM_TOO_LARGE'));
    });
    request.once('socket', (socket) =>
      socket.once('connect', () => {
        const peer = parseAddress(socket.remoteAddress ?? '');
        if (peer === undefined || !addresses.includes(formatAddress(peer)))
          request.destroy(new SsrfError('address'));
      }),
    );
  });
}

function asOurs(cause: Error & { code?: string }): Error {
  if (cause instanceof SsrfError || cause instanceof UpstreamError) return cause;
  const isLarge = cause.code === 'HPE_HEADER_OVERFLOW' || cause.code === 'HPE_CHUNK_EXTENSIONS_OVERFLOW';
  return new UpstreamError(isLarge ? 'UPSTREAM_TOO_LARGE' : 'UPSTREAM_FAILED', { cause });
}
