import type { EventType, Severity } from '../../core/events.ts';

/** Which events a sink gets. */
export interface OnlyOptions {
  /** Types, at most 200; default all. */
  readonly types?: readonly (EventType | (string & {}))[];
  /** Severities; default all. */
  readonly severities?: readonly Severity[];
}

/** What every sink takes. */
interface Common {
  /** Which events it gets; default all. */
  readonly only?: OnlyOptions;
  /** Events of one batch, 1 to 500; default 500. A batch also ends after about a megabyte. */
  readonly atOnce?: number;
}

/** For receivers in one's own network: default https to the public internet. */
export interface SinkFetchOptions {
  /** Plain `http:` is let through, too; default false. */
  readonly allowHttp?: boolean;
  /** Ranges of one's own network that may be called, at most 100; default none. */
  readonly allowRanges?: readonly string[];
}

/** Lines of standard output. */
export interface LogSinkOptions extends Common {
  /** Which kind of sink. */
  readonly kind: 'log';
  /** `json` (default), `cef` or `ocsf`. */
  readonly format?: SinkFormat;
}

/** JSON to an address of one's own, signed as Standard Webhooks says. */
export interface WebhookSinkOptions extends Common {
  /** Which kind of sink. */
  readonly kind: 'webhook';
  /** https address without a password. */
  readonly url: string;
  /** Name of the variable (or of `NAME_FILE`) that holds the key: `whsec_` and 24 to 64 bytes in base64. */
  readonly secret: string;
  /** For a receiver in a network of one's own. */
  readonly fetch?: SinkFetchOptions;
}

/** Messages of RFC 5424. */
export interface SyslogSinkOptions extends Common {
  /** Which kind of sink. */
  readonly kind: 'syslog';
  /** Name or address of the receiver. */
  readonly host: string;
  /** 1 to 65,535; default 6514 with TLS, else 514. */
  readonly port?: number;
  /** `tls` (RFC 5425; default), `tcp` (RFC 6587, octet counting) or `udp` (RFC 5426: neither secret nor confirmed). */
  readonly transport?: SyslogTransport;
  /** What the message is: `json` (default), `cef` or `ocsf`. */
  readonly format?: SinkFormat;
  /** Facility, 0 to 23; default 13 (log audit). */
  readonly facility?: number;
  /** Name of the application, 1 to 48 visible ASCII characters; default `rampart`. */
  readonly appName?: string;
  /** Private enterprise number of the structured data's name; default 32473, which is reserved for documentation. */
  readonly enterprise?: number;
  /** Longest message in bytes, 480 to 65,000; default 8,192, with UDP 2,048. Longer ones lose their details. */
  readonly maxBytes?: number;
  /** File with the certificates (PEM) that sign the receiver's; default the public ones. */
  readonly ca?: string;
  /** File with a certificate (PEM), for a receiver that asks for one. */
  readonly cert?: string;
  /** File with its key (PEM). */
  readonly key?: string;
}

/** The bulk API of Elasticsearch or OpenSearch. */
export interface ElasticsearchSinkOptions extends Common {
  /** Which kind of sink. */
  readonly kind: 'elasticsearch';
  /** https address of the cluster, with its path where it has one, without a password. */
  readonly url: string;
  /** Index, alias or data stream; default `rampart-events`. */
  readonly index?: string;
  /** Name of the variable (or of `NAME_FILE`) that holds an API key, in base64 as it is handed out. */
  readonly apiKey?: string;
  /** User, where there is no API key. */
  readonly user?: string;
  /** Name of the variable (or of `NAME_FILE`) that holds the user's password. */
  readonly password?: string;
  /** For a receiver in a network of one's own. */
  readonly fetch?: SinkFetchOptions;
}

/** Log records of OpenTelemetry, as JSON over HTTP. */
export interface OtlpSinkOptions extends Common {
  /** Which kind of sink. */
  readonly kind: 'otlp';
  /** https address of the collector, such as `https://collector.example:4318`; `/v1/logs` is added where no path is given. */
  readonly url: string;
  /** Headers by name, each with the name of the variable (or of `NAME_FILE`) that holds its value; at most 10. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For a receiver in a network of one's own. */
  readonly fetch?: SinkFetchOptions;
}

/** Somewhere events are sent to. */
export type SinkOptions =
  LogSinkOptions | WebhookSinkOptions | SyslogSinkOptions | ElasticsearchSinkOptions | OtlpSinkOptions;

/** Sinks by name, at most 20: a small letter, then up to 39 of a-z, 0-9, - and _. */
export type SinksOptions = Readonly<Record<string, SinkOptions>>;

/** Kinds of sinks. */
export const SINK_KINDS = ['log', 'webhook', 'syslog', 'elasticsearch', 'otlp'] as const;
export type SinkKind = (typeof SINK_KINDS)[number];
/** How an event is written as text. */
export type SinkFormat = 'json' | 'cef' | 'ocsf';
/** How a syslog message travels. */
export type SyslogTransport = 'tls' | 'tcp' | 'udp';

/** Which events a sink gets; null: all. */
export interface Only {
  /** Types. */
  readonly types: readonly string[] | null;
  /** Severities. */
  readonly severities: readonly Severity[] | null;
}

interface ReadCommon {
  readonly name: string;
  readonly only: Only;
  readonly atOnce: number;
  /** Where it sends to, to be shown: without path, user and secret. */
  readonly target: string;
}
interface ReadFetch {
  readonly fetch: { readonly allowHttp: boolean; readonly allowRanges: readonly string[] };
}
/** A sink of lines, with every default filled in. */
export interface ReadLogSink extends ReadCommon {
  /** Which kind of sink. */
  readonly kind: 'log';
  readonly format: SinkFormat;
}
/** A webhook with every default filled in. */
export interface ReadWebhookSink extends ReadCommon, ReadFetch {
  /** Which kind of sink. */
  readonly kind: 'webhook';
  readonly url: string;
  readonly secret: string;
}
/** A sink of syslog with every default filled in. */
export interface ReadSyslogSink extends ReadCommon {
  /** Which kind of sink. */
  readonly kind: 'syslog';
  readonly host: string;
  readonly port: number;
  readonly transport: SyslogTransport;
  readonly format: SinkFormat;
  readonly facility: number;
  readonly appName: string;
  readonly enterprise: number;
  readonly maxBytes: number;
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}
/** A sink of the bulk API with every default filled in. */
export interface ReadElasticsearchSink extends ReadCommon, ReadFetch {
  /** Which kind of sink. */
  readonly kind: 'elasticsearch';
  readonly url: string;
  readonly index: string;
  /** Names of variables. */
  readonly apiKey: string | null;
  readonly user: string | null;
  readonly password: string | null;
}
/** A sink of OpenTelemetry with every default filled in. */
export interface ReadOtlpSink extends ReadCommon, ReadFetch {
  /** Which kind of sink. */
  readonly kind: 'otlp';
  readonly url: string;
  /** Names of variables by header. */
  readonly headers: Readonly<Record<string, string>>;
}
/** A sink with every default filled in. */
export type ReadSink = ReadLogSink | ReadWebhookSink | ReadSyslogSink | ReadElasticsearchSink | ReadOtlpSink;
