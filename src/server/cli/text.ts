/** A moment for people: UTC, to the second. @param ms since the epoch */
export const date = (ms: number): string => new Date(ms).toISOString().slice(0, 19);

/** Values of requests must not steer a terminal: what is no visible character is a space. */
export function plain(text: string): string {
  return text.toWellFormed().replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
}
