import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type TlsOptions, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock, systemTimers } from '../../core/clock.ts';
import { makeEvent } from '../../core/make-event.ts';
import { driverOf, type SinkDriver, SinkError, type SinkOptions } from '../../modules/sinks/index.ts';
import { readSinks } from '../../modules/sinks/read-options.ts';
import { driverPorts } from './open.ts';

const folder = mkdtempSync(join(tmpdir(), 'rampart-syslog-'));
const inFolder = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(inFolder(name), 'utf8');
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const openssl = (...args: readonly string[]): void =>
  void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });

/** An authority, a receiver's certificate for localhost, and one of a sender. */
function certificates(): void {
  for (const ca of ['ca', 'other'])
    openssl('req', '-x509', ...KEY, '-keyout', `${ca}.key`, '-out', `${ca}.pem`, '-subj', `/CN=${ca}`);
  for (const name of ['server', 'client']) {
    const names = name === 'server' ? ['-addext', 'subjectAltName=DNS:localhost'] : [];
    openssl('req', ...KEY, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`, ...names);
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy'];
    openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.crt`);
  }
}

interface Receiver {
  readonly port: number;
  /** Messages, as their lengths cut them. */
  readonly came: () => readonly string[];
  readonly sockets: readonly TLSSocket[];
}

const undo: (() => unknown)[] = [];
beforeAll(certificates);
afterEach(async () => {
  for (const one of undo.splice(0).toReversed()) await one();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A receiver of RFC 5425. */
async function receiver(options: TlsOptions = {}): Promise<Receiver> {
  const chunks: Buffer[] = [];
  const sockets: TLSSocket[] = [];
  const own = { cert: read('server.crt'), key: read('server.key'), ...options };
  const server = createServer(own, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  return {
    port: (server.address() as AddressInfo).port,
    came: () => framesOf(Buffer.concat(chunks)),
    sockets,
  };
}

/** `LENGTH MESSAGE`, one after the other. */
function framesOf(bytes: Buffer): readonly string[] {
  const frames: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const end = space + 1 + Number(bytes.toString('latin1', at, space));
    frames.push(bytes.toString('utf8', space + 1, end));
    at = end;
  }
  return frames;
}

function sender(port: number, more: Readonly<Record<string, unknown>> = {}): SinkDriver {
  // The name that its certificate is for, unless a test wants another one.
  const options = { kind: 'syslog', host: 'localhost', port, ca: inFolder('ca.pem'), ...more };
  const [sink] = readSinks({ siem: options as SinkOptions });
  if (sink === undefined) throw new Error('no sink');
  const ports = driverPorts([sink], { clock: systemClock, timers: systemTimers });
  const made = driverOf(sink, { ...ports, secret: () => undefined });
  undo.push(() => made.close());
  return made;
}
const event = (text: string) =>
  makeEvent('SIGN_IN_FAILED', 'node-1', 1_795_000_000_000, { details: { text } });
const failure = (work: Promise<unknown>): Promise<SinkError> =>
  work.then(
    () => {
      throw new Error('it was taken');
    },
    (error: unknown) => error as SinkError,
  );

describe('syslog over TLS (RFC 5425)', () => {
  it('reaches a receiver that the given authority signed, over one connection, each message with its length', async () => {
    const to = await receiver();
    const sink = sender(to.port);
    const events = [event('ä💥'), event('two\nlines')];
    await sink.send(events);
    await sink.send([event('later')]);
    await expect.poll(() => to.came().length).toBe(3);
    for (const [at, { id }] of events.entries()) {
      expect(to.came()[at]).toMatch(
        /^<\d+>1 2026-\S+ node-1 rampart \S+ SIGN_IN_FAILED \[rampart@32473 id="evt_/,
      );
      expect(to.came()[at]).toContain(id);
    }
    expect(to.sockets).toHaveLength(1);
    expect(to.sockets[0]?.getProtocol()).toMatch(/^TLSv1\.[23]$/);
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['nobody knows its authority', { ca: undefined }],
    ['another authority is trusted', { ca: inFolder('other.pem') }],
    ['its certificate is of another name', { host: '127.0.0.1' }],
  ])('gives nothing away where %s', async (_, more) => {
    const to = await receiver();
    const error = await failure(sender(to.port, more).send([event('secret')]));
    expect(error).toBeInstanceOf(SinkError);
    expect([error.kind, error.message]).toEqual([
      'down',
      expect.stringMatching(/^The receiver could not be reached \([A-Z_]+\)\.$/),
    ]);
    expect(to.came()).toEqual([]);
  });

  it('shows its own certificate to a receiver that asks for one, and is turned away without', async () => {
    const to = await receiver({ requestCert: true, rejectUnauthorized: true, ca: read('ca.pem') });
    expect((await failure(sender(to.port).send([event('none')]))).kind).toBe('down');
    const sink = sender(to.port, { cert: inFolder('client.crt'), key: inFolder('client.key') });
    await sink.send([event('known')]);
    await expect.poll(() => to.came().length).toBe(1);
    expect(to.sockets.at(-1)?.getPeerCertificate().subject.CN).toBe('client');
  });

  it('says that a file cannot be read, and goes on once it can', async () => {
    const to = await receiver();
    const error = await failure(sender(to.port, { ca: inFolder('missing.pem') }).send([event('x')]));
    expect([error.kind, error.message]).toEqual(['down', 'A file of ca, cert or key cannot be read.']);
    await sender(to.port).send([event('y')]);
    await expect.poll(() => to.came().length).toBe(1);
  });
});
