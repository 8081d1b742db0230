import { expect, it } from 'vitest';
import type { Logger } from '../base/observe/index.ts';
import type { RequestContext } from '../core/context.ts';
import type { EventFields, EventType } from '../core/events.ts';
import { ManualClock } from '../testing/clock.ts';
import { corridorNotices, serverNotice } from './corridor-notices.ts';

const CONTEXT = {
  plan: { route: { name: 'POST /orders' } },
  client: { address: '192.0.2.1', group: '192.0.2.1', forwarded: false },
  request: { header: () => undefined },
  get: () => undefined,
  decisionId: null,
  routeLabel: null,
} as unknown as RequestContext;

function stage() {
  const clock = new ManualClock();
  const told: (readonly [EventType, EventFields | undefined])[] = [];
  const lines: string[] = [];
  const say = (message: string): void => void lines.push(message);
  const log = { warn: say, error: say } as unknown as Logger;
  const events = { emit: (type: EventType, fields?: EventFields) => void told.push([type, fields]) };
  return { clock, told, lines, notices: corridorNotices({ clock, events, log }) };
}

it('tells once a minute that bodies have no room, and how often that was', () => {
  const { clock, told, lines, notices } = stage();
  for (let i = 0; i < 1_000; i++) notices.onHeldRoomFull('inspection', CONTEXT);
  expect(told).toMatchObject([['HELD_BODIES_FULL', { subject: 'inspection', details: { before: 0 } }]]);
  clock.advance(60_000);
  for (let i = 0; i < 1_000; i++) notices.onHeldRoomFull('inspection', CONTEXT);
  expect(told).toHaveLength(2);
  expect(told[1]).toMatchObject(['HELD_BODIES_FULL', { details: { before: 999 } }]);
  expect(lines).toHaveLength(2);
});

it('tells once an hour of bodies that were read too early, apart by whether they could be inspected', () => {
  const { clock, told, lines, notices } = stage();
  for (let i = 0; i < 10; i++) {
    notices.onBodyTaken(true, CONTEXT);
    notices.onBodyTaken(false, CONTEXT);
  }
  expect(told).toMatchObject([
    ['BODY_READ_EARLY', { route: 'POST /orders', details: { inspected: true, before: 0 } }],
    ['BODY_READ_EARLY', { details: { inspected: false, before: 0 } }],
  ]);
  expect(lines.every((line) => line.includes('Mount the guard first'))).toBe(true);
  clock.advance(3_600_000);
  notices.onBodyTaken(true, CONTEXT);
  expect(told[2]).toMatchObject(['BODY_READ_EARLY', { details: { before: 9 } }]);
});

it('tells of every guard that breaks down', () => {
  const { told, notices } = stage();
  notices.onGuardFailure('limit', new Error('x'), CONTEXT);
  notices.onGuardFailure('limit', new Error('x'), CONTEXT);
  expect(told.map(([type]) => type)).toEqual(['GUARD_FAILED', 'GUARD_FAILED']);
});

it('tells what the server of an application lacks, with the remedy', () => {
  const lines: string[] = [];
  const told: (readonly [EventType, EventFields | undefined])[] = [];
  const notice = serverNotice({
    events: { emit: (type: EventType, fields?: EventFields) => void told.push([type, fields]) },
    log: { warn: (message: string) => void lines.push(message) } as unknown as Logger,
  });
  notice({ unbounded: true, unguardedUpgrades: true });
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line).toContain('guard.protect(server)');
  expect(told).toMatchObject([
    ['SERVER_UNPROTECTED', { details: { unbounded: true, unguardedUpgrades: true } }],
  ]);
});
