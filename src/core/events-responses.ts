/** What is done about attacks, and what becomes of it: a part of the catalogue. */
export const RESPONSE_EVENTS = {
  MAINTENANCE_MODE: {
    severity: 'HIGH',
    class: 'audit',
    about: 'The house was closed to writes or to all but administrators, or was opened again.',
  },
  RESPONSE_WOULD_START: {
    severity: 'LOW',
    class: 'audit',
    about: 'An automatic response in shadow mode would have begun.',
  },
  RESPONSE_WAITING: {
    severity: 'HIGH',
    class: 'audit',
    about: 'A response needs people to agree before it acts.',
  },
  RESPONSE_STARTED: {
    severity: 'MEDIUM',
    class: 'audit',
    about: 'A response began to act, on all of its target or on a part first.',
  },
  RESPONSE_WIDENED: {
    severity: 'LOW',
    class: 'audit',
    about: 'A response that acted on a part acts on all of its target.',
  },
  RESPONSE_APPROVED: { severity: 'HIGH', class: 'audit', about: 'Somebody agreed to a response.' },
  RESPONSE_REFUSED: {
    severity: 'MEDIUM',
    class: 'audit',
    about: 'A response was refused, by a person or by the fuse.',
  },
  RESPONSE_EXTENDED: { severity: 'MEDIUM', class: 'audit', about: 'A response acts for longer.' },
  RESPONSE_UNDONE: { severity: 'MEDIUM', class: 'audit', about: 'A response was undone.' },
  RESPONSE_EXPIRED: { severity: 'LOW', class: 'audit', about: 'A response has run out.' },
  RESPONSE_ROLLED_BACK: {
    severity: 'HIGH',
    class: 'audit',
    about: 'A response was taken back by itself, because honest people seemed to be harmed.',
  },
  RESPONSE_BREAK_GLASS: {
    severity: 'CRITICAL',
    class: 'audit',
    about: 'Somebody had a response act without the second person whom it needs.',
  },
} as const;
