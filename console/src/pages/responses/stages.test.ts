import { describe, expect, it } from 'vitest';
import type { ResponseEntry } from '../../api/responses.ts';
import { stagesOf } from './stages.ts';
import { touchedSearch } from './touched.ts';

const entry = (rest: Partial<ResponseEntry>): ResponseEntry => ({
  id: 'rsp_1',
  responder: 'block',
  target: '203.0.113.7',
  how: null,
  state: 'full',
  reason: 'of a test',
  startedBy: 'scanner_fingerprint',
  automatic: true,
  alert: null,
  evidence: [],
  startedAtMs: 1_000,
  expiresAtMs: 9_000,
  endedAtMs: null,
  endedBy: null,
  stage: 1,
  radius: null,
  approvalsNeeded: 0,
  approvedBy: [],
  met: null,
  canUndo: true,
  ...rest,
});
const ways = (rest: Partial<ResponseEntry>, ...told: readonly (readonly [string, number])[]) =>
  stagesOf(
    entry(rest),
    told.map(([type, atMs]) => ({ type, atMs })),
  ).map(({ name, how }) => `${name}: ${how}`);

describe('the way of a response', () => {
  it('leads over a part to all of its target, and ends by itself', () => {
    const staged = { state: 'staged', stage: 0.05 } as const;
    expect(ways(staged, ['RESPONSE_STARTED', 1_000])).toEqual([
      'Acts on a part: now',
      'Acts on all of its target: ahead',
      'Ends by itself: ahead',
    ]);
    expect(ways({}, ['RESPONSE_STARTED', 1_000], ['RESPONSE_WIDENED', 2_000])).toEqual([
      'Acts on a part: done',
      'Acts on all of its target: now',
      'Ends by itself: ahead',
    ]);
    expect(ways({ state: 'expired', endedAtMs: 9_000 }, ['RESPONSE_STARTED', 1_000])).toEqual([
      'Acts on all of its target: done',
      'Ran out: done',
    ]);
  });

  it('waits for people where it must, and says what it never came to', () => {
    const two = { approvalsNeeded: 2, approvedBy: ['user:a'] };
    expect(ways({ ...two, state: 'waiting' }, ['RESPONSE_WAITING', 1_000])).toEqual([
      'People agree: now',
      'Acts on all of its target: ahead',
      'Ends by itself: ahead',
    ]);
    expect(ways({ ...two, state: 'refused', endedAtMs: 2_000 }, ['RESPONSE_WAITING', 1_000])).toEqual([
      'People agree: never',
      'Acts on all of its target: never',
      'Refused: done',
    ]);
    expect(ways({ state: 'shadow' })).toEqual(['Would have acted: now']);
  });

  it('leads to the decisions about its target while it acted', () => {
    const of = (target: string) => touchedSearch(entry({ target, endedAtMs: 5_000 }));
    expect(of('203.0.113.7')).toEqual({ from: 1_000, to: 5_000, filter: ['address:203.0.113.7'] });
    expect(of('2001:db8::/48')?.filter).toEqual(['range:2001:db8::/48']);
    expect(of('user:acc_1')?.filter).toEqual(['principal:acc_1']);
    expect(of('read-only')).toBeNull();
  });
});
