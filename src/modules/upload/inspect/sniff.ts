import { isTextCode } from '../control.ts';

/** Bytes of a file that are looked at to tell its type. */
export const HEAD_BYTES = 4_100;

/** What the first bytes say: a media type; `zip` and `text` need a closer look. */
export type Sniffed = string | undefined;

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');
const MAGIC: readonly (readonly [
  type: string,
  at: number,
  bytes: Buffer,
  more?: readonly [number, Buffer],
])[] = [
  ['image/jpeg', 0, Buffer.from([0xff, 0xd8, 0xff])],
  ['image/png', 0, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ['image/gif', 0, ascii('GIF87a')],
  ['image/gif', 0, ascii('GIF89a')],
  ['image/webp', 0, ascii('RIFF'), [8, ascii('WEBP')]],
  ['audio/wav', 0, ascii('RIFF'), [8, ascii('WAVE')]],
  ['application/pdf', 0, ascii('%PDF-')],
  ['zip', 0, ascii('PK\u0003\u0004')],
  ['zip', 0, ascii('PK\u0005\u0006')],
  ['application/gzip', 0, Buffer.from([0x1f, 0x8b, 0x08])],
  ['audio/ogg', 0, ascii('OggS')],
  ['audio/mpeg', 0, ascii('ID3')],
];

const BRANDS: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  avis: 'image/avif',
  heic: 'image/heic',
  heix: 'image/heic',
  mif1: 'image/heic',
  msf1: 'image/heic',
  'qt  ': 'video/quicktime',
  isom: 'video/mp4',
  iso2: 'video/mp4',
  iso4: 'video/mp4',
  iso5: 'video/mp4',
  iso6: 'video/mp4',
  mp41: 'video/mp4',
  mp42: 'video/mp4',
  avc1: 'video/mp4',
  dash: 'video/mp4',
  'M4V ': 'video/mp4',
  'M4A ': 'audio/mp4',
  'M4B ': 'audio/mp4',
};

/** Tells a type by the first bytes; names and claims have no say. */
export async function sniff(head: Buffer): Promise<Sniffed> {
  for (const [type, at, bytes, more] of MAGIC) {
    if (!has(head, at, bytes)) continue;
    if (more === undefined || has(head, more[0], more[1])) return type;
  }
  if (has(head, 4, ascii('ftyp'))) return brandOf(head);
  if (looksLikeText(head)) return textType(head);
  // Only for its name: what is none of the above is on no list.
  const { fileTypeFromBuffer } = await import('file-type');
  const found = await fileTypeFromBuffer(head).catch(() => undefined);
  return found?.mime;
}

function has(head: Buffer, at: number, bytes: Buffer): boolean {
  return (
    head.length >= at + bytes.length && head.compare(bytes, 0, bytes.length, at, at + bytes.length) === 0
  );
}

/** Pictures of general brand name their own among the compatible ones. */
function brandOf(head: Buffer): Sniffed {
  const end = Math.min(head.readUInt32BE(0), head.length, 256);
  const brands = [head.toString('latin1', 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(head.toString('latin1', at, at + 4));
  if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return 'image/avif';
  // Cameras put a brand of their own first, and say with what it is compatible.
  const known = brands.find((brand) => BRANDS[brand] !== undefined);
  return known === undefined ? 'video/x-iso-media' : BRANDS[known];
}

/** Whether bytes can be text: no control characters but those of lines. UTF-16 is text by its mark. */
export function looksLikeText(bytes: Uint8Array): boolean {
  return isUtf16(bytes) || isPlain(bytes);
}

/** Whether there is no control character but those of lines. */
export function isPlain(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (!isTextCode(byte)) return false;
  return true;
}

/** Whether bytes begin with the mark of UTF-16. */
export function isUtf16(bytes: Uint8Array): boolean {
  const [a, b] = bytes;
  return (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
}

/** Whether bytes are UTF-16 by more than their mark. */
export function isWideText(bytes: Uint8Array): boolean {
  try {
    const decoder = new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be', { fatal: true });
    const text = decoder.decode(bytes);
    for (let i = 0; i < text.length; i++) if (!isTextCode(text.charCodeAt(i))) return false;
    return true;
  } catch {
    return false;
  }
}

/** The text of bytes, by their mark; what is no UTF-8 is read as Latin-1, since only ASCII is looked for. */
export function textOf(bytes: Uint8Array): string {
  if (isUtf16(bytes)) return new TextDecoder(bytes[0] === 0xff ? 'utf-16le' : 'utf-16be').decode(bytes);
  return new TextDecoder('utf-8').decode(bytes);
}

/** Beginnings by which browsers take text for a page (WHATWG mimesniff 7.1). */
const HTML =
  /^<(!doctype\s+html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|!--|img|object|embed|base|meta|link|form|input|button|video|audio|template)(?=[\s>/]|$|-)/i;

function textType(head: Buffer): Sniffed {
  let text = textOf(head)
    .replace(/^\uFEFF/, '')
    .trimStart();
  const declared = /^<\?xml[\s?]/i.test(text);
  if (/^<\?(php|=)/i.test(text)) return 'application/x-httpd-php';
  if (text.startsWith('#!')) return 'text/x-script';
  if (text.startsWith('%!PS')) return 'application/postscript';
  // Comments, declarations and instructions may stand before the root.
  for (let before = ''; before !== text;) {
    before = text;
    text = text.replace(/^<!--[\s\S]{0,4100}?-->\s*/, '').replace(/^<\?[\s\S]{0,1000}?\?>\s*/, '');
    text = withoutDoctype(text);
  }
  if (/^<([a-z0-9_-]{1,20}:)?svg[\s>/]/i.test(text)) return 'image/svg+xml';
  if (/^<(html|[a-z0-9_-]{1,20}:html)[\s>/]/i.test(text) || HTML.test(text)) return 'text/html';
  if (!declared && isChat(text)) return 'text';
  if (declared || /^<(!doctype|[a-z_][a-z0-9_.-]{0,50}(:[a-z_][a-z0-9_.-]{0,50})?[\s>/])/i.test(text))
    return 'application/xml';
  return 'text';
}

/** Without a declaration of another document than HTML, and its subset in brackets. */
function withoutDoctype(text: string): string {
  const name = /^<!doctype\s/i.test(text) ? text.slice('<!doctype'.length).trimStart() : 'html';
  if (name.slice(0, 4).toLowerCase() === 'html') return text;
  const open = text.indexOf('[');
  const plain = text.indexOf('>');
  const end = open < 0 || plain < open ? plain : endOfSubset(text, open);
  return end < 0 ? text : text.slice(end + 1).trimStart();
}

/** Where the `>` stands behind the bracket that closes a subset: brackets within its values have none behind them. */
function endOfSubset(text: string, open: number): number {
  for (let close = text.indexOf(']', open); close >= 0; close = text.indexOf(']', close + 1)) {
    const behind = text.slice(close + 1, close + 22);
    if (behind.trimStart().startsWith('>')) return close + 1 + behind.indexOf('>');
  }
  return -1;
}

/** `<ada> hello`: a name in brackets that nothing closes and that has no attribute, and then words. */
function isChat(text: string): boolean {
  const name = /^<([a-z_][a-z0-9_.-]{0,50})> +[^\s<]/i.exec(text)?.[1];
  return name !== undefined && !/<\/|\/>|<[!?]|xmlns/i.test(text);
}
