import { describe, expect, it } from 'vitest';
import { defineEvents } from '../core/own-events.ts';
import { readConfig } from './config.ts';

const DAY_MS = 86_400_000;

describe('retention', () => {
  it('keeps signals for 90 days and audit events for ever where nothing is said', () => {
    expect(readConfig({}).retention).toEqual({ signalsMs: 90 * DAY_MS, auditMs: null, types: {} });
  });

  it('takes times by class and by type, other names for their types, and forever', () => {
    const own = defineEvents({ KITCHEN_CLOSED: { class: 'signal', severity: 'LOW', about: 'Closed.' } });
    const events = {
      signals: '30d',
      audit: '400d',
      types: { LOGOUT: 'forever', LOGIN_FAILURE: '7d', SIGN_IN_FAILED: '8d', KITCHEN_CLOSED: '1d' },
    } as const;
    expect(readConfig({ events: own, retention: { events } }).retention).toEqual({
      signalsMs: 30 * DAY_MS,
      auditMs: 400 * DAY_MS,
      types: { SIGNED_OUT: null, SIGN_IN_FAILED: 8 * DAY_MS, KITCHEN_CLOSED: DAY_MS },
    });
  });

  it.each([
    [{ events: { types: { NO_SUCH_THING: '1d' } } }, /retention.events.types.NO_SUCH_THING: is no type/],
    [{ events: { audit: '1h' } }, /retention.events.audit: 1h is shorter than 1d/],
    [{ events: { signals: 5 } }, /retention.events.signals/],
    [{ events: { colour: '1d' } }, /colour/],
    [{ decisions: '1d' }, /decisions/],
  ])('refuses %j, and says which', (retention, reason) => {
    expect(() => readConfig({ retention: retention as never })).toThrow(reason);
  });
});
