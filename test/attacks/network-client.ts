import { request } from 'node:http';
import { connect } from 'node:net';

/** An address of this machine that the deployments under attack trust as their proxy. */
export const PROXY = '127.0.0.2';

/** One request of an attacker. */
export interface Knock {
  /** Address that it comes from; another one of this machine. */
  readonly from?: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
}

/** Sends one on a connection of its own. @returns its status */
export function knock(
  port: number,
  { from = '127.0.0.1', path = '/guess', method = 'GET', headers }: Knock,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        localAddress: from,
        agent: false,
        headers: { 'user-agent': 'attack/1', accept: '*/*', ...headers },
      },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode ?? 0));
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

/** How many of these were not refused by the limit. */
export async function passed(port: number, knocks: readonly Knock[]): Promise<number> {
  let count = 0;
  for (const one of knocks) if ((await knock(port, one)) !== 429) count += 1;
  return count;
}

/** Sends bytes as they are. @returns all that came back, once the other side has closed */
export function bytesOf(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: '127.0.0.1', port });
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
    socket.write(bytes);
  });
}
