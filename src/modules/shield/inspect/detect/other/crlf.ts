import { nameEnd } from '../chars.ts';
import { HAS, textOf } from '../text.ts';
import type { Signals, Where } from '../../types.ts';
import { CRLF_RULES as R } from './rules.ts';

const HEADERS = new Set(
  'set-cookie location content-type content-length host transfer-encoding refresh x-forwarded-for x-forwarded-host referer user-agent cookie content-disposition access-control-allow-origin x-xss-protection link connection status content-encoding cache-control authorization accept x-injected x-header remote-addr server via date etag'.split(
    ' ',
  ),
);
const MAIL = new Set(
  'bcc cc to from subject reply-to return-path mime-version content-transfer-encoding message-id x-mailer sender'.split(
    ' ',
  ),
);
const COMMANDS = [
  'mail from:',
  'rcpt to:',
  'data',
  'quit',
  'rset',
  'helo ',
  'ehlo ',
  'vrfy ',
  'expn ',
  'auth ',
  'retr ',
  'dele ',
  'list',
  'stat',
  'uidl',
  'noop',
  'apop ',
  'top ',
];

/** Line ends that put headers, answers or mail commands where one line belongs. */
export function detectCrlf(value: string, where: Where, out: Signals): void {
  const { has, lower, words } = textOf(value);
  if ((has & HAS.percent) !== 0 || (has & HAS.wide) !== 0) hidden(lower, out);
  if ((has & HAS.newline) === 0) return;
  const oneLine = where.place === 'header' || where.place === 'cookie' || where.place === 'path';
  if (oneLine) out.add(R['header-line-end']);
  let lines = 0;
  for (let i = 0; i < lower.length; i++) {
    const code = lower.charCodeAt(i);
    if (code !== 10 && code !== 13) continue;
    lines++;
    const short =
      words <= 12 &&
      lines <= 8 &&
      (oneLine ||
        where.place === 'query' ||
        where.place === 'form' ||
        where.place === 'text' ||
        where.place === 'name' ||
        lower.length < 400);
    if (lineAt(lower, i + 1, short, where, out)) return;
  }
}

/** `%0d%0aset-cookie` that one more decoder would resolve, `嘍嘊`, `%u000a`. */
function hidden(lower: string, out: Signals): void {
  if (lower.includes('\u560d') || lower.includes('\u560a') || lower.includes('%e5%98%8'))
    return out.add(R['hidden-line-end']);
  const at = lower.indexOf('%0');
  if (at < 0 && !lower.includes('%u000') && !lower.includes('%25%30') && !lower.includes('%23%0')) return;
  const next = lower.charAt(at + 2);
  if (next !== 'a' && next !== 'd') return;
  const rest = lower.slice(at, at + 30).replaceAll(/%0[ad]/g, '');
  if (HEADERS.has(rest.slice(0, Math.max(0, rest.indexOf(':'))))) out.add(R['hidden-line-end']);
}

function lineAt(lower: string, from: number, short: boolean, where: Where, out: Signals): boolean {
  let at = from;
  while (at < lower.length && at < from + 4 && (lower.charCodeAt(at) === 10 || lower.charCodeAt(at) === 13))
    at++;
  if (lower.startsWith('http/1.', at) || lower.startsWith('http/2', at)) {
    out.add(short ? R['status-line'] : R['header-text']);
    return true;
  }
  let end = nameEnd(lower, at);
  while (lower.charCodeAt(end) === 45 && end - at < 40) end = nameEnd(lower, end + 1);
  const name = lower.slice(at, Math.min(end, at + 40));
  if (lower.charCodeAt(end) === 58) return headerAt(name, short, where, out);
  if (short && isCommand(lower, at, name)) {
    out.add(R['mail-command']);
    return true;
  }
  return false;
}

function headerAt(name: string, short: boolean, where: Where, out: Signals): boolean {
  if (HEADERS.has(name)) {
    out.add(short && where.place !== 'xml' ? R.header : R['header-text']);
    return short;
  }
  if (!MAIL.has(name) || !short) return false;
  out.add(R['mail-header']);
  return true;
}

/** SMTP and POP3 by their words, IMAP by its tag: `a001 login`, `v100 fetch`. */
function isCommand(lower: string, at: number, name: string): boolean {
  const rest = lower.slice(at, at + 24);
  const known = COMMANDS.some(
    (one) =>
      rest.startsWith(one) &&
      (one.endsWith(' ') || one.endsWith(':') || rest.trim() === one || /^\w+\s*[\r\n\d]/.test(rest)),
  );
  if (known) return true;
  return (
    /^[a-z]\d{0,4}$/.test(name) &&
    /^\S+\s(?:capability|fetch|login|logout|select|examine|create|delete|rename|subscribe|list|lsub|status|append|check|close|expunge|search|store|copy|uid|authenticate|starttls|noop)\b/.test(
      rest,
    )
  );
}
