import { expect, it } from 'vitest';
import { type BodyInspection, BodyWalk, HeldRoom } from '../body-stage.ts';
import type { Guard } from '../guard.ts';
import { deny, PASS } from '../verdict.ts';
import { showBody, type WatchedRest } from './web-body.ts';

const CHUNK = 16_384;
const HOLD = 4 * CHUNK;
const GUARD: Guard = { name: 'g', phase: 'screen', mode: 'enforce', onError: 'deny', check: () => PASS };
const BAD = deny({ status: 403, code: 'NO', message: 'No.' }, { code: 'test.no', text: 'No.' });

/** A body of many chunks, made when it is asked for. */
function long(chunks: number) {
  let made = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (made++ === chunks) controller.close();
        else controller.enqueue(new Uint8Array(CHUNK).fill(made % 256));
      },
    },
    { highWaterMark: 0 },
  );
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', body, duplex: 'half' };
  return { request: new Request('http://a/', init), made: () => made };
}

function walkOf(inspection: BodyInspection) {
  const room = new HeldRoom();
  const judge = { note: () => true, failed: () => BAD, full: () => BAD, taken: () => undefined };
  return { walk: new BodyWalk([{ guard: GUARD, inspection }], judge, room), room };
}

it('shows a long body to its end while it is read, and keeps nothing of it', async () => {
  const chunks = 500;
  const { request, made } = long(chunks);
  const seen: number[] = [];
  const { walk, room } = walkOf({
    holdBytes: HOLD,
    write: (chunk) => (seen.push(chunk[0] as number), PASS),
    end: () => PASS,
  });
  const rest = await showBody(request, walk);
  expect(room.bytes).toBe(0);
  const reader = (rest as WatchedRest).request.body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  let read = 0;
  for (let one = await reader.read(); !one.done; one = await reader.read()) {
    read++;
    expect(one.value[0]).toBe(read % 256);
    // What is made and not read is what was held in the beginning, and a chunk or two on their way.
    expect(made() - read).toBeLessThanOrEqual(HOLD / CHUNK + 3);
  }
  expect(read).toBe(chunks);
  expect(seen).toEqual(Array.from({ length: chunks }, (_, i) => (i + 1) % 256));
});

it('ends a body with an error where it is refused, and asks its sender for no more', async () => {
  const { request, made } = long(500);
  let bytes = 0;
  const { walk } = walkOf({
    holdBytes: HOLD,
    write: (chunk) => ((bytes += chunk.length) > 20 * CHUNK ? BAD : PASS),
    end: () => PASS,
  });
  const rest = await showBody(request, walk);
  await expect(rest?.request.arrayBuffer()).rejects.toThrow('refused');
  await rest?.refused;
  expect(made()).toBeLessThan(25);
});

it('leaves the very Request where nobody wants to see more', async () => {
  const { request } = long(50);
  let hold = HOLD;
  const { walk } = walkOf({
    get holdBytes() {
      return hold;
    },
    write: () => ((hold = 0), PASS),
    end: () => PASS,
  });
  expect(await showBody(request, walk)).toBeNull();
  expect((await request.arrayBuffer()).byteLength).toBe(50 * CHUNK);
});
