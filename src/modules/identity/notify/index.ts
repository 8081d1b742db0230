export { isMailAddress } from './address.ts';
export {
  type Mailbox,
  mailbox,
  MAILBOX_ROWS,
  type MailboxEntry,
  mailboxMailer,
  mailboxSms,
} from './mailbox.ts';
export { createNotices, MOST_NOTICES, type NoticeOptions, type NoticePorts } from './notices.ts';
export { renderNotice } from './render.ts';
export { httpSms, type HttpSmsOptions } from './sms.ts';
export { smtpMailer, type SmtpOptions } from './smtp.ts';
