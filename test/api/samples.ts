import type { DecisionRecord } from '../../src/core/decision.ts';
import { EVENTS, type EventType, type RampartEvent } from '../../src/core/events.ts';
import { newId } from '../../src/core/id.ts';

/** A decision as the recorder writes it. */
export function decision(fields: Partial<DecisionRecord> & { readonly atMs: number }): DecisionRecord {
  return {
    id: newId('dec', fields.atMs),
    node: 'one',
    policy: 'abc',
    method: 'GET',
    route: '/orders/:id',
    path: '/orders/7',
    address: '203.0.113.7',
    group: '203.0.113.7',
    principal: null,
    userAgent: 'curl/8',
    verdict: 'pass',
    guard: null,
    code: null,
    status: 200,
    wouldRefuse: [],
    durationMs: 1.25,
    weight: 1,
    steps: [],
    ...fields,
  };
}

/** A request refused by a limit. */
export function limited(fields: Partial<DecisionRecord> & { readonly atMs: number }): DecisionRecord {
  return decision({
    verdict: 'deny',
    guard: 'limit',
    code: 'API_RATE_LIMIT_EXCEEDED',
    status: 429,
    ...fields,
  });
}

/** An event as the corridor emits it. */
export function event(type: EventType, atMs: number, fields: Partial<RampartEvent> = {}): RampartEvent {
  const kind = EVENTS[type];
  return {
    id: newId('evt', atMs),
    type,
    severity: kind.severity,
    class: kind.class,
    atMs,
    node: 'one',
    about: kind.about,
    ...fields,
  };
}
