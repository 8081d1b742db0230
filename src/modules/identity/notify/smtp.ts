import { isIP } from 'node:net';
import { createTransport } from 'nodemailer';
import { OptionsError, RampartError } from '../../../core/errors.ts';
import { custom, duration, flag, optional, readOptions, text } from '../../../core/options.ts';
import type { Mailer } from '../ports.ts';
import { isMailAddress } from './address.ts';
import { cleanLine } from './letter.ts';

/** Where mails are handed over. */
export interface SmtpOptions {
  /** `smtp://user:password@host:587` (STARTTLS) or `smtps://host:465`; user and password percent-encoded. */
  readonly url: string;
  /** Sender: `accounts@example.com` or `Example <accounts@example.com>`. */
  readonly from: string;
  /**
   * Whether the connection must be encrypted and the certificate valid; default true, false on this machine itself.
   * Set to false, encryption is used where the server offers it.
   */
  readonly requireTls?: boolean;
  /** Certificates in PEM that are trusted beside those of the system. */
  readonly ca?: string;
  /** For connecting, for the greeting, and for each answer; 1s to 2m, default 10s. */
  readonly timeout?: string;
}

const MAX_CONNECTIONS = 4;

/**
 * Hands mails over by SMTP (RFC 5321), through a pool of four connections.
 * `send` rejects with RampartError `MAIL_REFUSED` when the server does not want the mail at all, `MAIL_UNSENT` when
 * another try may help; neither names the address.
 * @throws OptionsError naming the path and the reason; never with the URL, which holds a password
 */
export function smtpMailer(options: SmtpOptions, path = 'mail'): Mailer {
  const read = readOptions<{
    url: URL;
    from: { name: string; address: string };
    requireTls: boolean | undefined;
    ca: string | undefined;
    timeout: number;
  }>(path, options, {
    url: custom('smtp:// or smtps:// URL', readUrl),
    from: custom('mail address, or name and address in angle brackets', readFrom),
    requireTls: optional(flag(true)),
    ca: optional(text({ max: 100_000 })),
    timeout: duration({ min: '1s', max: '2m', default: '10s' }),
  });
  const transport = createTransport({ ...connectionOf(read), ...LIMITS });
  return {
    kind: 'smtp',
    async send(mail) {
      if (!isMailAddress(mail.to)) throw new RampartError('MAIL_REFUSED', 'This is not one mail address.');
      try {
        await transport.sendMail({
          from: read.from,
          to: { name: '', address: mail.to },
          envelope: { from: read.from.address, to: [mail.to] },
          subject: cleanLine(mail.subject),
          text: mail.text,
          html: mail.html,
          // RFC 3834: no automatic answers.
          headers: { 'auto-submitted': 'auto-generated' },
          disableFileAccess: true,
          disableUrlAccess: true,
        });
      } catch (error) {
        throw unsent(error);
      }
    },
    close: () => Promise.resolve(transport.close()),
  };
}

const LIMITS = { pool: true, maxConnections: MAX_CONNECTIONS, maxMessages: 100 } as const;

function connectionOf(read: {
  readonly url: URL;
  readonly requireTls: boolean | undefined;
  readonly ca: string | undefined;
  readonly timeout: number;
}) {
  const { url, requireTls, ca, timeout } = read;
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const plain = requireTls === undefined && isLoopback(host);
  return {
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && !plain && requireTls !== false,
    ignoreTLS: !secure && plain,
    ...(url.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    tls: { minVersion: 'TLSv1.2' as const, ...(ca === undefined ? {} : { ca }) },
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: timeout,
  };
}

/** Whether a host is this machine itself. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function readUrl(value: unknown, path: string): URL {
  const url = typeof value === 'string' && value.length <= 1_000 ? URL.parse(value) : null;
  const known =
    url !== null && (url.protocol === 'smtp:' || url.protocol === 'smtps:') && url.hostname !== '';
  if (!known) throw new OptionsError(path, 'expected smtp://USER:PASSWORD@HOST:587 or smtps://HOST');
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    throw new OptionsError(path, 'expected nothing after the host; percent-encode special characters');
  }
  try {
    decodeURIComponent(url.username + url.password);
  } catch {
    throw new OptionsError(path, 'user and password must be percent-encoded');
  }
  return url;
}

function readFrom(value: unknown, path: string): { name: string; address: string } {
  const given = typeof value === 'string' && value.length <= 400 ? value.trim() : '';
  const match = /^"?([^<>"\r\n]*?)"?\s*<([^<>]+)>$/.exec(given);
  const address = match ? (match[2] as string) : given;
  if (!isMailAddress(address)) {
    throw new OptionsError(path, 'expected accounts@example.com or Example <accounts@example.com>');
  }
  return { name: cleanLine(match?.[1] ?? ''), address };
}

/**
 * 5xx is for good where it is about the mail: not at the greeting, and not 530 to 538, which are about our password.
 */
function unsent(error: unknown): RampartError {
  const { responseCode, code } = error as { responseCode?: unknown; code?: unknown };
  const status = typeof responseCode === 'number' ? responseCode : 0;
  const aboutMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  const forGood = aboutMail && status >= 500 && !(status >= 530 && status <= 538);
  // The server's words may hold the address; its number and the code of the breakdown do not.
  const why = status > 0 ? String(status) : typeof code === 'string' ? code : 'no answer';
  return new RampartError(forGood ? 'MAIL_REFUSED' : 'MAIL_UNSENT', `The mail was not taken over: ${why}.`);
}
