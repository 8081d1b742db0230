import { Bit } from './bits.ts';
import { Class } from './classes.ts';
import { Mark, type WordNode, WordTrees } from './word-tree.ts';
import { KNOWN_WORDS, type Known } from './words.ts';

/** What a step of the quick look tells, as bits. */
export const Told = {
  /** The gate has to look. */
  hit: 1,
  quote: 2,
  equals: 4,
  ampersand: 8,
  joint: 16,
  word: 32,
} as const;

/** What stands right before. */
type Last =
  | 'start'
  | 'letter'
  | 'digit'
  | 'space'
  /** A blank behind a quote. */
  | 'quoted space'
  | 'line end'
  | 'quote'
  /** An apostrophe behind a letter: what follows tells whether it is a quote. */
  | 'apostrophe'
  | 'less'
  | 'equals'
  | 'ampersand'
  | 'semicolon'
  | 'pipe'
  | 'dollar'
  | 'open'
  | 'close'
  | 'dash'
  | 'dot'
  | 'dots'
  | 'slash'
  | 'slash and dot'
  | 'star'
  | 'percent'
  | 'question'
  | 'questions'
  | 'bracket'
  | 'bracket behind a word'
  | 'hash'
  | 'plus'
  | 'colon'
  | 'colon behind http'
  | 'other'
  | 'wide'
  | 'line separator'
  | 'line separator, second byte'
  | 'full width';

/** All that the quick look knows of what it has read. */
export interface State {
  readonly last: Last;
  /** Within a word: where in the tree; null where no word of the lists goes on so. */
  readonly node: WordNode | null;
  /** An operand (a quote, a digit, a bracket, the start) stands before, blanks aside. */
  readonly operand: boolean;
  /** A word that joins two conditions stands before, blanks aside. */
  readonly joined: boolean;
}

const TREES = new WordTrees();
const ROOTS = {
  plain: TREES.tree(marked(({ beside }) => beside === 'anything' || beside === 'colon')),
  behindOperand: TREES.tree(
    marked(({ beside }) => beside === 'anything' || beside === 'colon' || beside === 'operand'),
  ),
  behindSlash: TREES.tree(
    marked(({ beside }) => beside === 'anything' || beside === 'colon' || beside === 'slash'),
  ),
  behindWide: TREES.tree(web()),
};

/** Where each value begins. */
export const START: State = { last: 'start', node: null, operand: true, joined: false };

function web(): readonly (readonly [string, number])[] {
  return [
    ['http', Mark.web],
    ['https', Mark.web],
  ];
}

function marked(wanted: (known: Known) => boolean): readonly (readonly [string, number])[] {
  return [...KNOWN_WORDS.filter(wanted).map((known) => [known.word, markOf(known)] as const), ...web()];
}

function markOf({ bit, beside }: Known): number {
  if (beside === 'colon') return Mark.scheme;
  if (bit === Bit.joint) return Mark.joint;
  return bit === Bit.word ? Mark.word : Mark.hit;
}

/** What follows when a byte of a class comes. */
export interface Step {
  /** Of `Told`. */
  readonly told: number;
  readonly next: State;
}

/** One byte further. Whatever the gate lets past must have been told here; the gate looks again at what was told. */
export function step(from: State, given: number): Step {
  const told = toldOf(from, given);
  return { told, next: (told & Told.hit) !== 0 ? START : nextOf(from, given) };
}

function isWord(given: number): boolean {
  return given >= 1 && given <= Class.underscore;
}

function isLetter(given: number): boolean {
  return given >= 1 && given <= 26;
}

function isQuote(given: number): boolean {
  return given === Class.apostrophe || given === Class.quote;
}

function isBlank(given: number): boolean {
  return given === Class.space || given === Class.lineEnd || given === Class.plus;
}

function isWide(given: number): boolean {
  return given >= Class.wide;
}

function isWideLetter(given: number): boolean {
  return given === Class.wide || given === Class.lineSeparator || given === Class.fullWidth;
}

/** A quote, a digit, a bracket, or the end of a JSON string, which is a quote. */
function isOperand(given: number): boolean {
  return (
    isQuote(given) ||
    given === Class.digit ||
    given === Class.open ||
    given === Class.close ||
    given === Class.end
  );
}

function isBehindQuote({ last }: State): boolean {
  return last === 'quote' || last === 'apostrophe' || last === 'quoted space';
}

function isBehindWord({ last }: State): boolean {
  return last === 'letter' || last === 'digit';
}

function toldOf(from: State, given: number): number {
  if (hitByLast(from.last, given) || hitByGiven(from, given)) return Told.hit;
  let told = isWord(given) ? 0 : toldOfWord(from, given);
  if (from.joined && isOperand(given)) told |= Told.hit;
  // Behind a letter, and before one, it is an apostrophe.
  if (from.last === 'apostrophe' && !isLetter(given) && !isWideLetter(given)) told |= Told.quote;
  if (from.last === 'less') told |= Told.equals;
  switch (given) {
    case Class.apostrophe:
      return from.last === 'letter' ? told : told | Told.quote;
    case Class.quote:
      return told | Told.quote;
    case Class.equals:
    case Class.greater:
      return told | Told.equals;
    case Class.ampersand:
    case Class.semicolon:
    case Class.pipe:
      return told | Told.ampersand;
    default:
      return told;
  }
}

/** What a word says that ends here. */
function toldOfWord({ node }: State, given: number): number {
  if (node === null) return 0;
  const { marks } = node;
  if ((marks & Mark.hit) !== 0) return Told.hit;
  if ((marks & Mark.scheme) !== 0 && (given === Class.colon || given === Class.percent)) return Told.hit;
  if ((marks & Mark.joint) !== 0) return isOperand(given) ? Told.hit : Told.joint;
  return (marks & Mark.word) === 0 ? 0 : Told.word;
}

/** What is looked at for what stands before it. */
function hitByGiven(from: State, given: number): boolean {
  switch (given) {
    case Class.strong:
      return true;
    case Class.open:
      return isBehindWord(from) || from.last === 'close' || isBehindQuote(from);
    case Class.close:
    case Class.hash:
    case Class.plus:
    case Class.star:
    case Class.bracket:
      return isBehindQuote(from);
    case Class.semicolon:
    case Class.pipe:
      return !(isBehindWord(from) || from.last === 'space' || from.last === 'quoted space');
    default:
      return false;
  }
}

/** What is looked at for what comes behind it. */
function hitByLast(last: string, given: number): boolean {
  switch (last) {
    case 'less':
      return given !== Class.space && given !== Class.digit;
    case 'ampersand':
      return given === Class.hash || given === Class.ampersand;
    case 'semicolon':
      return given !== Class.space && given !== Class.lineEnd && given !== Class.end;
    case 'pipe':
      return !isWord(given) && given !== Class.space;
    case 'dollar':
      return given !== Class.end && given !== Class.space && given !== Class.digit;
    case 'dash':
      return given === Class.dash;
    case 'dots':
      return given === Class.slash;
    case 'slash':
      return given === Class.star || given === Class.bracket;
    case 'slash and dot':
      return isWord(given);
    case 'percent':
      return given === Class.digit || (given >= 1 && given <= 6) || given === 21;
    case 'questions':
      return given === Class.question;
    case 'colon':
      return given === Class.slash || given === Class.equals;
    case 'colon behind http':
      return isWord(given) || given === Class.slash || given === Class.equals;
    case 'line separator, second byte':
      return given === Class.furtherSeparator;
    case 'full width':
      return given === Class.furtherFullWidth;
    default:
      return hitBySign(last, given);
  }
}

/** Signs that matter beside a quote. */
function hitBySign(last: string, given: number): boolean {
  switch (last) {
    case 'star':
      return given === Class.slash || isQuote(given);
    case 'bracket':
      return given === Class.close || given === Class.dollar || isQuote(given);
    case 'bracket behind a word':
      return given === Class.dollar || isQuote(given);
    case 'open':
    case 'close':
    case 'hash':
    case 'plus':
      return isQuote(given);
    default:
      return false;
  }
}

function nextOf(from: State, given: number): State {
  if (isWord(given)) return within(from, given);
  if (!isBlank(given)) return { last: lastOf(from, given), node: null, operand: false, joined: false };
  const joint = from.node !== null && (from.node.marks & Mark.joint) !== 0;
  return {
    last: lastOf(from, given),
    node: null,
    operand: given === Class.plus || hasOperand(from),
    joined: joint || from.joined,
  };
}

const OPERANDS: ReadonlySet<Last> = new Set([
  'start',
  'digit',
  'quote',
  'apostrophe',
  'open',
  'close',
  'equals',
]);

function hasOperand({ last, operand }: State): boolean {
  return operand || OPERANDS.has(last);
}

/** In a word: where in the tree. */
function within(from: State, given: number): State {
  const node = isBehindWord(from) ? from.node : rootOf(from);
  return {
    last: isLetter(given) ? 'letter' : 'digit',
    node: node?.next.get(given) ?? null,
    operand: false,
    joined: false,
  };
}

/** Behind them no word begins. */
const WIDE: ReadonlySet<Last> = new Set([
  'wide',
  'line separator',
  'line separator, second byte',
  'full width',
]);

function rootOf(from: State): WordNode {
  if (from.last === 'slash') return ROOTS.behindSlash;
  if (WIDE.has(from.last)) return ROOTS.behindWide;
  return hasOperand(from) ? ROOTS.behindOperand : ROOTS.plain;
}

const LAST_OF: Readonly<Partial<Record<number, Last>>> = {
  [Class.end]: 'start',
  [Class.lineEnd]: 'line end',
  [Class.quote]: 'quote',
  [Class.less]: 'less',
  [Class.equals]: 'equals',
  [Class.ampersand]: 'ampersand',
  [Class.semicolon]: 'semicolon',
  [Class.pipe]: 'pipe',
  [Class.dollar]: 'dollar',
  [Class.open]: 'open',
  [Class.close]: 'close',
  [Class.dash]: 'dash',
  [Class.slash]: 'slash',
  [Class.star]: 'star',
  [Class.percent]: 'percent',
  [Class.hash]: 'hash',
  [Class.plus]: 'plus',
  [Class.lineSeparator]: 'line separator',
  [Class.fullWidth]: 'full width',
};

function lastOf(from: State, given: number): Last {
  const { last, node } = from;
  switch (given) {
    case Class.space:
      return last === 'quote' || last === 'apostrophe' ? 'quoted space' : 'space';
    case Class.apostrophe:
      return last === 'letter' ? 'apostrophe' : 'quote';
    case Class.dot:
      if (last === 'slash') return 'slash and dot';
      return last === 'dot' || last === 'dots' || last === 'slash and dot' ? 'dots' : 'dot';
    case Class.question:
      return last === 'slash' || last === 'question' ? 'questions' : 'question';
    case Class.bracket:
      return isBehindWord(from) ? 'bracket behind a word' : 'bracket';
    case Class.colon:
      return node !== null && (node.marks & Mark.web) !== 0 ? 'colon behind http' : 'colon';
    case Class.further80:
      return last === 'line separator' ? 'line separator, second byte' : 'wide';
    default:
      return LAST_OF[given] ?? (isWide(given) ? 'wide' : 'other');
  }
}
