import { hexPair } from '../forms/utf16.ts';
import { Bit, isQuoteCode, isWordCode } from './bits.ts';

const PERCENT = 37;
const EQUALS = 61;

/** Words that attacks are made of and that hardly anybody writes otherwise. */
const KEYWORDS = `
  javascript vbscript onerror onload onclick onmouseover onfocus ontoggle onanimationstart eval settimeout srcdoc fromcharcode
  webrequest restmethod passwd whoami wget nslookup powershell uname ifconfig ipconfig netcat chmod netstat certutil
  benchmark waitfor pg_sleep dbms_pipe utl_http xp_cmdshell information_schema sysobjects outfile dumpfile
  load_file extractvalue updatexml group_concat concat_ws randomblob sqlite_master
  mainmodule child_process execsync spawnsync globalthis getruntime processbuilder
  phpinfo shell_exec passthru base64_decode allow_url_include gopher netdoc phar localhost system32
  phpmyadmin htaccess htpasswd webdav
  __proto__ __definegetter__ __definesetter__ __lookupgetter__
  sqlmap nikto nessus acunetix nuclei masscan dirbuster gobuster wpscan havij zgrab arachni
`;
/** Schemes: only before a colon. */
const SCHEMES = 'file data dict jar zip php expect ldap ldaps ftp tftp sftp glob';
/** Parts of a path: only after a slash. */
const PARTS =
  'etc proc usr bin sbin tmp var sys boot windows win winnt wp cgi trace actuator shadow hosts metadata console env';
/** Operators of MongoDB: only after a dollar sign. */
const OPERATORS = `
  eq ne gt gte lt lte in nin not or and nor where regex exists elemmatch size type mod all expr jsonschema text options
  function accumulator lookup out merge unionwith set unset inc push pull rename ifs path home shell user
`;

/** Words of SQL and shells that prose has, too. */
const WORDS = `
  select union insert update delete drop truncate alter create exec execute declare cast convert having where from into
  table database procedure shutdown merge order group limit null values set returning intersect except
  cat ls id dir ping curl bash sh nc cmd type echo rm cp mv ps kill python perl ruby node env printenv
  bcc cc content location cookie not between exists case when then end div
  sleep alert prompt document window constructor prototype char chr ascii substr substring metadata shadow
`;
/** Words that join two conditions. */
const JOINTS = 'or and like xor is in rlike regexp';

/** What must stand beside a word for it to count. */
type Beside = 'anything' | 'colon' | 'slash' | 'dollar' | 'operand';

/** A word of the lists. */
export interface Known {
  readonly word: string;
  /** Of `Bit`: what it says. */
  readonly bit: number;
  readonly beside: Beside;
}

/** All words of the lists. */
export const KNOWN_WORDS: readonly Known[] = [
  ...listed(KEYWORDS, Bit.keyword, 'anything'),
  ...listed(SCHEMES, Bit.keyword, 'colon'),
  ...listed(PARTS, Bit.keyword, 'slash'),
  ...listed(OPERATORS, Bit.keyword, 'dollar'),
  ...listed(WORDS, Bit.word, 'anything'),
  ...listed(JOINTS, Bit.joint, 'operand'),
];

/** Words by their first two letters. A word of one letter is none. */
const BY_START = Array.from<Known[] | undefined>({ length: 1_024 });
/** Sort of each code, for the third letter: 0 is none of a word, letters count 1 to 26, digits and `_` 27. */
const SORTS: Uint8Array = sortsOfLatin1();
/** 1 where some word begins with two letters and goes on with one of this sort, or ends there. */
const BEGINS = new Uint8Array(1_024 * 32);
for (const known of KNOWN_WORDS) add(known);

function listed(words: string, bit: number, beside: Beside): readonly Known[] {
  return words
    .split(/\s+/)
    .filter(Boolean)
    .map((word) => ({ word, bit, beside }));
}

function add(known: Known): void {
  const { word } = known;
  const key = startOf(word.charCodeAt(0), word.charCodeAt(1));
  (BY_START[key] ??= []).push(known);
  BEGINS[(key << 5) | (word.length < 3 ? 0 : (SORTS[word.charCodeAt(2)] as number))] = 1;
}

function sortsOfLatin1(): Uint8Array {
  const sorts = new Uint8Array(256);
  for (let code = 0; code < 128; code++) {
    const lower = code | 32;
    if (lower >= 97 && lower <= 122) sorts[code] = lower - 96;
    else if (isWordCode(code)) sorts[code] = 27;
  }
  return sorts;
}

function startOf(first: number, second: number): number {
  return ((first & 31) << 5) | (second & 31);
}

/**
 * What the word that begins at `at` says.
 * @param end where the value ends
 * @param mask what was seen so far: the second word of SQL counts more than the first
 */
export function wordBits(text: string, at: number, end: number, mask: number): number {
  if (at + 1 >= end) return 0;
  const first = text.charCodeAt(at);
  const second = text.charCodeAt(at + 1);
  if (first < 65 || second < 65) return 0;
  const key = startOf(first, second);
  // Most words end here: no word of the lists begins as they do.
  const third = at + 2 < end ? text.charCodeAt(at + 2) : 0;
  if (BEGINS[(key << 5) | (third < 256 ? (SORTS[third] as number) : 0)] === 0) return 0;
  return chainBits(BY_START[key] as readonly Known[], text, at, end, mask);
}

function chainBits(chain: readonly Known[], text: string, at: number, end: number, mask: number): number {
  for (let i = 0; i < chain.length; i++) {
    const { word, bit, beside } = chain[i] as Known;
    if (!isAt(word, text, at, end) || !stands(beside, text, at, at + word.length)) continue;
    if (bit === Bit.joint && isOperand(text, at + word.length, end)) return Bit.keyword;
    return bit === Bit.word && (mask & Bit.word) !== 0 ? Bit.secondWord : bit;
  }
  return 0;
}

function stands(beside: Beside, text: string, at: number, after: number): boolean {
  const previous = at > 0 ? text.charCodeAt(at - 1) : 0;
  switch (beside) {
    case 'anything':
      return true;
    case 'colon':
      return text.charCodeAt(after) === 58 || text.startsWith('%3A', after) || text.startsWith('%3a', after);
    case 'slash':
      // `%2f` is a slash, too.
      return previous === 47 || previous === 92 || (previous | 32) === 102 || (previous | 32) === 99;
    case 'dollar':
      return previous === 36 || (previous === 52 && text.charCodeAt(at - 2) === 50);
    case 'operand':
      return followsOperand(text, at);
  }
}

/** Whether a quote, a digit, a bracket or the beginning stands before a word, blanks between them aside. */
function followsOperand(text: string, at: number): boolean {
  let i = at - 1;
  for (let blanks = 0; i >= 0 && blanks < 4; blanks++) {
    const encoded = i >= 2 && text.charCodeAt(i - 2) === PERCENT ? hexPair(text, i - 1) : -1;
    const code = encoded < 0 ? text.charCodeAt(i) : encoded;
    if (!isBlank(code)) return isEdge(code);
    i -= encoded < 0 ? 1 : 3;
  }
  return i < 0;
}

/** Whether a quote, a digit or a bracket stands behind a word. */
function isOperand(text: string, after: number, end: number): boolean {
  let i = after;
  for (let blanks = 0; i < end && blanks < 4; blanks++) {
    const encoded = text.charCodeAt(i) === PERCENT ? hexPair(text, i + 1) : -1;
    const code = encoded < 0 ? text.charCodeAt(i) : encoded;
    if (!isBlank(code)) return code !== EQUALS && isEdge(code);
    i += encoded < 0 ? 1 : 3;
  }
  return false;
}

function isEdge(code: number): boolean {
  return (
    isQuoteCode(code) ||
    code === 40 ||
    code === 41 ||
    code === EQUALS ||
    code === 92 ||
    (code >= 48 && code <= 57)
  );
}

function isBlank(code: number): boolean {
  return code === 32 || code === 43 || code === 9 || code === 10;
}

function isAt(word: string, text: string, at: number, end: number): boolean {
  const after = at + word.length;
  if (after > end) return false;
  for (let i = 0; i < word.length; i++) {
    const code = text.charCodeAt(at + i);
    const lower = code >= 65 && code <= 90 ? code | 32 : code;
    if (lower !== word.charCodeAt(i)) return false;
  }
  return after === end || !isWordCode(text.charCodeAt(after));
}
