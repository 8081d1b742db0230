/**
 * Decodes base64url without padding (RFC 7515 §2) and takes the canonical form alone: Node's decoder is lenient, and two
 * texts for the same bytes would be two tokens.
 * @returns the bytes, or `undefined`
 */
export function canonicalBytes(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

/** Reads a JSON object out of a base64url segment of at most `maxLength` characters. */
export function jsonSegment(text: string, maxLength: number): Readonly<Record<string, unknown>> | undefined {
  if (text.length > maxLength) return undefined;
  const bytes = canonicalBytes(text);
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
