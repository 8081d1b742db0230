/** Tables of the notify part: what would have been sent, kept in development. Times are milliseconds since the epoch. */
export const notifyTables = `
CREATE TABLE rampart.identity_mailbox (
  id text COLLATE "C" PRIMARY KEY,
  channel text NOT NULL CHECK (channel IN ('mail', 'sms')),
  recipient text NOT NULL,
  subject text,
  body text NOT NULL,
  html text,
  kind text NOT NULL,
  at_ms bigint NOT NULL
);
`;

/** A mail or SMS that would have been sent. */
export interface MailboxRow {
  /** `msg_…`, in the order of time. */
  id: string;
  channel: 'mail' | 'sms';
  recipient: string;
  /** Null for SMS. */
  subject: string | null;
  body: string;
  html: string | null;
  kind: string;
  at_ms: number;
}
