import { connect, type Socket } from 'node:net';

/** Requests as bytes, sent in turn over keep-alive sockets; far cheaper than a general client. */
export interface Load {
  readonly port: number;
  readonly request: string | readonly string[];
  readonly connections: number;
  readonly requests: number;
}

/** What came back. */
export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Responses by status. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** Sends `requests` requests over `connections` sockets, one at a time on each. */
export async function runLoad(load: Load): Promise<LoadResult> {
  const all = [load.request].flat().map((one) => Buffer.from(one, 'latin1'));
  const statuses: Record<string, number> = {};
  let left = load.requests;
  let done = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: load.connections }, () => {
      const next = (socket: Socket): boolean => {
        if (left <= 0) return false;
        left--;
        socket.write(all[left % all.length] as Buffer);
        return true;
      };
      return talk(load.port, next, (status) => {
        done++;
        statuses[status] = (statuses[status] ?? 0) + 1;
      });
    }),
  );
  return { requests: done, seconds: (performance.now() - started) / 1000, statuses };
}

function talk(
  port: number,
  next: (socket: Socket) => boolean,
  took: (status: string) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let text = '';
    socket.once('connect', () => {
      if (!next(socket)) socket.end();
    });
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const length = wholeLength(text);
      if (length < 0) return;
      took(text.slice(9, 12));
      text = text.slice(length);
      if (!next(socket)) socket.end();
    });
    socket.once('error', reject);
    socket.once('close', () => resolve());
  });
}

/** Length of the response at the start of `text`, or -1 while it is not whole. */
function wholeLength(text: string): number {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return -1;
  const match = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, head + 2));
  if (match) {
    const end = head + 4 + Number(match[1]);
    return text.length >= end ? end : -1;
  }
  if (/\r\ntransfer-encoding: chunked/i.test(text.slice(0, head + 2))) {
    const end = text.indexOf('\r\n0\r\n\r\n', head);
    return end < 0 ? -1 : end + 7;
  }
  return head + 4;
}
