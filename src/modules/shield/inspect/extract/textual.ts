/** Shorter runs of text come about by chance in compressed bytes. */
const RUN = /[ -~]{16,}/g;

/**
 * Whether bytes hold control characters that text does not. JSON and XML forbid them, and clients encode them in forms:
 * what holds one is binary.
 */
export function hasControls(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) return true;
  }
  return false;
}

/** Runs of printable ASCII in bytes that are no text as a whole. */
export function textRuns(bytes: Buffer): readonly string[] {
  return bytes.toString('latin1').match(RUN) ?? [];
}
