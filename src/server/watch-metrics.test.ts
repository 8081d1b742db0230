import { describe, expect, it } from 'vitest';
import { type WatchParts, watchMetrics } from './watch-metrics.ts';

const lease = (responder: string, state: string) => ({ responder, state }) as never;
const PARTS: WatchParts = {
  detector: { state: () => ({ counts: 'local', sinceMs: 0, waiting: 4, skipped: 2 }) },
  detected: new Map([['brute_force', 3]]),
  responses: {
    engine: { open: [lease('block', 'full'), lease('block', 'full'), lease('lockdown', 'waiting')] },
    waiting: 3,
  },
  alerts: {
    dropped: 5,
    options: { channels: [{ name: 'ops' }] } as never,
    store: { openCounts: () => Promise.resolve({ LOW: 0, MEDIUM: 2, HIGH: 1, CRITICAL: 0 }) } as never,
    deliveries: {
      channels: () =>
        Promise.resolve([{ name: 'ops', sentAtMs: null, failedAtMs: 1, error: 'gone', waiting: 7 }]),
    } as never,
  },
};

/** `name{labels} value`, without help. */
async function lines(parts: WatchParts): Promise<readonly string[]> {
  return (await watchMetrics(parts)).flatMap(({ name, values }) =>
    values.map(({ labels, value }) =>
      `${name} ${Object.values(labels).join(' ')} ${value}`.replace('  ', ' '),
    ),
  );
}

describe('metrics of detection, alerts and responses', () => {
  it('tell what each has found, what waits and what fails', async () => {
    expect(await lines(PARTS)).toEqual([
      'rampart_detections_total brute_force 3',
      'rampart_detect_waiting 4',
      'rampart_detect_skipped_total 2',
      'rampart_detect_store_shared 0',
      'rampart_responses block full 2',
      'rampart_responses lockdown waiting 1',
      'rampart_response_detections_waiting 3',
      'rampart_alerts_open LOW 0',
      'rampart_alerts_open MEDIUM 2',
      'rampart_alerts_open HIGH 1',
      'rampart_alerts_open CRITICAL 0',
      'rampart_alert_channel_failing ops 1',
      'rampart_alert_deliveries_waiting ops 7',
      'rampart_alert_inputs_late_total 5',
    ]);
  });

  it('leave out what the database knows while it does not answer, or where there are no alerts', async () => {
    const gone = { openCounts: () => Promise.reject(new Error('gone')) } as never;
    const alerts = PARTS.alerts && { ...PARTS.alerts, store: gone };
    for (const parts of [
      { ...PARTS, alerts },
      { ...PARTS, alerts: undefined },
    ]) {
      const found = await lines(parts);
      expect(found).toHaveLength(7);
      expect(found.join()).not.toContain('alert');
    }
  });
});
