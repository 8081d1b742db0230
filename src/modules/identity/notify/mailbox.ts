import { affected, rows, sqlBuilder } from '../../../base/database/index.ts';
import type { Clock } from '../../../core/clock.ts';
import { isId, newId } from '../../../core/id.ts';
import type { SqlRunner } from '../../../ports/sql.ts';
import type { Mailer, SmsSender } from '../ports.ts';
import type { MailboxRow } from '../tables/notify.ts';

/** Most messages that are kept; the oldest make room. */
export const MAILBOX_ROWS = 500;

/** A mail or SMS that would have been sent. */
export interface MailboxEntry {
  /** `msg_…` */
  readonly id: string;
  readonly channel: 'mail' | 'sms';
  readonly to: string;
  /** Null for SMS. */
  readonly subject: string | null;
  readonly text: string;
  /** Null for SMS. */
  readonly html: string | null;
  readonly kind: string;
  /** Milliseconds since the epoch. */
  readonly atMs: number;
}

/** What was kept instead of being sent, for development. */
export interface Mailbox {
  /**
   * Newest first.
   * @param query `cursor` is the `nextCursor` of the page before; one that is none starts anew. `limit` 1 to 200, default 50
   */
  list(query?: { readonly cursor?: string | undefined; readonly limit?: number | undefined }): Promise<{
    readonly messages: readonly MailboxEntry[];
    readonly nextCursor: string | null;
  }>;
  /** Removes everything. @returns how many there were */
  empty(): Promise<number>;
}

const db = sqlBuilder<{ 'rampart.identity_mailbox': MailboxRow }>();

/** Reads what `mailboxMailer` and `mailboxSms` have kept. */
export function mailbox(sql: SqlRunner): Mailbox {
  return {
    async list({ cursor, limit = 50 } = {}) {
      const count = Math.min(200, Math.max(1, Math.floor(limit)));
      let select = db
        .selectFrom('rampart.identity_mailbox')
        .selectAll()
        .orderBy('id', 'desc')
        .limit(count + 1);
      if (cursor !== undefined && isId('msg', cursor)) select = select.where('id', '<', cursor);
      const found = await rows(sql, select);
      const messages = found.slice(0, count).map(entryOf);
      return { messages, nextCursor: found.length > count ? (messages.at(-1)?.id ?? null) : null };
    },
    empty: () => affected(sql, db.deleteFrom('rampart.identity_mailbox')),
  };
}

/** Keeps mails in the database, for development. */
export function mailboxMailer(sql: SqlRunner, clock: Clock): Mailer {
  return {
    kind: 'mailbox',
    send: ({ to, subject, text, html, kind }) =>
      keep(sql, clock, { channel: 'mail', recipient: to, subject, body: text, html, kind }),
    close: () => Promise.resolve(),
  };
}

/** Keeps short messages in the database, for development. */
export function mailboxSms(sql: SqlRunner, clock: Clock): SmsSender {
  return {
    kind: 'mailbox',
    send: (to, text) =>
      keep(sql, clock, { channel: 'sms', recipient: to, subject: null, body: text, html: null, kind: 'sms' }),
  };
}

async function keep(sql: SqlRunner, clock: Clock, given: Omit<MailboxRow, 'id' | 'at_ms'>): Promise<void> {
  const nowMs = clock.now();
  const row = { ...given, id: newId('msg', nowMs), at_ms: Math.floor(nowMs) };
  await rows(sql, db.insertInto('rampart.identity_mailbox').values(row));
  const older = db
    .selectFrom('rampart.identity_mailbox')
    .select('id')
    .orderBy('id', 'desc')
    .offset(MAILBOX_ROWS);
  // Whoever deletes a row already needs no help: two that delete the same rows could wait for each other.
  const free = db
    .selectFrom('rampart.identity_mailbox')
    .select('id')
    .where('id', 'in', older)
    .forUpdate()
    .skipLocked();
  await rows(sql, db.deleteFrom('rampart.identity_mailbox').where('id', 'in', free));
}

function entryOf(row: MailboxRow): MailboxEntry {
  const { id, channel, recipient, subject, body, html, kind, at_ms } = row;
  return { id, channel, to: recipient, subject, text: body, html, kind, atMs: at_ms };
}
