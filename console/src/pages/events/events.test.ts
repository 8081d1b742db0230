import { describe, expect, it } from 'vitest';
import { EVENTS } from '../../../../src/core/events.ts';
import type { EventEntry } from '../../../../src/server/api/types.ts';
import { inputTime, readInputTime } from '../../format/time.ts';
import { accountOf, whereFacts, whoFacts } from './facts.ts';
import { familyOf, groupTypes, REST } from './families.ts';
import { MAX_ROWS, mergeFresh, newerThan, withEventReplaced } from './fresh.ts';

const event = (id: string, more: Partial<EventEntry> = {}): EventEntry => ({
  id,
  type: 'BLOCK_ADDED',
  severity: 'MEDIUM',
  class: 'audit',
  atMs: 1,
  node: 'one',
  about: 'An address or range was blocked.',
  outcome: null,
  actor: null,
  subject: null,
  address: null,
  place: null,
  userAgent: null,
  session: null,
  route: null,
  decision: null,
  requestId: null,
  traceId: null,
  details: {},
  resolvedAtMs: null,
  resolvedBy: null,
  ...more,
});
const list = (...pages: readonly (readonly string[])[]) => ({
  pages: pages.map((ids) => ({ events: ids.map((id) => event(id)), nextBefore: ids.at(-1) ?? null })),
  pageParams: pages.map((_, at) => (at === 0 ? undefined : String(at))),
});
const idsOf = ({ pages }: ReturnType<typeof mergeFresh>): readonly (readonly string[])[] =>
  pages.map((page) => page.events.map(({ id }) => id));

describe('a list of events that grows while it is looked at', () => {
  it('knows what is new by the ids, which are ordered by time', () => {
    const found = ['evt_9', 'evt_8', 'evt_7'].map((id) => event(id));
    expect(newerThan(found, 'evt_7').map(({ id }) => id)).toEqual(['evt_9', 'evt_8']);
    expect(newerThan(found, undefined)).toHaveLength(3);
  });

  it('takes new events at its top and nowhere else', () => {
    expect(idsOf(mergeFresh(list(['c', 'b'], ['a']), [event('d')]))).toEqual([['d', 'c', 'b'], ['a']]);
  });

  it('never holds more rows than its ceiling, and reads on behind the last that is left', () => {
    const many = Array.from({ length: MAX_ROWS - 1 }, (_, at) => `b${at}`);
    const merged = mergeFresh(list(many, ['a1', 'a0']), [event('d'), event('c')]);
    expect(merged.pages.flatMap((page) => page.events)).toHaveLength(MAX_ROWS);
    expect(merged.pages.at(-1)?.nextBefore).toBe(merged.pages.at(-1)?.events.at(-1)?.id);
    expect(merged.pageParams).toHaveLength(merged.pages.length);
  });

  it('shows an event that was settled as it is now, wherever it stands', () => {
    const changed = withEventReplaced(list(['c'], ['b', 'a']), event('b', { resolvedBy: 'ada' }));
    expect(changed.pages[1]?.events.map(({ resolvedBy }) => resolvedBy)).toEqual(['ada', null]);
  });
});

describe('types of events', () => {
  it('have each one family, and few are left over', () => {
    const types = Object.keys(EVENTS);
    const left = types.filter((type) => familyOf(type) === REST);
    expect(left).not.toEqual([]);
    expect(left.length).toBeLessThan(types.length / 5);
    expect(familyOf('BACKUP_CODE_USED')).toBe('Second factors');
    expect(familyOf('BACKUP_CREATED')).toBe(REST);
  });

  it('are found by words of their name, other names and meaning, in a fixed order', () => {
    const types = [
      { type: 'TOTP_FAILED', about: 'A code was wrong.', aliases: ['MFA_FAILURE'] },
      { type: 'SIGN_IN_FAILED', about: 'A sign-in was refused.', aliases: ['LOGIN_FAILURE'] },
    ];
    expect(groupTypes(types, '').map(([family]) => family)).toEqual([
      'Second factors',
      'Sign-in and accounts',
    ]);
    const found = (typed: string): readonly string[] =>
      groupTypes(types, typed).flatMap(([, some]) => some.map(({ type }) => type));
    expect(found('login')).toEqual(['SIGN_IN_FAILED']);
    expect(found('failed in')).toEqual(['SIGN_IN_FAILED']);
    expect(found('code wrong')).toEqual(['TOTP_FAILED']);
    expect(found('nothing')).toEqual([]);
  });
});

describe('an event told apart', () => {
  it('names who and where as far as is known, and nothing else', () => {
    const one = event('a', { actor: 'user:acc_1', address: '192.0.2.1', traceId: 'f'.repeat(32) });
    expect(whoFacts(one).map(({ name }) => name)).toEqual(['Actor']);
    expect(whereFacts(one).map(({ field }) => field)).toEqual(['address', 'trace', undefined]);
  });

  it('leads to an account only where one acted', () => {
    expect(accountOf('user:acc_01k')).toBe('acc_01k');
    expect(accountOf('acc_01k')).toBe('acc_01k');
    for (const other of [null, 'operator', 'service:svc_1', '198.51.100.0/28'])
      expect(accountOf(other)).toBeNull();
  });
});

describe('a field of date and time', () => {
  it('holds the same moment in both zones, to the minute', () => {
    const atMs = Date.UTC(2026, 10, 21, 14, 5);
    expect(inputTime(atMs, 'utc')).toBe('2026-11-21T14:05');
    for (const zone of ['utc', 'local'] as const)
      expect(readInputTime(inputTime(atMs, zone), zone)).toBe(atMs);
    expect(readInputTime('', 'utc')).toBeNull();
    expect(readInputTime('2026-13-41T99:99', 'utc')).toBeNull();
  });
});
