/** Made-up mails and SMS for building the console. */
import type { MailboxMessage } from '../../src/server/api/user-types.ts';
import { ok } from './call.ts';
import type { Answer, Call } from './call.ts';

const MINUTE = 60_000;
const now = Date.now();
let isEmptied = false;

/** The look of a mail: inline styles, as mail programs need them. */
function mail(title: string, words: string, button: string | null, link: string): string {
  const action =
    button === null
      ? ''
      : `<p style="margin:24px 0"><a href="${link}" style="display:inline-block;padding:10px 18px;border-radius:8px;background:#18181b;color:#fff;text-decoration:none;font-weight:600">${button}</a></p><p style="font-size:13px;color:#5b5b66">Or copy this address: <a href="${link}" style="color:#18181b;word-break:break-all">${link}</a></p>`;
  return `<!doctype html><html><head><title>${title}</title><style>a{color:red}</style></head><body style="margin:0;padding:24px;background:#f4f4f5;font-family:system-ui,sans-serif"><div style="max-width:480px;margin:0 auto;padding:28px;border-radius:12px;background:#fff"><h1 style="margin:0 0 12px;font-size:20px">${title}</h1><p style="font-size:15px;line-height:1.5">${words}</p>${action}<p style="margin:24px 0 0;font-size:12px;color:#5b5b66">Rampart. You get this mail because of your account.</p></div></body></html>`;
}

function messages(origin: string): readonly MailboxMessage[] {
  const link = (page: string): string =>
    `${origin}/account/${page}#token=9hYq0vX2mT7bK4wRzL1sE8uJ5cN3aGdPfV6iOxQyHtM`;
  const ada = 'ada.lovelace@example.org';
  const made: readonly (readonly [string, string | null, string, string | null])[] = [
    [
      'verify-email',
      ada,
      `Welcome, Ada. Confirm your mail address with this link: ${link('verify')}. It works once and for 24 hours.`,
      'Confirm your address',
    ],
    [
      'code',
      null,
      'Your Rampart code is 481920. It is good for 5 minutes. Nobody from us will ever ask you for it.',
      null,
    ],
    [
      'reset-password',
      'grace.hopper@example.org',
      `Set a new password with this link: ${link('reset')}. It works once and for 30 minutes. If it was not you, do nothing.`,
      'Set a new password',
    ],
    [
      'new-device',
      ada,
      'Somebody signed in to your account with Firefox on Linux, from Hamburg, Germany. If it was not you, change your password.',
      null,
    ],
    [
      'invitation',
      'radia.perlman@example.org',
      `You are invited. Choose a password with this link: ${link('invitation')}. It works once and for 7 days.`,
      'Choose a password',
    ],
    ['code', 'barbara.liskov@example.org', 'Your code is 730114. It is good for 5 minutes.', null],
  ];
  const subjects: Readonly<Record<string, string>> = {
    'verify-email': 'Confirm your mail address',
    'reset-password': 'Set a new password',
    'new-device': 'New sign-in to your account',
    invitation: 'You are invited to Rampart',
    code: 'Your sign-in code',
  };
  return made.map(([kind, to, text, button], at) => ({
    id: `msg_${at}`,
    channel: to === null ? 'sms' : 'mail',
    to: to ?? '+49 151 •••• 78',
    subject: to === null ? null : (subjects[kind] ?? null),
    text,
    html:
      to === null
        ? null
        : mail(subjects[kind] ?? '', text.replace(/ with this link: \S+/, '.'), button, link(kind)),
    kind,
    atMs: now - at * 23 * MINUTE - 20_000,
  }));
}

/** GET and DELETE /admin/mailbox. */
export function mailboxCall({ method, mode, url }: Call): Answer {
  if (method === 'DELETE') {
    isEmptied = true;
    return { status: 204 };
  }
  return ok({ messages: mode === 'empty' || isEmptied ? [] : messages(url.origin), nextCursor: null });
}
