/** Whether PostgreSQL can hold a text: no NUL, no half of a surrogate pair. */
export function isSqlText(value: unknown): value is string {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0');
}

/**
 * Compares by code point, as `COLLATE "C"` does in a UTF-8 database. JavaScript's own `<` compares UTF-16 units and
 * puts U+FFFD behind an emoji.
 */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    let left = a.charCodeAt(i);
    let right = b.charCodeAt(i);
    if (left === right) continue;
    // Surrogates stand for what comes behind all single units: lift them above U+E000 to U+FFFF.
    if (left >= 0xd800) left = left < 0xe000 ? left + 0x10000 : left;
    if (right >= 0xd800) right = right < 0xe000 ? right + 0x10000 : right;
    return left - right;
  }
  return a.length - b.length;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Reads a UUID in its usual writing. @returns it in small letters, undefined for anything else */
export function readUuid(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length !== 36) return undefined;
  if (UUID.test(value)) return value;
  const small = value.toLowerCase();
  return UUID.test(small) ? small : undefined;
}
