import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { OptionsError } from '../../core/errors.ts';

/**
 * How a connection is protected: `verify` checks the certificate's chain and host name, `unverified` encrypts towards
 * whoever answers, `off` is plain.
 */
export type TlsMode = 'verify' | 'unverified' | 'off';

/** What was read of a URL and of the option `tls`. */
export interface TlsSettings {
  readonly mode: TlsMode;
  /** Whether somebody asked for it; false for our default. */
  readonly said: boolean;
  /** The server is this machine: what is sent crosses no network. */
  readonly local: boolean;
  /** Files of `sslrootcert`, `sslcert` and `sslkey`. */
  readonly files: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** The URL without its TLS parameters, which the driver would read in its own way. */
  readonly url: string;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/;
const PARAMETERS = ['sslmode', 'ssl', 'sslrootcert', 'sslcert', 'sslkey', 'uselibpqcompat', 'sslnegotiation'];
/** libpq's `allow` and `prefer` fall back to plain text, and its `require` trusts anybody: all three verify here. */
const MODES: Readonly<Record<string, TlsMode>> = {
  disable: 'off',
  allow: 'verify',
  prefer: 'verify',
  require: 'verify',
  'verify-ca': 'verify',
  'verify-full': 'verify',
  'no-verify': 'unverified',
};

/**
 * Reads how a URL wants to be protected: verified unless it says `sslmode=disable` or `sslmode=no-verify`, or the server
 * is this machine. The option wins over the URL.
 * @throws OptionsError on a mode that does not exist
 */
export function readTls(url: string, option?: TlsMode): TlsSettings {
  const parsed = parseUrl(url);
  if (parsed === undefined) {
    return { mode: option ?? 'verify', said: option !== undefined, local: false, files: {}, url };
  }
  const query = parsed.searchParams;
  const host = query.get('host') ?? parsed.hostname;
  const local = host === '' || host.startsWith('/') || LOOPBACK.test(host);
  const [ca, cert, key] = ['sslrootcert', 'sslcert', 'sslkey'].map((name) => query.get(name) ?? undefined);
  const said = option ?? modeOf(query, ca !== undefined);
  for (const name of PARAMETERS) query.delete(name);
  return {
    mode: said ?? (local ? 'off' : 'verify'),
    said: said !== undefined,
    local,
    files: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
    url: parsed.href,
  };
}

function parseUrl(url: string): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}

function modeOf(query: URLSearchParams, hasRoot: boolean): TlsMode | undefined {
  const word = query.get('sslmode');
  if (word !== null) {
    if (!Object.hasOwn(MODES, word)) {
      throw new OptionsError('database.url', `sslmode: expected one of ${Object.keys(MODES).join(', ')}`);
    }
    return MODES[word];
  }
  const ssl = query.get('ssl');
  if (ssl === 'no-verify') return 'unverified';
  if (ssl === 'false' || ssl === '0') return 'off';
  return ssl !== null || hasRoot ? 'verify' : undefined;
}

/** Options of Node's TLS for a connection; false for a plain one. */
export interface TlsClientOptions {
  readonly rejectUnauthorized: boolean;
  readonly minVersion: 'TLSv1.2';
  readonly servername?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Reads the files and gives what Node's TLS takes. `ca` of the options stands beside `sslrootcert`.
 * @throws OptionsError naming a file that cannot be read, never its content
 */
export function tlsClientOptions(settings: TlsSettings, ca?: string): TlsClientOptions | false {
  const { mode, files, url } = settings;
  if (mode === 'off') return false;
  const host = parseUrl(url)?.hostname ?? '';
  const roots = [ca, files.ca === undefined ? undefined : readPem(files.ca)].filter(
    (one) => one !== undefined,
  );
  return {
    rejectUnauthorized: mode === 'verify',
    minVersion: 'TLSv1.2',
    ...(isIP(host.replace(/^\[|\]$/g, '')) === 0 && host !== '' ? { servername: host } : {}),
    ...(roots.length === 0 ? {} : { ca: roots.join('\n') }),
    ...(files.cert === undefined ? {} : { cert: readPem(files.cert) }),
    ...(files.key === undefined ? {} : { key: readPem(files.key) }),
  };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as { code?: string }).code ?? 'error';
    throw new OptionsError('database.tls', `the file ${file} cannot be read (${code})`);
  }
}
