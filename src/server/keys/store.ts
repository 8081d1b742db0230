import {
  KEY_PURPOSES,
  keyCheck,
  type KeyPurpose,
  KeyRing,
  type KeyWrapper,
  type RingKey,
  type Rings,
  USES_TO_ROTATE,
} from '../../base/secrets/index.ts';
import { ConflictError, NotFoundError } from '../../core/errors.ts';
import type { SqlRunner } from '../../ports/sql.ts';
import type { KeyPorts } from './ports.ts';
import { rewrapKeys, type Rewrapped } from './rewrap.ts';
import { insertKey, type KeyRow, type KeyView, nextId, statesOf } from './rows.ts';

/** A new key seals only once every node has had the time to read it: all look every second. */
export const SPREAD_MS = 3_000;
const POLL_MS = 1_000;
/** An embedded database has one process, which knows what it did: only uses are written. */
const EMBEDDED_POLL_MS = 30_000;
const FLUSH_EVERY = 30;
const CHANNEL = 'rampart.keys';
const LOCK = 'rampart keys';

/**
 * The keys of all purposes: wrapped in the database, unwrapped once into memory. Nodes that share a database share its
 * keys; a change reaches each within a second.
 */
export class KeyStore implements Rings {
  readonly #ports: KeyPorts;
  readonly #rings: Readonly<Record<KeyPurpose, KeyRing>>;
  /**
   * Unwrapped keys by purpose, id and check: one that is wrapped anew by what this node does not know yet goes on being
   * used here.
   */
  readonly #unwrapped = new Map<string, Uint8Array>();
  readonly #unusable = new Set<string>();
  /** Counts that could not be written yet. */
  readonly #untold = new Map<string, number>();
  #reading: Promise<void> | undefined;
  #again: Promise<void> | undefined;
  #polls = 0;
  #views: readonly KeyView[] = [];
  #cancel: (() => void) | undefined;
  #silence: (() => Promise<void>) | undefined;
  #closed = false;

  constructor(ports: KeyPorts) {
    this.#ports = ports;
    this.#rings = Object.fromEntries(
      KEY_PURPOSES.map((purpose) => [purpose, new KeyRing(purpose, [], ports.clock)]),
    ) as Record<KeyPurpose, KeyRing>;
  }

  /** Reads the keys, makes the first of each purpose, and begins to listen. The database must have been migrated. */
  async start(): Promise<void> {
    const { sql, bus, log } = this.#ports;
    const rows = await this.#rows(sql);
    if (KEY_PURPOSES.some((purpose) => !rows.some((row) => row.purpose === purpose))) await this.#makeFirst();
    await this.refresh();
    try {
      if (sql.kind === 'server')
        this.#silence = await bus?.subscribe(CHANNEL, () => void this.refresh().catch(() => undefined));
    } catch (error) {
      log.warn('Changes of keys are not heard over the bus; the database tells them within a second.', {
        error,
      });
    }
    this.#schedule();
  }

  /** The keys of a purpose, kept up to date. */
  ring(purpose: KeyPurpose): KeyRing {
    return this.#rings[purpose];
  }

  /** Reads the keys again. Calls at the same time share a reading that began after them. */
  refresh = (): Promise<void> => {
    if (this.#reading === undefined) {
      this.#reading = this.#read().finally(() => (this.#reading = undefined));
      return this.#reading;
    }
    this.#again ??= this.#reading
      .catch(() => undefined)
      .then(() => {
        this.#again = undefined;
        return this.refresh();
      });
    return this.#again;
  };

  /** All keys, the newest of each purpose first. */
  async list(): Promise<readonly KeyView[]> {
    await this.refresh();
    return this.#views;
  }

  /** Name of what wraps keys from now on. */
  get wrapper(): string {
    return this.#ports.wrapper.name;
  }

  /** The same as they were when they were last read. */
  views(): readonly KeyView[] {
    return this.#views;
  }

  #viewsOf(rows: readonly KeyRow[]): readonly KeyView[] {
    const now = this.#ports.clock.now();
    return KEY_PURPOSES.flatMap((purpose) => {
      const own = rows.filter((row) => row.purpose === purpose);
      const states = statesOf(own, now);
      return own.map((row) => ({
        purpose,
        id: row.id,
        state: states.get(row.id) ?? 'retired',
        wrapper: row.wrapper,
        usable: row.retired_at_ms === null && !this.#unusable.has(nameOf(row)),
        createdAtMs: row.created_at_ms,
        createdBy: row.created_by,
        writesFromMs: row.writes_from_ms,
        retiredAtMs: row.retired_at_ms,
        uses: row.uses,
      }));
    });
  }

  /**
   * Adds a key. It seals three seconds later, when all nodes have read it; the ones before it go on opening.
   * @param by who asks, for the audit trail
   * @param beside written in the same transaction
   */
  async add(
    purpose: KeyPurpose,
    by: string,
    beside?: (tx: SqlRunner, id: string) => Promise<void>,
  ): Promise<{ readonly id: string; readonly writesFromMs: number }> {
    const { sql, clock, audit } = this.#ports;
    const made = await sql.withLock(LOCK, async () => {
      const id = nextId((await this.#rows(sql)).filter((row) => row.purpose === purpose));
      const row = await this.#make(purpose, id, by, clock.now() + SPREAD_MS);
      await sql.transaction(async (tx) => {
        await insertKey(tx, row);
        await beside?.(tx, id);
        await audit(tx, 'KEY_ADDED', {
          actor: by,
          subject: `${purpose}/${id}`,
          details: { wrapper: row.wrapper },
        });
      });
      return { id, writesFromMs: row.writes_from_ms };
    });
    await this.#announce();
    return made;
  }

  /**
   * Takes a key out of every ring. Its row stays, still wrapped, so that `restore` can bring it back.
   * @throws NotFoundError; ConflictError while it seals or is about to
   */
  async retire(purpose: KeyPurpose, id: string, by: string): Promise<void> {
    const { sql, clock, audit } = this.#ports;
    const key = (await this.list()).find((one) => one.purpose === purpose && one.id === id);
    if (key === undefined) throw new NotFoundError(`There is no key '${id}' for ${purpose}.`);
    if (key.state === 'retired') return;
    if (key.state !== 'decrypt-only')
      throw new ConflictError(`The key '${id}' for ${purpose} is ${key.state}: add another first.`);
    await sql.transaction(async (tx) => {
      await tx.query('UPDATE rampart.keys SET retired_at_ms = $3 WHERE purpose = $1 AND id = $2', [
        purpose,
        id,
        clock.now(),
      ]);
      await audit(tx, 'KEY_RETIRED', { actor: by, subject: `${purpose}/${id}` });
    });
    await this.#announce();
  }

  /** Takes a retired key back into the rings: it opens again, and does not seal. @throws NotFoundError */
  async restore(purpose: KeyPurpose, id: string, by: string): Promise<void> {
    const { sql, audit } = this.#ports;
    await sql.transaction(async (tx) => {
      const { affected } = await tx.query(
        'UPDATE rampart.keys SET retired_at_ms = NULL WHERE purpose = $1 AND id = $2 AND retired_at_ms IS NOT NULL',
        [purpose, id],
      );
      if (affected === 0) throw new NotFoundError(`There is no retired key '${id}' for ${purpose}.`);
      await audit(tx, 'KEY_RESTORED', { actor: by, subject: `${purpose}/${id}` });
    });
    await this.#announce();
  }

  /** Wraps every key by what is configured now; see {@link rewrapKeys}. @param by who asks, for the audit trail */
  async rewrap(by: string): Promise<Rewrapped> {
    const { sql, wrapper, audit } = this.#ports;
    const wrapperOf = (row: KeyRow): KeyWrapper => this.#wrapperOf(row);
    const found = await sql.withLock(LOCK, async () =>
      rewrapKeys(await this.#rows(sql), { sql, wrapper, wrapperOf, audit, by }),
    );
    await this.#announce();
    return found;
  }

  /** Writes how often the keys were used since the last time. */
  async flushUses(): Promise<void> {
    for (const purpose of KEY_PURPOSES) {
      for (const [id, uses] of this.#rings[purpose].takeUses()) {
        const name = nameOf({ purpose, id });
        this.#untold.set(name, (this.#untold.get(name) ?? 0) + uses);
      }
    }
    for (const [name, uses] of this.#untold) {
      const [purpose = '', id = ''] = name.split('/');
      await this.#ports.sql.query('UPDATE rampart.keys SET uses = uses + $3 WHERE purpose = $1 AND id = $2', [
        purpose,
        id,
        uses,
      ]);
      this.#untold.delete(name);
    }
  }

  /** Ends listening and writes the last counts. The database is its owner's to close. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancel?.();
    await this.#silence?.();
    await this.#reading?.catch(() => undefined);
    await this.flushUses().catch((error: unknown) =>
      this.#ports.log.warn('The uses of the keys could not be written.', { error }),
    );
  }

  #schedule(): void {
    if (this.#closed) return;
    const isShared = this.#ports.sql.kind === 'server';
    this.#cancel = this.#ports.timers.after(isShared ? POLL_MS : EMBEDDED_POLL_MS, () => {
      this.#polls += 1;
      const isTime = !isShared || this.#polls % FLUSH_EVERY === 0;
      // A database that is away is told elsewhere; the keys at hand go on working.
      this.#look(isTime)
        .catch(() => undefined)
        .finally(() => this.#schedule());
    });
  }

  async #look(withUses: boolean): Promise<void> {
    if (withUses) await this.flushUses();
    await this.refresh();
    if (withUses) await this.#relieve();
  }

  /** Adds a key beside each that has sealed an eighth of what it may; what it sealed is left for a rotation. */
  async #relieve(): Promise<void> {
    for (const purpose of KEY_PURPOSES) {
      const worn = this.#views.find((key) => key.purpose === purpose && key.state === 'active');
      const hasNext = this.#views.some((key) => key.purpose === purpose && key.state === 'pending');
      if (worn !== undefined && worn.uses >= USES_TO_ROTATE && !hasNext)
        await this.add(purpose, `bound of ${worn.id}`);
    }
  }

  async #announce(): Promise<void> {
    await this.refresh();
    await this.#ports.bus?.publish(CHANNEL, 'changed').catch((error: unknown) =>
      this.#ports.log.warn('The other nodes were not told of new keys; they look by themselves.', {
        error,
      }),
    );
  }

  async #makeFirst(): Promise<void> {
    const { sql } = this.#ports;
    await sql.withLock(LOCK, async () => {
      const rows = await this.#rows(sql);
      for (const purpose of KEY_PURPOSES) {
        if (rows.some((row) => row.purpose === purpose)) continue;
        // From the beginning of time: there is nothing before it that another node could write.
        await insertKey(sql, await this.#make(purpose, 'k1', 'first start', 0));
      }
    });
  }

  async #make(purpose: KeyPurpose, id: string, by: string, writesFromMs: number): Promise<KeyRow> {
    const { wrapper, derive, clock } = this.#ports;
    const derived = id === 'k1' ? derive(purpose) : undefined;
    const made =
      derived === undefined ? await wrapper.generate({ purpose, id }) : { key: derived, wrapped: null };
    return {
      purpose,
      id,
      wrapper: derived === undefined ? wrapper.name : 'derived',
      wrapped: made.wrapped,
      key_check: keyCheck(made.key, purpose, id),
      created_at_ms: clock.now(),
      created_by: by,
      writes_from_ms: writesFromMs,
      retired_at_ms: null,
      uses: 0,
    };
  }

  async #rows(sql: SqlRunner): Promise<readonly KeyRow[]> {
    const { rows } = await sql.query('SELECT * FROM rampart.keys ORDER BY purpose, writes_from_ms DESC, id');
    return rows as unknown as readonly KeyRow[];
  }

  async #read(): Promise<void> {
    const all = await this.#rows(this.#ports.sql);
    const rows = all.filter((row) => row.retired_at_ms === null);
    for (const purpose of KEY_PURPOSES) {
      const keys: RingKey[] = [];
      for (const row of rows.filter((one) => one.purpose === purpose)) {
        keys.push({
          id: row.id,
          key: await this.#keyOf(row),
          writesFromMs: row.writes_from_ms,
          uses: row.uses + (this.#untold.get(nameOf(row)) ?? 0),
        });
      }
      this.#rings[purpose].replace(keys);
    }
    this.#views = this.#viewsOf(all);
  }

  /** A key that cannot be unwrapped is told once, and tried again at the next reading. */
  async #keyOf(row: KeyRow): Promise<Uint8Array | null> {
    const name = nameOf(row);
    const cached = this.#unwrapped.get(`${name} ${row.key_check}`);
    if (cached !== undefined) return cached;
    try {
      const key =
        row.wrapped === null
          ? this.#ports.derive(row.purpose)
          : await this.#wrapperOf(row).unwrap(row.wrapped, { purpose: row.purpose, id: row.id });
      if (key === undefined) return null;
      this.#unwrapped.set(`${name} ${row.key_check}`, key);
      if (keyCheck(key, row.purpose, row.id) === row.key_check) this.#unusable.delete(name);
      // A derived key of another secret is not replaced: what it seals, this node can open.
      else
        this.#tell(name, 'It was made from another secret: what other nodes sealed cannot be opened here.');
      return key;
    } catch (error) {
      this.#tell(name, error instanceof Error ? error.message : 'unknown');
      return null;
    }
  }

  /** Another service may have been configured since. */
  #wrapperOf({ wrapper: name }: KeyRow): KeyWrapper {
    const { wrapper, older = [] } = this.#ports;
    return [wrapper, ...older].find((one) => one.name === name) ?? wrapper;
  }

  #tell(name: string, reason: string): void {
    if (this.#unusable.has(name)) return;
    this.#unusable.add(name);
    this.#ports.log.error('A key cannot be used on this node.', { key: name, reason });
  }
}

function nameOf({ purpose, id }: Pick<KeyRow, 'purpose' | 'id'>): string {
  return `${purpose}/${id}`;
}
