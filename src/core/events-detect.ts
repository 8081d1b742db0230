/** What detectors see, and what they look at that nobody else tells: a part of the catalogue. */
export const DETECT_EVENTS = {
  DETECTION: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'A detector saw its pattern; told once for each group until its cool-down is over.',
  },
  BRUTE_FORCE_ATTEMPT: {
    severity: 'HIGH',
    class: 'signal',
    about: 'A detector saw passwords or codes being guessed.',
  },
  SUSPICIOUS_ACTIVITY: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'A detector saw what honest people seldom do.',
  },
  UNUSUAL_TRAFFIC: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'A detector saw traffic, errors or durations far above what is usual here.',
  },
  GEO_LOCATION_ANOMALY: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'A detector saw somebody act from more places than one person can be in.',
  },
  DETECTION_UPDATED: {
    severity: 'LOW',
    class: 'signal',
    about: 'A pattern that was detected goes on; told each time that its count has doubled.',
  },
  DETECT_STORE_DEGRADED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'The shared store of the detectors does not answer; each node counts alone.',
  },
  DETECT_STORE_RECOVERED: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'The shared store of the detectors answers again.',
  },
  DETECT_EVENTS_SKIPPED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'More events than detectors can look at; some were kept but not looked at. Told once a minute.',
  },
  TRAFFIC_MEASURED: {
    severity: 'LOW',
    class: 'signal',
    about: 'What one node answered within a minute: requests, errors, refusals and how long they took.',
  },
  SUSPICIOUS_PAYMENT: {
    severity: 'HIGH',
    class: 'signal',
    about: 'A payment looks like fraud.',
  },
  IMPOSSIBLE_TRAVEL: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'Somebody signed in at a place that cannot be reached in the time since the last sign-in.',
  },
  DATA_BREACH_ATTEMPT: {
    severity: 'CRITICAL',
    class: 'signal',
    about: 'Somebody tries to take data in bulk that are not theirs.',
  },
  PAYMENT_SUCCEEDED: { severity: 'LOW', class: 'audit', about: 'A payment was made.' },
  PAYMENT_FAILED: { severity: 'MEDIUM', class: 'audit', about: 'A payment was refused.' },
  DATA_VIEWED: { severity: 'LOW', class: 'audit', about: 'Somebody looked at data.' },
  DATA_CREATED: { severity: 'LOW', class: 'audit', about: 'Somebody added data.' },
  DATA_MODIFIED: { severity: 'LOW', class: 'audit', about: 'Somebody changed data.' },
  DATA_DELETED: { severity: 'MEDIUM', class: 'audit', about: 'Somebody deleted data.' },
  DATA_EXPORTED: { severity: 'MEDIUM', class: 'audit', about: 'Somebody took data out of the house.' },
} as const;
