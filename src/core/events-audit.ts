/** What happens to events and to the audit log: a part of the catalogue. */
export const AUDIT_EVENTS = {
  AUDIT_LOG_STALLED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'Audit events are written but get no place in the log, or checkpoints cannot be signed.',
  },
  AUDIT_LOG_CONFLICT: {
    severity: 'CRITICAL',
    class: 'signal',
    about: 'The audit log in the database is not what this node has seen; nothing is signed any more.',
  },
  AUDIT_LOG_TAMPERED: {
    severity: 'CRITICAL',
    class: 'signal',
    about: 'A verification found that the audit log is not what was signed.',
  },
  AUDIT_LOG_ACCEPTED: {
    severity: 'CRITICAL',
    class: 'audit',
    about:
      'Somebody accepted the audit log as it stands in the database; its older checkpoints were put aside.',
  },
  EVENT_RESOLVED: { severity: 'LOW', class: 'audit', about: 'Somebody marked an event as resolved.' },
  EVENT_REOPENED: {
    severity: 'LOW',
    class: 'audit',
    about: 'Somebody took back that an event is resolved.',
  },
  AUDIT_EXPORTED: { severity: 'MEDIUM', class: 'audit', about: 'The audit log was exported.' },
  AUDIT_EVENTS_EXPIRED: {
    severity: 'LOW',
    class: 'audit',
    about: 'Audit events have run out: who and what of them was destroyed; their places and proofs stand.',
  },
  LEGAL_HOLD_PLACED: {
    severity: 'HIGH',
    class: 'audit',
    about: 'Somebody placed a legal hold: events that fit it are neither deleted nor erased.',
  },
  LEGAL_HOLD_LIFTED: { severity: 'HIGH', class: 'audit', about: 'Somebody lifted a legal hold.' },
  AUDIT_SUBJECT_ERASED: {
    severity: 'HIGH',
    class: 'audit',
    about: 'What the audit log held of somebody was erased; its proofs stand.',
  },
} as const;
