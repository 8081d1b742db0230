import { hasControl } from './control.ts';
import { refusedAs } from './errors.ts';

/** A sender's name for a file, taken apart. */
export interface SafeName {
  /** Safe to show and to offer in a download; at most 150 characters. */
  readonly display: string;
  /** Lower case, no dot; empty for none. */
  readonly extension: string;
}

/** UTF-16 units, as Windows counts them: 255 letters of any script. */
const MAX_LENGTH = 255;
const MAX_DISPLAY = 150;

/** What servers and systems run by its name, wherever in the name it stands. */
const ACTS =
  /^(php\d?|phps|phtml|phar|pht|pgif|inc|asp|aspx|ashx|asmx|ascx|cer|asa|jsp|jspx|jsw|jsv|jspf|cfm|cfml|cgi|fcgi|shtml|shtm|stm|htaccess|htpasswd|exe|scr|pif|bat|cmd|msi|msp|vbs|vbe|wsf|wsh|hta|lnk|ps1|psm1|cpl|dll|sys|reg)$/;
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])$/;

/**
 * Looks a name over. It never becomes a path: files are kept under ids of ours. What could only be an attack is refused all
 * the same, and an honest name is only tidied.
 * @throws UploadRefused
 */
export function safeName(given: string): SafeName {
  if (hasControl(given) || /%(00|2f|5c|0a|0d)/i.test(given))
    throw refusedAs('name', 'name_control', 'The name holds a control character, or an escaped one.');
  if (/[/\\]/.test(given) || given === '.' || given === '..')
    throw refusedAs('name', 'name_path', 'The name is a path.');
  if (/::?\$/.test(given)) throw refusedAs('name', 'name_stream', 'The name is that of a hidden stream.');
  if (given.length > MAX_LENGTH)
    throw refusedAs('name', 'name_long', 'The name is longer than any system takes.', {
      maxLength: MAX_LENGTH,
    });
  // Systems drop dots and blanks at the end: what is left is what they would go by.
  const trimmed = given
    .normalize('NFC')
    .replace(/[.\s]+$/, '')
    .trimStart();
  const pieces = trimmed.toLowerCase().split('.');
  // A blank after a dot is a sentence, and no server's extension; the last one is what systems go by, with or without it.
  const acting = pieces
    .slice(1)
    .find((piece, at) => ACTS.test(at === pieces.length - 2 ? piece.trim() : piece.trimEnd()));
  if (acting !== undefined || trimmed.toLowerCase().startsWith('.ht'))
    throw refusedAs('name', 'name_acts', 'An extension in the name is one that servers or systems run.', {
      extension: acting ?? 'ht',
    });
  if (RESERVED.test(pieces[0] as string))
    throw refusedAs('name', 'name_reserved', 'The name is that of a device.');
  return { display: shown(trimmed), extension: pieces.length > 1 ? (pieces.at(-1) as string).trim() : '' };
}

/** Signs that turn text around or cannot be seen let a name look like another one. */
function shown(name: string): string {
  const plain = name
    .replaceAll(/[\p{Cf}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]/gu, '')
    .replaceAll(/[<>:"|?*;`$]/g, '_')
    .replaceAll(/\s+/g, ' ')
    .replace(/^\.+/, '')
    .trim();
  if (plain.length <= MAX_DISPLAY) return plain === '' ? 'file' : plain;
  const dot = plain.lastIndexOf('.');
  const tail = dot > 0 && plain.length - dot <= 12 ? plain.slice(dot) : '';
  // A cut through a pair of surrogates leaves half of one.
  return `${plain.slice(0, MAX_DISPLAY - tail.length)}${tail}`.replaceAll(/\p{Cs}/gu, '');
}
