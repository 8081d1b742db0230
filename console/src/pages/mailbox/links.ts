/** A piece of a text: words, a code that can be copied, or a link that can be followed. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string };

/** A text is read up to here; mails of this server are far shorter. */
const MAX_TEXT = 100_000;
// Marks of direction (UAX #9) surround values in Arabic and belong to no address.
const LINK = /https?:\/\/[^\s<>"'\u2066-\u2069]+/g;
/** Six to eight digits that stand alone, as one-time codes do; years and telephone numbers are not of this shape. */
const CODE = /(?<![\d.:/#+-])\b\d{6,8}\b(?![\d.:/-]\d)/g;

/** Whether a link leads to this server: mails may name it by another name of this machine. */
export function isOwn(link: string, origin: string): boolean {
  if (!URL.canParse(link)) return false;
  const url = new URL(link);
  const here = new URL(origin);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return false;
  if (url.origin === here.origin) return true;
  return url.port === here.port && isThisMachine(url.hostname) && isThisMachine(here.hostname);
}

function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

/** Cuts a text into words, links of this server and codes. Links elsewhere stay words: nothing here should lead away. */
export function piecesOf(text: string, origin: string): readonly Piece[] {
  const bounded = text.slice(0, MAX_TEXT);
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of bounded.matchAll(LINK)) {
    // Points and brackets at the end belong to the sentence.
    const link = match[0].replace(/[.,;:!?)\]]+$/, '');
    pieces.push(...codesOf(bounded.slice(at, match.index)));
    pieces.push({ kind: isOwn(link, origin) ? 'link' : 'text', text: link });
    at = match.index + link.length;
  }
  pieces.push(...codesOf(bounded.slice(at)));
  return joined(pieces);
}

function codesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const match of text.matchAll(CODE)) {
    pieces.push({ kind: 'text', text: text.slice(at, match.index) }, { kind: 'code', text: match[0] });
    at = match.index + match[0].length;
  }
  return [...pieces, { kind: 'text', text: text.slice(at) }];
}

function joined(pieces: readonly Piece[]): readonly Piece[] {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (piece.text === '') continue;
    if (piece.kind === 'text' && last?.kind === 'text')
      out[out.length - 1] = { kind: 'text', text: last.text + piece.text };
    else out.push(piece);
  }
  return out;
}

/** What somebody came for: the first link and the first code of a mail. */
export function gistOf(
  text: string,
  origin: string,
): { readonly link: string | null; readonly code: string | null } {
  const pieces = piecesOf(text, origin);
  return {
    link: pieces.find(({ kind }) => kind === 'link')?.text ?? null,
    code: pieces.find(({ kind }) => kind === 'code')?.text ?? null,
  };
}

/**
 * A mail's HTML for a frame under a policy without inline styles: styles wait as data until the frame's owner applies
 * them, style sheets are left out, and links open beside the console.
 */
export function frameHtml(html: string): string {
  const body = html
    .slice(0, MAX_TEXT * 5)
    .replaceAll(/<style\b[^>]*>[\s\S]*?<\/style\s*>/gi, '')
    .replaceAll(/(<[a-z][^<>]*?\s)style(\s*=)/gi, '$1data-style$2');
  // In front of the doctype it would put the frame into quirks mode.
  const doctype = /^\s*<!doctype[^>]*>/i.exec(body)?.[0] ?? '';
  return `${doctype}<base target="_blank">${body.slice(doctype.length)}`;
}
