import { randomBytes } from 'node:crypto';
import type { SqlRunner } from '../../ports/sql.ts';
import { believedCheckpoint, conflictError, isAcceptedElsewhere, isDue } from './checkpoints.ts';
import { type By, type Erasure, eraseHolder } from './erase.ts';
import { expireEvents, type Expiry } from './expire.ts';
import { type Hold, liftHold, type NewHold, placeHold } from './holds.ts';
import { keyText, signNote } from './note.ts';
import { type AuditOptions, type ReadAuditOptions, readAuditOptions } from './options.ts';
import type { AuditPorts } from './ports.ts';
import type { StoredCheckpoint } from './read.ts';
import { lockLog, type LogState, originOf, readState } from './rows.ts';
import { MAX_BATCH, sequence } from './sequencer.ts';
import { type AuditStatus, isWaiting, readWaiting } from './status.ts';
import { Witness } from './witness.ts';

/** Batches of one round at most: others get the database in between. */
const MAX_BATCHES = 100;
const MAX_UNSENT = 1_000;

/** Keeps the log of one node: gives events their places, signs checkpoints, and keeps what it has seen. */
export class AuditLog {
  readonly #ports: AuditPorts;
  readonly #options: ReadAuditOptions;
  readonly #witness: Witness;
  readonly #keys: readonly Uint8Array[];
  #loaded = false;
  #stopped = true;
  #cancel: (() => void) | undefined;
  #working: Promise<unknown> = Promise.resolve();
  #failing = false;
  #told = false;
  #unsent: string[] = [];

  constructor(ports: AuditPorts, options: AuditOptions = {}) {
    this.#ports = ports;
    this.#options = readAuditOptions(options);
    this.#keys = [ports.signer.publicKey];
    this.#witness = new Witness(ports.file, this.#keys);
  }

  /** Begins. */
  start(): void {
    this.#stopped = false;
    this.#later();
  }

  /** Ends the timer and waits for what is under way; gives places to what waits. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel?.();
    await this.round();
  }

  #later(): void {
    if (this.#stopped) return;
    this.#cancel = this.#ports.timers.after(this.#options.sequenceEvery, () => {
      void this.round().finally(() => this.#later());
    });
  }

  /** One round: sequences what waits, follows the log, signs where it is time. Never rejects. */
  round(): Promise<void> {
    return this.#alone(async () => {
      try {
        await this.#sequence();
        await this.#follow((state, last) => isDue(state, last, this.#options));
        if (this.#failing) this.#ports.log.info('The audit log goes on.');
        this.#failing = false;
      } catch (error) {
        this.#failed(error);
      }
    });
  }

  /** One thing at a time in this process. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#working.then(work);
    this.#working = done.catch(() => undefined);
    return done;
  }

  #failed(error: unknown): void {
    if (this.#failing) return;
    this.#failing = true;
    this.#ports.log.error('Audit events wait for their places in the log; it is tried again.', { error });
    this.#ports.events.emit('AUDIT_LOG_STALLED', { outcome: 'failure' });
  }

  async #sequence(): Promise<void> {
    const { sql } = this.#ports;
    for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
      if (!(await isWaiting(sql)) || (await sequence(sql)) < MAX_BATCH) return;
    }
  }

  async #follow(isDue: (state: LogState, last: StoredCheckpoint | undefined) => boolean): Promise<void> {
    const { sql } = this.#ports;
    await this.#load();
    const state = await readState(sql);
    if (state === undefined) {
      if (this.#witness.size > 0) this.#tell('the database holds no log any more');
      return;
    }
    if (await isAcceptedElsewhere(sql, state, this.#witness, this.#keys)) {
      const putAside = await this.#putAside();
      this.#ports.log.warn('Another node has accepted the audit log as it stands; it is followed.', {
        putAside,
      });
    }
    await this.#witness.follow(sql, state);
    if (this.#witness.conflict !== null) return this.#tell(this.#witness.conflict);
    const last = await this.#newest(state);
    if (isDue(state, last)) await this.#sign(state);
    await this.#send();
  }

  /** Forgets what was seen; the file of it stays. */
  async #putAside(): Promise<string> {
    const name = await this.#witness.putAside(this.#ports.clock.now());
    this.#told = false;
    return name;
  }

  async #load(): Promise<void> {
    if (this.#loaded) return;
    await this.#witness.load();
    this.#loaded = true;
  }

  /** Once. */
  #tell(reason: string): void {
    if (this.#told) return;
    this.#told = true;
    this.#ports.log.error('The audit log is not what this node has seen; nothing is signed.', { reason });
    this.#ports.events.emit('AUDIT_LOG_CONFLICT', { outcome: 'failure', details: { reason } });
  }

  /** Of what this node has kept and what stands in the database, signed by our key. */
  async #newest(state: LogState | undefined): Promise<StoredCheckpoint | undefined> {
    if (state === undefined) return undefined;
    const { sql, node } = this.#ports;
    const stored = await believedCheckpoint(sql, state, this.#keys);
    const { kept, conflict } = this.#witness;
    if (kept === null || conflict !== null || kept.size <= (stored?.size ?? 0)) return stored;
    return { origin: kept.origin, size: kept.size, madeUs: kept.atUs, node, note: kept.note };
  }

  /** Signs what this node has seen itself, never what the database says of its own tree. */
  async #sign({ origin, nowUs }: LogState): Promise<void> {
    const { sql, signer, node, sinks = [] } = this.#ports;
    const { size } = this.#witness;
    const checkpoint = { origin, size, root: this.#witness.root(), atUs: String(nowUs) };
    const note = await signNote(checkpoint, signer);
    await sql.query(
      `INSERT INTO rampart.audit_checkpoints (origin, size, made_us, node, note)
       VALUES ($1, $2, $3::text::bigint, $4, $5) ON CONFLICT DO NOTHING`,
      [origin, size, String(nowUs), node, note],
    );
    await this.#witness.keep(note, checkpoint);
    if (sinks.length > 0) this.#unsent = [...this.#unsent, note].slice(-MAX_UNSENT);
  }

  /** To other places; what fails is given again with the next round. */
  async #send(): Promise<void> {
    const { sinks = [], log } = this.#ports;
    try {
      for (let note = this.#unsent[0]; note !== undefined; note = this.#unsent[0]) {
        await Promise.all(sinks.map((sink) => sink.write(note)));
        this.#unsent.shift();
      }
    } catch (error) {
      log.warn('A checkpoint could not be sent; it is tried again.', { error });
    }
  }

  /**
   * Sequences what waits and signs a checkpoint now, where there is anything new.
   * @throws RampartError `AUDIT_LOG_CONFLICT`
   */
  checkpoint(): Promise<StoredCheckpoint | null> {
    return this.#alone(async () => {
      const { sql } = this.#ports;
      await this.#sequence();
      await this.#follow((state, last) => state.tree.size > (last?.size ?? 0));
      if (this.#witness.conflict !== null) throw conflictError(this.#witness.conflict);
      return (await this.#newest(await readState(sql))) ?? null;
    });
  }

  /**
   * Believes the database as it stands, after a backup was put back: begins a log of another name over the same events,
   * and keeps what was seen before as it is. An audit event tells of it. Other nodes follow what is signed under the new
   * name; where one of them was first, its name stays.
   */
  acceptRestored(
    by: By,
  ): Promise<{ readonly putAside: string; readonly checkpoint: StoredCheckpoint | null }> {
    return this.#alone(async () => {
      const { sql, write } = this.#ports;
      await this.#load();
      const seen = this.#witness.size;
      await sql.transaction(async (tx) => {
        await lockLog(tx);
        const origin = await this.#rename(tx);
        await write(tx, 'AUDIT_LOG_ACCEPTED', { ...by, details: { seen, origin } });
      });
      const putAside = await this.#putAside();
      await this.#sequence();
      await this.#follow(() => true);
      return { putAside, checkpoint: (await this.#newest(await readState(sql))) ?? null };
    });
  }

  async #rename(tx: SqlRunner): Promise<string> {
    const state = await readState(tx);
    if (state && (await isAcceptedElsewhere(tx, state, this.#witness, this.#keys))) return state.origin;
    const logId = randomBytes(8).toString('hex');
    await tx.query('UPDATE rampart.audit_log SET log_id = $1', [logId]);
    return originOf(logId);
  }

  /** Erases what the log holds of somebody; `undefined` where that is nothing. */
  erase(holder: string, by: By): Promise<Erasure | undefined> {
    return eraseHolder(this.#ports.sql, holder, by, this.#ports.write);
  }

  /** Destroys who and what of events that have run out, a bounded batch. @returns how many */
  expire(expiry: Expiry): Promise<number> {
    return expireEvents(this.#ports.sql, expiry, this.#ports.clock.now(), this.#ports.write);
  }

  /** Places a legal hold. @throws OptionsError, ConflictError */
  placeHold(given: NewHold, by: By): Promise<Hold> {
    return placeHold(this.#ports.sql, given, by, this.#ports.clock.now(), this.#ports.write);
  }

  /** Lifts a legal hold. @throws NotFoundError, ConflictError */
  liftHold(id: string, by: By): Promise<Hold> {
    return liftHold(this.#ports.sql, id, by, this.#ports.clock.now(), this.#ports.write);
  }

  /** How the log is. */
  async status(): Promise<AuditStatus> {
    const { sql, signer } = this.#ports;
    const state = await readState(sql);
    const origin = state?.origin ?? null;
    return {
      origin,
      key: origin === null ? null : keyText(origin, signer.publicKey),
      size: state?.tree.size ?? 0,
      checkpoint: (await this.#newest(state)) ?? null,
      ...(await readWaiting(sql)),
      conflict: this.#witness.conflict,
      strangers: this.#witness.strangers,
      failing: this.#failing,
    };
  }
}
