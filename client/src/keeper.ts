import { refusalOf } from './errors.ts';
import { oncePerOrigin, oneAfterAnother } from './locks.ts';
import type { TokenStorage } from './storage.ts';
import { jsonOf } from './transport.ts';
import type { RefreshRequest, SignedIn } from './types.ts';

/** What became of who is signed in. */
export type AuthChange = 'signed-in' | 'renewed' | 'signed-out';

/** What a keeper stands on. */
export interface KeeperPorts {
  readonly mode: 'browser' | 'api';
  readonly storage: TokenStorage;
  /** Names the lock that tabs share. */
  readonly lock: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Sends POST /auth/refresh. */
  readonly exchange: (body: RefreshRequest | undefined) => Promise<Response>;
  readonly changed: (change: AuthChange) => void;
}

/** A token that ends within this time is renewed before it is used. */
const EARLY_MS = 5000;

/**
 * Holds the tokens and renews them: once, however many calls ask for it. `generation` grows with every renewal, so that a
 * call which was refused with an older token is repeated with the new one and asks for no further renewal.
 */
export class TokenKeeper {
  readonly #ports: KeeperPorts;
  #access: string | null = null;
  #endsAtMs = 0;
  #renewing: Promise<boolean> | null = null;
  #isEnded = false;
  generation = 0;

  constructor(ports: KeeperPorts) {
    this.#ports = ports;
  }

  /** The access token of an API client, renewed first where it is missing or about to end; null where none is to be had. */
  async accessToken(): Promise<string | null> {
    if (this.#ports.mode === 'browser') return null;
    const isUsable = this.#access !== null && this.#endsAtMs - EARLY_MS > this.#ports.now();
    if (!isUsable && (this.#renewing !== null || (await this.#ports.storage.get('refresh')) !== null)) {
      await this.renew(this.generation);
    }
    return this.#access;
  }

  /** Takes over what an answer brought. @param change what it means */
  async accept(answer: SignedIn, change: AuthChange): Promise<void> {
    if (this.#ports.mode === 'api') {
      const { storage, now } = this.#ports;
      if (answer.accessToken !== undefined) {
        this.#access = answer.accessToken;
        this.#endsAtMs = answer.expiresIn === undefined ? Infinity : now() + answer.expiresIn * 1000;
      }
      if (answer.refreshToken !== undefined) await storage.set('refresh', answer.refreshToken);
      if (answer.deviceToken !== undefined) await storage.set('device', answer.deviceToken);
    }
    this.#isEnded = false;
    this.generation += 1;
    this.#ports.changed(change);
  }

  /** Forgets who was signed in; the device stays known. */
  async forget(): Promise<void> {
    this.#access = null;
    this.#endsAtMs = 0;
    this.#isEnded = true;
    this.generation += 1;
    await this.#ports.storage.remove('refresh');
    this.#ports.changed('signed-out');
  }

  /**
   * Renews the session.
   * @param seen the generation with which the caller was refused
   * @returns false when the session has ended
   * @throws RampartClientError when the server did not answer, or could not say
   */
  renew(seen: number): Promise<boolean> {
    if (this.generation !== seen) return Promise.resolve(!this.#isEnded);
    this.#renewing ??= (this.#ports.mode === 'api' ? this.#exchangeToken() : this.#exchangeCookie()).finally(
      () => (this.#renewing = null),
    );
    return this.#renewing;
  }

  /** The token is read under the lock: what another tab has exchanged meanwhile must not be used a second time. */
  #exchangeToken(): Promise<boolean> {
    const { lock, storage, exchange } = this.#ports;
    return oneAfterAnother(lock, async () => {
      const refreshToken = await storage.get('refresh');
      if (refreshToken === null) return false;
      const started = this.generation;
      return this.#settle(await exchange({ refreshToken }), started);
    });
  }

  /** Tabs share their cookies: what another tab is renewing is new for this one too. */
  async #exchangeCookie(): Promise<boolean> {
    let isGood = true;
    const who = await oncePerOrigin(this.#ports.lock, async () => {
      const started = this.generation;
      isGood = await this.#settle(await this.#ports.exchange(undefined), started);
    });
    if (who === 'waited') this.generation += 1;
    return isGood;
  }

  /** What was asked for before somebody signed in or out tells nothing about who is signed in now. */
  async #settle(response: Response, started: number): Promise<boolean> {
    if (this.generation !== started) return !this.#isEnded;
    if (response.ok) {
      await this.accept(await jsonOf<SignedIn>(response), 'renewed');
      return true;
    }
    const refusal = await refusalOf(response, this.#ports.now());
    if (refusal.status !== 401) throw refusal;
    await this.forget();
    return false;
  }
}
