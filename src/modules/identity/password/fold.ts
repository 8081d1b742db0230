/**
 * A text as it is compared with names and with the list of common passwords, never as it is hashed: NFKC, without case
 * (upper case first, so that `ß` and `SS` meet).
 */
export function foldPassword(text: string): string {
  return text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}
