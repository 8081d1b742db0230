import { OptionsError } from '../../core/errors.ts';
import { type Severity, SEVERITIES } from '../../core/events.ts';
import {
  type Field,
  type Fields,
  flag,
  list,
  number,
  object,
  oneOf,
  optional,
  readOptions,
  record,
  text,
} from '../../core/options.ts';
import { type Only, type ReadSink, SINK_KINDS, type SinkFormat, type SyslogTransport } from './options.ts';

const MAX_SINKS = 20;
const MAX_AT_ONCE = 500;

const variable = text({ max: 100, pattern: /^[A-Z_][A-Z0-9_]*$/, about: 'the name of a variable' });
const file = text({ max: 1_000, about: 'the path of a file' });
const url: Field<URL> = {
  about: 'https address without a password',
  parse(value, path) {
    const read = typeof value === 'string' && value.length <= 1_000 ? URL.parse(value) : null;
    if (read === null || !/^https?:$/.test(read.protocol))
      throw new OptionsError(path, 'expected an http(s) address');
    if (read.username !== '' || read.password !== '') throw new OptionsError(path, 'must hold no password');
    if (read.hash !== '') throw new OptionsError(path, 'must have no #');
    return read;
  },
};
const kind = oneOf(SINK_KINDS);
const format = oneOf(['json', 'cef', 'ocsf'], 'json');
const fetchField = object(
  { allowHttp: flag(false), allowRanges: list(text({ max: 60 }), { atMost: 100, default: [] }) },
  {},
);
const COMMON = {
  kind,
  atOnce: number({ min: 1, max: MAX_AT_ONCE, default: MAX_AT_ONCE }),
  only: object(
    {
      types: optional(
        list(text({ max: 64, pattern: /^[A-Z][A-Z0-9_]*$/, about: 'a type of event' }), { atMost: 200 }),
      ),
      severities: optional(list(oneOf(SEVERITIES), { atMost: 4 })),
    },
    {},
  ),
};

type Name = Pick<ReadSink, 'name' | 'only' | 'atOnce'>;
interface Raw {
  readonly kind: ReadSink['kind'];
  readonly atOnce: number;
  readonly only: { readonly types?: readonly string[]; readonly severities?: readonly Severity[] };
}
interface WithFetch {
  readonly url: URL;
  readonly fetch: { readonly allowHttp: boolean; readonly allowRanges: readonly string[] };
}

/** How each kind is read: what it takes, and what it becomes. */
const READERS: {
  readonly [K in ReadSink['kind']]: (path: string, given: unknown, name: string) => ReadSink;
} = {
  log(path, given, name) {
    const raw = readOptions<Raw & { readonly format: SinkFormat }>(path, given, {
      ...COMMON,
      format,
    } as Fields<Raw & { readonly format: SinkFormat }>);
    return { ...common(raw, name), kind: 'log', target: 'standard output', format: raw.format };
  },
  webhook(path, given, name) {
    type Webhook = Raw & WithFetch & { readonly secret: string };
    const fields = { ...COMMON, url, secret: variable, fetch: fetchField } as Fields<Webhook>;
    const raw = readOptions<Webhook>(path, given, fields);
    return { ...common(raw, name), kind: 'webhook', ...overHttp(raw, path), secret: raw.secret };
  },
  syslog: readSyslog,
  elasticsearch: readElasticsearch,
  otlp(path, given, name) {
    type Otlp = Raw & WithFetch & { readonly headers: Readonly<Record<string, string>> };
    const fields = {
      ...COMMON,
      url,
      headers: record(variable, { default: {} }),
      fetch: fetchField,
    } as Fields<Otlp>;
    const raw = readOptions<Otlp>(path, given, fields);
    const names = Object.keys(raw.headers);
    if (names.length > 10) throw new OptionsError(`${path}.headers`, 'more than 10 headers');
    const wrong = names.find((one) => !/^[A-Za-z][A-Za-z0-9-]{0,60}$/.test(one));
    if (wrong !== undefined) throw new OptionsError(`${path}.headers.${wrong}`, 'is no name of a header');
    if (raw.url.pathname === '/') raw.url.pathname = '/v1/logs';
    return { ...common(raw, name), kind: 'otlp', ...overHttp(raw, path), headers: raw.headers };
  },
};

interface RawSyslog extends Raw {
  readonly host: string;
  readonly port: number | undefined;
  readonly transport: SyslogTransport;
  readonly format: SinkFormat;
  readonly facility: number;
  readonly appName: string;
  readonly enterprise: number;
  readonly maxBytes: number | undefined;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}
const SYSLOG = {
  ...COMMON,
  host: text({ max: 253, pattern: /^[A-Za-z0-9.:_-]+$/, about: 'a name or an address' }),
  port: optional(number({ min: 1, max: 65_535 })),
  transport: oneOf(['tls', 'tcp', 'udp'], 'tls'),
  format,
  facility: number({ min: 0, max: 23, default: 13 }),
  appName: text({ max: 48, pattern: /^[!-~]+$/, default: 'rampart', about: 'visible ASCII characters' }),
  enterprise: number({ min: 1, max: 4_294_967_295, default: 32_473 }),
  maxBytes: optional(number({ min: 480, max: 65_000 })),
  ca: optional(file),
  cert: optional(file),
  key: optional(file),
} as Fields<RawSyslog>;

function readSyslog(path: string, given: unknown, name: string): ReadSink {
  const raw = readOptions<RawSyslog>(path, given, SYSLOG);
  const { host, transport, ca = null, cert = null, key = null } = raw;
  if (transport !== 'tls' && [ca, cert, key].some((one) => one !== null))
    throw new OptionsError(`${path}.transport`, 'ca, cert and key need tls');
  if ((cert === null) !== (key === null)) throw new OptionsError(`${path}.cert`, 'cert and key go together');
  const port = raw.port ?? (transport === 'tls' ? 6_514 : 514);
  return {
    ...common(raw, name),
    kind: 'syslog',
    target: `${transport}://${host.includes(':') ? `[${host}]` : host}:${port}`,
    host,
    port,
    transport,
    format: raw.format,
    facility: raw.facility,
    appName: raw.appName,
    enterprise: raw.enterprise,
    maxBytes: raw.maxBytes ?? (transport === 'udp' ? 2_048 : 8_192),
    ca,
    cert,
    key,
  };
}

interface RawElasticsearch extends Raw, WithFetch {
  readonly index: string;
  readonly apiKey: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
}
const ELASTICSEARCH = {
  ...COMMON,
  url,
  index: text({
    max: 200,
    pattern: /^[a-z0-9][a-z0-9._-]*$/,
    default: 'rampart-events',
    about: 'the name of an index in small letters',
  }),
  apiKey: optional(variable),
  user: optional(text({ max: 100, pattern: /^[^:\p{Cc}]+$/u, about: 'a name without a colon' })),
  password: optional(variable),
  fetch: fetchField,
} as Fields<RawElasticsearch>;

function readElasticsearch(path: string, given: unknown, name: string): ReadSink {
  const raw = readOptions<RawElasticsearch>(path, given, ELASTICSEARCH);
  const { apiKey = null, user = null, password = null } = raw;
  if ((user === null) !== (password === null))
    throw new OptionsError(`${path}.user`, 'user and password go together');
  if (apiKey !== null && user !== null) throw new OptionsError(`${path}.apiKey`, 'an API key needs no user');
  if (raw.url.search !== '') throw new OptionsError(`${path}.url`, 'must have no query');
  return {
    ...common(raw, name),
    kind: 'elasticsearch',
    ...overHttp(raw, path),
    index: raw.index,
    apiKey,
    user,
    password,
  };
}

function common({ atOnce, only }: Raw, name: string): Name {
  const { types, severities } = only;
  const read: Only = {
    types: types === undefined ? null : [...types],
    severities: severities === undefined ? null : [...severities],
  };
  return { name, atOnce, only: read };
}

function overHttp({ url: address, fetch }: WithFetch, path: string) {
  if (address.protocol === 'http:' && !fetch.allowHttp)
    throw new OptionsError(`${path}.url`, 'expected https (or fetch.allowHttp, in a network of your own)');
  return { url: address.href, target: address.origin, fetch };
}

/**
 * Reads sinks by name.
 * @throws OptionsError naming the path and the reason
 */
export function readSinks(value: unknown, path = 'sinks'): readonly ReadSink[] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new OptionsError(path, 'expected an object of sinks');
  const all = Object.entries(value);
  if (all.length > MAX_SINKS) throw new OptionsError(path, `more than ${MAX_SINKS} sinks`);
  return all.map(([name, given]) => {
    const at = `${path}.${name}`;
    if (!/^[a-z][a-z0-9_-]{0,39}$/.test(name))
      throw new OptionsError(at, 'a name is a small letter, then up to 39 of a-z, 0-9, - and _');
    return READERS[kind.parse((given as { kind?: unknown } | null)?.kind, `${at}.kind`)](at, given, name);
  });
}
