/** Percent escapes decoded; those that are no UTF-8 byte by byte. `undefined` when there is nothing to decode. */
export function decodedPercent(value: string): string | undefined {
  if (!value.includes('%')) return undefined;
  let decoded: string;
  try {
    decoded = decodeURIComponent(value);
  } catch {
    decoded = value.replaceAll(/%[0-9a-f]{2}/gi, (escape) =>
      String.fromCharCode(parseInt(escape.slice(1), 16)),
    );
  }
  return decoded === value ? undefined : decoded;
}

/** What stands in a text that is JSON of an object, an array or a string. */
export function parsedJson(value: string): unknown {
  const first = value.trimStart()[0];
  if (first !== '{' && first !== '[' && first !== '"') return undefined;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return undefined;
  }
}

/** Fewer characters than this hold no statement worth the work. */
const MIN_BASE64 = 4;

/** The text that a Base64 or Base64url value stands for; `undefined` where it stands for none. */
export function decodedBase64(value: string): string | undefined {
  if (value.length < MIN_BASE64 || !isBase64(value)) return undefined;
  const bytes = Buffer.from(value, 'base64');
  const text = bytes.toString('utf8');
  // Random words decode to bytes that are no text.
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0xfffd || (code < 32 && code !== 0 && (code < 9 || code > 13))) return undefined;
  }
  return text;
}

function isBase64(value: string): boolean {
  let end = value.length;
  while (end > 0 && value[end - 1] === '=') end--;
  for (let i = 0; i < end; i++) {
    const code = value.charCodeAt(i);
    const inside =
      (code >= 97 && code <= 122) ||
      (code >= 65 && code <= 90) ||
      (code >= 48 && code <= 57) ||
      code === 43 ||
      code === 45 ||
      code === 47 ||
      code === 95;
    if (!inside) return false;
  }
  return value.length - end <= 2;
}
