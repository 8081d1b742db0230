import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  curlOf,
  EVENT_CHOICES,
  EVENT_FIELDS,
  eventFiltersOf,
  eventParams,
  readEventFilter,
  settingEvent,
  withEvent,
  withoutEvent,
  withoutEvents,
} from './event-search.ts';
import { parseSearch, stringifySearch } from './search.ts';

const aFilter = fc.constantFrom(...EVENT_FIELDS).chain((field) =>
  fc.record({
    field: fc.constant(field),
    value:
      field in EVENT_CHOICES
        ? fc.constantFrom(...EVENT_CHOICES[field as keyof typeof EVENT_CHOICES])
        : field === 'type'
          ? fc.constantFrom('SIGN_IN_FAILED', 'BLOCK_ADDED', 'CSRF_ATTEMPT')
          : fc.string({ minLength: 2, maxLength: 40 }).filter((text) => text.trim().length > 1),
  }),
);

describe('the filters of events in the address bar', () => {
  it('come back as they were written, whatever the values hold', () => {
    fc.assert(
      fc.property(fc.array(aFilter, { maxLength: 10 }), (filters) => {
        const view = filters.reduce((search, filter) => withEvent(search, filter), {});
        expect(parseSearch(stringifySearch({ ...view }))).toEqual(view);
      }),
    );
  });

  it('take repeated names, as the API does, and leave out what a field cannot have', () => {
    const view = parseSearch(
      '?type=BLOCK_ADDED&type=SIGN_IN_FAILED&severity=HIGH,LOUD&class=secret&text=x&since=9y',
    );
    expect(view).toEqual({ type: 'BLOCK_ADDED,SIGN_IN_FAILED', severity: 'HIGH' });
    expect(parseSearch('?since=1h')).toEqual({ since: '1h' });
    expect(stringifySearch({ since: '1h' })).toBe('?since=1h');
  });

  it('grow in a list, replace each other elsewhere, and go one by one or all together', () => {
    const high = withEvent({ since: '24h' }, { field: 'severity', value: 'HIGH' });
    const both = withEvent(high, { field: 'severity', value: 'LOW' });
    expect(both.severity).toBe('HIGH,LOW');
    expect(withEvent(both, { field: 'severity', value: 'LOW' })).toEqual(both);
    expect(withoutEvent(both, { field: 'severity', value: 'HIGH' }).severity).toBe('LOW');
    expect(withoutEvent(high, { field: 'severity', value: 'HIGH' })).toEqual({ since: '24h' });
    const actor = withEvent(withEvent(both, { field: 'actor', value: 'a' }), { field: 'actor', value: 'b' });
    expect(eventFiltersOf(actor).map(({ value }) => value)).toEqual(['HIGH', 'LOW', 'b']);
    expect(withoutEvents(actor)).toEqual({ since: '24h' });
    expect(settingEvent(actor, 'actor', [])).toEqual(both);
    expect(withEvent({}, { field: 'outcome', value: 'maybe' })).toEqual({});
  });

  it('go to the API under its own names, with the span in milliseconds', () => {
    const view = { type: 'A_B,C_D', address: '203.0.113.0/24', since: '15m' };
    expect(eventParams(view, 1_000_000).toString()).toBe(
      'type=A_B&type=C_D&address=203.0.113.0%2F24&from=100000',
    );
    expect(eventParams({ from: 5, to: 9, since: '1h' }, 1_000_000).toString()).toBe('from=5&to=9');
    expect(eventParams({}, 1_000_000).size).toBe(0);
  });

  it('make a command that a shell takes as it is', () => {
    const text = curlOf('https://a.example', '/admin/events', new URLSearchParams({ text: "it's $(id)" }));
    expect(text).toBe(
      `curl -sS -H "authorization: Bearer $RAMPART_OPERATOR_KEY" 'https://a.example/admin/events?text=it%27s+%24%28id%29'`,
    );
  });
});

describe('what is typed into the box of events', () => {
  it.each([
    ['actor:user:acc_1', 'actor', 'user:acc_1'],
    ['ip:2001:db8::1', 'address', '2001:db8::1'],
    ['203.0.113.0/24', 'address', '203.0.113.0/24'],
    ['2001:db8::/32', 'address', '2001:db8::/32'],
    ['SIGN_IN_FAILED', 'type', 'SIGN_IN_FAILED'],
    ['sign_in_failed', 'type', 'SIGN_IN_FAILED'],
    ['type:sign_in_failed', 'type', 'SIGN_IN_FAILED'],
    ['critical', 'severity', 'CRITICAL'],
    ['POST /orders', 'route', 'POST /orders'],
    ['dec_0001', 'decision', 'dec_0001'],
    ['ses_0001', 'session', 'ses_0001'],
    ['4bf92f3577b34da6a3ce929d0e0e4736', 'trace', '4bf92f3577b34da6a3ce929d0e0e4736'],
    ['acc_01', 'actor', 'acc_01'],
    ['resolved:no', 'resolved', 'false'],
    ['disk full', 'text', 'disk full'],
    ['note: disk', 'text', 'note: disk'],
  ])('%s is looked for in %s', (typed, field, value) => {
    expect(readEventFilter(typed)).toEqual({ field, value });
  });

  it.each(['', ' ', 'x', 'actor:', 'class:unknown', `text:${'x'.repeat(300)}`])(
    '%j is not looked for',
    (typed) => expect(readEventFilter(typed)).toBeNull(),
  );
});
