import type { Worker } from 'node:worker_threads';
import { systemTimers, type Timers } from '../../core/clock.ts';
import { RampartError } from '../../core/errors.ts';
import { EmbeddedSqlError, type WorkerMessage, type WorkerRequest, type WorkerStart } from './protocol.ts';
import { startWorker, unavailable } from './worker-start.ts';

/** A statement's answer with its command tag. */
export interface LinkAnswer {
  readonly rows: readonly Record<string, unknown>[];
  readonly affected: number;
  readonly command: string;
}

/** What the link is made of. */
export interface LinkOptions {
  readonly start: WorkerStart;
  /** Milliseconds that one statement may take. */
  readonly queryLimitMs: number;
  /** Milliseconds that one script may take. */
  readonly scriptLimitMs: number;
  /** Milliseconds that opening may take. */
  readonly openLimitMs: number;
  /** Statements on the way at the same time, at most; further ones are refused. */
  readonly maxWaiting: number;
  readonly timers?: Timers;
  readonly onNotify: (channel: string, payload: string) => void;
  /** Statements that each new worker is told first. */
  readonly greeting: () => readonly string[];
}

interface Waiting {
  readonly request: WorkerRequest;
  readonly resolve: (answer: LinkAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** Sent ahead of the answers, so that the worker never waits for the next statement. */
const MAX_FLYING = 16;

/**
 * A worker that is started, asked, and replaced when it is stuck or dead. Answers come in the order of the questions,
 * so one timer for the oldest question is enough.
 */
export class WorkerLink {
  /** Counts the workers that were lost: what was begun with one cannot be continued with the next. */
  generation = 0;
  readonly #options: LinkOptions;
  readonly #timers: Timers;
  readonly #waiting: Waiting[] = [];
  readonly #flying: Waiting[] = [];
  #worker: Worker | undefined;
  #opening: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #closed: RampartError | undefined;
  #nextId = 1;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#timers = options.timers ?? systemTimers;
  }

  /** Starts the worker unless it runs. @throws RampartError when it cannot start */
  open(): Promise<void> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (this.#worker) return Promise.resolve();
    this.#opening ??= this.#openOnce().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #openOnce(): Promise<void> {
    const worker = await startWorker(this.#options.start, this.#options.openLimitMs, this.#timers);
    if (this.#closed) {
      await worker.terminate();
      throw this.#closed;
    }
    this.#worker = worker;
    worker.on('message', (message: WorkerMessage) => this.#hear(message));
    worker.once('error', (error) => this.#lose(worker, unavailable('ended with an error', error)));
    worker.once('exit', () => this.#lose(worker, unavailable('ended')));
    worker.unref();
    const greeting = this.#options.greeting().map((text): Waiting => this.#ask('query', text, []));
    this.#waiting.unshift(...greeting);
    this.#pump();
  }

  #ask(
    kind: WorkerRequest['kind'],
    text: string,
    values: WorkerRequest['values'],
    settle: Pick<Waiting, 'resolve' | 'reject'> = { resolve: () => undefined, reject: () => undefined },
  ): Waiting {
    return { request: { id: this.#nextId++, kind, text, values }, ...settle };
  }

  /**
   * Asks. Opens the worker first where it is not there.
   * @throws RampartError `DATABASE_UNAVAILABLE`, `DATABASE_TIMEOUT`; EmbeddedSqlError
   */
  send(kind: WorkerRequest['kind'], text: string, values: WorkerRequest['values']): Promise<LinkAnswer> {
    if (this.#closed) return Promise.reject(this.#closed);
    if (this.#waiting.length + this.#flying.length >= this.#options.maxWaiting) {
      return Promise.reject(unavailable(`has more than ${this.#options.maxWaiting} statements waiting`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push(this.#ask(kind, text, values, { resolve, reject }));
      if (this.#worker) this.#pump();
      else this.#reopen();
    });
  }

  #reopen(): void {
    this.open().then(
      () => this.#pump(),
      (error: Error) => {
        for (const one of this.#waiting.splice(0)) one.reject(error);
      },
    );
  }

  #pump(): void {
    const worker = this.#worker;
    if (!worker) return;
    while (this.#flying.length < MAX_FLYING) {
      const next = this.#waiting.shift();
      if (!next) return;
      // A pending question keeps the process alive, an idle database does not.
      if (this.#flying.length === 0) worker.ref();
      this.#flying.push(next);
      worker.postMessage(next.request, []);
      if (this.#flying.length === 1) this.#watch();
    }
  }

  #watch(): void {
    const head = this.#flying[0];
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (!head) return;
    const limitMs = head.request.kind === 'query' ? this.#options.queryLimitMs : this.#options.scriptLimitMs;
    this.#cancelTimer = this.#timers.after(limitMs, () => {
      const worker = this.#worker;
      if (!worker || this.#flying[0] !== head) return;
      head.reject(
        new RampartError(
          'DATABASE_TIMEOUT',
          `A statement took longer than ${limitMs} ms; the database was restarted.`,
        ),
      );
      this.#lose(worker, unavailable('was restarted because a statement did not end'));
    });
  }

  #hear(message: WorkerMessage): void {
    if (message.kind === 'notify') {
      this.#options.onNotify(message.channel, message.payload);
      return;
    }
    if (message.kind !== 'done' && message.kind !== 'error') return;
    const head = this.#flying.shift();
    if (this.#flying.length === 0) this.#worker?.unref();
    this.#watch();
    this.#pump();
    if (message.kind === 'done') head?.resolve(message);
    else head?.reject(new EmbeddedSqlError(message.error));
  }

  /** What was on its way may or may not have happened; what only waited goes to the next worker. */
  #lose(worker: Worker, error: RampartError): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.generation++;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    for (const one of this.#flying.splice(0)) one.reject(error);
    const gone = worker.terminate();
    if (this.#options.start.folder === undefined) {
      this.abandon(unavailable('was in memory and is lost', error));
      return;
    }
    // Two engines on one folder would destroy it: the next starts when the last is certainly gone.
    this.#opening = gone.then(() => {
      this.#opening = undefined;
      if (this.#waiting.length > 0) this.#reopen();
    });
  }

  /** Ends at once, without asking the engine: all questions from now on are answered with `error`. */
  abandon(error: RampartError): void {
    this.#closed ??= error;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#cancelTimer?.();
    for (const one of [...this.#flying.splice(0), ...this.#waiting.splice(0)]) one.reject(error);
    void worker?.terminate();
  }

  /** Ends after what was asked before. */
  async close(): Promise<void> {
    if (this.#closed) return;
    const ended = this.#worker ? this.send('close', '', []) : undefined;
    this.#closed = new RampartError('DATABASE_UNAVAILABLE', 'The database was closed.');
    await ended?.catch(() => undefined);
    const worker = this.#worker;
    this.#worker = undefined;
    this.#cancelTimer?.();
    await worker?.terminate();
  }
}
