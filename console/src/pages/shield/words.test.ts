import { describe, expect, it } from 'vitest';
import type { FeedEntry, FindingFacts } from '../../api/shield.ts';
import {
  ageWords,
  partName,
  placeWords,
  proposalFor,
  rateWords,
  readRules,
  replaySentence,
  scopeWords,
  solvedShare,
  updateWords,
} from './words.ts';

const finding = (rule: string, weight: number, name: string): FindingFacts => ({
  rule,
  class: 'sql',
  weight,
  place: 'query',
  name,
});

describe('an exclusion that is proposed', () => {
  it('covers the field that weighed most, on this route alone, its heaviest rule first', () => {
    const found = [
      finding('sql.function', 2, 'referer'),
      finding('sql.comment-cut', 5, 'q'),
      finding('sql.tautology', 6, 'q'),
    ];
    expect(proposalFor('GET /search', found)).toEqual({
      route: 'GET /search',
      field: 'q',
      rules: ['sql.tautology', 'sql.comment-cut'],
      elsewhere: ['sql.function'],
    });
  });

  it('names each rule once, and none that it covers already as found elsewhere', () => {
    const found = [
      finding('sql.tautology', 6, 'q'),
      finding('sql.tautology', 6, 'q'),
      finding('sql.tautology', 4, 'page'),
    ];
    expect(proposalFor(null, found)).toEqual({
      route: null,
      field: 'q',
      rules: ['sql.tautology'],
      elsewhere: [],
    });
  });

  it('is of any field where what was found stood in no field, and empty where nothing was found', () => {
    expect(proposalFor('GET /*', [finding('scanner.path', 5, '')]).field).toBeNull();
    expect(proposalFor('GET /*', [])).toMatchObject({ field: null, rules: [], elsewhere: [] });
  });

  it('is told by what it leaves out', () => {
    expect(scopeWords({ route: 'GET /search', field: 'q' })).toBe('in ‘q’ on GET /search');
    expect(scopeWords({ route: null, field: null })).toBe('in any field on every route');
  });

  it('takes rules as people separate them', () => {
    expect(readRules(' sql.tautology,XSS  sql.tautology;\nssrf ')).toEqual(['sql.tautology', 'xss', 'ssrf']);
    expect(readRules(' , ')).toEqual([]);
  });
});

describe('a replay in words', () => {
  it('says how many of how many would pass', () => {
    expect(replaySentence({ refused: 318, replayed: 318, wouldPass: 41 })).toBe(
      'Up to 41 of 318 refused requests would pass (13\u00a0%).',
    );
    expect(replaySentence({ refused: 1, replayed: 1, wouldPass: 0 })).toBe(
      'None of 1 refused request would pass.',
    );
  });

  it('says when only the newest were looked at, and takes the share of those', () => {
    expect(replaySentence({ refused: 90_000, replayed: 20_000, wouldPass: 200 })).toBe(
      'Up to 200 of the newest 20,000 of 90,000 refused requests would pass (1\u00a0%).',
    );
  });

  it('does not call it harmless when there was nothing to try it on', () => {
    expect(replaySentence({ refused: 0, replayed: 0, wouldPass: 0 })).toContain('nothing to try it on');
  });
});

describe('the posture in words', () => {
  const posture = { level: 'normal', own: 'normal', sinceMs: 0, nodes: 0 } as const;

  it('sets the rate beside what is usual', () => {
    expect(rateWords({ ...posture, rate: 912, usual: 148, bound: 592 })).toBe(
      '912 requests a second on this node, 6.2 times the usual 148; pressed from 592 on',
    );
    expect(rateWords({ ...posture, rate: 3.42, usual: 3, bound: null })).toBe(
      '3.4 requests a second on this node, usual are 3',
    );
  });

  it('does not compare while what is usual is being learnt, nor with nothing', () => {
    expect(rateWords({ ...posture, rate: 4, usual: null, bound: null })).toContain('still being learnt');
    expect(rateWords({ ...posture, rate: 4, usual: 0, bound: null })).not.toContain('times');
  });

  it('knows no share of challenges before the first was shown', () => {
    expect(solvedShare(null)).toBeNull();
    expect(solvedShare({ shown: 0, solved: 0, refused: 0 })).toBeNull();
    expect(solvedShare({ shown: 4, solved: 3, refused: 1 })).toBe(0.75);
  });

  it('names parts and their guards alike', () => {
    expect(partName('traffic')).toBe('Traffic patterns');
    expect(partName('shield.traffic')).toBe('Traffic patterns');
    expect(partName('shield.own-part')).toBe('Own part');
  });

  it('names places as people do', () => {
    expect(placeWords('json', 'user.bio')).toBe('JSON ‘user.bio’');
    expect(placeWords('path', '')).toBe('path');
    expect(placeWords(null, null)).toBe('anywhere');
  });
});

describe('the age of a feed in words', () => {
  const now = 1_000 * 86_400_000;
  const feed = (rest: Partial<FeedEntry>): FeedEntry => ({
    name: 'tor',
    kind: 'list',
    source: 'https://example.org/list',
    state: 'current',
    entries: 10,
    bytes: 100,
    builtAtMs: null,
    checkedAtMs: now - 1_200_000,
    updatedAtMs: now - 86_400_000,
    everyMs: 3_600_000,
    staleAfterMs: 1,
    nextAtMs: null,
    error: null,
    terms: null,
    ...rest,
  });

  it('is that of its data, and of the last look at its source', () => {
    expect(ageWords(feed({ builtAtMs: now - 3 * 86_400_000 }), now)).toBe(
      'built 3 d ago, checked 20 min ago',
    );
    expect(ageWords(feed({}), now)).toBe('fetched 1 d ago, checked 20 min ago');
    expect(ageWords(feed({ updatedAtMs: now - 1_200_000 }), now)).toBe('fetched 20 min ago');
  });

  it('does not pass off a failed try as a check', () => {
    expect(ageWords(feed({ state: 'failed' }), now)).toBe('fetched 1 d ago, last good check 20 min ago');
  });

  it('says what to do where there is no file', () => {
    expect(ageWords(feed({ state: 'missing', checkedAtMs: null }), now)).toContain('update it once');
    expect(ageWords(feed({ state: 'missing', everyMs: null }), now)).toContain('put one in its place');
  });

  it('tells what an update changed', () => {
    const before = feed({});
    expect(updateWords(before, feed({ updatedAtMs: now, entries: 8 }))).toBe(
      'tor is up to date: 2 fewer entries, 8 in all',
    );
    expect(updateWords(before, feed({ checkedAtMs: now }))).toBe('tor was up to date already');
    expect(updateWords(before, feed({ state: 'failed', error: 'No answer.' }))).toBe(
      'tor could not be updated; it says why',
    );
  });
});
