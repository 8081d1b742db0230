import type { Watcher } from '../core/watcher.ts';
import type { LiveHub } from './api/index.ts';

/** Shows events to those who watch the console. */
export function liveWatcher(live: LiveHub): Watcher {
  return {
    name: 'live',
    stage: 'alert',
    on: '*',
    handle(events) {
      for (const event of events) {
        live.notice(event);
        if (event.type === 'POSTURE_CHANGED') live.change('health');
        if (event.type === 'LIMIT_STORE_DEGRADED' || event.type === 'LIMIT_STORE_RECOVERED') {
          live.change('limits');
          live.change('health');
        }
      }
    },
  };
}
