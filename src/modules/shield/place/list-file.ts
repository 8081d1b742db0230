import { readFileSync, statSync } from 'node:fs';
import { parseCidr } from '../../../core/address.ts';
import { OptionsError } from '../../../core/errors.ts';
import { type NumberRange, numberOf, RangeSet, readSpan } from './ranges.ts';

const MAX_FILE_BYTES = 64_000_000;
const MAX_ENTRIES = 1_000_000;
/** Wider ranges stand in no honest list: the file is broken or forged. */
const WIDEST = { 4: 8, 6: 16 } as const;
/** Share of lines that may be unreadable before the whole file is refused. */
const MAX_BAD_SHARE = 0.05;
/** Words of the list of Tor exits that name no address. */
const TOR_WORDS = /^(ExitNode|Published|LastStatus)\b/;

/**
 * Reads a list of addresses: one address, range (`192.0.2.0/24`) or span (`192.0.2.1-192.0.2.9`) in a line, with comments
 * behind `#` or `;`; the list of Tor exits; JSON, as a list of texts, as `{ prefixes: [{ ipv4Prefix }] }`, or one
 * `{ "cidr": … }` in a line.
 * @throws OptionsError naming the file and why all of it is refused
 */
export function readListFile(path: string): RangeSet {
  let text: string;
  try {
    if (statSync(path).size > MAX_FILE_BYTES) throw new RangeError(`larger than ${MAX_FILE_BYTES} bytes`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new OptionsError(
      path,
      `cannot be read: ${error instanceof Error ? error.message.slice(0, 100) : 'unknown'}`,
    );
  }
  return readList(path, text);
}

/** The same, of a text. @throws OptionsError */
export function readList(name: string, text: string): RangeSet {
  const words = wordsOf(text);
  if (words.length > MAX_ENTRIES) throw new OptionsError(name, `holds more than ${MAX_ENTRIES} entries`);
  const ranges: NumberRange[] = [];
  let bad = 0;
  for (const word of words) {
    const range = readRange(name, word);
    if (range === undefined) bad++;
    else ranges.push(range);
  }
  if (ranges.length === 0) throw new OptionsError(name, 'holds no address; it may be an error page');
  if (bad > words.length * MAX_BAD_SHARE)
    throw new OptionsError(name, `${bad} of ${words.length} lines are no addresses`);
  return new RangeSet(ranges);
}

function readRange(name: string, word: string): NumberRange | undefined {
  if (word.length > 100) return undefined;
  const cidr = parseCidr(word);
  if (cidr === undefined) {
    const span = readSpan(word);
    if (span !== undefined && span.last - span.first >= 1n << (span.version === 4 ? 24n : 112n))
      throw new OptionsError(name, `${word} is too wide for any honest list`);
    return span;
  }
  const { network, bits } = cidr;
  if (bits < WIDEST[network.version]) throw new OptionsError(name, `${word} is too wide for any honest list`);
  const first = numberOf(network);
  return {
    version: network.version,
    first,
    last: first | ((1n << BigInt(network.bytes.length * 8 - bits)) - 1n),
  };
}

function wordsOf(text: string): string[] {
  const start = text.slice(0, 200).trimStart();
  if (start.startsWith('[') || (start.startsWith('{') && !/"cidr"/.test(start))) {
    try {
      return wordsOfJson(JSON.parse(text));
    } catch {
      return [];
    }
  }
  return text.split('\n').flatMap(wordOfLine);
}

function wordOfLine(line: string): string[] {
  const trimmed = line.trim();
  if (trimmed === '' || TOR_WORDS.test(trimmed)) return [];
  if (trimmed.startsWith('{')) return cidrOf(trimmed);
  const bare = (trimmed.split(/[#;]/, 1)[0] as string).trim();
  if (bare === '') return [];
  return [(bare.startsWith('ExitAddress ') ? bare.slice(12) : bare).split(/[\s,]/, 1)[0] as string];
}

function cidrOf(line: string): string[] {
  try {
    const { cidr, type } = JSON.parse(line) as { cidr?: unknown; type?: unknown };
    if (typeof cidr === 'string') return [cidr];
    return type === 'metadata' ? [] : [line.slice(0, 50)];
  } catch {
    return [line.slice(0, 50)];
  }
}

const PREFIX_WORDS = ['ipv4Prefix', 'ipv6Prefix', 'ip_prefix', 'ipv6_prefix', 'cidr', 'ip'];

function wordsOfJson(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(wordOfItem);
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((one: unknown) => (Array.isArray(one) ? one.flatMap(wordOfItem) : []));
}

function wordOfItem(item: unknown): string[] {
  if (typeof item === 'string') return [item];
  if (typeof item !== 'object' || item === null) return [];
  const found = PREFIX_WORDS.map((word) => (item as Record<string, unknown>)[word]).find(
    (one) => typeof one === 'string',
  );
  return typeof found === 'string' ? [found] : [];
}
