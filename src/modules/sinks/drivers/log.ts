import { ALL_SENT, type SinkDriver, SinkError } from '../driver.ts';
import { eventData, eventText, lineJson } from '../json.ts';
import type { ReadLogSink } from '../options.ts';
import type { DriverPorts } from './ports.ts';

/** One line of standard output for each event. */
export function logDriver(sink: ReadLogSink, ports: DriverPorts): SinkDriver {
  return {
    async send(events) {
      const lines = events.map((event) =>
        sink.format === 'json'
          ? lineJson({ log: 'event', ...eventData(event) })
          : eventText(event, sink.format, ports.version),
      );
      try {
        await ports.write(`${lines.join('\n')}\n`);
      } catch {
        throw new SinkError('down', 'Standard output takes nothing.');
      }
      return ALL_SENT;
    },
    close: () => Promise.resolve(),
  };
}
