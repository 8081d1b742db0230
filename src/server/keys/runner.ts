import { KEY_PURPOSES, type KeyPurpose } from '../../base/secrets/index.ts';
import type { Rotation } from './rotation.ts';
import type { KeyLog } from './ports.ts';

/** Carries out rotations beside the server's work, and those that an earlier process left unfinished. */
export class RotationRunner {
  readonly #rotation: Rotation;
  readonly #log: KeyLog;
  readonly #running = new Map<KeyPurpose, Promise<void>>();
  readonly #stop = new AbortController();

  constructor({ rotation }: { readonly rotation: Rotation }, log: KeyLog) {
    this.#rotation = rotation;
    this.#log = log;
  }

  /** Purposes that this process works on. */
  get running(): ReadonlySet<KeyPurpose> {
    return new Set(this.#running.keys());
  }

  /** Adds a key, or finds the rotation that has begun, and works on it in the background. */
  async begin(purpose: KeyPurpose, by: string): Promise<boolean> {
    const isNew = await this.#rotation.begin(purpose, by);
    this.#work(purpose, by);
    return isNew;
  }

  /** Goes on with what was left unfinished. */
  resume(): void {
    for (const purpose of KEY_PURPOSES) {
      this.#rotation
        .progress(purpose)
        .then((progress) => {
          if (progress?.endedAtMs === null) this.#work(purpose, 'resumed');
        })
        .catch((error: unknown) =>
          this.#log.warn('Unfinished rotations could not be looked for.', { error }),
        );
    }
  }

  #work(purpose: KeyPurpose, by: string): void {
    if (this.#running.has(purpose) || this.#stop.signal.aborted) return;
    const work = this.#carryOut(purpose, by)
      .catch((error: unknown) =>
        this.#log.error('A rotation of keys broke off; it goes on at the next start or order.', {
          purpose,
          error,
        }),
      )
      .finally(() => this.#running.delete(purpose));
    this.#running.set(purpose, work);
  }

  async #carryOut(purpose: KeyPurpose, by: string): Promise<void> {
    const done = await this.#rotation.run(purpose, { by, signal: this.#stop.signal });
    if (done === undefined || done.endedAtMs === null) return;
    const { kept } = await this.#rotation.retireUnused(purpose, by);
    if (kept.length > 0)
      this.#log.warn(
        'Older keys are kept: they still seal something, or no declared table can prove that they do not.',
        {
          purpose,
          keys: kept.join(', '),
        },
      );
  }

  /** Ends after the batches at hand. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }
}
