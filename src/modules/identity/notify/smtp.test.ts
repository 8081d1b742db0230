import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { OptionsError, type RampartError } from '../../../core/errors.ts';
import type { Mail, Mailer } from '../ports.ts';
import { renderNotice } from './render.ts';
import { smtpMailer, type SmtpOptions } from './smtp.ts';
import { testCertificate } from './test-certificate.ts';

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly raw: string;
}

const undo: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0).toReversed()) await one();
});

async function server(options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  const logins: string[] = [];
  let connections = 0;
  const smtp = new SMTPServer({
    authOptional: true,
    logger: false,
    disableReverseLookup: true,
    onConnect: (_, callback) => {
      connections += 1;
      callback();
    },
    onAuth: (auth, session, callback) => {
      logins.push(`${session.secure ? 'tls' : 'plain'} ${auth.username}:${auth.password}`);
      callback(null, { user: auth.username as string });
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const from = session.envelope.mailFrom;
        received.push({
          from: from === false ? '' : from.address,
          to: session.envelope.rcptTo.map(({ address }) => address),
          secure: session.secure,
          user: session.user,
          raw: Buffer.concat(chunks).toString(),
        });
        callback();
      });
    },
    ...options,
  });
  // Clients that hang up in the middle are part of these tests.
  smtp.on('error', () => {});
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  undo.push(() => new Promise<void>((resolve) => smtp.close(() => resolve())));
  const { port } = smtp.server.address() as AddressInfo;
  return { port, received, logins, connections: () => connections };
}

function mailerOf(options: SmtpOptions): Mailer {
  const mailer = smtpMailer(options);
  undo.push(() => mailer.close());
  return mailer;
}

const MAIL: Mail = {
  to: 'ada@example.com',
  subject: 'Your password was changed',
  text: 'It was changed.\n',
  html: '<p>It was changed.</p>',
  kind: 'password-changed',
};
const from = 'Fischmarkt <accounts@fischmarkt.example>';
const codeOf = (error: unknown): string => (error as RampartError).code;

describe('mails by SMTP', () => {
  it('arrive with text and HTML, from whom the options say, and no answer of machines is asked for', async () => {
    const { port, received } = await server();
    await mailerOf({ url: `smtp://127.0.0.1:${port}`, from }).send(MAIL);
    const [mail] = received;
    expect(mail).toMatchObject({
      from: 'accounts@fischmarkt.example',
      to: ['ada@example.com'],
      secure: false,
    });
    expect(mail?.raw).toMatch(/^From: Fischmarkt <accounts@fischmarkt\.example>\r$/m);
    expect(mail?.raw).toMatch(/^To: ada@example\.com\r$/m);
    expect(mail?.raw).toMatch(/^Subject: Your password was changed\r$/m);
    expect(mail?.raw).toMatch(/^auto-submitted: auto-generated\r$/im);
    expect(mail?.raw).toContain('multipart/alternative');
    expect(mail?.raw).toContain('<p>It was changed.</p>');
  });

  it('carry Arabic', async () => {
    const { port, received } = await server();
    const notice = { kind: 'code', to: MAIL.to, locale: 'ar', values: { code: '314159' } } as const;
    await mailerOf({ url: `smtp://localhost:${port}`, from }).send(renderNotice(notice, 'السوق'));
    const raw = received[0]?.raw ?? '';
    expect(raw).toMatch(/^Subject: =\?UTF-8\?/m);
    expect(raw).not.toMatch(/Subject:.*314159/);
  });

  it('go through a few connections that are kept', async () => {
    const { port, received, connections } = await server();
    const mailer = mailerOf({ url: `smtp://127.0.0.1:${port}`, from });
    await Promise.all(Array.from({ length: 50 }, () => mailer.send(MAIL)));
    expect(received).toHaveLength(50);
    expect(connections()).toBeLessThanOrEqual(4);
  });

  it('go encrypted, with the password, where the certificate is trusted', async () => {
    const { cert, key } = testCertificate();
    const { port, received, logins } = await server({ cert, key, authOptional: false });
    const url = `smtp://us%40er:p%3Aw%2Fd@localhost:${port}`;
    await mailerOf({ url, from, requireTls: true, ca: cert }).send(MAIL);
    expect(received[0]).toMatchObject({ secure: true, user: 'us@er' });
    expect(logins).toEqual(['tls us@er:p:w/d']);
  });

  it('go over smtps://', async () => {
    const { cert, key } = testCertificate();
    const { port, received } = await server({ cert, key, secure: true });
    await mailerOf({ url: `smtps://localhost:${port}`, from, ca: cert }).send(MAIL);
    expect(received[0]).toMatchObject({ secure: true });
  });

  it.each([
    ['offers no encryption', {}, { hideSTARTTLS: true }],
    ['has a certificate that nobody knows', {}, {}],
  ])(
    'neither mail nor password goes to a server that %s where encryption is needed',
    async (_, given, more) => {
      const { cert, key } = testCertificate();
      const { port, received, logins } = await server({ cert, key, authOptional: false, ...more });
      const mailer = mailerOf({
        url: `smtp://user:secret@localhost:${port}`,
        from,
        requireTls: true,
        ...given,
      });
      expect(codeOf(await mailer.send(MAIL).catch((error: unknown) => error))).toBe('MAIL_UNSENT');
      expect([received, logins]).toEqual([[], []]);
    },
  );

  it.each([
    [550, 'MAIL_REFUSED'],
    [554, 'MAIL_REFUSED'],
    [452, 'MAIL_UNSENT'],
    [530, 'MAIL_UNSENT'],
  ])('the answer %d is %s, without the address', async (responseCode, code) => {
    const { port } = await server({
      onRcptTo: (address, _, callback) =>
        callback(Object.assign(new Error(`no ${address.address} here`), { responseCode })),
    });
    const mailer = mailerOf({ url: `smtp://127.0.0.1:${port}`, from });
    const error: unknown = await mailer.send(MAIL).catch((thrown: unknown) => thrown);
    expect(codeOf(error)).toBe(code);
    expect(String(error)).not.toContain('ada');
    expect(String((error as Error).cause)).not.toContain('ada');
  });

  it('a wrong password of ours is no fault of the mail, and stands in no error', async () => {
    const { port } = await server({
      authOptional: false,
      allowInsecureAuth: true,
      hideSTARTTLS: true,
      onAuth: (_, __, callback) => callback(Object.assign(new Error('wrong'), { responseCode: 535 })),
    });
    const mailer = mailerOf({ url: `smtp://user:hunter2@127.0.0.1:${port}`, from });
    const error: unknown = await mailer.send(MAIL).catch((thrown: unknown) => thrown);
    expect(codeOf(error)).toBe('MAIL_UNSENT');
    expect(String(error)).not.toContain('hunter2');
  });

  it('a server that turns us away at the door may take the mail later', async () => {
    const { port } = await server({
      onConnect: (_, callback) => callback(Object.assign(new Error('too busy'), { responseCode: 554 })),
    });
    const mailer = mailerOf({ url: `smtp://127.0.0.1:${port}`, from });
    expect(codeOf(await mailer.send(MAIL).catch((error: unknown) => error))).toBe('MAIL_UNSENT');
  });

  it('a server that is not there is MAIL_UNSENT', async () => {
    const mailer = mailerOf({ url: 'smtp://127.0.0.1:9', from, timeout: '1s' });
    expect(codeOf(await mailer.send(MAIL).catch((error: unknown) => error))).toBe('MAIL_UNSENT');
  });
});

describe('header injection', () => {
  it('has no way in: addresses with more than an address are refused, subjects are one line', async () => {
    const { port, received } = await server();
    const mailer = mailerOf({ url: `smtp://127.0.0.1:${port}`, from });
    for (const to of [
      'a@x.example, b@y.example',
      'a@x.example\r\nBcc: b@y.example',
      'A <a@x.example>',
      'g: a@x.example;',
    ]) {
      expect(codeOf(await mailer.send({ ...MAIL, to }).catch((error: unknown) => error))).toBe(
        'MAIL_REFUSED',
      );
    }
    expect(received).toEqual([]);
    await mailer.send({ ...MAIL, subject: 'Hello\r\nBcc: b@y.example\r\n\r\nbody' });
    expect(received[0]?.to).toEqual(['ada@example.com']);
    expect(received[0]?.raw).not.toMatch(/^Bcc:/im);
  });

  it('a line with a dot ends no mail early, and files and addresses are not read', async () => {
    const { port, received } = await server();
    const mailer = mailerOf({ url: `smtp://127.0.0.1:${port}`, from });
    await mailer.send({ ...MAIL, text: 'one\r\n.\r\nMAIL FROM:<evil@example.com>\r\ntwo' });
    expect(received).toHaveLength(1);
    expect(received[0]?.raw).toContain('two');
  });
});

describe('options of SMTP', () => {
  const url = 'smtp://mail.example:587';
  it.each<[string, Partial<Record<keyof SmtpOptions, unknown>>, string]>([
    ['another protocol', { url: 'https://user:hunter2@mail.example' }, 'mail.url'],
    ['something behind the host', { url: 'smtp://user:hunter2@mail.example/?tls=off' }, 'mail.url'],
    ['no text', { url: 7 }, 'mail.url'],
    ['no sender', { url, from: 'Fischmarkt' }, 'mail.from'],
    ['two senders', { url, from: 'a@x.example, b@y.example' }, 'mail.from'],
    ['a line break in the name', { url, from: 'A\r\nBcc: b <a@x.example>' }, 'mail.from'],
    ['a short timeout', { url, timeout: '1ms' }, 'mail.timeout'],
  ])('%s is refused with its path, and the URL stands in no error', (_, given, path) => {
    const make = (): unknown => smtpMailer({ from, ...given } as SmtpOptions);
    expect(make).toThrow(OptionsError);
    expect(make).toThrow(`${path}:`);
    expect(make).not.toThrow(/hunter2/);
  });
});
