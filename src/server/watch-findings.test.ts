import { describe, expect, it } from 'vitest';
import { type WatchFacts, watchFindings } from './watch-findings.ts';

const NOW = 1_795_000_000_000;
const DAY_MS = 86_400_000;
const mail = { name: 'ops', kind: 'email', error: null, waiting: 0 };
const log = { name: 'log', kind: 'log', error: null, waiting: 0 };
const FINE: WatchFacts = {
  production: true,
  channels: [log, mail],
  mode: 'enforce',
  shadow: null,
  aloneSinceMs: null,
};
const texts = (facts: Partial<WatchFacts>): readonly string[] =>
  watchFindings({ ...FINE, ...facts }, NOW).map(({ level, text }) => `${level}: ${text}`);

describe('what is said about alerts and responses', () => {
  it('is nothing where people are told and responses act', () => {
    expect(texts({})).toEqual([]);
    expect(texts({ mode: 'off', shadow: { count: 3, sinceMs: 0 } })).toEqual([]);
  });

  it('is that nobody is told, in production alone', () => {
    expect(texts({ channels: [log] })).toEqual([expect.stringMatching(/^warning: .*nobody is told/)]);
    expect(texts({ channels: [log], production: false })).toEqual([]);
    expect(texts({ channels: null })).toEqual([expect.stringMatching(/^warning: Alerts are switched off/)]);
  });

  it('is which channel fails, with how many wait for it', () => {
    const failing = { ...mail, error: 'HTTP 500', waiting: 4 };
    expect(texts({ channels: [failing] })).toEqual([
      'warning: The alert channel ops fails, 4 wait for it: HTTP 500',
    ]);
  });

  it('is how long responses have been in shadow, after a week', () => {
    const after = (days: number): readonly string[] =>
      texts({ mode: 'shadow', shadow: { count: 34, sinceMs: NOW - days * DAY_MS } });
    expect(after(6.9)).toEqual([]);
    expect(after(12)).toEqual(['info: Responses have been in shadow for 12 days; 34 would have begun.']);
  });

  it('is that the store of the detectors does not answer', () => {
    expect(texts({ aloneSinceMs: NOW - 120_000 })).toEqual([
      expect.stringMatching(/does not answer, for 2 min/),
    ]);
  });
});
