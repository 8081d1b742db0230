import { field, NO_TEXT, type ReadyField, textOf, countOf, misfit } from './field.ts';

/** How names are read. */
export interface PersonNameOptions {
  /** Characters at least, 1 to 50; default 2. */
  readonly min?: number;
  /** Characters at most, 1 to 200; default 50. */
  readonly max?: number;
}

/** Letters of any script with their marks; between them an apostrophe, a hyphen, a space, a dot. */
const NAME = /^(?:[\p{L}\p{M}'’ʼʻ‘` .\-\u00b7\u05be\u0f0b\u2010\u30fb]|\u200c|\u200d)+$/u;
/** A dot ends an initial or an abbreviation: what it joins to letters on both sides is an address. */
const ADDRESS = /\p{L}{2}\.\p{L}{2}/u;
const INVALID = misfit('NAME_INVALID', 'Must be a name: letters, apostrophes, hyphens, spaces.');

/** A person's name in any script; spaces at its ends and doubled ones are taken away. */
export function personName({ min = 2, max = 50 }: PersonNameOptions = {}): ReadyField<string> {
  const length = misfit('NAME_LENGTH', `Must be ${min} to ${max} characters long.`);
  return field({ type: 'string', format: 'person-name' }, (given) => {
    if (typeof given !== 'string') return NO_TEXT;
    const value = textOf(given, 4 * max)?.replaceAll(/ {2,}/g, ' ');
    if (value === undefined) return length;
    const characters = countOf(value);
    if (characters < min || characters > max) return length;
    return NAME.test(value) && /\p{L}/u.test(value) && !ADDRESS.test(value) ? { value } : INVALID;
  });
}
