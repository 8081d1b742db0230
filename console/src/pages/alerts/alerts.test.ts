import { describe, expect, it } from 'vitest';
import type { AlertEntry } from '../../api/alerts.ts';
import { newAlertWords } from '../../shell/new-alerts.ts';
import { applied, groupFields, stepsOf, type TriageAct } from './acts.ts';
import { pulseOf } from './pulse.ts';
import { steady } from './steady.ts';
import { noteWords } from './words.ts';

const alert = (id: string, rest: Partial<AlertEntry> = {}): AlertEntry => ({
  id,
  rule: 'path_scanning',
  title: `Alert ${id}`,
  description: '',
  severity: 'HIGH',
  state: 'ACTIVE',
  group: null,
  count: 1,
  firstAtMs: 0,
  lastAtMs: 0,
  assignee: null,
  snoozedUntilMs: null,
  reopened: 0,
  escalatesAtMs: 5,
  changedBy: null,
  changedAtMs: null,
  ...rest,
});
const ids = (rows: readonly AlertEntry[]): string => rows.map(({ id }) => id).join('');
const list = (text: string): readonly AlertEntry[] => text.split('').map((id) => alert(id));

describe('rows that stay where they are', () => {
  it.each([
    ['', 'abc', 'abc', 0],
    ['abc', 'xabcd', 'abcd', 1],
    ['abc', 'xaybcz', 'abcz', 2],
    ['abc', 'ac', 'ac', 0],
    ['abc', 'cab', 'abc', 0],
    ['abc', 'xyz', 'xyz', 0],
  ])('shown %j, now %j: shows %j, %i wait', (shown, next, rows, waiting) => {
    const found = steady(shown.split(''), list(next));
    expect([ids(found.rows), found.waiting]).toEqual([rows, waiting]);
  });

  it('show how their alerts stand now', () => {
    const { rows } = steady(['a'], [alert('a', { count: 9 })]);
    expect(rows[0]?.count).toBe(9);
  });
});

describe('an act', () => {
  const me = 'user:ada';
  const steps = (one: AlertEntry, act: TriageAct): string =>
    stepsOf(one, act, me, 1_000)
      .map(({ name, body }) => `${name} ${JSON.stringify(body)}`)
      .join(', ');

  it('takes what nobody has by acknowledging it, and from somebody else by assigning it too', () => {
    expect(steps(alert('a'), { kind: 'take' })).toBe('acknowledge {}');
    expect(steps(alert('a', { assignee: 'user:eve' }), { kind: 'take' })).toBe(
      'acknowledge {}, assign {"to":"user:ada"}',
    );
    const taken = alert('a', { state: 'INVESTIGATING', assignee: 'user:eve' });
    expect(steps(taken, { kind: 'take' })).toBe('assign {"to":"user:ada"}');
    expect(steps({ ...taken, assignee: me }, { kind: 'take' })).toBe('');
    expect(steps(alert('a'), { kind: 'snooze', forMs: 60 })).toBe('snooze {"untilMs":1060}');
  });

  it('asks nothing of the server where nothing would change', () => {
    const settled = alert('a', { state: 'RESOLVED' });
    for (const kind of ['take', 'investigate', 'resolve'] as const) expect(steps(settled, { kind })).toBe('');
    expect(steps(settled, { kind: 'reopen' })).toBe('reopen {}');
    expect(steps(alert('a'), { kind: 'reopen' })).toBe('');
    expect(steps(alert('a', { state: 'INVESTIGATING' }), { kind: 'investigate' })).toBe('');
  });

  it('is shown as the server will leave it', () => {
    const shown = (act: TriageAct) => applied(alert('a'), act, me, 1_000);
    expect(shown({ kind: 'take' })).toMatchObject({
      state: 'INVESTIGATING',
      assignee: me,
      escalatesAtMs: null,
    });
    expect(shown({ kind: 'snooze', forMs: 60 })).toMatchObject({ state: 'ACTIVE', snoozedUntilMs: 1_060 });
    expect(shown({ kind: 'false-positive' }).state).toBe('FALSE_POSITIVE');
    expect(shown({ kind: 'assign', to: null })).toMatchObject({ assignee: null, changedBy: me });
  });
});

describe('what an alert says', () => {
  it('is about the fields of its group', () => {
    expect(groupFields('network=2001:db8::/64 target=GET /a b=c')).toEqual([
      ['network', '2001:db8::/64'],
      ['target', 'GET /a'],
      ['b', 'c'],
    ]);
    expect(groupFields('user:acc_1')).toEqual([['subject', 'user:acc_1']]);
  });

  it('draws its events where there are enough of them', () => {
    expect(pulseOf([5, 5, 5], 4)).toBeNull();
    expect(pulseOf([0, 1], 4)).toBeNull();
    expect(pulseOf([0, 1, 50, 99, 100], 4)).toMatchObject({ counts: [2, 0, 1, 2], peak: 2 });
  });

  it('tells who was told by which channel, and to whom it was given', () => {
    const words = (kind: string, text: string) => noteWords({ atMs: 0, by: null, kind, text });
    expect(words('told', 'on call: escalated')).toMatchObject({
      what: 'told on call that nobody has taken it',
      text: '',
    });
    expect(words('assigned', 'To user:acc_1.')).toMatchObject({ whom: 'user:acc_1', text: '' });
    expect(words('assigned', 'To nobody.')).toMatchObject({ whom: null, what: 'gave it up' });
    expect(words('note', 'told: x')).toMatchObject({ text: 'told: x' });
  });

  it('is announced when it is new, the worst with the number of the others', () => {
    expect(newAlertWords(new Set(['a']), list('a'))).toBeNull();
    expect(newAlertWords(new Set(['a']), list('ba'))).toBe('New alert, high: Alert b');
    expect(newAlertWords(new Set(), list('bac'))).toBe('New alert, high: Alert b, and 2 more');
  });
});
