/** What of the Web Locks API (https://www.w3.org/TR/web-locks/) is used. */
interface Locks {
  request<T>(
    name: string,
    options: { readonly ifAvailable?: boolean },
    work: (lock: object | null) => Promise<T>,
  ): Promise<T>;
}

/** The locks that all tabs of an origin share; absent in older browsers. */
function sharedLocks(): Locks | undefined {
  return (globalThis as { navigator?: { locks?: Locks } }).navigator?.locks;
}

/**
 * Runs `work` while no other tab runs work of that name.
 * @returns `done`, or `waited` when another tab was at it: the work was then left to it, and it has ended
 */
export async function oncePerOrigin(name: string, work: () => Promise<void>): Promise<'done' | 'waited'> {
  const locks = sharedLocks();
  if (locks === undefined) {
    await work();
    return 'done';
  }
  const isDone = await locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock === null) return false;
    await work();
    return true;
  });
  if (isDone) return 'done';
  await locks.request(name, {}, () => Promise.resolve());
  return 'waited';
}

/** Runs `work` after all work of that name in other tabs. */
export async function oneAfterAnother<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = sharedLocks();
  return locks === undefined ? work() : locks.request(name, {}, work);
}
