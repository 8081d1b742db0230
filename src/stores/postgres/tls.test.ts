import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownPostgres, type OwnPostgres } from '../../testing/own-postgres.ts';
import { postgresService } from '../../testing/services.ts';
import type { ServerOptions } from './options.ts';
import { openServer } from './server.ts';
import { readTls, tlsClientOptions } from './tls.ts';

describe('how a URL wants to be protected', () => {
  it.each([
    ['postgres://db.example.com/x', 'verify', false],
    ['postgres://db.example.com/x?sslmode=require', 'verify', true],
    ['postgres://db.example.com/x?sslmode=prefer', 'verify', true],
    ['postgres://db.example.com/x?sslmode=verify-full', 'verify', true],
    ['postgres://db.example.com/x?ssl=true', 'verify', true],
    ['postgres://db.example.com/x?sslmode=no-verify', 'unverified', true],
    ['postgres://db.example.com/x?sslmode=disable', 'off', true],
    ['postgres://db.example.com/x?ssl=0', 'off', true],
    ['postgres://127.0.0.1:5432/x', 'off', false],
    ['postgres://[::1]/x', 'off', false],
    ['postgres://localhost/x?sslmode=require', 'verify', true],
    ['postgres://x/y?host=/var/run/postgresql', 'off', false],
    // A name that only begins like this machine's is another machine's.
    ['postgres://localhost.example.com/x', 'verify', false],
    ['postgres://127.example.com/x', 'verify', false],
    ['postgres://localhost/x?host=db.example.com', 'verify', false],
  ] as const)('%s: %s', (url, mode, said) => {
    const read = readTls(url);
    expect(read).toMatchObject({ mode, said });
    expect(read.url).not.toMatch(/ssl/);
  });

  it('is what the option says before what the URL says', () => {
    expect(readTls('postgres://db.example.com/x?sslmode=disable', 'verify').mode).toBe('verify');
  });

  it('refuses a mode that does not exist, and a file that cannot be read', () => {
    expect(() => readTls('postgres://db/x?sslmode=on')).toThrow('sslmode');
    const read = readTls('postgres://db/x?sslrootcert=/nowhere/ca.pem');
    expect(read.mode).toBe('verify');
    expect(() => tlsClientOptions(read)).toThrow('/nowhere/ca.pem');
  });
});

const folder = mkdtempSync(join(tmpdir(), 'rampart-tls-'));
const inFolder = (name: string): string => join(folder, name);

/** A certificate for localhost, and the authority that signed it. */
function certificates(): void {
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test authority');
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  execFileSync(
    'sh',
    [
      '-c',
      'printf "subjectAltName=DNS:localhost" > ext && openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -extfile ext -out server.crt',
    ],
    { cwd: folder, stdio: 'ignore' },
  );
}

const own = await ownPostgres({ ssl: 'on' });
describe.skipIf('absent' in own)('a server with a certificate for localhost', () => {
  const postgres = own as OwnPostgres;
  let ca: string;
  beforeAll(async () => {
    certificates();
    ca = readFileSync(inFolder('ca.pem'), 'utf8');
    for (const name of ['server.key', 'server.crt']) {
      copyFileSync(inFolder(name), join(postgres.data, name));
      postgres.own(join(postgres.data, name));
    }
    await postgres.start();
  });
  afterAll(async () => {
    await postgres.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Whether the connection that `options` opens is encrypted. */
  const isEncrypted = async (
    options: Omit<ServerOptions, 'url'>,
    host: string,
    query = '',
  ): Promise<unknown> => {
    const store = await openServer({
      ...options,
      url: `${postgres.url.replace('127.0.0.1', host)}${query}`,
    });
    try {
      const { rows } = await store.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
      return rows[0]?.['ssl'];
    } finally {
      await store.close();
    }
  };

  it('is trusted when its authority is', async () => {
    expect(await isEncrypted({ tls: 'verify', ca }, 'localhost')).toBe(true);
    expect(await isEncrypted({}, 'localhost', `?sslmode=verify-full&sslrootcert=${inFolder('ca.pem')}`)).toBe(
      true,
    );
  });

  it('is refused when nobody vouches for it', async () => {
    await expect(isEncrypted({ tls: 'verify' }, 'localhost')).rejects.toMatchObject({
      code: 'DATABASE_TLS_REFUSED',
    });
    await expect(isEncrypted({ tls: 'verify' }, 'localhost')).rejects.toThrow(/self-signed|unable to verify/);
    await expect(isEncrypted({}, 'localhost', '?sslmode=require')).rejects.toThrow(
      /self-signed|unable to verify/,
    );
  });

  it('is refused under another name than its own', async () => {
    await expect(isEncrypted({ tls: 'verify', ca }, '127.0.0.1')).rejects.toThrow(/does not match/);
  });

  it('is encrypted to unseen when that was said, and plain when that was', async () => {
    expect(await isEncrypted({ tls: 'unverified' }, 'localhost')).toBe(true);
    expect(await isEncrypted({ tls: 'off' }, 'localhost')).toBe(false);
  });
});

const service = await postgresService();
describe.skipIf(service.absent !== undefined)('a server without TLS', () => {
  it('is refused where TLS is asked for, and says what to do', async () => {
    const opened = openServer({ url: service.url as string, tls: 'verify' });
    await expect(opened).rejects.toMatchObject({ code: 'DATABASE_TLS_REFUSED' });
    await expect(opened).rejects.toThrow('sslrootcert');
  });
});
