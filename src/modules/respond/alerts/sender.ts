import type { Clock } from '../../../core/clock.ts';
import type { EventSink } from '../../../core/events.ts';
import { newId } from '../../../core/id.ts';
import type { SqlStore } from '../../../ports/sql.ts';
import { ChannelError, type ChannelPorts, SENDERS } from './channels/index.ts';
import type { ReadChannel } from './channel-options.ts';
import { Deliveries, type Delivery } from './deliveries.ts';
import { messageOf } from './message.ts';
import type { ReadAlertOptions } from './options.ts';
import { quietUntilMs } from './quiet.ts';
import { AlertStore } from './store.ts';
import type { Alert } from './types.ts';

/** What tells people. */
export interface SenderPorts {
  readonly sql: SqlStore;
  readonly clock: Clock;
  readonly events: EventSink;
  readonly channels: ChannelPorts;
  /** 0 up to 1, for pauses that do not fall together. */
  readonly random: () => number;
  /** Where the console is; undefined where nobody knows. */
  readonly publicUrl: () => string | undefined;
}

const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** Three times as long as a try may take: whoever holds a telling for longer is dead. */
const CLAIM_MS = 45_000;
const AT_ONCE = 10;
/** Kinds at which people sleep. */
const WAKES: readonly ReadChannel['kind'][] = ['email', 'slack', 'pagerduty'];

/** Pause before the next try, in milliseconds: doubled from 15 s to an hour, and up to a fifth more. Pure. */
export function pauseMs(
  attempts: number,
  error: Pick<ChannelError, 'isPermanent' | 'afterMs'>,
  random: number,
): number {
  const doubled = error.isPermanent ? LONGEST_PAUSE_MS : FIRST_PAUSE_MS * 2 ** Math.min(attempts, 20);
  const pause = Math.min(LONGEST_PAUSE_MS, Math.max(doubled, error.afterMs ?? 0));
  return Math.floor(pause * (1 + random / 5));
}

/** Tells what waits to be told. Several nodes do so together: each telling is one node's at a time. */
export class AlertSender {
  readonly #options: ReadAlertOptions;
  readonly #ports: SenderPorts;
  readonly #byName: ReadonlyMap<string, ReadChannel>;
  readonly #me: string;

  constructor(options: ReadAlertOptions, ports: SenderPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#byName = new Map(options.channels.map((channel) => [channel.name, channel]));
    this.#me = newId('snd', ports.clock.now());
  }

  /** Tells what is due over a channel, at most ten of it. @returns how many tellings were looked at */
  async run(channel: string): Promise<number> {
    const { sql, clock } = this.#ports;
    const nowMs = clock.now();
    const deliveries = new Deliveries(sql);
    const claimed = await deliveries.claim(this.#me, [channel], nowMs, nowMs + CLAIM_MS, AT_ONCE);
    await Promise.all(claimed.map((one) => this.#tell(deliveries, one)));
    return claimed.length;
  }

  async #tell(deliveries: Deliveries, one: Delivery): Promise<void> {
    const { clock, sql } = this.#ports;
    const channel = this.#byName.get(one.channel) as ReadChannel;
    const store = new AlertStore(sql);
    const alert = one.alert === null ? undefined : await store.get(one.alert);
    const quietMs = this.#quietUntilMs(one, channel, alert);
    if (quietMs !== null) return deliveries.postpone(one.id, this.#me, quietMs, false);
    try {
      const worst = one.cause === 'digest' ? await this.#worst(store) : [];
      const message = messageOf(one, alert, worst, this.#ports.publicUrl());
      await SENDERS[channel.kind](message, channel, this.#ports.channels, clock.now());
    } catch (error) {
      return this.#failed(deliveries, one, error);
    }
    const nowMs = clock.now();
    await deliveries.record(channel.name, null, nowMs);
    if (!(await deliveries.end(one.id, this.#me, 'sent', nowMs)) || one.alert === null) return;
    await store.markTold(one.alert, nowMs);
    await store.note(one.alert, [
      { atMs: nowMs, by: null, kind: 'told', text: `${channel.name}: ${one.cause}` },
    ]);
  }

  #quietUntilMs(one: Delivery, { kind }: ReadChannel, alert: Alert | undefined): number | null {
    const { quiet } = this.#options;
    const severity = alert?.severity ?? one.severity;
    const mayWake = one.cause === 'test' || one.cause === 'acknowledged' || one.cause === 'resolved';
    if (quiet === null || severity === 'CRITICAL' || mayWake || !WAKES.includes(kind)) return null;
    return quietUntilMs(quiet, this.#ports.clock.now());
  }

  async #worst(store: AlertStore): Promise<readonly Alert[]> {
    return (await store.list({ states: ['ACTIVE'], limit: 10 })).alerts;
  }

  async #failed(deliveries: Deliveries, one: Delivery, thrown: unknown): Promise<void> {
    const { clock, random, events, sql } = this.#ports;
    const nowMs = clock.now();
    const error = thrown instanceof ChannelError ? thrown : new ChannelError('It could not be told.');
    await deliveries.record(one.channel, error.message, nowMs);
    // A test is tried once: somebody waits for what comes of it.
    const isOver = one.cause === 'test' || nowMs - one.atMs >= this.#options.giveUpAfterMs;
    if (!isOver) {
      const dueAtMs = nowMs + pauseMs(one.attempts, error, random());
      return deliveries.postpone(one.id, this.#me, dueAtMs, true);
    }
    if (!(await deliveries.end(one.id, this.#me, 'given-up', nowMs)) || one.cause === 'test') return;
    events.emit('ALERT_UNTOLD', {
      subject: one.alert ?? one.channel,
      outcome: 'failure',
      details: { channel: one.channel, cause: one.cause, attempts: one.attempts + 1, error: error.message },
    });
    if (one.alert === null) return;
    const text = `${one.channel}: given up after ${one.attempts + 1} tries. ${error.message}`;
    await new AlertStore(sql).note(one.alert, [{ atMs: nowMs, by: null, kind: 'untold', text }]);
  }
}
