/** What is kept between calls: the refresh token of an API client, and the token by which its device is known. */
export type StoredName = 'refresh' | 'device';

/** Where tokens of API clients are kept. Browsers need none: theirs are cookies that no script reads. */
export interface TokenStorage {
  get(name: StoredName): string | null | Promise<string | null>;
  set(name: StoredName, value: string): void | Promise<void>;
  remove(name: StoredName): void | Promise<void>;
}

/** Keeps tokens as long as the page or process lives: the safest, and the default. */
export function memoryStorage(): TokenStorage {
  const kept = new Map<StoredName, string>();
  return {
    get: (name) => kept.get(name) ?? null,
    set: (name, value) => void kept.set(name, value),
    remove: (name) => void kept.delete(name),
  };
}
