import { describe, expect, it } from 'vitest';
import type { FeedStatus } from '../modules/shield/index.ts';
import { feedFindings } from './feed-findings.ts';

const NOW = 1_795_000_000_000;
const DAY = 86_400_000;
const fine: FeedStatus = {
  name: 'tor',
  kind: 'list',
  source: 'https://lists.example/tor',
  state: 'current',
  entries: 3,
  bytes: 30,
  builtAtMs: null,
  checkedAtMs: NOW - DAY,
  updatedAtMs: NOW - 9 * DAY,
  everyMs: DAY,
  staleAfterMs: 3 * DAY,
  nextAtMs: NOW + 1_000,
  error: null,
  terms: null,
};
const say = (over: Partial<FeedStatus>) => feedFindings([{ ...fine, ...over }], NOW)[0];

describe('what is said about feeds', () => {
  it('is nothing while they are current', () => {
    expect(feedFindings([fine, fine], NOW)).toEqual([]);
  });

  it('names the age that makes one stale', () => {
    expect(say({ state: 'stale', checkedAtMs: NOW - 4 * DAY })).toMatchObject({
      level: 'warning',
      text: 'The feed tor is stale: it was last found to be up to date 4 d ago.',
      remedy: 'rampart feeds update tor',
    });
    expect(say({ state: 'stale', kind: 'mmdb', builtAtMs: NOW - 50 * DAY })?.text).toMatch(
      /its maker built it 50 d ago/,
    );
    expect(say({ state: 'stale', source: null, checkedAtMs: NOW - 4 * DAY })?.remedy).toMatch(
      /Put a newer file/,
    );
  });

  it('gives the reason of a failure as the remedy, and is calm about one that was just named', () => {
    expect(say({ state: 'failed', error: 'Mend from.' })).toMatchObject({
      level: 'warning',
      remedy: 'Mend from.',
    });
    expect(say({ state: 'missing' })?.level).toBe('info');
    expect(say({ state: 'missing', error: 'Mend from.' })).toMatchObject({
      level: 'warning',
      remedy: 'Mend from.',
    });
    expect(say({ state: 'missing', nextAtMs: null })?.level).toBe('warning');
  });
});
