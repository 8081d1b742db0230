export { type SinkRow, type SinkState } from './book.ts';
export { type Answered, driverOf, type DriverPorts } from './drivers/index.ts';
export { type Sent, type SinkDriver, SinkError, type SinkErrorKind } from './driver.ts';
export {
  type ElasticsearchSinkOptions,
  type LogSinkOptions,
  type OtlpSinkOptions,
  type ReadSink,
  SINK_KINDS,
  type SinkFetchOptions,
  type SinkKind,
  type SinkOptions,
  type SinksOptions,
  type SyslogSinkOptions,
  type WebhookSinkOptions,
} from './options.ts';
export { lineJson } from './json.ts';
export { readSinks } from './read-options.ts';
export { openSinks, type SinkPorts, type Sinks } from './sinks.ts';
export { sinkTables } from './tables.ts';
