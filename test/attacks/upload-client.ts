import { request } from 'node:http';
import { connect } from 'node:net';
import { type Answer, send } from '../scenarios/client.ts';

const BOUNDARY = '----attack';
export const FORM = `multipart/form-data; boundary=${BOUNDARY}`;
export const END = `--${BOUNDARY}--\r\n`;

/** A part, headers and all, as the attacker wishes. */
export function part(headers: string, content: Uint8Array | string = 'hello'): Buffer {
  return Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\n${headers}\r\n\r\n`, 'latin1'),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
}

/** A part that is a file. */
export function filePart(name: string, content: Uint8Array | string = 'hello'): Buffer {
  return part(
    `content-disposition: form-data; name="file"; filename="${Buffer.from(name).toString('latin1')}"`,
    content,
  );
}

/** Somebody of the sample application who sends files. */
export class Sender {
  readonly port: number;
  readonly token: string;

  constructor(port: number, token: string) {
    this.port = port;
    this.token = token;
  }

  /** Signs in to the sample. */
  static async named(port: number, name: string, role = 'customer'): Promise<Sender> {
    const body = JSON.stringify({ name, role });
    const headers = { 'content-type': 'application/json' };
    const answer = await send(port, { method: 'POST', path: '/sample/sign-in', headers, body });
    return new Sender(port, (JSON.parse(answer.body) as { token: string }).token);
  }

  get headers(): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${this.token}` };
  }

  /** Any request. */
  ask(method: string, path: string): Promise<Answer> {
    return send(this.port, { method, path, headers: this.headers });
  }

  /** A form of these bytes. */
  post(body: Uint8Array | string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    const all = { ...this.headers, 'content-type': FORM, ...headers };
    return send(this.port, { method: 'POST', path: '/sample/uploads', headers: all, body });
  }

  /** A form with one file. */
  file(name: string, content?: Uint8Array | string): Promise<Answer> {
    return this.post(Buffer.concat([filePart(name, content), Buffer.from(END)]));
  }

  /** Sends without end, or until the server has had enough. @returns its answer, and how much it took */
  async flood(
    head: Uint8Array,
    piece: Uint8Array,
    mostBytes: number,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly status: number; readonly sent: number }> {
    let sent = 0;
    const state = { over: false };
    const status = await new Promise<number>((resolve) => {
      const outgoing = request({
        host: '127.0.0.1',
        port: this.port,
        method: 'POST',
        path: '/sample/uploads',
        agent: false,
        headers: {
          'user-agent': 'attack/1',
          accept: '*/*',
          'content-type': FORM,
          ...this.headers,
          ...headers,
        },
      });
      outgoing.on('response', (response) => {
        state.over = true;
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      outgoing.on('error', () => resolve(0));
      const pump = (): void => {
        while (!state.over && sent < mostBytes) {
          sent += piece.byteLength;
          if (!outgoing.write(piece)) {
            outgoing.once('drain', pump);
            return;
          }
        }
        outgoing.end();
      };
      outgoing.write(head);
      pump();
    });
    return { status, sent };
  }

  /** Sends a part of a form and goes away. */
  async abandon(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port: this.port });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
      const lines = [
        'POST /sample/uploads HTTP/1.1',
        'host: localhost',
        'user-agent: attack/1',
        'accept: */*',
        `content-type: ${FORM}`,
        `authorization: Bearer ${this.token}`,
        'content-length: 1000000',
      ];
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      socket.write(bytes, () => socket.destroySoon());
    });
  }
}
