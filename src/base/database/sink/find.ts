import { breaksOut, tokenAt } from './cover.ts';
import { formsOf, lowered } from './forms.ts';
import { MAX_REQUEST_WORK, type RequestInput, type WorkLeft } from './inputs.ts';
import { hasOutOfPlace } from './lone.ts';
import { type SqlTokens, TOKEN } from './tokens.ts';

/** What a look at one place counts beside the value's length. */
const PLACE_WORK = 32;
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

/**
 * Looks for values that break out of the token in which a statement carries them.
 * @param work what the look may cost, taken from as it goes; what it does not suffice for is refused
 */
export function searchInputs(
  tokens: SqlTokens,
  inputs: readonly RequestInput[],
  work: WorkLeft = { characters: MAX_REQUEST_WORK },
): Search {
  const search = new TextSearch(tokens, work);
  let clean = true;
  const opening = tokens.unterminated ? openingOf(tokens) : undefined;
  const commented = tokens.kinds.some((kind) => kind === TOKEN.lineComment || kind === TOKEN.blockComment);
  for (const input of inputs) {
    const value = lowered(input.value);
    // No statement of an application lacks an end: whoever sent what it begins with took it away.
    if (opening !== undefined && (value.includes(opening) || value.endsWith('\\')))
      return { injection: { input }, clean: false };
    if (search.finds(value)) return { injection: { input }, clean: false };
    if (clean && !isOrdinary(input)) clean = !search.touches(value) && !(commented && COMMENT.test(value));
    if (search.exhausted) return { injection: { input: undefined }, clean: false };
  }
  return { clean: clean && !hasOutOfPlace(tokens) };
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

/** Where pieces of a text are, and which two characters begin one: most places of a value need no further look. */
interface Grams {
  readonly places: Map<string, number[]>;
  readonly pairs: Uint8Array;
}

const PAIRS = 4_096;

function pairAt(text: string, at: number): number {
  return (text.charCodeAt(at) * 31 + text.charCodeAt(at + 1)) % PAIRS;
}

class TextSearch {
  readonly #tokens: SqlTokens;
  readonly #text: string;
  readonly #grams = new Map<number, Grams>();
  readonly #work: WorkLeft;

  constructor(tokens: SqlTokens, work: WorkLeft) {
    this.#tokens = tokens;
    this.#work = work;
    this.#text = lowered(tokens.text);
  }

  get exhausted(): boolean {
    return this.#work.characters <= 0;
  }

  /** @param value in lower case */
  finds(value: string): boolean {
    this.#work.characters -= value.length;
    for (const form of formsOf(value, this.#text.length)) if (this.#findsWhole(form)) return true;
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
    this.#work.characters -= this.#text.length + form.length;
    let at = this.#text.indexOf(form);
    while (at >= 0 && !this.exhausted) {
      if (breaksOut(this.#tokens, at, at + form.length)) return true;
      at = this.#text.indexOf(form, this.#nextPlace(at, form.length));
      this.#work.characters -= form.length + PLACE_WORK;
    }
    return false;
  }

  /** The next place that could differ: within one token all are alike up to its end. */
  #nextPlace(at: number, length: number): number {
    const end = this.#tokens.starts[tokenAt(this.#tokens, at) + 1] as number;
    return Math.max(at + 1, end - length);
  }

  /** Looks for pieces that the application cut out: prefixes, suffixes, parts between what it removed or replaced. */
  #shares(
    value: string,
    gram: number,
    counts: (piece: string, from: number, to: number) => boolean,
  ): boolean {
    const { places: grams, pairs } = this.#boundaryGrams(gram);
    if (grams.size === 0) return false;
    this.#work.characters -= value.length;
    let j = 0;
    while (j + gram <= value.length) {
      if (pairs[pairAt(value, j)] === 0) {
        j++;
        continue;
      }
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
    this.#work.characters -= left + right;
    return [place - left, place + right];
  }

  /** Every piece of the text that is `gram` long and lies across the border of two tokens. */
  #boundaryGrams(gram: number): Grams {
    const known = this.#grams.get(gram);
    if (known !== undefined) return known;
    const grams: Grams = { places: new Map(), pairs: new Uint8Array(PAIRS) };
    const { starts } = this.#tokens;
    let next = 0;
    for (let i = 1; i < starts.length - 1; i++) {
      const border = starts[i] as number;
      const end = Math.min(border, this.#text.length - gram + 1);
      for (let at = Math.max(next, border - gram + 1); at < end; at++) {
        const piece = this.#text.slice(at, at + gram);
        const places = grams.places.get(piece);
        grams.pairs[pairAt(piece, 0)] = 1;
        if (places === undefined) grams.places.set(piece, [at]);
        else if (places.length < MAX_GRAM_PLACES) places.push(at);
      }
      next = Math.max(next, end);
    }
    this.#work.characters -= this.#text.length;
    this.#grams.set(gram, grams);
    return grams;
  }
}
