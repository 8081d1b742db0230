import type { Clock } from '../../../core/clock.ts';
import { newId } from '../../../core/id.ts';
import type { SqlRunner, SqlStore } from '../../../ports/sql.ts';
import type { ReadChannel } from './channel-options.ts';
import { Deliveries } from './deliveries.ts';
import type { ReadAlertOptions } from './options.ts';
import { type Act, act, atLeast, due, isOpen, occur } from './state.ts';
import { AlertStore } from './store.ts';
import { admitTelling, takeDigest } from './storm.ts';
import type { Alert, Cause, Note, Occurrence, Step } from './types.ts';

/** What the book of alerts stands on. */
export interface BookPorts {
  readonly sql: SqlStore;
  readonly clock: Clock;
  /** Told after each commit that changed an alert. */
  readonly changed: () => void;
}

/** What is told where. Mails and chats are for what somebody should look at; the rest follows an alert to its end. */
const QUIET_KINDS: Readonly<Record<ReadChannel['kind'], readonly Cause[]>> = {
  email: ['acknowledged', 'resolved'],
  slack: ['acknowledged'],
  pagerduty: [],
  webhook: [],
  log: [],
};
/** Alerts for which something is done in one transaction. */
const AT_ONCE = 50;

/** Takes in what happens, does what people ask for and what is due, each in one transaction with what is to be told. */
export class AlertBook {
  readonly #options: ReadAlertOptions;
  readonly #ports: BookPorts;

  constructor(options: ReadAlertOptions, ports: BookPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  /**
   * Takes in what happened. The same event is taken in once, whichever node brings it.
   * @returns the alert, or undefined where the event was known or is less severe than what becomes an alert
   */
  async take(one: Occurrence): Promise<Alert | undefined> {
    if (!atLeast(one.severity, this.#options.least)) {
      await new AlertStore(this.#ports.sql).see(one.event);
      return undefined;
    }
    const nowMs = this.#ports.clock.now();
    const given = bounded(one);
    const alert = await this.#ports.sql.transaction(async (sql) => {
      const store = new AlertStore(sql);
      if (!(await store.see(given.event))) return undefined;
      // Also what keeps two nodes from raising the same alert.
      const storm = await store.storm();
      const known = await store.newest(given.rule, given.group);
      let step = occur(known, given, this.#options, nowMs, newId('alr', nowMs));
      if (step.tell !== null) {
        const isCritical = step.alert.severity === 'CRITICAL';
        const admitted = admitTelling(storm, this.#options.storm, isCritical, nowMs);
        await store.saveStorm(admitted.storm, this.#options.storm);
        // Who hears of a hundred at once is not to hear of each again.
        if (admitted.how === 'held')
          step = { ...step, alert: { ...step.alert, escalatesAtMs: null }, tell: null };
      }
      await this.#write(sql, step, nowMs);
      return step.alert;
    });
    if (alert !== undefined) this.#ports.changed();
    return alert;
  }

  /** Notes that an event was looked at and means nothing to the alerts. */
  async pass(event: string): Promise<void> {
    await new AlertStore(this.#ports.sql).see(event);
  }

  /**
   * Takes in what happened, unless somebody has.
   * @returns the id of the alert that it is part of; undefined where it is less severe than what becomes an alert
   */
  async alertOf(one: Occurrence): Promise<string | undefined> {
    const alert = await this.take(one);
    if (alert !== undefined) return alert.id;
    const { rule, group, event } = bounded(one);
    return new AlertStore(this.#ports.sql).naming(rule, group, event);
  }

  /** Adds to an alert's story, within the transaction of what it tells; tell `changed` once it is certain. */
  async remark(sql: SqlRunner, alert: string, note: Note): Promise<void> {
    await new AlertStore(sql).remark(alert, note);
  }

  /**
   * Resolves the open alert of a rule and group, where there is one, because it works again.
   * @param event the event that says so: it is looked at once
   */
  async recover(rule: string, group: string, event: string, text: string): Promise<Alert | undefined> {
    const nowMs = this.#ports.clock.now();
    const alert = await this.#ports.sql.transaction(async (sql) => {
      const store = new AlertStore(sql);
      if (!(await store.see(event))) return undefined;
      const known = await store.newest(rule, group);
      if (known === undefined || !isOpen(known)) return undefined;
      const step = act(known, { kind: 'resolve', note: text }, null, this.#options, nowMs);
      if (typeof step === 'string') return undefined;
      await this.#write(sql, step, nowMs);
      return step.alert;
    });
    if (alert !== undefined) this.#ports.changed();
    return alert;
  }

  /**
   * Does what somebody asks for, within the transaction that also writes its audit event; tell `changed` once it is certain.
   * @returns the alert as it is now; a sentence that says why not; undefined where there is no such alert
   */
  async act(sql: SqlRunner, id: string, what: Act, by: string): Promise<Alert | string | undefined> {
    const nowMs = this.#ports.clock.now();
    const known = await new AlertStore(sql).get(id, true);
    if (known === undefined) return undefined;
    const step = act(known, what, by, this.#options, nowMs);
    if (typeof step === 'string') return step;
    await this.#write(sql, step, nowMs);
    return step.alert;
  }

  /** Does what is due by itself: ends snoozes, escalates, sends the digest of a storm. @returns how many things were done */
  async runDue(): Promise<number> {
    const nowMs = this.#ports.clock.now();
    const done = await this.#ports.sql.transaction(async (sql) => {
      const store = new AlertStore(sql);
      const found = await store.due(nowMs, AT_ONCE);
      for (const alert of found) await this.#write(sql, due(alert, this.#options, nowMs), nowMs);
      return found.length;
    });
    const digests = await this.#digest(nowMs);
    if (done + digests > 0) this.#ports.changed();
    return done + digests;
  }

  /** Forgets what is old. */
  async prune(): Promise<number> {
    const nowMs = this.#ports.clock.now();
    const { sql } = this.#ports;
    await new Deliveries(sql).prune(nowMs - PRUNE_TOLD_MS);
    return new AlertStore(sql).prune(nowMs - this.#options.keepMs, nowMs - SEEN_MS);
  }

  /** Has a channel told a test message. @returns the telling's id; undefined where there is no such channel */
  async test(channel: string, sql: SqlRunner = this.#ports.sql): Promise<string | undefined> {
    if (!this.#options.channels.some(({ name }) => name === channel)) return undefined;
    const test = { alert: null, channel, cause: 'test', severity: 'LOW' } as const;
    const [id] = await new Deliveries(sql).add([test], this.#ports.clock.now());
    return id;
  }

  async #digest(nowMs: number): Promise<number> {
    const { channels, storm: rules } = this.#options;
    return this.#ports.sql.transaction(async (sql) => {
      const store = new AlertStore(sql);
      const storm = await store.dueStorm(nowMs);
      if (storm === undefined) return 0;
      const { storm: next, count } = takeDigest(storm, rules, nowMs);
      await store.saveStorm(next, rules);
      const told = channels.map(({ name }) => ({
        alert: null,
        channel: name,
        cause: 'digest' as const,
        severity: 'HIGH' as const,
        about: count,
      }));
      if (count > 0) await new Deliveries(sql).add(told, nowMs);
      return count > 0 ? 1 : 0;
    });
  }

  async #write(sql: SqlRunner, { alert, notes, tell }: Step, nowMs: number): Promise<void> {
    await new AlertStore(sql).save(alert, notes);
    if (tell === null) return;
    const deliveries = new Deliveries(sql);
    await deliveries.withdraw(alert.id, nowMs);
    const isEnd = tell === 'acknowledged' || tell === 'resolved';
    // Who never heard of it need not hear that it is over.
    const heard = isEnd ? await deliveries.toldOn(alert.id) : null;
    const { channels, escalationChannels } = this.#options;
    const wanted = channels.filter(({ name, kind, least }) => {
      if (!atLeast(alert.severity, least) || QUIET_KINDS[kind].includes(tell)) return false;
      if (tell === 'escalated' && escalationChannels !== null) return escalationChannels.includes(name);
      return heard === null || heard.has(name);
    });
    const { id, severity } = alert;
    await deliveries.add(
      wanted.map(({ name }) => ({ alert: id, channel: name, cause: tell, severity })),
      nowMs,
    );
  }
}

const DAY_MS = 86_400_000;
/** How long it is remembered which events were taken in: longer than any node looks back. */
const SEEN_MS = 3 * DAY_MS;
const PRUNE_TOLD_MS = 30 * DAY_MS;

/** What requests say is in these texts. */
function bounded(one: Occurrence): Occurrence {
  return {
    ...one,
    rule: one.rule.slice(0, 100),
    group: one.group.slice(0, 300),
    title: one.title.slice(0, 200),
    description: one.description.slice(0, 1_000),
    recommended: one.recommended.slice(0, 5),
  };
}
