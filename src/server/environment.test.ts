import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readEnvironment } from './environment.ts';

describe('the environment', () => {
  it('has a working default for everything', () => {
    expect(readEnvironment({}, false)).toMatchObject({
      port: 4600,
      host: '127.0.0.1',
      publicUrl: 'http://localhost:4600',
      databaseUrl: undefined,
      redisUrl: undefined,
      logLevel: 'info',
      logFormat: 'json',
      production: false,
    });
    expect(readEnvironment({}, true).logFormat).toBe('pretty');
  });

  it.each([
    [{ RAMPART_PORT: 'x' }, /RAMPART_PORT/],
    [{ RAMPART_PORT: '70000' }, /RAMPART_PORT/],
    [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL: expected one of/],
    [{ DATABASE_URL: 'mysql://root:secret@x/y' }, /DATABASE_URL: expected a URL that starts with postgres/],
    [{ REDIS_URL: 'secret' }, /REDIS_URL/],
    [{ RAMPART_ADMIN_EMAIL: 'a@example.org' }, /RAMPART_ADMIN_PASSWORD: needed/],
    [{ RAMPART_ADMIN_PASSWORD: 'secret' }, /RAMPART_ADMIN_EMAIL: needed/],
    [
      { RAMPART_ADMIN_EMAIL: 'a@example.org', RAMPART_ADMIN_PASSWORD: 'secret', NODE_ENV: 'production' },
      /RAMPART_ADMIN_PASSWORD: not accepted in production.*RAMPART_ADMIN_PASSWORD_FILE/,
    ],
    [{ RAMPART_SMTP_URL: 'http://user:secret@host' }, /RAMPART_SMTP_URL/],
    [{ DATABASE_URL_FILE: '/does/not/exist' }, /DATABASE_URL_FILE: the file cannot be read \(ENOENT\)/],
  ])('refuses %j, naming the variable and never the value', (env, message) => {
    expect(() => readEnvironment(env, false)).toThrow(message);
    expect(() => readEnvironment(env, false)).not.toThrow(/secret/);
  });

  it('takes any value from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'rampart-env-'));
    const file = join(folder, 'url');
    writeFileSync(file, 'redis://:pw@localhost:6379\n');
    expect(readEnvironment({ REDIS_URL_FILE: file, REDIS_URL: 'redis://other' }, false).redisUrl).toBe(
      'redis://:pw@localhost:6379',
    );
    rmSync(folder, { recursive: true });
  });
});
