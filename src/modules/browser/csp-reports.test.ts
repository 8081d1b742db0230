import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventFields } from '../../core/events.ts';
import { ManualClock } from '../../testing/clock.ts';
import { type CspReportOptions, cspReports } from './csp-reports.ts';

const LEGACY = 'application/csp-report';
const MODERN = 'application/reports+json';

function receiver(options: CspReportOptions = {}) {
  const clock = new ManualClock();
  const events: (EventFields | undefined)[] = [];
  const reports = cspReports(options, {
    clock,
    events: { emit: (_type, fields) => void events.push(fields) },
  });
  return { reports, clock, events };
}
function legacy(
  blocked: string,
  directive = 'img-src',
  page = 'https://shop.example.com/cart?token=SECRET',
): string {
  return JSON.stringify({
    'csp-report': {
      'document-uri': page,
      'effective-directive': directive,
      'blocked-uri': blocked,
      disposition: 'report',
      'script-sample': 'SECRET',
    },
  });
}
function modern(...blocked: string[]): string {
  return JSON.stringify(
    blocked.map((blockedURL) => ({
      type: 'csp-violation',
      url: 'https://shop.example.com/cart',
      body: {
        documentURL: 'https://shop.example.com/cart#x',
        effectiveDirective: 'script-src-elem',
        blockedURL,
        disposition: 'enforce',
      },
    })),
  );
}

describe('reports of violations', () => {
  it('are read in both forms and counted by directive and origin', () => {
    const { reports, clock } = receiver();
    expect(reports.take(LEGACY, legacy('https://cdn.evil.example/a.png?x=1'))).toBe(true);
    clock.advance(1_000);
    expect(reports.take(LEGACY, legacy('https://cdn.evil.example/b.png'))).toBe(true);
    expect(reports.take(`${MODERN}; charset=utf-8`, modern('inline', 'eval', 'inline'))).toBe(true);
    expect(reports.groups()).toEqual([
      { directive: 'img-src', blocked: 'https://cdn.evil.example', count: 2, lastAtMs: clock.now() },
      { directive: 'script-src-elem', blocked: 'inline', count: 2, lastAtMs: clock.now() },
      { directive: 'script-src-elem', blocked: 'eval', count: 1, lastAtMs: clock.now() },
    ]);
  });

  it('become one event per group and hour', () => {
    const { reports, clock, events } = receiver();
    for (let i = 0; i < 10; i++) reports.take(LEGACY, legacy('https://cdn.evil.example/'), '203.0.113.9');
    expect(events).toMatchObject([
      {
        address: '203.0.113.9',
        subject: 'img-src',
        details: { blocked: 'https://cdn.evil.example', page: '/cart', disposition: 'report', count: 1 },
      },
    ]);
    clock.advance(3_600_000);
    reports.take(LEGACY, legacy('https://cdn.evil.example/'));
    expect(events).toHaveLength(2);
    expect(events[1]).toMatchObject({ details: { count: 11 } });
  });

  it('keep neither queries nor samples', () => {
    const { reports, events } = receiver();
    reports.take(LEGACY, legacy('https://user:SECRET@cdn.example/SECRET?SECRET#SECRET'));
    reports.take(LEGACY, legacy('data:SECRET', 'img-src SECRET', 'not a url SECRET'));
    reports.take(LEGACY, legacy('chrome-extension://SECRET/x'));
    expect(JSON.stringify([events, reports.groups()])).not.toContain('SECRET');
  });

  it.each<[string, string]>([
    ['inline', 'inline'],
    ['https', 'https:'],
    ['data', 'data:'],
    ['blob:https://x.example/1', 'blob:'],
    ['wss://x.example:8443/socket', 'wss://x.example:8443'],
    ['https://münchen.example/', 'https://xn--mnchen-3ya.example'],
    ['', '(none)'],
    ['<script>', '(unreadable)'],
    ['a\r\nb', '(unreadable)'],
    [`https://x.example/${'a'.repeat(3_000)}`, '(unreadable)'],
  ])('reduce what was blocked, %j, to %j', (given, kept) => {
    const { reports } = receiver();
    reports.take(LEGACY, legacy(given));
    expect(reports.groups()[0]?.blocked).toBe(kept);
  });

  it.each<[string | undefined, string]>([
    [LEGACY, '{'],
    [LEGACY, '{}'],
    [LEGACY, 'null'],
    [LEGACY, '"x"'],
    [LEGACY, '{"csp-report":[]}'],
    [LEGACY, '{"__proto__":{"csp-report":{}}}'],
    ['text/plain', legacy('https://a.example')],
    [undefined, legacy('https://a.example')],
    [LEGACY, legacy('x'.repeat(70_000))],
    [LEGACY, legacy('ü'.repeat(40_000))],
  ])('are refused when they are none: %s %.40s', (type, body) => {
    const { reports, events } = receiver();
    expect(reports.take(type, body)).toBe(false);
    expect(reports.groups()).toEqual([]);
    expect(events).toEqual([]);
  });

  it('pass over other kinds of report', () => {
    const { reports } = receiver();
    expect(
      reports.take(
        MODERN,
        JSON.stringify([{ type: 'deprecation', body: {} }, 3, null, { type: 'csp-violation' }]),
      ),
    ).toBe(true);
    expect(reports.groups()).toEqual([]);
  });

  it('never fill more than the ceiling, and lose no count', () => {
    const { reports, clock, events } = receiver({ maxGroups: 10, maxEventsPerMinute: 5 });
    for (let i = 0; i < 500; i++) reports.take(LEGACY, legacy(`https://host${i}.example/`));
    expect(reports.groups()).toHaveLength(11);
    expect(reports.groups()[0]).toMatchObject({ directive: 'img-src', blocked: '(other)', count: 490 });
    expect(events).toHaveLength(5);
    // What was not seen for a week makes room.
    clock.advance(8 * 86_400_000);
    reports.take(LEGACY, legacy('https://new.example/'));
    expect(reports.groups()).toMatchObject([{ blocked: 'https://new.example', count: 1 }]);
  });

  it('are read up to a bound per delivery, the rest counted', () => {
    const { reports } = receiver({ maxReports: 3 });
    reports.take(MODERN, modern('inline', 'inline', 'inline', 'inline', 'inline'));
    expect(reports.groups()[0]?.count).toBe(3);
    expect(reports.dropped).toBe(2);
  });

  it('never throw, whatever arrives', () => {
    const { reports } = receiver();
    fc.assert(
      fc.property(
        fc.constantFrom(LEGACY, MODERN, 'application/json'),
        fc.oneof(fc.json(), fc.string()),
        (type, body) => {
          reports.take(type, body);
          reports.take(type, `{"csp-report":${body}}`);
          reports.take(type, `[{"type":"csp-violation","body":${body}}]`);
        },
      ),
    );
    expect(reports.groups().length).toBeLessThanOrEqual(600);
  });
});
