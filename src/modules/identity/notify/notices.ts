import { RampartError } from '../../../core/errors.ts';
import { readOptions, text } from '../../../core/options.ts';
import type { Notice, Notices } from '../contract.ts';
import type { IdentityPorts, Mail } from '../ports.ts';
import { isMailAddress } from './address.ts';
import { cleanLine } from './letter.ts';
import { renderNotice } from './render.ts';

/** How notices are written. */
export interface NoticeOptions {
  /** Name of the application as its users know it, 1 to 60 characters; default `Rampart`. */
  readonly product?: string;
}

/** What notices stand on. */
export type NoticePorts = Pick<IdentityPorts, 'mailer' | 'timers' | 'events' | 'log'>;

/** Most notices that are on their way at once; further ones have failed. */
export const MOST_NOTICES = 1_000;
const AT_ONCE = 4;
/** Waits before the second and the third try. */
const WAITS_MS = [2_000, 15_000] as const;
const CLOSE_MS = 5_000;

/**
 * Writes notices in the owner's language and sends them in the background, in order, four at once, each up to three
 * times. What fails for good is the event MAIL_FAILED with the kind of the notice and a line in the log; neither holds
 * the address. `close` gives what is on its way one last try, and gives up what has no answer after five seconds.
 * @throws OptionsError naming the path and the reason
 */
export function createNotices(options: NoticeOptions, ports: NoticePorts, path = 'notices'): Notices {
  const { product } = readOptions<{ product: string }>(path, options, {
    product: text({ max: 60, default: 'Rampart' }),
  });
  return new NoticeQueue(cleanLine(product), ports);
}

interface Job {
  readonly mail: Mail;
  tries: number;
}

class NoticeQueue implements Notices {
  readonly #product: string;
  readonly #ports: NoticePorts;
  readonly #due: Job[] = [];
  /** Those that wait for their next try, with what cancels the wait. */
  readonly #later = new Map<Job, () => void>();
  /** Everything that is not finished: due, under way, or waiting. */
  readonly #open = new Set<Job>();
  #running = 0;
  #closed = false;
  #whenSettled: { readonly jobs: Set<Job>; readonly resolve: () => void }[] = [];

  constructor(product: string, ports: NoticePorts) {
    this.#product = product;
    this.#ports = ports;
  }

  send(notice: Notice): void {
    if (this.#closed || this.#open.size >= MOST_NOTICES) {
      return this.#failed(notice.kind, 0, this.#closed ? 'CLOSED' : 'QUEUE_FULL');
    }
    if (!isMailAddress(notice.to)) return this.#failed(notice.kind, 0, 'ADDRESS');
    try {
      const job: Job = { mail: renderNotice(notice, this.#product), tries: 0 };
      this.#open.add(job);
      this.#due.push(job);
    } catch (error) {
      return this.#failed(notice.kind, 0, codeOf(error));
    }
    this.#pump();
  }

  settled(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenSettled.push({ jobs: new Set(this.#open), resolve });
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const [job, cancel] of this.#later) {
      cancel();
      this.#due.push(job);
    }
    this.#later.clear();
    this.#pump();
    const cancel = this.#ports.timers.after(CLOSE_MS, () => {
      for (const job of this.#open) this.#giveUp(job, 'CLOSED');
    });
    await this.settled();
    cancel();
    await this.#ports.mailer.close();
  }

  #pump(): void {
    while (this.#running < AT_ONCE) {
      const job = this.#due.shift();
      if (job === undefined) return;
      if (!this.#open.has(job)) continue;
      this.#running += 1;
      void this.#try(job).finally(() => {
        this.#running -= 1;
        this.#pump();
      });
    }
  }

  async #try(job: Job): Promise<void> {
    job.tries += 1;
    try {
      await this.#ports.mailer.send(job.mail);
      this.#finish(job);
    } catch (error) {
      if (!this.#open.has(job)) return;
      const code = codeOf(error);
      const waitMs = WAITS_MS[job.tries - 1];
      if (waitMs === undefined || code === 'MAIL_REFUSED' || this.#closed) return this.#giveUp(job, code);
      const cancel = this.#ports.timers.after(waitMs, () => {
        this.#later.delete(job);
        this.#due.push(job);
        this.#pump();
      });
      this.#later.set(job, cancel);
    }
  }

  #giveUp(job: Job, code: string): void {
    this.#finish(job);
    this.#failed(job.mail.kind, job.tries, code);
  }

  #finish(job: Job): void {
    this.#open.delete(job);
    this.#whenSettled = this.#whenSettled.filter(({ jobs, resolve }) => {
      jobs.delete(job);
      if (jobs.size > 0) return true;
      resolve();
      return false;
    });
  }

  #failed(kind: string, tries: number, code: string): void {
    this.#ports.events.emit('MAIL_FAILED', { subject: kind, outcome: 'failure', details: { code, tries } });
    this.#ports.log.warn('A mail could not be sent.', { kind, code, tries });
  }
}

/** Codes of our own only: other words may hold the address. */
function codeOf(error: unknown): string {
  return error instanceof RampartError ? error.code : 'MAIL_UNSENT';
}
