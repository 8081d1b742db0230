import type { RequestView } from '../../src/core/request.ts';

/** A request as guards meet it, made of fresh strings: a server brings strings that nobody has read yet. */
export interface Arrival extends RequestView {
  readonly body: Buffer | null;
  /** As a listener of node:http sees it, its body read and parsed. */
  asMessage(): object;
}

/** `count` requests in turn, each from its own bytes. */
export function arrivals(requests: readonly string[], count: number): readonly Arrival[] {
  return Array.from({ length: count }, (_, i) => arrival(requests[i % requests.length] as string));
}

function fresh(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function arrival(text: string): Arrival {
  const end = text.indexOf('\r\n\r\n');
  const [line = '', ...lines] = text.slice(0, end).split('\r\n');
  const [method = '', target = ''] = line.split(' ');
  const raw: string[] = [];
  const headers: Record<string, string> = {};
  for (const one of lines) {
    const colon = one.indexOf(': ');
    const value = fresh(one.slice(colon + 2));
    raw.push(one.slice(0, colon), value);
    headers[one.slice(0, colon).toLowerCase()] = value;
  }
  const url = fresh(target);
  const body = end + 4 < text.length ? Buffer.from(text.slice(end + 4), 'latin1') : null;
  const parsed = body === null ? {} : parse(body.toString(), headers['content-type']);
  return {
    method,
    target: url,
    peer: '203.0.113.7',
    encrypted: true,
    header: (name) => headers[name],
    rawHeaders: () => raw,
    body,
    asMessage: () => ({
      method,
      url,
      headers,
      body: parsed,
      socket: { remoteAddress: '203.0.113.7' },
      connection: { remoteAddress: '203.0.113.7' },
    }),
  };
}

function parse(text: string, type: string | undefined): unknown {
  return type === 'application/json'
    ? (JSON.parse(text) as unknown)
    : Object.fromEntries(new URLSearchParams(text));
}
