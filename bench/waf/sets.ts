import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { createHash } from 'node:crypto';
import type { SetRequest } from './engine.ts';

/** Reads a set, a request per line; `.gz` is inflated. */
export async function* readSet(path: string): AsyncGenerator<SetRequest> {
  const file = createReadStream(path);
  const input = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (line !== '') yield JSON.parse(line) as SetRequest;
  }
}

/** Three of ten requests, always the same ones: nobody tunes for them. */
export function isHeldOut({ id }: SetRequest): boolean {
  return (createHash('sha256').update(id).digest()[0] as number) < 77;
}
