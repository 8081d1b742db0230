import { describe, expect, it } from 'vitest';
import { readConfig, type RampartConfig } from './config.ts';
import { readEnvironment } from './environment.ts';
import { startupFindings } from './startup-checks.ts';

const limits = { api: { max: 60, window: '1m', by: 'ip' } } as const;
const SMTP = { RAMPART_SMTP_URL: 'smtp://mail.example.com' };

const find = (config: RampartConfig, env: Record<string, string> = {}) =>
  startupFindings(readEnvironment(env, false), readConfig({ limits, ...config }));
const levelOf = (findings: ReturnType<typeof find>, text: RegExp): string | undefined =>
  findings.find((one) => text.test(one.text))?.level;

describe('accounts', () => {
  const production = { NODE_ENV: 'production', RAMPART_PUBLIC_URL: 'https://app.example.com' };

  it('need a mail server in production, and only there', () => {
    expect(levelOf(find({ identity: {} }, production), /No mail/)).toBe('error');
    expect(levelOf(find({ identity: {} }, { ...production, ...SMTP }), /No mail/)).toBeUndefined();
    expect(levelOf(find({ identity: {} }), /No mail/)).toBeUndefined();
    expect(levelOf(find({ identity: false }, production), /No mail/)).toBeUndefined();
  });

  it('may do without SMS, which is told in production', () => {
    expect(levelOf(find({ identity: {} }, production), /No SMS/)).toBe('info');
    const env = { ...production, RAMPART_SMS_URL: 'https://AC1:token@sms.example.com' };
    expect(levelOf(find({ identity: {} }, env), /No SMS/)).toBeUndefined();
  });

  it('refuse plain http beyond this machine, one finding and not two', () => {
    const env = { RAMPART_PUBLIC_URL: 'http://app.example.com', RAMPART_HOST: '0.0.0.0' };
    expect(find({ identity: {} }, env).filter(({ text }) => /plain http/.test(text))).toMatchObject([
      { level: 'error' },
    ]);
    expect(levelOf(find({}, env), /plain http/)).toBe('warning');
    expect(
      levelOf(find({ identity: { publicUrl: 'https://app.example.com' } }, env), /Accounts are on/),
    ).toBeUndefined();
  });

  it.each(['http://localhost:4600', 'http://127.0.0.1:4600', 'http://[::1]:4600', 'https://app.example.com'])(
    'are fine under %s',
    (url) =>
      expect(levelOf(find({ identity: {} }, { RAMPART_PUBLIC_URL: url }), /plain http/)).toBeUndefined(),
  );

  it('need one secret on all nodes of a database', () => {
    const env = { DATABASE_URL: 'postgres://db/x' };
    expect(levelOf(find({ identity: {} }, env), /secret of its own/)).toBe('warning');
    expect(levelOf(find({}, env), /secret of its own/)).toBe('info');
    const shared = { ...env, RAMPART_SECRET: 'x'.repeat(32) };
    expect(levelOf(find({ identity: {} }, shared), /secret of its own/)).toBeUndefined();
  });

  it('are told which clauses their password profile breaks', () => {
    expect(levelOf(find({ identity: {} }), /Password profile/)).toBeUndefined();
    const composition = find({ identity: { passwords: { profile: 'composition' } } });
    expect(composition.filter(({ text }) => /Password profile 'composition'.*NIST/.test(text))).toHaveLength(
      2,
    );
  });

  it('with wrong options are refused elsewhere, with their path', () => {
    const wrong = { passwords: { profile: 'none' } } as unknown as NonNullable<RampartConfig['identity']>;
    expect(() => find({ identity: wrong })).not.toThrow();
  });

  it('may be off: then it is told who says who calls', () => {
    expect(levelOf(find({ identity: {} }), /Accounts are off/)).toBeUndefined();
    expect(levelOf(find({}), /nothing says who calls/)).toBe('info');
    expect(levelOf(find({ identify: () => null }), /identify in the configuration says/)).toBe('info');
  });
});
