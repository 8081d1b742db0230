import { refusedAs } from '../errors.ts';
import { textOf } from './sniff.ts';

const ENCODINGS = /^(utf-?8|utf-?16(le|be)?|us-ascii|ascii|iso-8859-\d{1,2}|windows-125\d)$/i;
/** Elements that act or bring in something else, whatever their prefix. */
const ACTING =
  /<(?:[a-z0-9_-]{1,40}:)?(script|foreignobject|iframe|object|embed|handler|listener|audio|video|source|link|meta|body|html)[\s/>]/i;
/** Where a drawing comes from, as its metadata say: an element of pages only under their namespace. */
const ORIGIN = /<\/?dc:source(?=[\s/>])/gi;
const PAGES = /www\.w3\.org\/1999\/xhtml/i;
const ON = /[\s"'/]on[a-z]{3,20}\s{0,10}=/i;
/** References elsewhere: what begins with `#`, or is a picture of its own. */
const HREF =
  /[\s"'/](?:[a-z0-9_-]{1,40}:)?(?:href|src)\s{0,10}=\s{0,10}(["'])\s{0,10}(?!#|data:image\/(?:png|jpe?g|gif|webp)[;,])/i;
const BARE_HREF = /[\s"'/](?:[a-z0-9_-]{1,40}:)?(?:href|src)\s{0,10}=\s{0,10}[^"'\s]/i;
const STYLE =
  /@import|url\(\s{0,10}(?:["']\s{0,10})?(?!#|data:image\/|["')\s])|expression\s{0,10}\(|javascript:|vbscript:/i;
const ANIMATED = /attributename\s{0,10}=\s{0,10}(?:["']\s{0,10})?(?:[a-z0-9_-]{1,40}:)?(?:href|on)/i;

/**
 * Refuses XML that is more than data: entities (which grow, or read files), document types, styles, pages.
 * @throws UploadRefused
 */
export function lookThroughXml(bytes: Buffer): void {
  const text = marked(bytes);
  if (/<!doctype/i.test(text)) throw unsafe('xml_doctype', 'The document brings a document type of its own.');
  if (/<\?xml-stylesheet/i.test(text)) throw unsafe('xml_style', 'The document brings a style of its own.');
  if (/http:\/\/www\.w3\.org\/(1999\/xhtml|2000\/svg|1999\/xsl)/i.test(text))
    throw unsafe('xml_page', 'The document is a page for browsers.');
}

/**
 * Refuses an SVG that is more than a picture: scripts, handlers, references elsewhere, foreign elements.
 * @returns its size, where it says one in pixels
 * @throws UploadRefused
 */
export function lookThroughSvg(bytes: Buffer): { readonly width?: number; readonly height?: number } {
  const text = marked(bytes);
  const doctype = /<!doctype([^>]{0,300})/i.exec(text)?.[1];
  if (
    doctype !== undefined &&
    (doctype.includes('[') || !/^\s+svg\s+public\s+["']-\/\/w3c\/\//i.test(doctype))
  )
    throw unsafe('svg_doctype', 'The picture brings a document type of its own.');
  if (/<\?(?!xml\s)/i.test(text)) throw unsafe('svg_instruction', 'The picture holds an instruction.');
  // Decoded once more, so that nothing hides behind a character reference.
  const plain = unescaped(text);
  const isPage = PAGES.test(plain);
  for (const whole of [text, plain]) {
    const one = isPage ? whole : whole.replaceAll(ORIGIN, '<dc:origin');
    const found = [ACTING, ON, HREF, BARE_HREF, STYLE, ANIMATED].findIndex((pattern) => pattern.test(one));
    if (found >= 0)
      throw unsafe('svg_active', 'The picture holds something that acts or reaches elsewhere.', found);
  }
  return sizeOf(text);
}

function marked(bytes: Buffer): string {
  const text = textOf(bytes);
  if (text.includes('\u0000')) throw unsafe('xml_nul', 'The text holds NUL.');
  const encoding = /^\uFEFF?\s{0,100}<\?xml[^>]{0,200}?encoding\s{0,10}=\s{0,10}["']([^"']{1,40})/i.exec(
    text,
  )?.[1];
  if (encoding !== undefined && !ENCODINGS.test(encoding))
    throw unsafe('xml_encoding', 'The text is of an encoding that others may read differently.');
  if (/<!entity/i.test(text)) throw unsafe('xml_entity', 'The text defines entities.');
  return text;
}

function unescaped(text: string): string {
  const point = (code: number): string => (code > 0 && code < 0x11_0000 ? String.fromCodePoint(code) : '');
  return text
    .replaceAll(/&#x0{0,10}([0-9a-f]{1,6});?/gi, (_all, hex: string) => point(parseInt(hex, 16)))
    .replaceAll(/&#0{0,10}(\d{1,7});?/g, (_all, code: string) => point(Number(code)))
    .replaceAll(/&(tab|newline);/gi, ' ')
    .replaceAll(/&colon;/gi, ':');
}

function sizeOf(text: string): { readonly width?: number; readonly height?: number } {
  const root = /<(?:[a-z0-9_-]{1,20}:)?svg\s([^>]{0,4000})/i.exec(text)?.[1] ?? '';
  const read = (name: string): number | undefined => {
    const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*["'](\\d{1,6})(?:\\.\\d{1,10})?(?:px)?["']`, 'i').exec(
      root,
    )?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const [width, height] = [read('width'), read('height')];
  return width === undefined || height === undefined ? {} : { width, height };
}

function unsafe(reason: string, text: string, rule?: number): Error {
  return refusedAs('unsafe', reason, text, rule === undefined ? {} : { rule });
}
