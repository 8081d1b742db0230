import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { ManualClock } from '../../../testing/clock.ts';
import { readFeedsOptions, type FeedOptions, type ResolvedFeed } from './options.ts';
import type { UpdatePorts } from './update.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A publisher on this machine. What is set is what it answers next. */
export interface Source {
  readonly url: string;
  readonly port: number;
  body: string | Uint8Array;
  status: number;
  headers: Record<string, string>;
  /** Answers 304 to whoever has this one. */
  etag: string | undefined;
  readonly requests: IncomingMessage[];
}

/** Starts one that goes with its test. */
export async function publish(body: string | Uint8Array): Promise<Source> {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    source.requests.push(request);
    const { etag, status, headers } = source;
    if (etag !== undefined && request.headers['if-none-match'] === etag) return response.writeHead(304).end();
    return response
      .writeHead(status, { ...(etag === undefined ? {} : { etag }), ...headers })
      .end(source.body);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((done) => void server.close(done)));
  const { port } = server.address() as { port: number };
  const source: Source = {
    url: `http://127.0.0.1:${port}/list`,
    port,
    body,
    status: 200,
    headers: {},
    etag: undefined,
    requests: [],
  };
  return source;
}

/** A folder that goes with its test. */
export function freshFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'rampart-feeds-'));
  cleanups.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** What an update stands on, in a folder of its own. */
export function ports(
  secrets: Readonly<Record<string, string>> = {},
): UpdatePorts & { readonly clock: ManualClock } {
  return { folder: join(freshFolder(), 'feeds'), clock: new ManualClock(), secret: (name) => secrets[name] };
}

/** A feed of a source on this machine. */
export function feedOf(source: Source, options: FeedOptions = {}, name = 'own'): ResolvedFeed {
  const fetch = { allowHttp: true, ports: [source.port], allowRanges: ['127.0.0.1'] };
  return oneFeed(name, { kind: 'list', from: source.url, fetch, ...options });
}

/** One feed, read. */
export function oneFeed(name: string, options: FeedOptions | true): ResolvedFeed {
  return readFeedsOptions('shield.feeds', { [name]: options })[0] as ResolvedFeed;
}

/** A list with so many addresses. */
export function addresses(count: number): string {
  return Array.from({ length: count }, (_, i) => `192.0.${i >> 7}.${(i % 128) * 2}`).join('\n');
}
