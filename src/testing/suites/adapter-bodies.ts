import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import type { BodyInspection } from '../../core/body-stage.ts';
import type { Guard } from '../../core/guard.ts';
import { deny, PASS, type Verdict } from '../../core/verdict.ts';
import type { AdapterTraits, Scene } from './adapter-app.ts';
import { call, oneConnection, Wire } from './adapter-client.ts';

/** Bytes that the suite's guard holds back. */
const HOLD_BYTES = 10_000;
const BAD = deny(
  { status: 403, code: 'REQUEST_BLOCKED', message: 'Not let through.' },
  { code: 'test.refused', text: 'The test wants it.' },
);

/** A guard that reads bodies where `x-body` says so, and refuses those that hold the word `attack`. */
export function bodyGuard(mode: Guard['mode'] = 'enforce'): Guard {
  return {
    name: `bodies ${mode}`,
    phase: 'screen',
    mode,
    onError: 'deny',
    check: () => PASS,
    openBody({ request }) {
      const wish = request.header('x-body');
      return wish === undefined || (wish === 'shadow') !== (mode === 'shadow') ? null : reader(wish);
    },
  };
}

function reader(wish: string): BodyInspection {
  let seen = '';
  const judge = (): Verdict => (seen.includes('attack') ? BAD : PASS);
  return {
    holdBytes: HOLD_BYTES,
    write(chunk) {
      if (wish === 'crash') throw new Error('guard broke');
      seen += Buffer.from(chunk).toString('latin1');
      return wish === 'end' ? PASS : judge();
    },
    end: judge,
  };
}

/** What becomes of bodies that a guard wants to see first. */
export function bodyScenarios(scene: () => Scene, traits: AdapterTraits): void {
  const echo = (body: string, headers: Record<string, string> = {}) =>
    call(scene().port, { path: '/echo', method: 'POST', body, headers: { 'x-body': 'yes', ...headers } });

  it.each([0, 1, HOLD_BYTES, HOLD_BYTES + 1, 500_000])(
    'hands on a body of %d bytes whole, once a guard has seen it',
    async (length) => {
      for (const test of ['', 'pass-later']) {
        const { status, body } = await echo('a'.repeat(length), { 'x-test': test });
        expect([status, body]).toEqual([200, String(length)]);
      }
    },
  );

  it('refuses by what stands in a body, before the handler is called', async () => {
    const { house, stage } = scene();
    for (const test of ['', 'pass-later']) {
      const answer = await echo('an attack', { 'x-test': test });
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'REQUEST_BLOCKED' } });
      expect(answer.headers['x-content-type-options']).toBe('nosniff');
    }
    expect(stage.calls).toBe(0);
    await house.whenLeft(2);
    expect(house.left).toMatchObject([{ status: 403, aborted: false }, { status: 403 }]);
    expect(house.leases()).toBe(0);
  });

  it('goes on with the next request of the connection, whether a body was refused or not', async () => {
    const agent = oneConnection();
    const { port } = scene();
    const statuses: number[] = [];
    for (const body of ['fine', 'attack', 'fine', 'attack', 'fine']) {
      const ask = { path: '/echo', method: 'POST', body, headers: { 'x-body': 'yes' }, agent };
      statuses.push((await call(port, ask)).status);
    }
    agent.destroy();
    expect(statuses).toEqual([200, 403, 200, 403, 200]);
  });

  it('takes a body that comes in pieces', async () => {
    const { port } = scene();
    const wire = new Wire(port);
    wire.send(
      'POST /echo HTTP/1.1\r\nHost: a\r\nUser-Agent: t\r\nAccept: */*\r\nX-Body: yes\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    wire.send('3\r\nabc\r\n').send('4\r\natta\r\n').send('2\r\nck\r\n');
    expect(await wire.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 403 /);
    wire.socket.destroy();
    expect(scene().stage.calls).toBe(0);
  });

  it('leaves once when the client goes before its body is whole', async () => {
    const { house, port, stage } = scene();
    const wire = new Wire(port);
    wire.send(
      'POST /echo HTTP/1.1\r\nHost: a\r\nUser-Agent: t\r\nAccept: */*\r\nX-Body: yes\r\nContent-Length: 9\r\n\r\nabc',
    );
    await house.whenEntered(1);
    wire.socket.destroy();
    await house.whenLeft(1);
    expect(house.left).toMatchObject([{ aborted: true }]);
    expect([stage.calls, house.leases()]).toEqual([0, 0]);
  });

  it('leaves once when the client goes while a guard waits', async () => {
    const { app, house, port, stage } = scene();
    const connected = once(app.server, 'connection') as Promise<[Socket]>;
    const wire = new Wire(port);
    wire.send(
      'POST /echo HTTP/1.1\r\nHost: a\r\nUser-Agent: t\r\nAccept: */*\r\nX-Body: yes\r\nX-Test: wait\r\nContent-Length: 9\r\n\r\nabc',
    );
    await house.whenWaiting(1);
    const [socket] = await connected;
    wire.socket.destroy();
    if (!socket.closed) await new Promise((closed) => socket.once('close', closed));
    await new Promise(setImmediate);
    house.goOn();
    await house.whenLeft(1);
    await new Promise(setImmediate);
    expect(house.left).toMatchObject([{ aborted: true }]);
    expect([stage.calls, house.leases()]).toEqual([0, 0]);
  });

  it('only notes what a guard in shadow says of a body, and refuses when a guard breaks', async () => {
    const { house } = scene();
    expect((await echo('an attack', { 'x-body': 'shadow' })).status).toBe(200);
    expect(house.entered[0]?.trail).toMatchObject([{ guard: 'bodies shadow', shadow: true }]);
    expect((await echo('fine', { 'x-body': 'crash' })).status).toBe(503);
    expect((await echo('an attack', { 'x-body': 'no' })).status).toBe(403);
  });

  it('does not wait for a body where no guard wants it', async () => {
    const { port, stage } = scene();
    expect((await call(port, { path: '/echo', method: 'POST', body: 'attack' })).body).toBe('6');
    expect(stage.calls).toBe(1);
  });

  it('breaks a request off whose body is refused after its first part was let through', async () => {
    const { house, port } = scene();
    const wire = new Wire(port);
    const length = HOLD_BYTES + 1_000;
    wire.send(
      `POST /echo HTTP/1.1\r\nHost: a\r\nUser-Agent: t\r\nAccept: */*\r\nX-Body: yes\r\nContent-Length: ${length + 100}\r\n\r\n${'a'.repeat(length)}`,
    );
    await house.whenEntered(1);
    wire.send('attack');
    const text = await wire.until(/\r\n\r\n/);
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
    if (traits.ownsConnection) expect(text).toMatch(/connection: close/i);
    wire.socket.destroy();
    await house.whenLeft(1);
    expect(house.left).toMatchObject([{ status: 403 }]);
  });

  it('hands on the rest of a watched body as it was sent, and refuses by what its end is', async () => {
    const { house, port } = scene();
    const head = (length: number): string =>
      `POST /echo HTTP/1.1\r\nHost: a\r\nUser-Agent: t\r\nAccept: */*\r\nX-Body: end\r\nContent-Length: ${length}\r\n\r\n`;
    const long = HOLD_BYTES + 50_000;
    const honest = new Wire(port).send(`${head(long)}${'a'.repeat(HOLD_BYTES + 1)}`);
    await house.whenEntered(1);
    honest.send('a'.repeat(long - HOLD_BYTES - 1));
    expect(await honest.until(new RegExp(`${long}`))).toMatch(/^HTTP\/1\.1 200 /);
    honest.socket.destroy();
    const refused = new Wire(port).send(`${head(long)}${'a'.repeat(HOLD_BYTES + 1)}`);
    await house.whenEntered(2);
    refused.send(`attack${'a'.repeat(long - HOLD_BYTES - 7)}`);
    expect(await refused.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 403 /);
    refused.socket.destroy();
    await house.whenLeft(2);
    expect(house.leases()).toBe(0);
  });
}
