import { Worker } from 'node:worker_threads';
import type { Timers } from '../../core/clock.ts';
import { RampartError } from '../../core/errors.ts';
import type { WorkerMessage, WorkerStart } from './protocol.ts';

/** The one error for an embedded database that cannot answer. */
export function unavailable(what: string, cause?: unknown): RampartError {
  return new RampartError(
    'DATABASE_UNAVAILABLE',
    `The embedded database ${what}.`,
    cause === undefined ? {} : { cause },
  );
}

/** Starts a worker and waits until it is ready. @throws RampartError */
export async function startWorker(start: WorkerStart, limitMs: number, timers: Timers): Promise<Worker> {
  const file = import.meta.url.endsWith('.ts') ? './embedded-worker.ts' : './embedded-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: start,
    execArgv: [],
    // Rows are short-lived: a small young generation keeps the footprint low.
    resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 512 },
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const cancel = timers.after(limitMs, () => reject(unavailable(`did not start within ${limitMs} ms`)));
  worker.once('error', (error) => reject(unavailable('could not start', error)));
  worker.once('exit', () => reject(unavailable('ended while it started')));
  worker.on('message', (message: WorkerMessage) => {
    if (message.kind === 'ready') resolve();
    if (message.kind === 'failed') reject(startError(message));
  });
  try {
    await promise;
  } catch (error) {
    await worker.terminate();
    throw error;
  } finally {
    cancel();
    // By name: removing all would also remove those by which the worker keeps its own port alive.
    for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
  }
  return worker;
}

function startError(message: { readonly absent: boolean; readonly message: string }): RampartError {
  return message.absent
    ? new RampartError(
        'PACKAGE_MISSING',
        'The embedded database needs the package @electric-sql/pglite: npm install @electric-sql/pglite',
      )
    : unavailable(`could not start: ${message.message}`);
}
