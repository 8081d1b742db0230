import { field, NO_TEXT, type ReadyField, textOf, misfit } from './field.ts';

const MAX_LENGTH = 200;
const INVALID = misfit('FILE_NAME_INVALID', 'Must be the name of a file, without a path.');
/** Separators, wildcards, control and invisible characters, and those that turn the direction of a text. */
const FORBIDDEN = /[/\\:*?"<>|\p{Cc}\p{Cf}\p{Co}\p{Cn}]/u;
/** Names that are devices on Windows, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** A file's name that is safe to show and to write: no path, no device, no dot at its ends. */
export function fileName(): ReadyField<string> {
  return field({ type: 'string', format: 'file-name' }, (given) => {
    if (typeof given !== 'string') return NO_TEXT;
    const value = textOf(given, MAX_LENGTH);
    if (value === undefined || value === '' || Buffer.byteLength(value) > 255) return INVALID;
    if (FORBIDDEN.test(value) || DEVICE.test(value) || value.startsWith('.') || value.endsWith('.'))
      return INVALID;
    return { value };
  });
}
