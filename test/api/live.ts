import { describe, expect, it } from 'vitest';
import type { Stores } from '../../src/server/data/index.ts';
import type { DecisionSummary } from '../../src/server/api/types.ts';
import { House, type SignedIn } from './house.ts';
import { decision, event } from './samples.ts';

/** Reads a stream of server-sent events as a browser does. */
class Reader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();

  constructor(response: Response) {
    if (!response.body) throw new Error('no body');
    this.#reader = response.body.getReader();
  }

  /** The next chunk as text; null at the end. */
  async next(): Promise<string | null> {
    const { value, done } = await this.#reader.read();
    return done ? null : this.#decoder.decode(value);
  }

  /** The next message's name and data. */
  async message(): Promise<{ readonly event: string; readonly data: unknown } | null> {
    for (;;) {
      const text = await this.next();
      if (text === null) return null;
      const match = /^event: (\w+)\ndata: (.*)\n\n$/.exec(text);
      if (match) return { event: match[1] as string, data: JSON.parse(match[2] as string) };
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

function summary(verdict: DecisionSummary['verdict'], atMs: number): DecisionSummary {
  const {
    steps: _steps,
    node: _node,
    policy: _policy,
    group: _group,
    userAgent: _agent,
    ...rest
  } = decision({
    atMs,
    verdict,
  });
  return { ...rest, trafficClass: verdict === 'pass' ? 'allowed' : 'blocked' };
}

/** The live stream. */
export function liveSuite(stores: () => Stores): void {
  const open = async (
    options: ConstructorParameters<typeof House>[1] = {},
  ): Promise<{ house: House; ada: SignedIn; reader: Reader }> => {
    const house = new House(stores(), options);
    const ada = await house.signIn();
    const response = await ada.get('/admin/stream');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const reader = new Reader(response);
    expect(await reader.next()).toBe('retry: 2000\n\n');
    return { house, ada, reader };
  };
  /** Lets promises that wait on the database go on. */
  const settled = async (done: () => boolean): Promise<void> => {
    for (let i = 0; i < 10_000 && !done(); i++) await new Promise((resolve) => setImmediate(resolve));
    expect(done()).toBe(true);
  };

  it('ticks once a second with what was counted in that second alone', async () => {
    const house = new House(stores());
    house.counts = { ...house.counts, allowed: 999 };
    const ada = await house.signIn();
    const reader = new Reader(await ada.get('/admin/stream'));
    house.counts = { ...house.counts, allowed: 7, limited: 2 };
    house.clock.advance(1_000);
    expect(await reader.message()).toEqual({
      event: 'tick',
      data: { atMs: house.clock.now(), counts: { ...house.counts, allowed: 7, limited: 2 }, skipped: 0 },
    });
    await reader.cancel();
  });

  it('shows at most 20 decisions a second, keeps room for refusals, and counts what it left out', async () => {
    const { house, reader } = await open();
    for (let i = 0; i < 50; i++) house.live.decision(summary('pass', house.clock.now()));
    for (let i = 0; i < 50; i++) house.live.decision(summary('deny', house.clock.now()));
    house.clock.advance(1_000);
    const verdicts: string[] = [];
    for (;;) {
      const message = await reader.message();
      if (message?.event !== 'decision') {
        expect(message).toMatchObject({ event: 'tick', data: { skipped: 80 } });
        break;
      }
      verdicts.push((message.data as DecisionSummary).verdict);
    }
    expect(verdicts).toHaveLength(20);
    expect(verdicts.filter((one) => one === 'deny')).toHaveLength(10);
    house.live.decision(summary('deny', house.clock.now()));
    expect(await reader.message()).toMatchObject({ event: 'decision' });
    await reader.cancel();
  });

  it('tells events that matter and changes', async () => {
    const { house, reader } = await open();
    house.live.notice(event('REQUEST_REFUSED', house.clock.now()));
    house.live.notice(event('GUARD_FAILED', house.clock.now()));
    await house.operator('POST', '/admin/limits/deny', { value: `user:live${house.clock.now()}` });
    expect(await reader.message()).toMatchObject({ event: 'notice', data: { type: 'GUARD_FAILED' } });
    expect(await reader.message()).toMatchObject({ event: 'notice', data: { type: 'LIMIT_LIST_CHANGED' } });
    expect(await reader.message()).toEqual({ event: 'change', data: { what: 'limits' } });
    await reader.cancel();
  });

  it('holds a bounded queue for who does not read, tells what was skipped, and forgets no change', async () => {
    const { house, reader } = await open();
    for (let second = 0; second < 40; second++) {
      for (let i = 0; i < 20; i++) house.live.decision(summary('deny', house.clock.now()));
      house.live.change('blocks');
      house.clock.advance(1_000);
    }
    let read = 0;
    let skipped = 0;
    house.live.change('health');
    for (; read < 256; read++) {
      const message = await reader.message();
      if (message?.event === 'tick') skipped += (message.data as { skipped: number }).skipped;
    }
    house.clock.advance(1_000);
    const tick = await reader.message();
    expect(tick?.event).toBe('tick');
    skipped += (tick as { data: { skipped: number } }).data.skipped;
    const changes = [await reader.message(), await reader.message()];
    expect(changes.map((one) => (one as { data: { what: string } }).data.what).toSorted()).toEqual([
      'blocks',
      'health',
    ]);
    expect(skipped).toBeGreaterThan(400);
    await reader.cancel();
  });

  it('keeps the line open, and ends when who watches has signed out', async () => {
    const { house, ada, reader } = await open();
    house.clock.advance(15_000);
    let text = await reader.next();
    while (text?.startsWith('event: tick')) text = await reader.next();
    expect(text).toBe(': beat\n\n');
    expect((await ada.send('DELETE', '/admin/session')).status).toBe(204);
    house.clock.advance(15_000);
    await settled(() => house.live.watching === 0);
    let last = await reader.message();
    while (last !== null) last = await reader.message();
    expect(house.clock.pending).toBe(0);
  });

  it('does not keep a session in force that nobody uses', async () => {
    const { house, reader } = await open();
    // Each heartbeat asks the database; the next is due once it has answered.
    for (let beat = 0; beat < 245 && house.live.watching > 0; beat++) {
      house.clock.advance(15_000);
      await settled(() => house.live.watching === 0 || house.clock.pending === 2);
    }
    expect(house.live.watching).toBe(0);
    await reader.cancel();
  });

  it('takes a bounded number of watchers, and gives their places back', async () => {
    const { house, ada, reader } = await open({ maxClients: 1 });
    expect((await ada.get('/admin/stream')).status).toBe(503);
    await reader.cancel();
    expect(house.live.watching).toBe(0);
    expect(house.clock.pending).toBe(0);
    const again = await ada.get('/admin/stream');
    expect(again.status).toBe(200);
    await again.body?.cancel();
  });

  it('takes no place for a HEAD, which has no reader', async () => {
    const house = new House(stores());
    const response = await house.operator('HEAD', '/admin/stream');
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(house.live.watching).toBe(0);
  });

  describe('when the server stops', () => {
    it('ends all streams and opens none', async () => {
      const { house, ada, reader } = await open();
      house.live.close();
      expect(await reader.message()).toBeNull();
      expect((await ada.get('/admin/stream')).status).toBe(503);
      expect(house.clock.pending).toBe(0);
    });
  });
}
