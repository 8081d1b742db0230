import { expect, it, vi } from 'vitest';
import { ManualClock } from '../testing/clock.ts';
import { cutReporter } from './cut-reporter.ts';

it('tells of connections that were cut once a minute, with their numbers', () => {
  const clock = new ManualClock();
  const emit = vi.fn();
  const { report, flush } = cutReporter({ emit }, clock);
  for (let i = 0; i < 1_000; i++) report('address', '192.0.2.1');
  report('head', '192.0.2.2');
  clock.advance(59_999);
  expect(emit).not.toHaveBeenCalled();
  clock.advance(1);
  expect(emit).toHaveBeenCalledExactlyOnceWith('CONNECTIONS_CUT', {
    outcome: 'refused',
    details: { address: 1_000, head: 1 },
    address: '192.0.2.2',
  });
  clock.advance(600_000);
  flush();
  expect(emit).toHaveBeenCalledTimes(1);
  report('framing', undefined);
  flush();
  expect(emit).toHaveBeenLastCalledWith('CONNECTIONS_CUT', { outcome: 'refused', details: { framing: 1 } });
  expect(clock.pending).toBe(0);
});
