import type { IdentityLog } from '../ports.ts';

/** Work that nobody waits for, such as looking up whom to mail. */
export interface Background {
  /** Runs `work`; a failure is logged. */
  run(what: string, work: () => Promise<void>): void;
  /** Resolves once all that was started so far has ended. */
  settled(): Promise<void>;
}

/** Keeps hold of work that runs on, so that closing can wait for it. */
export function background(log: IdentityLog): Background {
  const running = new Set<Promise<void>>();
  return {
    run(what, work) {
      const run = work()
        .catch((cause: unknown) => log.error(`Identity: ${what} failed.`, { cause: String(cause) }))
        .finally(() => running.delete(run));
      running.add(run);
    },
    async settled() {
      await Promise.all(running);
    },
  };
}
