import { createServer } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { guardNode } from '../../src/adapters/node/index.ts';
import type { Gate } from '../../src/core/index.ts';
import { validation } from '../../src/modules/validate/index.ts';
import { bodyGuard } from '../../src/testing/suites/adapter-bodies.ts';
import type { RunningApp } from '../../src/testing/suites/adapter-app.ts';
import { call, Wire } from '../../src/testing/suites/adapter-client.ts';
import { testHouse } from '../../src/testing/suites/adapter-house.ts';
import { INPUT_APPS } from '../attacks/input-apps.ts';
import { listening } from './apps.ts';

describe.each(INPUT_APPS)('guard.validate behind guards that read bodies, on %s', (_name, start) => {
  let house = testHouse([bodyGuard()]);
  let app: RunningApp;
  const gate: Gate = {
    enter: (request) => house.gate.enter(request),
    openBody: (context) => house.gate.openBody?.(context) ?? null,
    leave: (...end) => house.gate.leave(...end),
    fail: (error, context) => house.gate.fail(error, context),
    validation,
  };
  beforeAll(async () => {
    app = await start(gate, () => undefined);
  });
  beforeEach(() => {
    house = testHouse([bodyGuard()]);
  });
  afterAll(() => app.close());

  // Sent with its head, the body is there before a guard that waits has said its word.
  it.each(['', 'pass-later'])('reads the body that was held and given back (guard: "%s")', async (test) => {
    const { status, body } = await call(app.port, {
      method: 'PUT',
      path: '/orders/o1',
      body: '{"name":"Ada","quantity":2}',
      headers: {
        'content-type': 'application/json',
        'content-length': '27',
        'x-body': 'yes',
        'x-test': test,
      },
    });
    expect([status, JSON.parse(body)]).toMatchObject([200, { body: { name: 'Ada', quantity: 2 } }]);
  });
});

describe('the room for bodies that are held', () => {
  const headOf = (wish: string, length: number): string =>
    `POST / HTTP/1.1\r\nHost: a\r\nUser-Agent: t\r\nAccept: */*\r\nX-Body: ${wish}\r\nContent-Length: ${length}\r\n\r\n`;

  it('is shared by all requests: beyond it 503 with Retry-After, and free again afterwards', async () => {
    const house = testHouse([bodyGuard(), bodyGuard('shadow')], [], 4_096);
    const handler = guardNode(house.gate)((_request, response) => void response.end('fine'));
    const app = await listening(createServer(handler));
    const first = new Wire(app.port).send(`${headOf('yes', 9_000)}${'a'.repeat(3_000)}`);
    await house.whenEntered(1);
    const second = new Wire(app.port).send(`${headOf('yes', 9_000)}${'a'.repeat(3_000)}`);
    const text = await second.until(/\r\n\r\n/);
    expect(text).toMatch(/^HTTP\/1\.1 503 /);
    expect(text).toMatch(/retry-after: 5/i);
    // A guard in shadow hurts nobody: it does not see the body then.
    const third = new Wire(app.port).send(`${headOf('shadow', 3_000)}${'a'.repeat(3_000)}`);
    expect(await third.until(/fine/)).toMatch(/^HTTP\/1\.1 200 /);
    first.send('a'.repeat(6_000));
    await first.until(/\r\n\r\n/);
    const fourth = new Wire(app.port).send(`${headOf('yes', 100)}${'a'.repeat(100)}`);
    expect(await fourth.until(/fine/)).toMatch(/^HTTP\/1\.1 200 /);
    for (const wire of [first, second, third, fourth]) wire.socket.destroy();
    await house.whenLeft(4);
    expect(house.leases()).toBe(0);
    await app.close();
  });
});
