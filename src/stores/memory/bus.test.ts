import { expect, it } from 'vitest';
import { busSuite } from '../../testing/suites/bus.ts';
import { memoryBus } from './bus.ts';

busSuite('memory', async () => {
  const bus = memoryBus();
  return { here: bus, there: bus, remove: () => bus.close() };
});

it('refuses to carry after it was closed', async () => {
  const bus = memoryBus();
  await bus.close();
  await expect(bus.publish('a', 'x')).rejects.toMatchObject({ code: 'BUS_CLOSED' });
});
