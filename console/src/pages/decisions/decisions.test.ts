import { describe, expect, it } from 'vitest';
import type { DecisionAnswer, DecisionSummary, Reason } from '../../../../src/server/api/types.ts';
import { corridorSentence, stationsOf, stepClass } from './corridor.ts';
import { countNew, isMatch } from './fresh.ts';
import { comparisonOf, treeKey, treeLines } from './tree.ts';

const leaf = (code: string): Reason => ({ code, text: code });
const TREE: Reason = { ...leaf('root'), because: [{ ...leaf('a'), because: [leaf('a1')] }, leaf('b')] };

describe('the reason tree', () => {
  it('is walked from top to bottom with level, place and number of siblings', () => {
    const lines = treeLines(TREE, new Set());
    expect(lines.map(({ reason }) => reason.code)).toEqual(['root', 'a', 'a1', 'b']);
    expect(lines.map(({ level }) => level)).toEqual([1, 2, 3, 2]);
    expect(lines[3]).toMatchObject({ position: 2, siblings: 2, state: 'leaf', path: '0.1' });
  });

  it('hides what is below a closed line', () => {
    const lines = treeLines(TREE, new Set(['0.0']));
    expect(lines.map(({ reason, state }) => [reason.code, state])).toEqual([
      ['root', 'open'],
      ['a', 'closed'],
      ['b', 'leaf'],
    ]);
  });

  it('ends at a depth, however deep it was sent', () => {
    let deep = leaf('end');
    for (let at = 0; at < 5000; at++) deep = { ...leaf(`n${at}`), because: [deep] };
    expect(treeLines(deep, new Set())).toHaveLength(12);
  });

  it('is walked by arrows: right opens or goes in, left closes or goes out', () => {
    const open = treeLines(TREE, new Set());
    expect(treeKey('ArrowDown', open, 3)).toEqual({ focus: 3 });
    expect(treeKey('ArrowRight', open, 1)).toEqual({ focus: 2 });
    expect(treeKey('ArrowLeft', open, 2)).toEqual({ focus: 1 });
    expect(treeKey('ArrowLeft', open, 1)).toEqual({ toggle: '0.0' });
    expect(treeKey('End', open, 0)).toEqual({ focus: 3 });
    const closed = treeLines(TREE, new Set(['0.0']));
    expect(treeKey('ArrowRight', closed, 1)).toEqual({ toggle: '0.0' });
    expect(treeKey('q', closed, 1)).toBeNull();
  });

  it('finds the two numbers that were compared', () => {
    expect(comparisonOf({ used: 6, limit: 5, windowMs: 1 })).toEqual({ used: 6, limit: 5 });
    expect(comparisonOf({ used: 6 })).toBeNull();
    expect(comparisonOf({ used: '6', limit: 5 })).toBeNull();
    expect(comparisonOf({ used: 6, limit: 0 })).toBeNull();
  });
});

type Step = DecisionAnswer['steps'][number];
const step = (guard: string, phase: string | null, rest: Partial<Step> = {}): Step => ({
  guard,
  phase,
  mode: 'enforce',
  verdict: 'pass',
  reason: null,
  replayed: true,
  ...rest,
});

describe('the way through the corridor', () => {
  it('ends where a guard refused; what comes after was not reached', () => {
    const stations = stationsOf({
      verdict: 'deny',
      guard: 'csrf',
      steps: [step('limit', 'admit'), step('csrf', 'screen', { verdict: 'deny' })],
    });
    expect(stations.map(({ name, state }) => [name, state])).toEqual([
      ['admit', 'passed'],
      ['screen', 'ended'],
      ['identify', 'unreached'],
      ['authorize', 'unreached'],
      ['meter', 'unreached'],
      ['validate', 'unreached'],
      ['assess', 'unreached'],
      ['handler', 'unreached'],
    ]);
    expect(corridorSentence(stations)).toBe('Passed admit; ended at screen.');
  });

  it('leads to the handler when only a shadow guard objected', () => {
    const stations = stationsOf({
      verdict: 'pass',
      guard: null,
      steps: [step('burst', 'admit', { mode: 'shadow', verdict: 'deny' }), step('csrf', 'screen')],
    });
    expect(stations.at(-1)).toMatchObject({ name: 'handler', state: 'passed' });
    expect(stations.every(({ state }) => state !== 'ended')).toBe(true);
    expect(corridorSentence(stations)).toBe('Passed admit, screen; reached the handler.');
  });

  it('keeps guards whose phase is not known', () => {
    const stations = stationsOf({
      verdict: 'deny',
      guard: 'mine',
      steps: [step('mine', null, { verdict: 'deny' })],
    });
    expect(stations.find(({ name }) => name === 'other')?.state).toBe('ended');
  });

  it('draws a step as the decision was counted, and shadow limits as limits', () => {
    const decision = { trafficClass: 'limited', guard: 'limit' } as const;
    expect(stepClass(step('limit', 'admit', { verdict: 'deny' }), decision)).toBe('limited');
    expect(stepClass(step('csrf', 'screen', { verdict: 'deny' }), decision)).toBe('blocked');
    const shadow = step('burst', 'admit', {
      verdict: 'deny',
      mode: 'shadow',
      reason: leaf('limit.exceeded'),
    });
    expect(stepClass(shadow, decision)).toBe('limited');
  });
});

describe('decisions of the stream', () => {
  const one = (id: string, atMs: number, rest: Partial<DecisionSummary> = {}): DecisionSummary => ({
    id,
    atMs,
    method: 'GET',
    route: 'GET /x',
    path: '/x',
    address: '203.0.113.7',
    principal: null,
    verdict: 'deny',
    trafficClass: 'blocked',
    guard: 'csrf',
    code: 'CSRF',
    status: 403,
    wouldRefuse: [],
    durationMs: 1,
    weight: 1,
    ...rest,
  });

  it('are counted as new when they are newer than the newest shown and match its filters', () => {
    const shown = one('a', 100);
    const streamed = [one('old', 50), shown, one('b', 200), one('c', 300, { guard: 'limit' })];
    expect(countNew(streamed, shown, [])).toBe(2);
    expect(countNew(streamed, shown, [{ field: 'guard', value: 'csrf', exclude: false }])).toBe(1);
    expect(countNew(streamed, shown, [{ field: 'guard', value: 'csrf', exclude: true }])).toBe(1);
  });

  it('need one of several values of a field, and one of every field', () => {
    const guards = [
      { field: 'guard', value: 'limit', exclude: false },
      { field: 'guard', value: 'csrf', exclude: false },
    ] as const;
    expect(isMatch(one('a', 1), guards)).toBe(true);
    expect(isMatch(one('a', 1), [...guards, { field: 'method', value: 'POST', exclude: false }])).toBe(false);
    expect(isMatch(one('a', 1, { guard: 'cors' }), guards)).toBe(false);
  });

  it('match numbers, lists and missing values as the list does', () => {
    expect(isMatch(one('a', 1), [{ field: 'status', value: '403', exclude: false }])).toBe(true);
    expect(isMatch(one('a', 1), [{ field: 'principal', value: 'ada', exclude: false }])).toBe(false);
    expect(isMatch(one('a', 1), [{ field: 'principal', value: 'ada', exclude: true }])).toBe(true);
    const shadowed = one('a', 1, { wouldRefuse: ['burst'] });
    expect(isMatch(shadowed, [{ field: 'wouldRefuse', value: 'any', exclude: false }])).toBe(true);
    expect(isMatch(one('a', 1), [{ field: 'wouldRefuse', value: 'any', exclude: false }])).toBe(false);
    expect(isMatch(shadowed, [{ field: 'wouldRefuse', value: 'burst', exclude: false }])).toBe(true);
  });
});
