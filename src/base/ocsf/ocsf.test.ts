import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENTS, SEVERITIES } from '../../core/events.ts';
import { ocsfEvent, type OcsfSource } from './index.ts';

const EVENT: OcsfSource = {
  id: 'evt_1',
  type: 'SIGN_IN_FAILED',
  severity: 'MEDIUM',
  class: 'signal',
  atMs: 1_795_000_123_456.7,
  node: 'node-1',
  about: 'A sign-in was refused.',
};

/** Members that the classes demand (schema 1.3), beside those of all events. */
const DEMANDED: Readonly<Record<number, readonly string[]>> = {
  0: [],
  2004: ['finding_info'],
  3001: ['user'],
  3002: ['user', 'service'],
  3005: ['user'],
  4002: ['http_request'],
  6002: ['app'],
  6003: ['actor', 'api', 'src_endpoint'],
};

describe('ocsfEvent', () => {
  it('writes a sign-in that failed as Authentication', () => {
    const found = ocsfEvent(
      {
        ...EVENT,
        outcome: 'failure',
        subject: 'acc_1',
        address: '203.0.113.7',
        place: 'Hamburg, Germany',
        route: 'POST /auth/login',
        userAgent: 'curl/8',
        details: { tries: 3 },
      },
      '1.2.0',
    );
    expect(found).toEqual({
      activity_id: 1,
      activity_name: 'Logon',
      category_uid: 3,
      category_name: 'Identity & Access Management',
      class_uid: 3002,
      class_name: 'Authentication',
      type_uid: 300_201,
      type_name: 'Authentication: Logon',
      time: 1_795_000_123_456,
      message: 'A sign-in was refused.',
      severity_id: 3,
      severity: 'Medium',
      status_id: 2,
      status: 'Failure',
      status_detail: 'failure',
      metadata: {
        version: '1.3.0',
        uid: 'evt_1',
        event_code: 'SIGN_IN_FAILED',
        log_name: 'signal',
        product: { name: 'Rampart', vendor_name: 'Rampart', version: '1.2.0' },
      },
      actor: { app_name: 'rampart' },
      user: { uid: 'acc_1' },
      service: { name: 'node-1' },
      src_endpoint: { ip: '203.0.113.7', location: { desc: 'Hamburg, Germany' } },
      http_request: { http_method: 'POST', url: { path: '/auth/login' }, user_agent: 'curl/8' },
      observables: [
        { name: 'src_endpoint.ip', type: 'IP Address', type_id: 2, value: '203.0.113.7' },
        { name: 'subject', type: 'Other', type_id: 99, value: 'acc_1' },
        { name: 'http_request.user_agent', type: 'HTTP User-Agent', type_id: 16, value: 'curl/8' },
      ],
      unmapped: { node: 'node-1', subject: 'acc_1', route: 'POST /auth/login', details: { tries: 3 } },
    });
  });

  it('takes the activity of a refused request from its method', () => {
    const of = (route: string): unknown =>
      ocsfEvent({ ...EVENT, type: 'REQUEST_REFUSED', route })['type_uid'];
    expect([of('DELETE /orders/:id'), of('GET /'), of('unmatched')]).toEqual([400_202, 400_203, 400_299]);
  });

  it('says of a finding whether somebody has settled it', () => {
    const finding: OcsfSource = { ...EVENT, type: 'INJECTION_ATTEMPT', severity: 'HIGH', outcome: 'refused' };
    expect(ocsfEvent(finding)).toMatchObject({ class_uid: 2004, status_id: 1, is_alert: true });
    expect(ocsfEvent({ ...finding, resolvedAtMs: 5, resolvedBy: 'ada' })).toMatchObject({ status_id: 4 });
  });

  it('gives every type of the catalogue what its class demands, and a type of its class and activity', () => {
    for (const [type, { class: kept, severity, about }] of Object.entries(EVENTS)) {
      const found = ocsfEvent({ ...EVENT, type, class: kept, severity, about });
      const uid = found['class_uid'] as number;
      expect(found['type_uid'], type).toBe(uid * 100 + (found['activity_id'] as number));
      expect(Math.floor(uid / 1_000), type).toBe(found['category_uid']);
      expect(Object.keys(found), type).toEqual(expect.arrayContaining([...(DEMANDED[uid] ?? ['unknown'])]));
    }
  });

  it('writes an event of the application by its class, and keeps whatever texts it holds', () => {
    const text = fc.option(fc.string({ unit: 'binary', maxLength: 20 }), { nil: null });
    const source = fc.record({
      type: fc.string({ maxLength: 20 }),
      class: fc.constantFrom('audit' as const, 'signal' as const),
      severity: fc.constantFrom(...SEVERITIES),
      actor: text,
      subject: text,
      address: text,
      route: text,
      session: text,
    });
    fc.assert(
      fc.property(source, (given) => {
        const found = ocsfEvent({ ...EVENT, ...given });
        expect([0, 4002, 6003]).toContain(found['class_uid']);
        expect(found['class_uid']).toBe(given.class === 'audit' ? 6003 : 0);
        expect((found['metadata'] as { event_code?: string }).event_code ?? '').toBe(given.type);
        if (given.subject) expect(found['unmapped']).toMatchObject({ subject: given.subject });
      }),
    );
  });
});
