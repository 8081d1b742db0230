import { describe, expect, it } from 'vitest';
import { clockFindings, hashFindings, type HashFacts, hashMs, mailFindings } from './accounts.ts';
import type { Finding } from './finding.ts';

const only = (findings: readonly Finding[], level: Finding['level'], text: RegExp, remedy: RegExp): void => {
  expect(findings.map((one) => one.level)).toEqual([level]);
  expect(findings[0]?.text).toMatch(text);
  expect(findings[0]?.remedy).toMatch(remedy);
};

describe('password hashing', () => {
  const facts: HashFacts = {
    configured: { memoryKib: 65_536, passes: 3 },
    strongest: { memoryKib: 65_536, passes: 3, measuredMs: 200, withinTarget: true },
  };
  it('is fine when it is as strong as this machine allows', () => expect(hashFindings(facts)).toEqual([]));
  it('is fine when the measured one is weaker and the configured one still within its time', () => {
    const strongest = { memoryKib: 32_768, passes: 2, measuredMs: 60, withinTarget: true };
    expect(hashMs({ ...facts, strongest })).toBe(180);
    expect(hashFindings({ ...facts, strongest })).toEqual([]);
  });
  it('may be made stronger', () =>
    only(
      hashFindings({ ...facts, configured: { memoryKib: 19_456, passes: 2 } }),
      'info',
      /19 MiB, 2 passes takes about 40 ms; this machine has time for 64 MiB, 3 passes \(about 200 ms\)/,
      /memoryKib: 65536, passes: 3/,
    ));
  it('may take too long here', () =>
    only(
      hashFindings({ ...facts, configured: { memoryKib: 1_048_576, passes: 3 } }),
      'warning',
      /about 3200 ms, more than 250 ms/,
      /memoryKib: 65536, passes: 3/,
    ));
  it('is never advised below the floor of OWASP', () => {
    const strongest = { memoryKib: 19_456, passes: 2, measuredMs: 900, withinTarget: false };
    const findings = hashFindings({ configured: strongest, strongest });
    only(findings, 'warning', /about 900 ms/, /cores\. Do not weaken/);
  });
});

describe('the mail server', () => {
  const facts = { configured: true, host: 'mail.example.com:587', error: undefined };
  it('is fine when it takes us', () => expect(mailFindings(facts)).toEqual([]));
  it('is not asked for when there is none', () =>
    expect(mailFindings({ ...facts, configured: false, error: 'x' })).toEqual([]));
  it.each([
    ['535', /password/],
    ['EAUTH', /password/],
    ['ETLS', /STARTTLS/],
    ['ETIMEDOUT', /firewall/],
  ])('is a problem when it says %s', (error, remedy) =>
    only(mailFindings({ ...facts, error }), 'error', /mail\.example\.com:587 does not take us/, remedy),
  );
});

describe('the clock', () => {
  const nowMs = Date.UTC(2026, 10, 20);
  it('is fine', () => expect(clockFindings({ nowMs, newestFileMs: nowMs + 30_000 })).toEqual([]));
  it.each([0, Date.UTC(2025, 11, 31), Date.UTC(2101, 0, 1)])('cannot say %i', (wrong) =>
    only(clockFindings({ nowMs: wrong, newestFileMs: undefined }), 'error', /cannot be/, /NTP/),
  );
  it('may have gone back', () =>
    only(clockFindings({ nowMs, newestFileMs: nowMs + 7_200_000 }), 'warning', /120 minutes later/, /NTP/));
});
