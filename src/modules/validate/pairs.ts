import { checkKey, checkText } from './bounds.ts';
import { refused } from './fault.ts';
import type { ReadValidateOptions } from './options.ts';

/**
 * Reads a query or a form. What comes twice is treated as the options say, and never guessed; `id[]` is `id`, and only
 * where `lists` names it.
 * @param text without `?`
 * @param part names what is read, for the error
 * @throws ValidationError
 */
export function readPairs(
  text: string,
  part: string,
  options: ReadValidateOptions,
): Record<string, string | string[]> {
  const found = new Map<string, string[]>();
  const ways = new Map<string, boolean>();
  let count = 0;
  for (let from = 0; from < text.length;) {
    const next = text.indexOf('&', from);
    const to = next < 0 ? text.length : next;
    if (to > from) {
      if (++count > options.maxKeys)
        throw refused({ field: part, code: 'TOO_MANY', message: 'Holds more parameters than accepted.' });
      take(text.slice(from, to), part, options, found, ways);
    }
    from = to + 1;
  }
  return Object.fromEntries([...found].map(([key, values]) => [key, valueOf(key, values, part, options)]));
}

function take(
  pair: string,
  part: string,
  options: ReadValidateOptions,
  found: Map<string, string[]>,
  ways: Map<string, boolean>,
): void {
  const equals = pair.indexOf('=');
  const name = decode(equals < 0 ? pair : pair.slice(0, equals), part);
  const value = equals < 0 ? '' : decode(pair.slice(equals + 1), part);
  checkKey(name, part);
  checkText(value, part, options.maxTextLength);
  const bracketed = name.endsWith('[]');
  const key = bracketed ? name.slice(0, -2) : name;
  if (bracketed && !options.lists.includes(key)) throw notAList(part);
  // Half of the programs on the way would see only one of the two ways of writing.
  if ((ways.get(key) ?? bracketed) !== bracketed) throw duplicate(part);
  ways.set(key, bracketed);
  const values = found.get(key);
  if (values === undefined) found.set(key, [value]);
  else values.push(value);
}

function valueOf(
  key: string,
  values: string[],
  part: string,
  options: ReadValidateOptions,
): string | string[] {
  const [first] = values as [string];
  if (options.lists.includes(key)) return values;
  if (values.length === 1) return first;
  switch (options.duplicates) {
    case 'refuse':
      throw duplicate(part);
    case 'first':
      return first;
    case 'last':
      return values.at(-1) as string;
    case 'list':
      return values;
  }
}

function decode(text: string, part: string): string {
  const plain = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!plain.includes('%')) return plain;
  try {
    return decodeURIComponent(plain);
  } catch {
    throw refused({ field: part, code: 'BAD_ENCODING', message: 'Is not percent-encoded UTF-8.' });
  }
}

function duplicate(part: string): Error {
  return refused({ field: part, code: 'DUPLICATE', message: 'A parameter is given more than once.' });
}

function notAList(part: string): Error {
  return refused({
    field: part,
    code: 'NOT_A_LIST',
    message: 'A parameter is written as a list and is none.',
  });
}
