import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLogger } from '../../src/base/observe/index.ts';
import { readSinks } from '../../src/modules/sinks/index.ts';
import { configFindings } from '../../src/server/cli/doctor/sinks.ts';
import type { SinkEntry, SinksAnswer } from '../../src/server/api/sink-types.ts';
import type { Stores } from '../../src/server/data/index.ts';
import { sinkFindings } from '../../src/server/sinks/findings.ts';
import { sinkFamilies } from '../../src/server/sinks/metrics.ts';
import { type OpenedSinks, openServerSinks } from '../../src/server/sinks/open.ts';
import { httpReceiver, type HttpReceiver } from '../../src/server/sinks/test-receiver.ts';
import { memoryBus } from '../../src/stores/memory/bus.ts';
import { onEmbedded } from './databases.ts';
import { House } from './house.ts';

const SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

onEmbedded((stores: () => Stores) => {
  let receiver: HttpReceiver;
  let house: House;
  let opened: OpenedSinks;
  beforeEach(async () => {
    await stores().sql.script(
      'TRUNCATE rampart.events, rampart.sinks, rampart.sink_arrivals, rampart.sink_feed',
    );
    process.env['TEST_SINK_SECRET'] = SECRET;
    receiver = await httpReceiver(() => ({ status: 200 }));
    const clock = new House(stores()).clock;
    const fetch = { allowHttp: true, allowRanges: ['127.0.0.1'] };
    const hook = { kind: 'webhook', url: `${receiver.url}/private`, secret: 'TEST_SINK_SECRET', fetch };
    opened = openServerSinks(readSinks({ hook }), {
      sql: stores().sql,
      clock,
      timers: clock,
      log: createLogger({ sink: { write: () => undefined } }),
      bus: memoryBus(),
      events: { emit: () => undefined },
      node: 'one',
    });
    await opened.start();
    house = new House(stores(), { ports: { sinks: opened } });
  });
  afterEach(async () => {
    await opened.close();
    await receiver.close();
    delete process.env['TEST_SINK_SECRET'];
  });
  const entryOf = async (): Promise<SinkEntry> => {
    const answer = await (await house.signIn()).get('/admin/sinks');
    return ((await answer.json()) as SinksAnswer).sinks[0] as SinkEntry;
  };

  it('sinks are shown to whoever may look, without path and secret, and to nobody else', async () => {
    expect((await house.fetch('/admin/sinks')).status).toBe(401);
    const text = JSON.stringify(await entryOf());
    expect(text).toContain(receiver.url);
    expect(text).not.toMatch(/private|whsec|TEST_SINK_SECRET/);
    expect(await entryOf()).toMatchObject({ name: 'hook', state: 'working', configured: true });
  });

  it('a test is sent, written down, and says why it was not taken', async () => {
    const admin = await house.signIn();
    const test = async () => (await admin.send('POST', '/admin/sinks/hook/test', {})).json();
    expect(await test()).toMatchObject({ taken: true, error: null });
    expect(receiver.arrived[0]?.body).toContain('SINK_TESTED');
    receiver.answer = () => ({ status: 503 });
    expect(await test()).toMatchObject({ taken: false, error: 'The server answered 503.' });
    expect((await admin.send('POST', '/admin/sinks/other/test', {})).status).toBe(404);
    const events = await stores().events.page({ limit: 10 });
    expect(events.filter(({ type }) => type === 'SINK_TESTED')).toHaveLength(2);
  });

  it('a retry ends the pause, and is written down with it', async () => {
    await stores().sql.query(`UPDATE rampart.sinks SET due_ms = 9e15, error = 'x' WHERE name = 'hook'`);
    const admin = await house.signIn();
    expect((await admin.send('POST', '/admin/sinks/hook/retry', {})).status).toBe(200);
    const { rows } = await stores().sql.query('SELECT due_ms FROM rampart.sinks');
    expect(Number(rows[0]?.['due_ms'])).toBe(0);
    expect((await admin.send('POST', '/admin/sinks/other/retry', {})).status).toBe(404);
    const events = (await stores().events.page({ limit: 10 })).filter(({ type }) => type === 'SINK_RETRIED');
    expect(events).toMatchObject([{ subject: 'hook', class: 'audit', outcome: 'success' }]);
  });

  it('a retry that cannot be written down does not happen', async () => {
    await stores().sql.script(
      `UPDATE rampart.sinks SET due_ms = 9e15;
       ALTER TABLE rampart.events ADD CONSTRAINT no_retry CHECK (type <> 'SINK_RETRIED')`,
    );
    const admin = await house.signIn();
    try {
      expect((await admin.send('POST', '/admin/sinks/hook/retry', {})).status).toBeGreaterThanOrEqual(500);
      const { rows } = await stores().sql.query('SELECT due_ms FROM rampart.sinks');
      expect(Number(rows[0]?.['due_ms'])).toBe(9e15);
    } finally {
      await stores().sql.script('ALTER TABLE rampart.events DROP CONSTRAINT no_retry');
    }
  });

  it('findings and metrics say what waits and why', async () => {
    const working = await entryOf();
    const failing: SinkEntry = {
      ...working,
      state: 'failing',
      waiting: 12,
      oldestAtMs: 1,
      failingSinceMs: 1,
      error: 'The server answered 503.',
      refused: 2,
      lost: 1,
    };
    expect(sinkFindings([working], 2)).toEqual([]);
    const said = sinkFindings([failing], 3_600_001);
    expect(said.map(({ level }) => level)).toEqual(['warning', 'info', 'warning']);
    expect(said[0]).toMatchObject({
      text: 'The sink hook has taken nothing for 60 min; 12 events wait for it.',
      remedy: 'The server answered 503. Then: rampart sinks test hook',
    });
    const values = sinkFamilies([failing]).map(({ name, values: [one] }) => [name, one?.value]);
    expect(values).toContainEqual(['rampart_sink_waiting', 12]);
    expect(values).toContainEqual(['rampart_sink_failing', 1]);
    expect(sinkFamilies([])).toEqual([]);
  });

  it('the doctor names variables that are not set, and what travels in the clear', () => {
    const fetch = { allowHttp: true };
    const sinks = readSinks({
      a: { kind: 'webhook', url: 'http://siem.example/in', secret: 'UNSET', fetch },
      b: { kind: 'syslog', host: 'siem.example', transport: 'udp' },
      c: { kind: 'syslog', host: '127.0.0.1', transport: 'udp' },
      d: { kind: 'syslog', host: 'siem.example' },
    });
    const found = sinks.map((one) => configFindings(one, () => undefined).length);
    expect(found).toEqual([2, 1, 0, 0]);
  });
});
