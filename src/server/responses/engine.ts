import { AuthorizationError, ConflictError, NotFoundError, ValidationError } from '../../core/errors.ts';
import type { EventType, RampartEvent } from '../../core/events.ts';
import { makeEvent } from '../../core/make-event.ts';
import {
  concernsAll,
  isActing,
  judge,
  type Lease,
  LeaseBook,
  type LeaseTarget,
  type Observation,
  type Objection,
  type Radius,
  settle,
  type Sighting,
  stepLease,
  wantedBy,
} from '../../modules/respond/index.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import { MAX_OPEN_LEASES } from '../data/responses.ts';
import { estimate } from './estimate.ts';
import { forbidden } from './objections.ts';
import { type ResponseParts, RESPONSES_CHANNEL } from './parts.ts';
import { storyOf } from './story.ts';
import {
  type Acted,
  detailsOf,
  type Draft,
  EVENT_OF,
  eventFor,
  newLease,
  type Preview,
  type ResponseActor,
  targetOf,
} from './words.ts';

/** More about a detection that is answered. */
export interface Answering {
  /** Asked where a response is wanted: the alert that it is begun for. */
  readonly alertOf?: () => Promise<string | null>;
  /** Of a detection that is answered late: only where nothing was decided about its target since; since the epoch. */
  readonly undecidedSinceMs?: number;
}

const HOUSE: ResponseActor = { name: 'responses' };
/** Begins, changes and ends leases in the database, each change with its audit event in one transaction. */
export class ResponseEngine {
  readonly book = new LeaseBook();
  readonly #parts: ResponseParts;
  #reading: Promise<void> = Promise.resolve();
  #open: readonly Lease[] = [];

  constructor(parts: ResponseParts) {
    this.#parts = parts;
  }

  /** Open leases as this node read them last. */
  get open(): readonly Lease[] {
    return this.#open;
  }

  /** Reads the leases that act. Readings follow each other, so that an older one never overtakes a newer one. */
  reload(): Promise<void> {
    const read = async (): Promise<void> => {
      const open = await this.#parts.stores.responses.open();
      this.#open = open;
      this.book.replaceAll(open);
    };
    const next = this.#reading.then(read, read);
    this.#reading = next.catch(() => undefined);
    return next;
  }

  /** Waits for the reading that was begun. */
  settled(): Promise<void> {
    return this.#reading;
  }

  /** Whom a response would touch, and what would become of it. @throws ValidationError for a target that it does not take */
  async preview(draft: Draft, actor: ResponseActor): Promise<Preview> {
    const target = targetOf(draft);
    const { sql, responses } = this.#parts.stores;
    const radius = await this.#radius(sql, target, this.#parts.clock.now());
    const objections = await forbidden(this.#parts, draft.responder, target, actor);
    const used = await responses.used(sql, this.#windowStart());
    return { radius, ...this.#judge(draft, target, radius, objections, used, 'enforce') };
  }

  /**
   * Begins what a detection asks for, once.
   * @param firstMs when the attack began: its own traffic does not count in the estimate
   */
  async detected(seen: Sighting, firstMs: number, about: Answering = {}): Promise<Lease | undefined> {
    const { alertOf, undecidedSinceMs } = about;
    const { stores, options } = this.#parts;
    const wanted = wantedBy(seen, options);
    if (wanted === undefined || (await this.#stands(stores.sql, wanted.lease, wanted.mode))) return undefined;
    const { responder, target } = wanted.lease;
    // What somebody undid meanwhile must not begin again.
    if (
      undecidedSinceMs !== undefined &&
      (await stores.responses.isDecided(responder, target, undecidedSinceMs))
    )
      return undefined;
    const draft = { ...wanted.lease, alert: (await alertOf?.()) ?? null };
    return this.#begin(draft, HOUSE, { mode: wanted.mode, untilMs: firstMs });
  }

  /**
   * Begins what a person asks for, or has it wait for a second one.
   * @throws ValidationError for what nobody may do; ConflictError where it stands already
   */
  async ask(draft: Draft, actor: ResponseActor): Promise<Lease> {
    const { alerts } = this.#parts;
    if (typeof draft.alert === 'string' && (await alerts?.has(draft.alert)) !== true) throw noSuchAlert();
    const lease = await this.#begin(draft, actor, { mode: 'enforce', untilMs: this.#parts.clock.now() });
    if (lease === undefined) throw new ConflictError('This response stands already.');
    return lease;
  }

  /**
   * Has something happen to a lease.
   * @returns it as it is then
   * @throws NotFoundError, ConflictError where its state does not allow it, AuthorizationError where the actor may not
   */
  async act(id: string, seen: Observation, actor: ResponseActor, more: Acted = {}): Promise<Lease> {
    const { stores, options, clock } = this.#parts;
    const done = await stores.sql.transaction(async (tx) => {
      await stores.responses.lock(tx);
      const before = await stores.responses.held(tx, id);
      if (before === undefined) throw new NotFoundError('There is no such response.');
      if (actor.isLesser === true && seen.kind === 'undo' && isActing(before) && isForAll(before))
        throw new AuthorizationError('Only administrators end what concerns everybody.');
      const after = stepLease(before, seen, clock.now(), options.stage);
      if (after === before) return { after, event: undefined, closed: undefined };
      await stores.responses.save(tx, after);
      const event = await this.#write(tx, eventFor(seen, before, after), after, actor, more);
      return { after, event, closed: await this.#maintenance(tx, isActing(before), after, actor) };
    });
    this.#tell(done.event, done.after);
    this.#tell(done.closed, done.after);
    if (done.event === undefined && seen.kind !== 'tick' && seen.kind !== 'acted')
      throw new ConflictError(`Its state is ${done.after.state}, which does not allow that.`);
    if (seen.kind !== 'acted') await this.#actOnce(done.after);
    await this.announce();
    return done.after;
  }

  /** Does once what a lease that acts does once: also what a crash left undone. */
  async #actOnce(lease: Lease): Promise<void> {
    if (lease.responder !== 'end-sessions' || !isActing(lease) || lease.actedAtMs !== null) return;
    const accounts = this.#parts.identity()?.accounts;
    if (accounts === undefined) return;
    await accounts.endSessions(lease.target.replace(/^user:/, ''), {
      id: lease.startedBy,
      address: 'unknown',
    });
    await this.act(lease.id, { kind: 'acted' }, HOUSE);
  }

  /** One look at all open leases: what has run out ends, what did no harm widens, what did is taken back. */
  async tick(harmOf: (lease: Lease) => string | undefined): Promise<void> {
    const { clock, options, log } = this.#parts;
    for (const lease of this.#open) {
      const harm = isActing(lease) ? harmOf(lease) : undefined;
      const seen: Observation = harm === undefined ? { kind: 'tick' } : { kind: 'tick', harm };
      try {
        if (stepLease(lease, seen, clock.now(), options.stage) !== lease)
          await this.act(lease.id, seen, HOUSE);
        else await this.#actOnce(lease);
      } catch (error) {
        log.warn('A response could not be looked at; it is tried again, and ends by itself.', { error });
      }
    }
  }

  /** Makes a change act here at once and everywhere within a second. */
  async announce(): Promise<void> {
    const { bus, log, changed } = this.#parts;
    await this.reload();
    changed();
    await bus.publish(RESPONSES_CHANNEL, 'changed').catch((error: unknown) => {
      log.warn('The other nodes could not be told of a response.', { error });
    });
  }

  async #begin(
    draft: Draft,
    actor: ResponseActor,
    { mode, untilMs }: { readonly mode: 'enforce' | 'shadow'; readonly untilMs: number },
  ): Promise<Lease | undefined> {
    const { stores, clock, options } = this.#parts;
    const target = targetOf(draft);
    if (await this.#stands(stores.sql, draft, mode)) return undefined;
    if (this.#open.length >= MAX_OPEN_LEASES)
      throw new ConflictError(
        `${MAX_OPEN_LEASES} responses are open, and no more can be held. End some first.`,
      );
    // Before the lock: these may take a moment, and do not depend on other leases.
    const radius = await this.#radius(stores.sql, target, untilMs);
    const objections = await forbidden(this.#parts, draft.responder, target, actor);
    if (objections.length > 0 && !draft.automatic)
      throw new ValidationError(objections[0]?.text, { details: [...objections] });
    const nowMs = clock.now();
    const done = await stores.sql.transaction(async (tx) => {
      await stores.responses.lock(tx);
      if (await this.#stands(tx, draft, mode)) return undefined;
      const used = await stores.responses.used(tx, this.#windowStart());
      const verdict = this.#judge(draft, target, radius, objections, used, mode);
      const rules = { ...options.stage, approvalMs: options.approvalMs };
      const lease = settle(newLease(draft, target, radius, actor, nowMs), verdict, nowMs, rules);
      const superseded = await this.#supersede(tx, lease, actor);
      await stores.responses.save(tx, lease);
      const event = await this.#write(tx, EVENT_OF[lease.state], lease, actor, {});
      return { lease, superseded, event, closed: await this.#maintenance(tx, false, lease, actor) };
    });
    if (done === undefined) return undefined;
    this.#tell(done.superseded, done.lease);
    this.#tell(done.event, done.lease);
    this.#tell(done.closed, done.lease);
    await this.#actOnce(done.lease);
    await this.announce();
    return done.lease;
  }

  /** Whether the same response stands. What was only tried does not stand in the way of what is done. */
  async #stands(
    runner: SqlRunner,
    { responder, target }: Draft,
    mode: 'enforce' | 'shadow',
  ): Promise<boolean> {
    const standing = await this.#parts.stores.responses.standing(runner, responder, target);
    if (standing === undefined || this.#parts.clock.now() >= standing.expiresAtMs) return false;
    return standing.state !== 'shadow' || mode === 'shadow';
  }

  /** Ends what stands in the new one's place: it was tried in shadow, or has run out and nobody has looked yet. */
  async #supersede(tx: SqlRunner, lease: Lease, actor: ResponseActor): Promise<RampartEvent | undefined> {
    const { stores, clock, options } = this.#parts;
    const standing = await stores.responses.standing(tx, lease.responder, lease.target);
    if (standing === undefined) return undefined;
    const ended = stepLease(standing, { kind: 'undo', by: actor.name }, clock.now(), options.stage);
    await stores.responses.save(tx, ended);
    return this.#write(tx, EVENT_OF[ended.state], ended, actor, {});
  }

  #judge(
    draft: Draft,
    target: LeaseTarget,
    radius: Radius,
    objections: readonly Objection[],
    used: { readonly traffic: number; readonly accounts: number; readonly acting: number },
    mode: 'enforce' | 'shadow',
  ) {
    const how = this.#parts.house().shield.onChallenge === undefined ? 'deny' : draft.how;
    return judge(
      {
        lease: { responder: draft.responder, how, automatic: draft.automatic },
        target: target.kind,
        radius,
        forbidden: objections,
        approved: draft.automatic ? 0 : 1,
      },
      { budget: this.#parts.options.budget, used, mode },
    );
  }

  #radius(sql: SqlRunner, target: LeaseTarget, untilMs: number): Promise<Radius> {
    const goodBeforeMs = this.#parts.clock.now() - this.#parts.options.goodAfterMs;
    return estimate(sql, target, { untilMs, goodBeforeMs });
  }

  #windowStart(): number {
    return this.#parts.clock.now() - this.#parts.options.budget.windowMs;
  }

  async #write(
    tx: SqlRunner,
    type: EventType | undefined,
    lease: Lease,
    actor: ResponseActor,
    { reason }: Acted,
  ): Promise<RampartEvent | undefined> {
    if (type === undefined) return undefined;
    const { node, clock, stores } = this.#parts;
    const event = makeEvent(type, node, clock.now(), {
      actor: actor.name,
      ...(actor.address === undefined ? {} : { address: actor.address }),
      subject: lease.target,
      outcome: 'success',
      details: detailsOf(lease, reason),
    });
    await stores.events.write(tx, event);
    if (lease.alert !== null) {
      const by = actor === HOUSE ? null : actor.name;
      const remark = { atMs: event.atMs, by, text: storyOf(type, lease, reason) };
      await this.#parts.alerts?.remark(tx, lease.alert, remark);
    }
    return event;
  }

  /** Tells that the house is closed to some, or open again, where a response did that. */
  async #maintenance(
    tx: SqlRunner,
    wasActing: boolean,
    lease: Lease,
    actor: ResponseActor,
  ): Promise<RampartEvent | undefined> {
    if (lease.responder !== 'lockdown' || isActing(lease) === wasActing) return undefined;
    const { node, clock, stores } = this.#parts;
    const event = makeEvent('MAINTENANCE_MODE', node, clock.now(), {
      actor: actor.name,
      subject: lease.target,
      outcome: 'success',
      details: { on: !wasActing, response: lease.id },
    });
    await stores.events.write(tx, event);
    return event;
  }

  #tell(event: RampartEvent | undefined, { alert }: Lease): void {
    if (event === undefined) return;
    this.#parts.notice(event);
    if (alert !== null) this.#parts.alerts?.changed();
  }
}

function isForAll({ responder, target }: Lease): boolean {
  return concernsAll(responder, target);
}

function noSuchAlert(): ValidationError {
  const message = 'There is no such alert.';
  return new ValidationError(message, { details: [{ field: 'alert', code: 'UNKNOWN', message }] });
}
