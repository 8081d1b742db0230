/** Events about where events are sent to. */
export const SINK_EVENTS = {
  SINK_FAILING: {
    severity: 'HIGH',
    class: 'signal',
    about: 'A sink takes no events; they wait in the database, and it is tried again.',
  },
  SINK_RECOVERED: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'A sink that failed takes events again.',
  },
  SINK_REFUSED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'A sink refused events for what they hold; they were left out there and counted.',
  },
  SINK_RETRIED: {
    severity: 'LOW',
    class: 'audit',
    about: 'The pause of a sink that failed was ended; it was tried again at once.',
  },
  SINK_TESTED: { severity: 'LOW', class: 'audit', about: 'A sink was sent a test event.' },
} as const;
