import type { Bus } from '../../ports/bus.ts';
import { type FaultControl, faultControl } from './control.ts';

/**
 * A twin of a bus that fails, waits or loses messages as the test says. Calls are named `publish`, `subscribe`.
 * `lose(true)` drops what is published, as a bus may.
 */
export function faultyBus(bus: Bus): {
  readonly bus: Bus;
  readonly control: FaultControl;
  lose(messages: boolean): void;
} {
  const gate = faultControl();
  let losing = false;
  const twin: Bus = {
    kind: bus.kind,
    async publish(channel, message) {
      await gate.enter('publish');
      if (!losing) await bus.publish(channel, message);
    },
    async subscribe(channel, handler) {
      await gate.enter('subscribe');
      return bus.subscribe(channel, handler);
    },
    close: () => bus.close(),
  };
  return {
    bus: twin,
    control: gate,
    lose(messages) {
      losing = messages;
    },
  };
}
