import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  apiQuery,
  FILTER_FIELDS,
  filtersOf,
  parseSearch,
  readFilter,
  spanOf,
  stringifySearch,
  withFilter,
  withoutFilter,
} from './search.ts';

const aFilter = fc.record({
  field: fc.constantFrom(...FILTER_FIELDS),
  value: fc.string({ minLength: 1, maxLength: 40 }),
  exclude: fc.boolean(),
});

describe('the view in the address bar', () => {
  it('comes back as it was written, whatever the values hold', () => {
    fc.assert(
      fc.property(fc.array(aFilter, { maxLength: 8 }), (filters) => {
        const view = filters.reduce((search, filter) => withFilter(search, filter), {});
        expect(parseSearch(stringifySearch({ ...view }))).toEqual(view);
      }),
    );
  });

  it('leaves the default range out and keeps the others', () => {
    expect(stringifySearch({ range: '1h' })).toBe('');
    expect(stringifySearch({ range: '7d', filter: ['address:203.0.113.7'] })).toBe(
      '?filter=address%3A203.0.113.7&range=7d',
    );
  });

  it('drops what it does not know: ranges, fields, spans that end before they begin', () => {
    expect(parseSearch('?range=9y&filter=colour:red&filter=address:&from=20&to=10&evil=1')).toEqual({
      filter: ['address:'],
    });
    expect(parseSearch('?from=10&to=20')).toEqual({ from: 10, to: 20 });
    expect(parseSearch('?from=10')).toEqual({});
  });

  it('keeps search, status and role of users, the search up to a hundred characters', () => {
    const search = { q: 'ada & co', role: 'viewer', status: 'locked' };
    expect(parseSearch(stringifySearch(search))).toEqual(search);
    expect(parseSearch(`?q=${'x'.repeat(500)}`).q).toHaveLength(100);
  });

  it('takes nine filters of a kind at most', () => {
    const text = Array.from({ length: 60 }, (_, at) => `filter=address:${at}`).join('&');
    expect(parseSearch(text).filter).toHaveLength(9);
  });

  it('counts a named range back from now and lets a zoomed span win', () => {
    expect(spanOf({ range: '15m' }, 1_000_000)).toEqual({ fromMs: 100_000, toMs: 1_000_000 });
    expect(spanOf({}, 3_600_000)).toEqual({ fromMs: 0, toMs: 3_600_000 });
    expect(spanOf({ range: '7d', from: 5, to: 9 }, 1_000_000)).toEqual({ fromMs: 5, toMs: 9 });
  });
});

describe('filters', () => {
  it('turn into their opposite instead of standing beside it', () => {
    const kept = withFilter({}, { field: 'guard', value: 'csrf', exclude: false });
    const left = withFilter(kept, { field: 'guard', value: 'csrf', exclude: true });
    expect(left).toEqual({ exclude: ['guard:csrf'] });
  });

  it('are added once', () => {
    const filter = { field: 'guard', value: 'csrf', exclude: false } as const;
    expect(withFilter(withFilter({}, filter), filter)).toEqual({ filter: ['guard:csrf'] });
  });

  it('keep colons in their values', () => {
    expect(filtersOf({ filter: ['address:2001:db8::1'] })).toEqual([
      { field: 'address', value: '2001:db8::1', exclude: false },
    ]);
  });

  it('disappear without a trace', () => {
    expect(withoutFilter({ filter: ['guard:csrf'], range: '6h' }, 'guard:csrf')).toEqual({ range: '6h' });
  });

  it('go to the API repeated, beside what else is asked', () => {
    expect(
      apiQuery({ filter: ['guard:a'], exclude: ['route:GET /x'] }, { limit: 5, before: undefined }),
    ).toBe('?limit=5&filter=guard%3Aa&exclude=route%3AGET+%2Fx');
  });
});

describe('what is typed into the filter box', () => {
  it.each([
    ['address:203.0.113.7', { field: 'address', value: '203.0.113.7', exclude: false }],
    ['-guard:csrf', { field: 'guard', value: 'csrf', exclude: true }],
    ['USERAGENT:curl', { field: 'userAgent', value: 'curl', exclude: false }],
    ['203.0.113.7', { field: 'address', value: '203.0.113.7', exclude: false }],
    ['2001:db8::1', { field: 'address', value: '2001:db8::1', exclude: false }],
    ['429', { field: 'status', value: '429', exclude: false }],
    ['GET /orders/:id', { field: 'route', value: 'GET /orders/:id', exclude: false }],
    ['POST', { field: 'method', value: 'POST', exclude: false }],
    ['API_RATE_LIMIT_EXCEEDED', { field: 'code', value: 'API_RATE_LIMIT_EXCEEDED', exclude: false }],
    ['ada@example.org', { field: 'principal', value: 'ada@example.org', exclude: false }],
  ])('%s is understood', (typed, filter) => {
    expect(readFilter(typed)).toEqual(filter);
  });

  it('is nothing when a value is missing', () => {
    expect(readFilter('  ')).toBeNull();
    expect(readFilter('address:')).toBeNull();
    expect(readFilter('-')).toBeNull();
  });
});
