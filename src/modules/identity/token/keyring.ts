import type { SecretBox } from '../../../base/secrets/index.ts';
import type { Clock } from '../../../core/clock.ts';
import { RampartError } from '../../../core/errors.ts';
import type { SqlRunner, SqlStore } from '../../../ports/sql.ts';
import type { IdentityLog } from '../ports.ts';
import { newKeyRow, openKey, type KeyRow, type SigningKey, type TokenAlgorithm } from './key.ts';

/** What the ring stands on. */
export interface KeyRingPorts {
  readonly sql: SqlStore;
  readonly clock: Clock;
  readonly box: SecretBox;
  readonly secret: Uint8Array;
  readonly log: IdentityLog;
}

/** A new key signs only once every node has had the time to read it. */
const SPREAD_MS = 2_000;
/** Nodes whose clocks differ may sign with a key for that long after it was replaced. */
const OVERLAP_MS = 60_000;
/** More keys than anybody rotates within the life of a token: what is older is not looked at. */
const MAX_KEYS = 32;
const LOCK = 'rampart identity keys';

/** The keys of access tokens: one signs, and those before it verify until the last of their tokens has ended. */
export class KeyRing {
  readonly #ports: KeyRingPorts;
  readonly #algorithm: TokenAlgorithm;
  readonly #tokenLifeMs: number;
  #byHeader: ReadonlyMap<string, SigningKey> = new Map();

  /** @param tokenLifeMs longest life of an access token */
  constructor(algorithm: TokenAlgorithm, tokenLifeMs: number, ports: KeyRingPorts) {
    this.#algorithm = algorithm;
    this.#tokenLifeMs = tokenLifeMs;
    this.#ports = ports;
  }

  /** The algorithm of all its keys: tokens of any other are refused. */
  get algorithm(): TokenAlgorithm {
    return this.#algorithm;
  }

  /** Reads the keys, and makes the first one. Any number of nodes at once make one together. */
  async start(): Promise<void> {
    await this.reload();
    if (this.#usable()) return;
    await this.#ports.sql.withLock(LOCK, async () => {
      await this.reload();
      if (this.#usable()) return;
      const now = this.#ports.clock.now();
      await insert(this.#ports.sql, newKeyRow(this.#algorithm, this.#ports.box, now, now));
      await this.reload();
    });
  }

  /** Reads the keys anew. */
  async reload(): Promise<void> {
    const { sql, box, secret, log, clock } = this.#ports;
    const oldest = clock.now() - this.#keepMs();
    const { rows } = await sql.query(
      `SELECT * FROM rampart.identity_keys
       WHERE algorithm = $1 AND (signs_until_ms IS NULL OR signs_until_ms > $2)
       ORDER BY signs_from_ms DESC, id LIMIT $3`,
      [this.#algorithm, oldest, MAX_KEYS],
    );
    const keys = rows.map((row) =>
      openKey(row as unknown as KeyRow, box, secret, (id) =>
        log.error('A signing key cannot be opened; tokens of it still verify.', { key: id }),
      ),
    );
    this.#byHeader = new Map(keys.map((key) => [key.headerSegment, key]));
  }

  /**
   * Makes a new key. It signs two seconds later; the ones before it verify until their last token has ended.
   * @param announce written in the same transaction, so that all nodes look again
   * @returns its `kid`
   */
  async rotate(announce: (tx: SqlRunner) => Promise<void>): Promise<string> {
    const { sql, clock, box } = this.#ports;
    return sql.withLock(LOCK, async () => {
      const now = clock.now();
      const row = newKeyRow(this.#algorithm, box, now, now + SPREAD_MS);
      await sql.transaction(async (tx) => {
        await tx.query(
          'UPDATE rampart.identity_keys SET signs_until_ms = $1 WHERE algorithm = $2 AND signs_until_ms IS NULL',
          [row.signs_from_ms, this.#algorithm],
        );
        await tx.query('DELETE FROM rampart.identity_keys WHERE signs_until_ms <= $1', [
          now - this.#keepMs(),
        ]);
        await insert(tx, row);
        await announce(tx);
      });
      await this.reload();
      return row.id;
    });
  }

  /** The key that writes exactly this header, while tokens of it can be alive. Touches neither file nor database. */
  byHeader(segment: string): SigningKey | undefined {
    const key = this.#byHeader.get(segment);
    return key !== undefined && this.#ports.clock.now() < key.signsUntilMs + this.#keepMs() ? key : undefined;
  }

  /** The key that signs now. @throws RampartError `SESSIONS_NOT_STARTED` */
  signing(): SigningKey {
    const now = this.#ports.clock.now();
    let last: SigningKey | undefined;
    for (const key of this.#byHeader.values()) {
      if (key.signing === null) continue;
      if (key.signsFromMs <= now) return key;
      last = key;
    }
    if (last !== undefined) return last;
    throw new RampartError('SESSIONS_NOT_STARTED', 'There is no signing key: call start() first.');
  }

  /** The public keys (RFC 7517); none with HS256. */
  jwks(): { readonly keys: readonly object[] } {
    const keys = [...this.#byHeader.values()].filter(({ headerSegment }) => this.byHeader(headerSegment));
    return {
      keys: keys.flatMap(({ jwk, id, algorithm }) =>
        jwk === null ? [] : [{ ...jwk, kid: id, alg: algorithm, use: 'sig' }],
      ),
    };
  }

  #usable(): boolean {
    return [...this.#byHeader.values()].some(
      (key) => key.signing !== null && key.signsUntilMs === Number.POSITIVE_INFINITY,
    );
  }

  #keepMs(): number {
    return this.#tokenLifeMs + OVERLAP_MS;
  }
}

async function insert(sql: SqlRunner, row: KeyRow): Promise<void> {
  await sql.query(
    `INSERT INTO rampart.identity_keys
       (id, algorithm, public_jwk, sealed, created_at_ms, signs_from_ms, signs_until_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      row.id,
      row.algorithm,
      row.public_jwk,
      row.sealed,
      row.created_at_ms,
      row.signs_from_ms,
      row.signs_until_ms,
    ],
  );
}
