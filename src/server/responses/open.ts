import type { RequestContext } from '../../core/context.ts';
import type { RampartEvent } from '../../core/events.ts';
import { Principal } from '../../core/fact.ts';
import type { Finisher, Guard } from '../../core/guard.ts';
import type { Watcher } from '../../core/watcher.ts';
import { DETECTION_TYPES, readDetection } from '../../modules/detect/index.ts';
import {
  harmOf,
  isActing,
  type Lease,
  responseGuards,
  type Responder,
  ScoreKeeper,
  WellbeingMeter,
} from '../../modules/respond/index.ts';
import { ResponseEngine } from './engine.ts';
import { type ResponseParts, RESPONSES_CHANNEL } from './parts.ts';
import { callerOfRequest, placeOfRequest } from './places.ts';
import { Sightings } from './sightings.ts';

/** Automatic responses, running. */
export interface OpenedResponses {
  readonly engine: ResponseEngine;
  readonly guards: readonly Guard[];
  readonly finisher: Finisher;
  /** The station of the event corridor. */
  readonly watcher: Watcher;
  /** Detections that wait to be answered, because nothing can be written. */
  readonly waiting: number;
  /** Whether a response locks an account: asked at sign-in. */
  isLocked(account: string): boolean;
  /** Reads what acts, mends what a crash left, and begins to look. @throws the database's or the bus's error */
  start(): Promise<void>;
  /** Waits for what was begun, and looks no more. */
  close(): Promise<void>;
}

const LOOK_MS = 2_000;
const MARGIN_MS = 60_000;
const PRUNE_MS = 3_600_000;
const RELOAD_MS = 30_000;
const POSTURE_NAME = 'response';
/** Responses that honest people feel by accident alone; of the others the harm is the purpose. */
const WATCHED: readonly Responder[] = ['block', 'tighten-limits', 'raise-posture', 'require-step-up'];

/** Composes automatic responses. Nothing acts and nothing is read before `start`. */
export function openResponses(parts: ResponseParts): OpenedResponses {
  return new Running(parts);
}

class Running implements OpenedResponses {
  readonly engine: ResponseEngine;
  readonly guards: readonly Guard[];
  readonly finisher: Finisher;
  readonly watcher: Watcher;
  readonly #parts: ResponseParts;
  readonly #score = new ScoreKeeper();
  readonly #meter = new WellbeingMeter();
  readonly #sightings: Sightings;
  #cancel = (): void => undefined;
  #unsubscribe: (() => Promise<void>) | undefined;
  #closed = false;
  #isRaised = false;
  #readMs = 0;
  #prunedMs = 0;

  constructor(parts: ResponseParts) {
    this.#parts = parts;
    this.engine = new ResponseEngine({ ...parts, changed: () => this.#shown() });
    const { operatorKey, options } = parts;
    this.#sightings = new Sightings({
      ...parts,
      answer: (event, isLate) => this.#answer(event, isLate),
      stored: (fromMs, untilMs) => parts.stores.detections.between(fromMs, untilMs),
    });
    this.guards =
      options.mode === 'off'
        ? []
        : responseGuards({
            book: this.engine.book,
            callerOf: (context) =>
              callerOfRequest(context, { operatorKey, goodAfterMs: options.goodAfterMs }),
            placeOf: (context) => placeOfRequest(context, parts.application === true),
            canChallenge: () => parts.house().shield.onChallenge !== undefined,
            score: this.#score,
          });
    this.finisher = {
      name: 'responses',
      end: (context, { status }) => this.#answered(context, status),
    };
    this.watcher = {
      name: 'responses',
      stage: 'respond',
      on: [...DETECTION_TYPES, 'SIGN_IN_FAILED', 'SIGN_IN_SUCCEEDED', 'CHALLENGE_SOLVED', 'CHALLENGE_FAILED'],
      handle: (events) => {
        for (const event of events) this.#heard(event);
      },
    };
  }

  get waiting(): number {
    return this.#sightings.waiting;
  }

  isLocked(account: string): boolean {
    const leases = this.engine.book.ofUser(account, this.#parts.clock.now());
    return leases.some(({ responder }) => responder === 'lock-account');
  }

  #answered(context: RequestContext, status: number): void {
    const { nowMs, client } = context;
    if (client.address === 'unknown') return;
    // A refusal of ours is no error of the caller's: it must not raise the score that refuses next.
    const isError = status >= 400 && status !== 429 && status !== 503 && context.verdict.kind === 'pass';
    this.#score.answered(client.group, isError, nowMs);
    const principal = context.get(Principal);
    // What the application itself refuses is not the doing of a response.
    if (principal?.kind === 'user') this.#meter.met(principal.id, context.verdict.kind === 'pass', nowMs);
  }

  #heard(event: RampartEvent): void {
    const { type, address, atMs, subject } = event;
    if (type === 'SIGN_IN_FAILED' || type === 'SIGN_IN_SUCCEEDED') {
      const good = type === 'SIGN_IN_SUCCEEDED';
      this.#meter.count('signIns', good, atMs);
      if (address === undefined) return;
      if (!good) this.#score.failedLogin(address, atMs);
      else if (subject !== undefined) {
        const country = this.#parts.house().shield.places?.find(address)?.country;
        this.#score.signedIn(subject, address, country, atMs);
      }
      return;
    }
    if (type === 'CHALLENGE_SOLVED' || type === 'CHALLENGE_FAILED') {
      this.#meter.count('solved', type === 'CHALLENGE_SOLVED', atMs);
      return;
    }
    if (this.#parts.options.mode !== 'off') this.#sightings.take(event);
  }

  async #answer(event: RampartEvent, isLate: boolean): Promise<void> {
    const seen = readDetection(event);
    if (seen === undefined) return;
    // The request of the first event came before it.
    await this.engine.detected(seen, seen.firstMs - MARGIN_MS, {
      alertOf: () => this.#alertOf(event),
      ...(isLate ? { undecidedSinceMs: event.atMs } : {}),
    });
  }

  /** A response is more urgent than its link to an alert. */
  async #alertOf(event: RampartEvent): Promise<string | null> {
    try {
      return (await this.#parts.alerts?.alertOf(event)) ?? null;
    } catch (error) {
      this.#parts.log.warn('The alert of a response could not be found.', { error });
      return null;
    }
  }

  async start(): Promise<void> {
    const { bus, log } = this.#parts;
    if (this.#parts.options.mode === 'off') return;
    this.#unsubscribe = await bus.subscribe(RESPONSES_CHANNEL, () => {
      this.engine.reload().then(
        () => this.#shown(),
        (error: unknown) => log.warn('The responses could not be read; it is tried again.', { error }),
      );
    });
    // After the subscription: a change between the two is not missed.
    await this.engine.reload();
    this.#shown();
    this.#again();
  }

  #shown(): void {
    this.#raise();
    this.#parts.changed();
  }

  #again(): void {
    if (this.#closed) return;
    this.#cancel = this.#parts.timers.after(LOOK_MS, () => {
      this.#look()
        .catch((error: unknown) => this.#parts.log.warn('The responses could not be looked at.', { error }))
        .finally(() => this.#again());
    });
  }

  async #look(): Promise<void> {
    const nowMs = this.#parts.clock.now();
    if (nowMs - this.#readMs >= RELOAD_MS) {
      // In case a message was missed.
      this.#readMs = nowMs;
      await this.engine.reload();
      await this.#sightings.look();
    }
    this.#sightings.retry();
    if (nowMs - this.#prunedMs >= PRUNE_MS) {
      this.#prunedMs = nowMs;
      await this.#parts.stores.responses.prune(nowMs);
    }
    await this.engine.tick((lease) => this.#harmOf(lease));
    this.#raise();
    await this.#countMet();
  }

  /** Adds what was met here to what the other nodes met, and learns their sum. */
  async #countMet(): Promise<void> {
    const { book } = this.engine;
    const { responses } = this.#parts.stores;
    for (const [id, requests] of book.takeMet()) {
      try {
        await responses.addMet(id, requests);
      } catch (error) {
        book.meet(id, requests);
        throw error;
      }
    }
    if (!book.isEmpty) book.metByAll(await responses.met());
  }

  #harmOf(lease: Lease): string | undefined {
    // Whoever asked for it as a person answers for it.
    if (!lease.automatic || !WATCHED.includes(lease.responder)) return undefined;
    const { harm } = this.#parts.options;
    const people = this.engine.book.people(lease.id);
    if (lease.state === 'staged' && people > harm.people)
      return `It would have met ${people} people in good standing.`;
    const { before, since } = this.#meter.around(lease.stagedAtMs ?? lease.startedAtMs);
    return harmOf(before, since, harm);
  }

  /** The posture forgets what it hears after a minute; while a response stands it is told again. */
  #raise(): void {
    const { traffic } = this.#parts.house().shield;
    if (traffic === null) return;
    const nowMs = this.#parts.clock.now();
    const raised = this.engine.book.all.filter(
      (lease) => lease.responder === 'raise-posture' && isActing(lease) && nowMs < lease.expiresAtMs,
    );
    if (raised.length > 0)
      traffic.heard(POSTURE_NAME, raised.some(({ target }) => target === 'attack') ? 'attack' : 'elevated');
    else if (this.#isRaised) traffic.heard(POSTURE_NAME, 'normal');
    this.#isRaised = raised.length > 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel();
    await this.#unsubscribe?.();
    await this.#sightings.close();
    await this.engine.settled();
    await this.#countMet().catch((error: unknown) =>
      this.#parts.log.warn('The last requests that responses met could not be counted.', { error }),
    );
  }
}
