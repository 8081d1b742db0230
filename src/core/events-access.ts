/** What happens to roles, service accounts, API keys and reviews: a part of the catalogue. */
export const ACCESS_EVENTS = {
  ROLE_ASSIGNED: { severity: 'HIGH', class: 'audit', about: 'A role was assigned.' },
  ROLE_ASSIGNMENT_CHANGED: {
    severity: 'MEDIUM',
    class: 'audit',
    about: 'The time until which a role is assigned was changed.',
  },
  ROLE_ASSIGNMENT_ENDED: { severity: 'HIGH', class: 'audit', about: 'The assignment of a role was ended.' },
  ROLE_REQUESTED: { severity: 'MEDIUM', class: 'audit', about: 'Somebody asked for a role.' },
  ROLE_REQUEST_REFUSED: { severity: 'MEDIUM', class: 'audit', about: 'A wish for a role was refused.' },
  SERVICE_ACCOUNT_CREATED: {
    severity: 'MEDIUM',
    class: 'audit',
    about: 'An account of a program was made.',
  },
  SERVICE_ACCOUNT_CHANGED: {
    severity: 'HIGH',
    class: 'audit',
    about: 'An account of a program was disabled or enabled.',
  },
  API_KEY_CREATED: { severity: 'HIGH', class: 'audit', about: 'An API key was made.' },
  API_KEY_ROTATED: { severity: 'MEDIUM', class: 'audit', about: 'An API key was given a successor.' },
  API_KEY_REVOKED: { severity: 'HIGH', class: 'audit', about: 'An API key was revoked.' },
  API_KEY_REFUSED: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'An API key was unknown, mistyped, revoked, or no longer good.',
  },
  ACCESS_REVIEW_OPENED: { severity: 'LOW', class: 'audit', about: 'A review of access was opened.' },
  ACCESS_REVIEW_DECIDED: {
    severity: 'MEDIUM',
    class: 'audit',
    about: 'A reviewer kept or revoked an assignment or an API key.',
  },
  ACCESS_REVIEW_CLOSED: { severity: 'LOW', class: 'audit', about: 'A review of access was closed.' },
  ACCESS_REVIEW_OVERDUE: {
    severity: 'HIGH',
    class: 'audit',
    about: 'The day by which a review of access was to be done is over; told once for each.',
  },
  ACCESS_DEMAND_MISSING: {
    severity: 'HIGH',
    class: 'signal',
    about:
      'A route that leaves access to its handler answered well, and the handler had not asked guard.require; told once for each route.',
  },
  LIST_EXPORTED: {
    severity: 'MEDIUM',
    class: 'audit',
    about: 'Somebody took a list of the console as a file.',
  },
  BACKUP_RESTORED: {
    severity: 'CRITICAL',
    class: 'audit',
    about: 'A backup was put back: what the database holds is of an earlier time.',
  },
  ACCESS_GRANTED: {
    severity: 'LOW',
    class: 'signal',
    about: 'Somebody was let in to what needs a permission; told once a day for each of both.',
  },
  UNAUTHORIZED_ACCESS_ATTEMPT: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'Somebody who is known asked for what they are not allowed.',
  },
  DATABASE_QUERY_SLOW: {
    severity: 'LOW',
    class: 'signal',
    about: 'A statement took longer than it should; told once a minute for each.',
  },
  DATABASE_QUERY_REPEATED: {
    severity: 'LOW',
    class: 'signal',
    about: 'One request asked the same statement again and again (development only).',
  },
  DATABASE_ERROR: {
    severity: 'MEDIUM',
    class: 'signal',
    about:
      'The database refused a statement that an application does not send by itself: no right, or no SQL.',
  },
  DATABASE_REPLICA_LEFT_OUT: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'A replica of the database does not answer or is too far behind; others answer reads.',
  },
  DATABASE_REPLICA_BACK: {
    severity: 'LOW',
    class: 'signal',
    about: 'A replica of the database answers reads again.',
  },
  SENSITIVE_ROWS_READ: {
    severity: 'MEDIUM',
    class: 'audit',
    about: 'Somebody read rows that are marked as sensitive, and said what for.',
  },
} as const;
