import { readFileSync, statSync } from 'node:fs';
import { domainToASCII } from 'node:url';
import { OptionsError } from '../../../core/errors.ts';

const MAX_FILE_BYTES = 32_000_000;
const MAX_DOMAINS = 1_000_000;
/** Share of lines that may be unreadable before the whole file is refused. */
const MAX_BAD_SHARE = 0.05;
const DOMAIN = /^(?=.{3,253}$)(?:[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;
/** Where people live: a list that holds one of these is broken or forged, and would lock them out. */
const NEVER = [
  'gmail.com',
  'googlemail.com',
  'outlook.com',
  'hotmail.com',
  'live.com',
  'msn.com',
  'yahoo.com',
  'icloud.com',
  'me.com',
  'aol.com',
  'proton.me',
  'protonmail.com',
  'gmx.de',
  'gmx.net',
  'web.de',
  'qq.com',
  '163.com',
  'mail.ru',
  'yandex.ru',
  'naver.com',
];

/**
 * Reads a list of mail domains: one in a line, with comments behind `#` or `//`, or a JSON list of texts.
 * @throws OptionsError naming the file and why all of it is refused
 */
export function readDomainFile(path: string): ReadonlySet<string> {
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
  return readDomains(path, text);
}

/** The same, of a text. @throws OptionsError */
export function readDomains(name: string, text: string): ReadonlySet<string> {
  const words = wordsOf(text);
  if (words.length > MAX_DOMAINS) throw new OptionsError(name, `holds more than ${MAX_DOMAINS} domains`);
  const domains = new Set<string>();
  let bad = 0;
  for (const word of words) {
    const domain = readDomain(word);
    if (domain === undefined) bad++;
    else domains.add(domain);
  }
  if (domains.size === 0) throw new OptionsError(name, 'holds no domain; it may be an error page');
  if (bad > words.length * MAX_BAD_SHARE)
    throw new OptionsError(name, `${bad} of ${words.length} lines are no domains`);
  const lived = NEVER.find((one) => domains.has(one));
  if (lived !== undefined)
    throw new OptionsError(name, `holds ${lived}, where people live: the list is broken or forged`);
  return domains;
}

function readDomain(word: string): string | undefined {
  const bare = word.replace(/^(?:@|\*\.)/, '').toLowerCase();
  if (bare.length > 300) return undefined;
  const ascii = /^[\x21-\x7e]+$/.test(bare) ? bare : domainToASCII(bare);
  return DOMAIN.test(ascii) ? ascii : undefined;
}

function wordsOf(text: string): readonly string[] {
  const start = text.trimStart();
  if (start.startsWith('[')) {
    try {
      const list: unknown = JSON.parse(start);
      return Array.isArray(list) ? list.map((one) => (typeof one === 'string' ? one.trim() : '')) : [];
    } catch {
      return [];
    }
  }
  return text.split('\n').flatMap((line) => {
    const bare = (line.split(/#|\/\//, 1)[0] as string).trim();
    return bare === '' ? [] : [bare];
  });
}
