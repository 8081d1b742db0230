import { describe, expect, it } from 'vitest';
import { headerFields, keptFields } from './event-fields.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

describe('fields of events', () => {
  const from = (headers: Readonly<Record<string, string>>) => headerFields((name) => headers[name]);

  it('take the trace of a W3C traceparent, and nothing that only looks like one', () => {
    expect(from({ traceparent: `00-${TRACE}-00f067aa0ba902b7-01` })).toEqual({ traceId: TRACE });
    // A later version may say more behind a dash.
    expect(from({ traceparent: `01-${TRACE}-00f067aa0ba902b7-01-more` })).toEqual({ traceId: TRACE });
    for (const wrong of [
      `ff-${TRACE}-00f067aa0ba902b7-01`,
      `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      `00-${TRACE}-${'0'.repeat(16)}-01`,
      `00-${TRACE.toUpperCase()}-00f067aa0ba902b7-01`,
      `00-${TRACE}-00f067aa0ba902b7-011`,
      TRACE,
    ])
      expect(from({ traceparent: wrong }), wrong).toEqual({});
  });

  it('take a request id that looks like one, and leave any other text of the client out', () => {
    expect(from({ 'x-request-id': '7f3c-1.edge:9' })).toEqual({ requestId: '7f3c-1.edge:9' });
    for (const wrong of ['', 'a b', '<script>', 'x'.repeat(101), 'ä'])
      expect(from({ 'x-request-id': wrong }), wrong).toEqual({});
  });

  it('hold a user agent without control characters, and not all of an endless one', () => {
    expect(keptFields({ userAgent: 'curl\u001b[31m/8\r\nx' }).userAgent).toBe('curl [31m/8 x');
    expect(keptFields({ userAgent: 'x'.repeat(10_000) }).userAgent).toHaveLength(300);
  });

  it('hold nothing under the name of a secret', () => {
    const details = {
      password: 'hunter2',
      'x-api-key': 'k',
      refreshToken: 't',
      otp: 123_456,
      reason: 'wrong',
    };
    expect(keptFields({ details }).details).toEqual({
      password: '[redacted]',
      'x-api-key': '[redacted]',
      refreshToken: '[redacted]',
      otp: '[redacted]',
      reason: 'wrong',
    });
    expect(details.password).toBe('hunter2');
  });

  it('hold so many details and so much of each, and no more', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`n${i}`, i]));
    expect(Object.keys(keptFields({ details: many }).details ?? {})).toHaveLength(40);
    const long = keptFields({ details: { text: 'x'.repeat(5_000), ['n'.repeat(101)]: 1 } }).details;
    expect(long).toEqual({ text: `${'x'.repeat(1_000)}…` });
  });
});
