import type { Watcher } from '../../core/watcher.ts';
import type { Alerts } from '../../modules/respond/index.ts';
import { ALERT_TYPES, inputsOf } from './inputs.ts';

/** The station of the event corridor. @param alerts asked late: the house is built with the watcher */
export function alertWatcher(alerts: () => Alerts | undefined): Watcher {
  return {
    name: 'alerts',
    stage: 'alert',
    on: ALERT_TYPES,
    handle: (events) => alerts()?.take(events.flatMap(inputsOf)),
  };
}
