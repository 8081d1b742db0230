import { Agent, type IncomingMessage, request as open } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../../../core/clock.ts';
import type { Target } from './target.ts';

/** A request to be sent. */
export interface Sent {
  readonly method?: string;
  /** Path and query, as they go over the wire. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Address to speak from, where the simulation speaks as a proxy; default the actor's own. */
  readonly as?: string;
  /** A status of 400 or above that is an answer and no refusal, such as 402 to a card that is mistyped. */
  readonly alsoFine?: number;
  /** Milliseconds of rest after each piece of the answer, for slow readers. */
  readonly readPauseMs?: number;
}

/** What came back. */
export interface Answer {
  /** 0 when no answer came. */
  readonly status: number;
  readonly code: string | undefined;
  readonly decision: string | undefined;
  /** Until the last byte, without the rests of a slow reader. */
  readonly latencyMs: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Up to 1 MiB of it. */
  readonly text: string;
}

/** One client with its connections and its address. */
export interface Client {
  send(sent: Sent): Promise<Answer>;
  /** Writes bytes that need not be HTTP, and reads what comes within two seconds. */
  sendRaw(bytes: string): Promise<Answer>;
  close(): void;
}

const TIMEOUT_MS = 10_000;
const RAW_TIMEOUT_MS = 2_000;
const MAX_TEXT_BYTES = 1024 * 1024;

/** Opens a client that keeps its connections alive. @param named what a trusted proxy in front of it says of its address */
export function createClient(
  target: Target,
  localAddress: string | undefined,
  clock: Clock,
  named?: string,
): Client {
  const from = localAddress === undefined ? {} : { localAddress };
  const agent = new Agent({ keepAlive: true, maxSockets: 32, ...from });
  return {
    send: (sent) =>
      exchange(target, agent, named === undefined ? sent : forwarded(sent, sent.as ?? named), clock),
    sendRaw: (bytes) => rawExchange(target, from, bytes, clock),
    close: () => agent.destroy(),
  };
}

/** As a proxy passes it on: its word stands behind whatever the client said of itself. */
function forwarded(sent: Sent, named: string): Sent {
  const said = sent.headers?.['x-forwarded-for'];
  return {
    ...sent,
    headers: { ...sent.headers, 'x-forwarded-for': said === undefined ? named : `${said}, ${named}` },
  };
}

async function exchange(target: Target, agent: Agent, sent: Sent, clock: Clock): Promise<Answer> {
  const startMs = clock.monotonic();
  try {
    const response = await respond(target, agent, sent);
    const { text, restedMs } = await readText(response, sent.readPauseMs ?? 0, clock);
    const latencyMs = clock.monotonic() - startMs - restedMs;
    return answerOf(response.statusCode ?? 0, response.headers, text, latencyMs);
  } catch {
    return { ...NONE, latencyMs: clock.monotonic() - startMs };
  }
}

const NONE: Omit<Answer, 'latencyMs'> = {
  status: 0,
  code: undefined,
  decision: undefined,
  headers: {},
  text: '',
};

function respond(target: Target, agent: Agent, sent: Sent): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = open({
      agent,
      host: target.host,
      port: target.port,
      method: sent.method ?? 'GET',
      path: sent.path,
      headers: { host: target.authority, ...sent.headers },
      timeout: TIMEOUT_MS,
    });
    request.on('response', resolve);
    // Also after the answer: a server that refuses a large body may close while it is still written.
    request.on('error', reject);
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.end(sent.body);
  });
}

async function readText(
  response: IncomingMessage,
  pauseMs: number,
  clock: Clock,
): Promise<{ text: string; restedMs: number }> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let restedMs = 0;
  response.setTimeout(TIMEOUT_MS, () => response.destroy());
  for await (const piece of response as AsyncIterable<Buffer>) {
    if (bytes < MAX_TEXT_BYTES) pieces.push(piece);
    bytes += piece.byteLength;
    if (pauseMs === 0) continue;
    const fromMs = clock.monotonic();
    await wait(pauseMs);
    restedMs += clock.monotonic() - fromMs;
  }
  return { text: Buffer.concat(pieces).toString('utf8'), restedMs };
}

function answerOf(status: number, headers: Answer['headers'], text: string, latencyMs: number): Answer {
  const decision = headers['x-rampart-decision'];
  return {
    status,
    code: status >= 400 ? codeOf(text) : undefined,
    decision: typeof decision === 'string' ? decision : undefined,
    latencyMs,
    headers,
    text,
  };
}

/** The code of the error envelope, or of a problem document. */
function codeOf(text: string): string | undefined {
  try {
    const parsed = JSON.parse(text) as { code?: unknown; error?: { code?: unknown } } | null;
    const code = parsed?.error?.code ?? parsed?.code;
    return typeof code === 'string' ? code.slice(0, 60) : undefined;
  } catch {
    return undefined;
  }
}

function rawExchange(
  target: Target,
  from: { localAddress?: string },
  bytes: string,
  clock: Clock,
): Promise<Answer> {
  const startMs = clock.monotonic();
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: target.host, port: target.port, ...from });
    socket.setEncoding('latin1').setTimeout(RAW_TIMEOUT_MS, () => socket.destroy());
    socket.on('data', (piece: string) => {
      text += piece;
      if (text.length > 65_536) socket.destroy();
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(rawAnswer(text, clock.monotonic() - startMs)));
    socket.write(bytes, 'latin1');
  });
}

function rawAnswer(text: string, latencyMs: number): Answer {
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
  if (status === undefined) return { ...NONE, latencyMs };
  const bodyAt = text.indexOf('\r\n\r\n') + 4;
  const decision = /\r\nx-rampart-decision: ?(\w{1,60})\r\n/i.exec(text.slice(0, bodyAt))?.[1];
  const headers = decision === undefined ? {} : { 'x-rampart-decision': decision };
  return answerOf(Number(status), headers, text.slice(bodyAt), latencyMs);
}
