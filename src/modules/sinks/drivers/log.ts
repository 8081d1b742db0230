import { cefLine } from '../../../base/cef/index.ts';
import { ALL_SENT, type SinkDriver, SinkError } from '../driver.ts';
import { eventData, lineJson } from '../json.ts';
import type { ReadLogSink } from '../options.ts';
import type { DriverPorts } from './ports.ts';

/** One line of standard output for each event. */
export function logDriver(sink: ReadLogSink, ports: DriverPorts): SinkDriver {
  return {
    async send(events) {
      const lines = events.map((event) =>
        sink.format === 'cef'
          ? cefLine(event, { version: ports.version })
          : lineJson({ log: 'event', ...eventData(event) }),
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
