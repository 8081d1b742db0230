import { beforeEach, describe, expect, it } from 'vitest';
import type { EventFields, EventType, RampartEvent } from '../../src/core/events.ts';
import { makeEvent } from '../../src/core/make-event.ts';
import { createDetector } from '../../src/modules/detect/index.ts';
import { readResponseOptions } from '../../src/modules/respond/index.ts';
import { inputsOf } from '../../src/server/alerts/inputs.ts';
import { alertLink } from '../../src/server/alerts/link.ts';
import { openServerAlerts, type OpenedAlerts } from '../../src/server/alerts/open.ts';
import type { AlertAnswer, AlertsAnswer } from '../../src/server/api/alert-types.ts';
import type {
  FollowedAnswer,
  ResponseAnswer,
  ResponseEntry,
  ResponsesAnswer,
} from '../../src/server/api/response-types.ts';
import type { ResponseParts } from '../../src/server/responses/parts.ts';
import { type OpenedResponses, openResponses } from '../../src/server/responses/open.ts';
import { memoryCounters } from '../../src/stores/memory/counter.ts';
import type { ManualClock } from '../../src/testing/clock.ts';
import { onEmbedded } from './databases.ts';
import { House } from './house.ts';
import { decision } from './samples.ts';

const TABLES = 'alerts, rampart.alert_notes, rampart.alert_seen, rampart.alert_deliveries, rampart.responses';
/** A machine may be busy. */
const PATIENT = { timeout: 10_000 };
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

onEmbedded((stores) => {
  let house: House;
  let alerts: OpenedAlerts;
  let responses: OpenedResponses;
  let parts: ResponseParts;
  let lines: string[];

  beforeEach(async () => {
    await stores().sql.script(`TRUNCATE rampart.${TABLES}, rampart.events, rampart.decisions CASCADE`);
    const plain = new House(stores());
    const { clock, bus } = plain;
    lines = [];
    const log = { ...QUIET, warn: (line: string) => void lines.push(line) };
    alerts = openServerAlerts(
      {},
      {
        sql: stores().sql,
        clock,
        timers: clock,
        log,
        bus,
        environment: { production: false, smtpUrl: undefined, mailFrom: undefined },
        events: plain.ports.events,
        shed: () => 0,
        publicUrl: () => 'http://localhost:4600',
        secret: () => undefined,
      },
    ) as OpenedAlerts;
    const options = readResponseOptions({ mode: 'enforce' });
    parts = {
      options,
      node: 'one',
      clock,
      timers: clock,
      log: { ...log, child: () => log } as never,
      stores: stores(),
      bus,
      house: () =>
        ({ blocks: plain.blocks, shield: { traffic: null, onChallenge: () => undefined } }) as never,
      identity: () => null,
      alerts: alertLink(() => alerts),
      notice: (event) => alerts.alerts.take(inputsOf(event)),
      changed: () => undefined,
    };
    responses = openResponses(parts);
    const { engine } = responses;
    house = new House(stores(), {
      ports: {
        alerts,
        responses: { engine, mode: options.mode, budget: options.budget },
        clock,
        timers: clock,
      },
    });
  });

  /** What a detector says of a scanner. @param refused told of the refusal that it is about */
  async function detection(
    address: string,
    more: EventFields = {},
    refused: (event: RampartEvent) => void = () => undefined,
  ): Promise<RampartEvent> {
    const { clock } = house.ports;
    const counters = memoryCounters({ clock });
    const said: RampartEvent[] = [];
    const emit = (type: EventType, fields: EventFields = {}): void =>
      void said.push(makeEvent(type, 'one', clock.now(), fields));
    const ports = { store: counters, local: counters, clock, timers: house.clock, events: () => ({ emit }) };
    const detector = createDetector({}, ports);
    const fields = { address, details: { code: 'BOT_DETECTED', count: 20 }, ...more } as const;
    const event = makeEvent('REQUEST_REFUSED', 'one', clock.now(), fields);
    refused(event);
    detector.take(event);
    await detector.close();
    const found = said.find(({ details }) => details?.['rule'] === 'scanner_fingerprint');
    if (found === undefined) throw new Error('nothing was detected');
    return found;
  }

  const read = async <T>(path: string): Promise<T> => (await (await house.operator('GET', path)).json()) as T;
  const alertsOf = async () => (await read<AlertsAnswer>('/admin/alerts')).alerts;
  const settled = async (): Promise<void> => {
    await responses.engine.settled();
    await alerts.alerts.round();
  };
  const act = async (id: string, verb: string, body?: unknown): Promise<void> => {
    expect((await house.operator('POST', `/admin/responses/${id}/${verb}`, body)).status).toBe(200);
    await settled();
  };
  const ask = async (responder: string, target: string, alert?: string): Promise<Response> =>
    house.operator('POST', '/admin/responses', {
      responder,
      target,
      minutes: 10,
      reason: 'of a test',
      alert,
    });
  const asked = async (responder: string, target: string): Promise<ResponseEntry> => {
    const entry = (await (await ask(responder, target)).json()) as ResponseEntry;
    await settled();
    return entry;
  };

  describe('a response that a detector asks for', () => {
    it('carries its alert, which lists it and tells how it began and ended', async () => {
      const event = await detection('203.0.113.7');
      // Both stations are told of it, whichever is first.
      await responses.watcher.handle([event]);
      alerts.alerts.take(inputsOf(event));
      await expect.poll(() => responses.engine.open.length, PATIENT).toBe(1);
      await settled();
      const [alert] = await alertsOf();
      const [response] = (await read<ResponsesAnswer>('/admin/responses')).responses;
      expect(alert).toMatchObject({ rule: 'scanner_fingerprint', count: 20 });
      expect(response).toMatchObject({ startedBy: 'scanner_fingerprint', alert: alert?.id });
      const before = await read<AlertAnswer>(`/admin/alerts/${alert?.id}`);
      expect(before.responses).toEqual([response?.id]);

      await act(response?.id as string, 'undo');
      const { notes } = await read<AlertAnswer>(`/admin/alerts/${alert?.id}`);
      expect(notes.filter(({ kind }) => kind === 'response').map(({ by, text }) => [by, text])).toEqual([
        [null, expect.stringMatching(/^block 203\.0\.113\.7 acts until /)],
        ['operator', 'block 203.0.113.7 was undone by operator.'],
      ]);
      expect(await alertsOf()).toHaveLength(1);
    });

    it('begins all the same where the alert cannot be written', async () => {
      const broken = openResponses({
        ...parts,
        alerts: { ...alertLink(() => undefined), alertOf: () => Promise.reject(new Error('gone')) },
      });
      await broken.watcher.handle([await detection('203.0.113.8')]);
      await expect.poll(() => broken.engine.open.length, PATIENT).toBe(1);
      expect(broken.engine.open[0]).toMatchObject({ target: '203.0.113.8', alert: null });
    });
  });

  it('is read with its alert, the events behind it, and all that happened to it', async () => {
    let refused: RampartEvent | undefined;
    const event = await detection('203.0.113.7', {}, (one) => (refused = one));
    await stores().events.insertMany([refused as RampartEvent, event]);
    await responses.watcher.handle([event]);
    await expect.poll(() => responses.engine.open.length, PATIENT).toBe(1);
    await settled();
    const [{ id } = { id: '' }] = (await read<ResponsesAnswer>('/admin/responses')).responses;
    for (const [verb, body] of [['extend', { minutes: 30 }], ['undo']] as const) {
      // Ids of one millisecond have no order among themselves.
      (parts.clock as ManualClock).advance(1);
      await act(id, verb, body);
    }
    // Another one on the same target, whose story is its own.
    const other = await asked('block', '203.0.113.7');
    const one = await read<ResponseAnswer>(`/admin/responses/${id}`);
    expect(one.response).toMatchObject({ id, target: '203.0.113.7', state: 'undone' });
    expect(one.alert).toMatchObject({ rule: 'scanner_fingerprint' });
    expect(one.evidence.map((found) => found.id)).toContain(refused?.id);
    expect(one.timeline.map(({ type, actor }) => [type, actor])).toEqual([
      ['RESPONSE_STARTED', 'responses'],
      ['RESPONSE_EXTENDED', 'operator'],
      ['RESPONSE_UNDONE', 'operator'],
    ]);
    const own = await read<ResponseAnswer>(`/admin/responses/${other.id}`);
    expect([own.alert, own.evidence, own.timeline.map(({ type }) => type)]).toEqual([
      null,
      [],
      ['RESPONSE_STARTED'],
    ]);
    expect((await house.operator('GET', `/admin/responses/rsp_${'0'.repeat(26)}`)).status).toBe(404);
    expect((await house.app.request(`/admin/responses/${id}`)).status).toBe(401);
  });

  describe('what came of a decision', () => {
    const followed = async (path: string) => read<FollowedAnswer>(`/admin/${path}/followed`);
    const told = ({ alerts: found, responses: begun }: FollowedAnswer) => [
      found.map(({ alert, isNamed }) => [alert.rule, isNamed]),
      begun.map(({ responder, target }) => `${responder} ${target}`),
    ];

    it('is the alert that names its event, and what was done; of others of the flood the alert of their caller', async () => {
      const atMs = house.ports.clock.now();
      const address = '203.0.113.7';
      const [named, flooded, late, other] = [
        decision({ atMs, address }),
        decision({ atMs: atMs + 1, address }),
        decision({ atMs: atMs + 3_600_000, address }),
        decision({ atMs, address: '203.0.113.8' }),
      ];
      await stores().decisions.insertMany([named, flooded, late, other]);
      let refused: RampartEvent | undefined;
      const event = await detection(address, { decision: named.id }, (one) => (refused = one));
      await stores().events.insertMany([refused as RampartEvent, event]);
      await responses.watcher.handle([event]);
      alerts.alerts.take(inputsOf(event));
      await expect.poll(() => responses.engine.open.length, PATIENT).toBe(1);
      await settled();
      const all = [[['scanner_fingerprint', true]], [`block ${address}`]];
      expect(told(await followed(`decisions/${named.id}`))).toEqual(all);
      expect(told(await followed(`events/${refused?.id}`))).toEqual(all);
      expect(told(await followed(`decisions/${flooded.id}`))).toEqual([
        [['scanner_fingerprint', false]],
        [`block ${address}`],
      ]);
      for (const one of [late, other]) expect(told(await followed(`decisions/${one.id}`))).toEqual([[], []]);
      for (const path of ['decisions/dec_none', `events/evt_${'0'.repeat(26)}`])
        expect((await house.operator('GET', `/admin/${path}/followed`)).status).toBe(404);
      expect((await house.app.request(`/admin/decisions/${named.id}/followed`)).status).toBe(401);
    });
  });

  it('is begun by a person for an alert that there is, and for no other', async () => {
    alerts.alerts.take(inputsOf(await detection('203.0.113.7')));
    await settled();
    const [alert] = await alertsOf();
    expect((await ask('block', '203.0.113.7', alert?.id)).status).toBe(200);
    expect((await read<AlertAnswer>(`/admin/alerts/${alert?.id}`)).responses).toHaveLength(1);
    const unknown = await ask('block', '203.0.113.9', `alr_${'0'.repeat(26)}`);
    expect([unknown.status, await unknown.json()]).toMatchObject([
      400,
      { error: { details: [{ code: 'UNKNOWN' }] } },
    ]);
  });

  describe('what becomes of responses', () => {
    it('tells approvers at once that one waits, until somebody has decided', async () => {
      const { id } = await asked('lockdown', 'read-only');
      expect(await alerts.alerts.store.openCounts()).toMatchObject({ HIGH: 1, CRITICAL: 0 });
      expect(lines.some((line) => line.includes('A response waits for people to agree'))).toBe(true);
      expect(await alertsOf()).toMatchObject([
        { rule: 'RESPONSE_WAITING', group: 'lockdown read-only', state: 'ACTIVE', severity: 'HIGH' },
      ]);
      await act(id, 'refuse');
      expect(await alertsOf()).toMatchObject([{ rule: 'RESPONSE_WAITING', state: 'RESOLVED' }]);
    });

    it('is an alert while a lockdown acts, and over with it', async () => {
      const { id } = await asked('lockdown', 'read-only');
      const ada = await house.signIn('ada');
      expect((await ada.send('POST', `/admin/responses/${id}/approve`)).status).toBe(200);
      await settled();
      expect(await alertsOf()).toMatchObject([
        { rule: 'RESPONSE_STARTED', group: 'lockdown read-only', state: 'ACTIVE', severity: 'HIGH' },
        { rule: 'RESPONSE_WAITING', state: 'RESOLVED' },
      ]);
      await act(id, 'undo');
      expect((await alertsOf()).map(({ state }) => state)).toEqual(['RESOLVED', 'RESOLVED']);
    });

    it('is an alert of its own where somebody breaks the glass, or harm was done', async () => {
      const { id } = await asked('freeze-payments', 'all');
      await act(id, 'break-glass', { reason: 'cards are being tested this minute' });
      expect((await alertsOf())[0]).toMatchObject({ rule: 'RESPONSE_BREAK_GLASS', severity: 'CRITICAL' });
      await asked('block', '203.0.113.7');
      await responses.engine.tick(() => 'Fewer sign-ins succeed.');
      await settled();
      const rolled = (await alertsOf()).find(({ group }) => group === 'block 203.0.113.7');
      expect(rolled).toMatchObject({ rule: 'RESPONSE_ROLLED_BACK', severity: 'HIGH' });
      expect(rolled?.description).toContain('Fewer sign-ins succeed.');
    });

    it('is none where a block begins or ends, and such events are not looked at again', async () => {
      const { id } = await asked('block', '203.0.113.7');
      await act(id, 'undo');
      expect(await alertsOf()).toEqual([]);
      const unseen = await stores().sql.query(
        `SELECT 1 FROM rampart.events e WHERE type LIKE 'RESPONSE_%'
           AND NOT EXISTS (SELECT 1 FROM rampart.alert_seen s WHERE s.event = e.id)`,
      );
      expect(unseen.rows).toEqual([]);
    });
  });

  it('says once that the audit log was changed, by whichever event', async () => {
    const { clock } = house.ports;
    const emitted: RampartEvent[] = [];
    const counters = memoryCounters({ clock });
    const emit = (type: EventType, fields: EventFields = {}): void =>
      void emitted.push(makeEvent(type, 'one', clock.now(), fields));
    const ports = { store: counters, local: counters, clock, timers: house.clock, events: () => ({ emit }) };
    const detector = createDetector({}, ports);
    for (const type of ['AUDIT_LOG_CONFLICT', 'AUDIT_LOG_TAMPERED'] as const) {
      const event = makeEvent(type, 'one', clock.now(), { outcome: 'failure' });
      detector.take(event);
      alerts.alerts.take(inputsOf(event));
    }
    await detector.close();
    expect(emitted.length).toBeGreaterThan(0);
    alerts.alerts.take(emitted.flatMap(inputsOf));
    await settled();
    expect(await alertsOf()).toMatchObject([{ rule: 'AUDIT_LOG_TAMPERED', severity: 'CRITICAL', count: 2 }]);
  });
});
