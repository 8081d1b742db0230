/** What happens to files that people send: a part of the catalogue. */
export const UPLOAD_EVENTS = {
  UPLOAD_ACCEPTED: {
    severity: 'LOW',
    class: 'signal',
    about: 'A file was received, looked through and kept.',
  },
  UPLOAD_REFUSED: { severity: 'MEDIUM', class: 'signal', about: 'What somebody sent as a file was refused.' },
  UPLOAD_HELD: {
    severity: 'MEDIUM',
    class: 'signal',
    about: 'A file was received and is not handed out before the virus scanner answers again.',
  },
  UPLOAD_RELEASED: {
    severity: 'LOW',
    class: 'signal',
    about: 'A file that was held has been scanned and is handed out now.',
  },
  UPLOAD_FAILED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'A file could not be kept: the disk is full, or the store broke down.',
  },
  UPLOAD_SCANNER_DOWN: {
    severity: 'HIGH',
    class: 'signal',
    about: 'The virus scanner does not answer; files are refused or held, as their route says.',
  },
  FILE_INFECTED: {
    severity: 'HIGH',
    class: 'signal',
    about: 'The virus scanner found something in a file; it is in quarantine.',
  },
  UPLOAD_DELETED: { severity: 'LOW', class: 'audit', about: 'An administrator deleted a file.' },
  QUARANTINE_RELEASED: {
    severity: 'HIGH',
    class: 'audit',
    about: 'An administrator released a file from quarantine against the word of the scanner.',
  },
  QUARANTINE_DELETED: {
    severity: 'MEDIUM',
    class: 'audit',
    about: 'An administrator deleted a file from quarantine.',
  },
} as const;
