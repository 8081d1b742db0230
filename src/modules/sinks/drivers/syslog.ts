import type { RampartEvent } from '../../../core/events.ts';
import { ALL_SENT, type SinkDriver } from '../driver.ts';
import type { ReadSyslogSink } from '../options.ts';
import type { DriverPorts } from './ports.ts';
import { streamSender } from './syslog-stream.ts';
import { syslogMessage } from './syslog-message.ts';
import { udpSender } from './syslog-udp.ts';

/** Carries messages to a receiver; rejects with SinkError where it cannot tell that they were handed over. */
export interface MessageSender {
  send(messages: readonly Buffer[]): Promise<void>;
  close(): Promise<void>;
}

/** Syslog: RFC 5424 over TLS, TCP or UDP. */
export function syslogDriver(sink: ReadSyslogSink, ports: DriverPorts): SinkDriver {
  const sender = sink.transport === 'udp' ? udpSender(sink, ports) : streamSender(sink, ports);
  return {
    async send(events: readonly RampartEvent[]) {
      await sender.send(events.map((event) => syslogMessage(event, sink, ports.version)));
      return ALL_SENT;
    },
    close: () => sender.close(),
  };
}
