import type { SinkDriver } from '../driver.ts';
import type { ReadSink } from '../options.ts';
import { elasticsearchDriver } from './elasticsearch.ts';
import { logDriver } from './log.ts';
import { otlpDriver } from './otlp.ts';
import type { DriverPorts } from './ports.ts';
import { syslogDriver } from './syslog.ts';
import { webhookDriver } from './webhook.ts';

export type { Answered, DriverPorts } from './ports.ts';

/** Makes what sends for a sink. Connects only when it is asked to send. */
export function driverOf(sink: ReadSink, ports: DriverPorts): SinkDriver {
  switch (sink.kind) {
    case 'log':
      return logDriver(sink, ports);
    case 'webhook':
      return webhookDriver(sink, ports);
    case 'syslog':
      return syslogDriver(sink, ports);
    case 'elasticsearch':
      return elasticsearchDriver(sink, ports);
    case 'otlp':
      return otlpDriver(sink, ports);
  }
}
