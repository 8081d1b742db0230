import { breaksOut } from './cover.ts';
import type { RequestInput } from './inputs.ts';
import { type SqlTokens, TOKEN } from './tokens.ts';

/** Characters of text and values that are compared for one statement; more is refused as it cannot be looked through. */
const MAX_WORK = 64 * 1024 * 1024;
/** Places of one value that are looked at. */
const MAX_PLACES = 64;
/** Parts of a value that are this long are found; of a short value half of that. */
const GRAM = 8;
const SHORT_GRAM = 4;
const SHORT_VALUE = 16;
const MAX_GRAM_PLACES = 4;
/** Without one of these a part of a value is prose; a whole value is looked at either way. */
const STRUCTURAL = /['";()=<>|]|--|\/\*|\b(?:or|and|union|select)\b/;
/** What a part must hold that is less than half of its value. */
const STRONG = /['";]|--|\/\*|\bselect\b/;
const STRONG_LENGTH = 16;
/** Items of a list that are looked at one by one, and what they and values without their first character must have. */
const MAX_ITEMS = 16;
const MIN_PIECE = 4;
/** Pieces that a statement and a value must not share if the statement is to be remembered as harmless. */
const TRACE = 2;
const TRACE_MARK = /['";]|--|\/\*/;
const COMMENT = /--|\/\*/;

/** What was found: a value whose place in the statement breaks out of its token. */
export interface Injection {
  /** `undefined` when there was more to compare than may be. */
  readonly input: RequestInput | undefined;
}

/** What came of looking for a request's values in a statement. */
export interface Search {
  readonly injection?: Injection;
  /** Nothing of what came in stands at a quote or comment of the statement, not even in a part too short to be sure of. */
  readonly clean: boolean;
}

/** Looks for values that break out of the token in which a statement carries them. */
export function searchInputs(tokens: SqlTokens, inputs: readonly RequestInput[]): Search {
  const search = new TextSearch(tokens);
  let clean = true;
  const opening = tokens.unterminated ? openingOf(tokens) : undefined;
  const commented = tokens.kinds.some((kind) => kind === TOKEN.lineComment || kind === TOKEN.blockComment);
  for (const input of inputs) {
    const value = lowered(input.value);
    // No statement of an application lacks an end: whoever sent what it begins with took it away.
    if (opening !== undefined && value.includes(opening)) return { injection: { input }, clean: false };
    if (search.finds(value)) return { injection: { input }, clean: false };
    if (clean && !isOrdinary(input)) clean = !search.touches(value) && !(commented && COMMENT.test(value));
    if (search.exhausted) return { injection: { input: undefined }, clean: false };
  }
  return { clean };
}

const ORDINARY =
  /^(?:accept(?:-.*)?|sec-.*|user-agent|content-type|if-none-match|cache-control|authorization)$/;

/** Browsers send quotes and semicolons in some headers with every request. */
function isOrdinary({ place, name }: RequestInput): boolean {
  return place === 'header' && ORDINARY.test(name);
}

/** The quote or comment sign that opens the last token. */
function openingOf(tokens: SqlTokens): string {
  const last = tokens.text.slice(tokens.starts.at(-2));
  const found = /^(?:\w|u&)?(['"])|^\/\*|^\$/i.exec(last);
  return found?.[1] ?? found?.[0] ?? '';
}

class TextSearch {
  readonly #tokens: SqlTokens;
  readonly #text: string;
  readonly #grams = new Map<number, Map<string, number[]>>();
  #work = 0;

  constructor(tokens: SqlTokens) {
    this.#tokens = tokens;
    this.#text = lowered(tokens.text);
  }

  get exhausted(): boolean {
    return this.#work > MAX_WORK;
  }

  /** @param value in lower case */
  finds(value: string): boolean {
    for (const form of formsOf(value)) if (this.#findsWhole(form)) return true;
    if (!STRUCTURAL.test(value)) return false;
    const gram = value.length <= SHORT_VALUE ? SHORT_GRAM : GRAM;
    return this.#shares(value, gram, (piece, from, to) => {
      const enough = piece.length * 2 >= value.length;
      if (!enough && (piece.length < STRONG_LENGTH || !STRONG.test(piece))) return false;
      return STRUCTURAL.test(piece) && breaksOut(this.#tokens, from, to);
    });
  }

  /** Whether any short piece of the value, with a quote or comment in it, lies across a border of tokens. */
  touches(value: string): boolean {
    return TRACE_MARK.test(value) && this.#shares(value, TRACE, (piece) => TRACE_MARK.test(piece));
  }

  #findsWhole(form: string): boolean {
    this.#work += this.#text.length + form.length;
    let at = this.#text.indexOf(form);
    for (let places = 0; at >= 0 && places < MAX_PLACES; places++) {
      if (breaksOut(this.#tokens, at, at + form.length)) return true;
      at = this.#text.indexOf(form, at + 1);
      this.#work += form.length;
    }
    return false;
  }

  /** Looks for pieces that the application cut out: prefixes, suffixes, parts between what it removed or replaced. */
  #shares(
    value: string,
    gram: number,
    counts: (piece: string, from: number, to: number) => boolean,
  ): boolean {
    const grams = this.#boundaryGrams(gram);
    if (grams.size === 0) return false;
    this.#work += value.length * 2;
    let j = 0;
    while (j + gram <= value.length) {
      let step = 1;
      for (const place of grams.get(value.slice(j, j + gram)) ?? []) {
        const [from, to] = this.#around(value, j, place, gram);
        if (counts(this.#text.slice(from, to), from, to)) return true;
        step = Math.max(step, to - place - gram + 1);
      }
      j += step;
    }
    return false;
  }

  /** The longest piece that value and text share around a common gram. */
  #around(value: string, j: number, place: number, gram: number): readonly [number, number] {
    const text = this.#text;
    let left = 0;
    while (left < j && left < place && value[j - left - 1] === text[place - left - 1]) left++;
    let right = gram;
    const most = Math.min(text.length - place, value.length - j);
    while (right < most && value[j + right] === text[place + right]) right++;
    this.#work += left + right;
    return [place - left, place + right];
  }

  /** Every piece of the text that is `gram` long and lies across the border of two tokens. */
  #boundaryGrams(gram: number): Map<string, number[]> {
    const known = this.#grams.get(gram);
    if (known !== undefined) return known;
    const grams = new Map<string, number[]>();
    const { starts } = this.#tokens;
    let next = 0;
    for (let i = 1; i < starts.length - 1; i++) {
      const border = starts[i] as number;
      const end = Math.min(border, this.#text.length - gram + 1);
      for (let at = Math.max(next, border - gram + 1); at < end; at++) {
        const piece = this.#text.slice(at, at + gram);
        const places = grams.get(piece);
        if (places === undefined) grams.set(piece, [at]);
        else if (places.length < MAX_GRAM_PLACES) places.push(at);
      }
      next = Math.max(next, end);
    }
    this.#work += this.#text.length;
    this.#grams.set(gram, grams);
    return grams;
  }
}

/** A value as an application may write it: as it is, trimmed, with its quotes doubled or escaped, blanks made one, cut. */
function formsOf(value: string): ReadonlySet<string> {
  const forms = new Set<string>();
  const add = (form: string): void => {
    if (form.length >= 2 && !isQuotesOnly(form)) forms.add(form);
  };
  const trimmed = value.trim();
  add(value);
  add(trimmed);
  if (trimmed.includes('\\')) add(trimmed.replaceAll('\\', '\\\\'));
  if (trimmed.includes("'")) {
    add(trimmed.replaceAll("'", "''"));
    add(trimmed.replaceAll("'", "\\'"));
    add(trimmed.replaceAll('\\', '\\\\').replaceAll("'", "\\'"));
    add(trimmed.replaceAll('\\', '\\\\').replaceAll("'", "''"));
  }
  if (trimmed.includes('"')) {
    add(trimmed.replaceAll('"', '""'));
    add(trimmed.replaceAll('"', '\\"'));
  }
  if (/\s\s|[^\S ]/.test(trimmed)) add(trimmed.replaceAll(/\s+/g, ' '));
  // A sign before a name, and the items of a list, are often taken apart.
  if (trimmed.length >= MIN_PIECE && trimmed[1] !== ',' && trimmed[1] !== '.') add(trimmed.slice(1));
  if (trimmed.includes(',')) {
    for (const item of trimmed.split(',', MAX_ITEMS)) if (item.length >= MIN_PIECE) add(item.trim());
  }
  return forms;
}

/** Quotes alone open or close a literal and bring nothing to stand behind it. */
function isQuotesOnly(form: string): boolean {
  for (let i = 0; i < form.length; i++) {
    const code = form.charCodeAt(i);
    if (code !== 39 && code !== 34 && code !== 32) return false;
  }
  return true;
}

/** ASCII only, so that places stay where they are. */
function lowered(text: string): string {
  return text.replaceAll(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
}
