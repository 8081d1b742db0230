import type { BodyWalk } from '../body-stage.ts';

/** A body whose beginning was let through: the rest is shown while the application reads it. */
export interface WatchedRest {
  /** Takes the place of the Request that came: the same, but for its body. */
  readonly request: Request;
  /** Resolves when the rest is refused: whoever reads the body has met an error then. */
  readonly refused: Promise<void>;
}

/**
 * Shows a Request's body to the guards before the application reads it. A copy is read, up to as much as is held back; the
 * application gets the very Request, unless the guards want to see what comes after that, too.
 * @returns null where nobody wants to see more
 */
export async function showBody(request: Request, walk: BodyWalk): Promise<WatchedRest | null> {
  // A body that somebody has read already is nobody's to see.
  if (request.bodyUsed) {
    walk.taken(undefined);
    return null;
  }
  if (walk.streams && request.body !== null) return watchRest(request, walk, 0);
  const { body } = request.clone();
  if (body === null) {
    walk.end();
    return null;
  }
  const reader = body.getReader();
  let seenBytes = 0;
  try {
    seenBytes = await showChunks(reader, walk);
  } catch {
    // The client has gone; the application will meet the same error.
  } finally {
    reader.cancel().catch(() => undefined);
    walk.letGo();
  }
  return seenBytes > 0 && !walk.refused && walk.holdBytes > 0 ? watchRest(request, walk, seenBytes) : null;
}

/** @returns bytes that were seen; 0 where there is nothing more to see */
async function showChunks(reader: ReadableStreamDefaultReader<Uint8Array>, walk: BodyWalk): Promise<number> {
  let bytes = 0;
  while (bytes <= walk.holdBytes) {
    const { done, value } = await reader.read();
    if (done) {
      walk.end();
      return 0;
    }
    bytes += value.byteLength;
    if (walk.write(value) || !walk.hold(value.byteLength)) return 0;
  }
  return bytes;
}

/** Chunk by chunk as it is asked for: nothing is kept. */
function watchRest(request: Request, walk: BodyWalk, seenBytes: number): WatchedRest {
  const source = (request.body as ReadableStream<Uint8Array>).getReader();
  let tell: () => void;
  const refused = new Promise<void>((resolve) => (tell = resolve));
  let bytes = 0;
  const isRefused = (chunk: Uint8Array | undefined): boolean => {
    if (chunk === undefined) return walk.end();
    bytes += chunk.byteLength;
    if (bytes <= seenBytes) return false;
    const seenOfThis = Math.max(0, seenBytes - (bytes - chunk.byteLength));
    return walk.write(chunk.subarray(seenOfThis));
  };
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await source.read();
        if (isRefused(value)) {
          tell();
          source.cancel().catch(() => undefined);
          throw new Error('The rest of the body was refused.');
        }
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => source.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  // Streams as bodies are half-duplex (Fetch standard); the type of the option is not in every library.
  const init: RequestInit & { duplex: 'half' } = { body, duplex: 'half' };
  return { request: new Request(request, init), refused };
}
