/** What comes of alerts: a part of the catalogue. */
export const ALERT_EVENTS = {
  ALERT_UNTOLD: {
    severity: 'HIGH',
    class: 'signal',
    about: 'Nobody could be told of an alert over a channel for so long that it was given up.',
  },
  ALERT_CHANGED: {
    severity: 'LOW',
    class: 'audit',
    about: 'Somebody acknowledged, assigned, settled, reopened, snoozed or noted an alert.',
  },
  ALERT_TESTED: {
    severity: 'LOW',
    class: 'audit',
    about: 'Somebody had a channel of the alerts told a test message.',
  },
} as const;
