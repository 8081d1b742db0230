import { type Clock, systemTimers, type Timers } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { SEVERITIES, type RampartEvent } from '../../core/events.ts';
import { eventEntry } from '../data/event-rows.ts';
import type { ChangeMessage, DecisionSummary, TickMessage, TrafficCounts } from './types.ts';

/** What the live stream is fed from. */
export interface LivePorts {
  readonly clock: Clock;
  readonly timers?: Timers;
  /** All traffic of this node since it was last asked, by class. Asked once a second while somebody watches. */
  takeSecond(): TrafficCounts;
}

/** Bounds of the live stream. */
export interface LiveOptions {
  /** Watchers at a time; default 100. */
  readonly maxClients?: number;
  /** Messages that wait for one watcher; default 256. Beyond it decisions are left out and counted. */
  readonly maxWaiting?: number;
  /** Decisions a second; default 20. Half of them are kept free for refusals. */
  readonly maxDecisionsPerSecond?: number;
}

/** One message of the stream. */
export interface LiveMessage {
  readonly event: 'tick' | 'decision' | 'notice' | 'change';
  readonly data: unknown;
}

const HEARTBEAT_MS = 15_000;

/** Spreads what happens to everybody who watches, without ever waiting for one of them. */
export class LiveHub {
  readonly #ports: LivePorts;
  readonly #timers: Timers;
  readonly #maxClients: number;
  readonly #maxWaiting: number;
  readonly #maxDecisions: number;
  readonly #clients = new Set<LiveClient>();
  #decisions = 0;
  #skipped = 0;
  #cancelTick: (() => void) | null = null;
  #closed = false;

  constructor(ports: LivePorts, options: LiveOptions = {}) {
    this.#ports = ports;
    this.#timers = ports.timers ?? systemTimers;
    this.#maxClients = options.maxClients ?? 100;
    this.#maxWaiting = options.maxWaiting ?? 256;
    this.#maxDecisions = options.maxDecisionsPerSecond ?? 20;
  }

  /** How many watch. */
  get watching(): number {
    return this.#clients.size;
  }

  /** Whether it is worth preparing a message. */
  get active(): boolean {
    return this.#clients.size > 0;
  }

  /** Offers a decision; sent while this second's share lasts. */
  decision(decision: DecisionSummary): void {
    if (this.#clients.size === 0) return;
    const refused = decision.verdict === 'deny' || decision.verdict === 'challenge';
    if (this.#decisions >= (refused ? this.#maxDecisions : this.#maxDecisions / 2)) {
      this.#skipped++;
      return;
    }
    this.#decisions++;
    this.#send({ event: 'decision', data: decision });
  }

  /** Tells an event of severity MEDIUM and above. */
  notice(event: RampartEvent): void {
    if (this.#clients.size === 0 || SEVERITIES.indexOf(event.severity) < 1) return;
    this.#send({ event: 'notice', data: eventEntry(event) });
  }

  /** Tells that something is to be read again. */
  change(what: ChangeMessage['what']): void {
    this.#send({ event: 'change', data: { what } satisfies ChangeMessage });
  }

  /**
   * Opens a stream of server-sent events (WHATWG HTML 9.2).
   * @param stillAllowed asked at every heartbeat; the stream ends when it says no or fails
   * @throws AppError 503 when too many watch, or the server is about to stop
   */
  open(stillAllowed: () => Promise<boolean>): ReadableStream<Uint8Array> {
    if (this.#closed) throw new AppError('The server is about to stop.', 503, 'SHUTTING_DOWN');
    if (this.#clients.size >= this.#maxClients) {
      throw new AppError('Too many people watch the live stream already.', 503, 'STREAM_FULL');
    }
    const client = new LiveClient(this.#maxWaiting, this.#timers, stillAllowed, () => {
      this.#clients.delete(client);
      if (this.#clients.size === 0) this.#stopTicking();
    });
    if (this.#clients.size === 0) this.#startTicking();
    this.#clients.add(client);
    return client.stream;
  }

  /** Ends all streams and takes no more. */
  close(): void {
    this.#closed = true;
    for (const client of this.#clients) client.end();
  }

  #send(message: LiveMessage): void {
    for (const client of this.#clients) client.send(message);
  }

  #startTicking(): void {
    // What was counted while nobody watched belongs to no second.
    this.#ports.takeSecond();
    this.#decisions = 0;
    this.#skipped = 0;
    const tick = (): void => {
      this.#cancelTick = this.#timers.after(1_000, tick);
      const counts = this.#ports.takeSecond();
      const skipped = this.#skipped;
      this.#decisions = 0;
      this.#skipped = 0;
      const atMs = this.#ports.clock.now();
      for (const client of this.#clients) client.tick({ atMs, counts, skipped });
    };
    this.#cancelTick = this.#timers.after(1_000, tick);
  }

  #stopTicking(): void {
    this.#cancelTick?.();
    this.#cancelTick = null;
  }
}

/** One watcher: a bounded queue before a socket that may be slow. */
class LiveClient {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #timers: Timers;
  readonly #stillAllowed: () => Promise<boolean>;
  readonly #onEnd: () => void;
  readonly #encoder = new TextEncoder();
  /** What could not be told yet, so that no change is missed. */
  readonly #changes = new Map<unknown, LiveMessage>();
  #controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  #skipped = 0;
  #fullBeats = 0;
  #cancelBeat: (() => void) | null = null;

  constructor(maxWaiting: number, timers: Timers, stillAllowed: () => Promise<boolean>, onEnd: () => void) {
    this.#timers = timers;
    this.#stillAllowed = stillAllowed;
    this.#onEnd = onEnd;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
          // Half a minute of silence is worth less than a quick return.
          controller.enqueue(this.#encoder.encode('retry: 2000\n\n'));
        },
        cancel: () => this.end(),
      },
      new CountQueuingStrategy({ highWaterMark: maxWaiting }),
    );
    this.#beatLater();
  }

  send(message: LiveMessage): void {
    if (this.#write(message)) return;
    if (message.event === 'decision') this.#skipped++;
    if (message.event === 'change') this.#changes.set((message.data as ChangeMessage).what, message);
  }

  tick(message: TickMessage): void {
    const skipped = this.#skipped + message.skipped;
    this.#skipped = this.#write({ event: 'tick', data: { ...message, skipped } }) ? 0 : skipped;
    for (const [what, change] of this.#changes) if (this.#write(change)) this.#changes.delete(what);
  }

  #write(message: LiveMessage): boolean {
    const controller = this.#controller;
    if (controller === null || (controller.desiredSize ?? 0) <= 0) return false;
    controller.enqueue(
      this.#encoder.encode(`event: ${message.event}\ndata: ${JSON.stringify(message.data)}\n\n`),
    );
    return true;
  }

  #beatLater(): void {
    this.#cancelBeat = this.#timers.after(HEARTBEAT_MS, () => void this.#beat());
  }

  /** Keeps the line open, ends it when the watcher may no longer watch or has not read for a minute. */
  async #beat(): Promise<void> {
    const allowed = await this.#stillAllowed().catch(() => false);
    if (this.#controller === null) return;
    this.#fullBeats = (this.#controller.desiredSize ?? 0) <= 0 ? this.#fullBeats + 1 : 0;
    if (!allowed || this.#fullBeats >= 4) return this.end();
    if (this.#fullBeats === 0) this.#controller.enqueue(this.#encoder.encode(': beat\n\n'));
    this.#beatLater();
  }

  end(): void {
    const controller = this.#controller;
    if (controller === null) return;
    this.#controller = null;
    this.#cancelBeat?.();
    this.#onEnd();
    try {
      controller.close();
    } catch {
      // The reader went away first: the stream is closed already.
    }
  }
}
