import type { Clock } from '../core/clock.ts';
import { RampartError } from '../core/errors.ts';
import { mailboxMailer, smtpMailer } from '../modules/identity/notify/index.ts';
import type { Mailer } from '../modules/identity/ports.ts';
import type { SqlRunner } from '../ports/sql.ts';
import type { ServerEnvironment } from './environment.ts';

/** What mails are sent with. */
export interface MailerParts {
  readonly environment: Pick<ServerEnvironment, 'smtpUrl' | 'mailFrom' | 'production'>;
  /** The sender is of its host, where the environment names none. */
  readonly publicUrl: string;
  readonly sql: SqlRunner;
  readonly clock: Clock;
}

/** What hands mails over: the server that the environment names, else the mailbox; in production nothing. */
export function mailerOf({ environment, publicUrl, sql, clock }: MailerParts): Mailer {
  const { smtpUrl, production } = environment;
  if (smtpUrl !== undefined) {
    const from = environment.mailFrom ?? `Rampart <no-reply@${new URL(publicUrl).hostname}>`;
    return smtpMailer({ url: smtpUrl, from });
  }
  if (!production) return mailboxMailer(sql, clock);
  return {
    kind: 'smtp',
    send: () => Promise.reject(notConfigured('mail', 'RAMPART_SMTP_URL')),
    close: () => Promise.resolve(),
  };
}

/** In production a mailbox would hand every administrator the keys of every account. */
export function notConfigured(what: string, variable: string): RampartError {
  return new RampartError('DELIVERY_NOT_CONFIGURED', `No ${what} can be sent. Set ${variable}.`);
}
