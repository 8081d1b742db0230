import { describe, expect, it } from 'vitest';
import type { ReviewLine, RolesAnswer } from '../../../../src/server/api/access-types.ts';
import { expiryOf, leftWords } from './expiry.ts';
import { stateOf } from './key-state.ts';
import { byResource, lookOf, lookWords, moveIn } from './matrix.ts';
import { inFirstOrder, keyOf, nextOpen, withDecided } from './review.ts';
import { readRow } from './row-text.ts';

type Role = RolesAnswer['roles'][number];
const role = (
  name: string,
  inherits: readonly string[],
  cells: readonly (readonly [when: Role['cells'][number]['when'], text?: string])[],
): Role => ({
  role: name,
  inherits,
  needsApproval: false,
  cells: cells.map(([when, text = ''], at) => ({ permission: `p:${at}`, when, text, inProcessOnly: false })),
});

describe('a cell of the matrix', () => {
  const base = role('base', [], [['always'], ['sometimes', 'a = 1'], ['never'], ['always']]);
  const middle = role('middle', ['base'], [['always'], ['sometimes', 'a = 1'], ['never'], ['always']]);
  const top = role(
    'top',
    ['middle', 'base'],
    [['always'], ['sometimes', 'a = 1 or b = 2'], ['always'], ['never']],
  );
  const roles = [base, middle, top];

  it('says what a role has of its own, and what the nearest other role gives it', () => {
    expect(lookOf(roles, base, 0)).toMatchObject({ standing: 'always', from: null });
    expect(lookOf(roles, middle, 1)).toMatchObject({ standing: 'condition', from: 'base', text: 'a = 1' });
    expect(lookOf(roles, top, 0)).toMatchObject({ standing: 'always', from: 'middle' });
    expect(lookWords(lookOf(roles, middle, 1))).toBe('Under a condition, inherited from base');
  });

  it('takes a condition that was added as the role’s own', () => {
    expect(lookOf(roles, top, 1)).toMatchObject({ standing: 'condition', from: null });
    expect(lookOf(roles, top, 2)).toMatchObject({ standing: 'always', from: null });
  });

  it('tells a denial from nothing: only what would be inherited can be missing by a rule', () => {
    expect(lookOf(roles, top, 3).standing).toBe('denied');
    expect(lookOf(roles, middle, 2).standing).toBe('none');
    expect(lookOf(roles, top, 9).standing).toBe('none');
  });
});

describe('the rows of the matrix', () => {
  it('stand under their resource and keep their place in the policy', () => {
    expect(byResource(['orders:read', 'menu:read', 'orders:a:b', 'ping'])).toEqual([
      {
        resource: 'orders',
        permissions: [
          { permission: 'orders:read', action: 'read', at: 0 },
          { permission: 'orders:a:b', action: 'a:b', at: 2 },
        ],
      },
      { resource: 'menu', permissions: [{ permission: 'menu:read', action: 'read', at: 1 }] },
      { resource: 'ping', permissions: [{ permission: 'ping', action: 'ping', at: 3 }] },
    ]);
  });

  it('are walked by arrows that stop at the edges', () => {
    const size = { rows: 3, columns: 2 };
    expect(moveIn('ArrowDown', { row: 2, column: 1 }, size)).toEqual({ row: 2, column: 1 });
    expect(moveIn('ArrowUp', { row: 2, column: 1 }, size)).toEqual({ row: 1, column: 1 });
    expect(moveIn('ArrowRight', { row: 0, column: 0 }, size)).toEqual({ row: 0, column: 1 });
    expect(moveIn('ArrowLeft', { row: 0, column: 0 }, size)).toEqual({ row: 0, column: 0 });
    expect(moveIn('End', { row: 1, column: 0 }, size)).toEqual({ row: 1, column: 1 });
    expect(moveIn('Home', { row: 1, column: 1 }, size)).toEqual({ row: 1, column: 0 });
    expect(moveIn('x', { row: 1, column: 1 }, size)).toBeNull();
  });
});

describe('a typed row', () => {
  it('is nothing when nothing was typed', () => {
    expect(readRow(' \n ')).toEqual({ row: undefined });
  });

  it('keeps types apart', () => {
    const typed = 'customer_id: user:42\ntotal = 12.5\nopen: true\nnote: null\ncode: "7"\nempty:';
    expect(readRow(typed)).toEqual({
      row: { customer_id: 'user:42', total: 12.5, open: true, note: null, code: '7', empty: '' },
    });
    expect(readRow('restaurant: {"owner_id": "user:1"}')).toEqual({
      row: { restaurant: { owner_id: 'user:1' } },
    });
  });

  it('leaves identifiers of digits as text', () => {
    expect(readRow('id: 007\nbig: 12345678901234567890\nhuge: 1e400')).toEqual({
      row: { id: '007', big: '12345678901234567890', huge: '1e400' },
    });
  });

  it('says which line is wrong', () => {
    expect(readRow('status')).toEqual({ fault: '‘status’ is not of the form column: value.' });
    expect(readRow('a: {oops')).toEqual({ fault: 'The value of a is not valid JSON.' });
    expect(readRow(Array.from({ length: 51 }, (_, at) => `c${at}: 1`).join('\n'))).toEqual({
      fault: 'At most 50 columns.',
    });
  });

  it('takes names of the prototype as columns', () => {
    const read = readRow('__proto__: 1');
    expect('row' in read && Object.hasOwn(read.row ?? {}, '__proto__')).toBe(true);
  });
});

describe('how long something is held', () => {
  const nowMs = Date.UTC(2026, 10, 21, 12);

  it('ends after the days that were chosen, or when somebody ends it', () => {
    expect(expiryOf('', '', nowMs)).toBeUndefined();
    expect(expiryOf('30', '', nowMs)).toBe(nowMs + 30 * 86_400_000);
  });

  it('ends with the day that was named, and never without one', () => {
    expect(expiryOf('date', '2026-12-01', nowMs)).toBe(new Date(2026, 11, 2).getTime() - 1);
    expect(expiryOf('date', '', nowMs)).toBeNull();
    expect(expiryOf('date', '2026-13-45', nowMs)).toBeNull();
    expect(expiryOf('date', '2026-11-01', nowMs)).toBeNull();
  });

  it('says what is left, and warns when that is little', () => {
    expect(leftWords(null, nowMs)).toEqual({ text: 'Until ended', state: 'open' });
    expect(leftWords(nowMs - 1, nowMs)).toEqual({ text: 'Ended', state: 'over' });
    expect(leftWords(nowMs + 2 * 86_400_000, nowMs)).toEqual({ text: 'in 2 d', state: 'soon' });
    expect(leftWords(nowMs + 90 * 86_400_000, nowMs)).toEqual({ text: 'in 90 d', state: 'later' });
  });
});

describe('a review', () => {
  const line = (target: string, decision: ReviewLine['decision'] = null): ReviewLine => ({
    kind: 'assignment',
    target,
    subject: 'user:1',
    what: 'support',
    lastUsedAtMs: null,
    decision,
    decidedBy: null,
    decidedAtMs: null,
    note: null,
  });
  const targets = (lines: readonly ReviewLine[]): readonly string[] => lines.map(({ target }) => target);

  it('keeps its lines where they were when one is decided, and puts new ones last', () => {
    const order = [line('a'), line('b'), line('c')].map(keyOf);
    const answered = [line('new'), line('b'), line('c'), line('a', 'keep')];
    expect(targets(inFirstOrder(answered, order))).toEqual(['a', 'b', 'c', 'new']);
  });

  it('goes on with the next undecided line, from the beginning after the end', () => {
    const lines = [line('a'), line('b', 'keep'), line('c'), line('d', 'revoke')];
    expect(nextOpen(line('a'), lines)?.target).toBe('c');
    expect(nextOpen(line('c'), lines)?.target).toBe('a');
    expect(nextOpen(line('b', 'keep'), [line('a', 'keep'), line('b', 'keep')])).toBeUndefined();
  });

  it('counts what is left when a line comes back decided, and tells keys from assignments', () => {
    const review = {
      id: 'rev_1',
      name: 'Third quarter',
      reviewer: 'user:1',
      createdBy: 'user:1',
      createdAtMs: 0,
      dueAtMs: 1,
      closedAtMs: null,
      closedBy: null,
      items: 3,
      open: 3,
    };
    const lines = [line('a'), { ...line('a'), kind: 'key' as const }, line('b')];
    const after = withDecided({ review, lines }, line('a', 'revoke'));
    expect(after.review.open).toBe(2);
    expect(after.lines.map(({ decision }) => decision)).toEqual(['revoke', null, null]);
  });
});

describe('a key', () => {
  it('is live until it is revoked or has run out', () => {
    expect(stateOf({ revokedAtMs: null, expiresAtMs: 10 }, 9)).toBe('live');
    expect(stateOf({ revokedAtMs: null, expiresAtMs: 10 }, 10)).toBe('over');
    expect(stateOf({ revokedAtMs: 5, expiresAtMs: 3 }, 9)).toBe('revoked');
  });
});
