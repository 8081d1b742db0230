/** What kind of thing a type is: files are compared with their names within a kind. */
export type TypeKind = 'picture' | 'document' | 'archive' | 'text' | 'sound' | 'film';

/** A type that is told by its content. */
export interface KnownType {
  readonly kind: TypeKind;
  /** The first one is given to files of this type. */
  readonly extensions: readonly string[];
  /** Other names by which browsers and systems call it. */
  readonly aliases?: readonly string[];
}

const ZIPPED = ['application/zip', 'application/x-zip-compressed'];

/** Every type that may stand in `types`. */
export const TYPES: Readonly<Record<string, KnownType>> = {
  'image/jpeg': {
    kind: 'picture',
    extensions: ['jpg', 'jpeg', 'jpe', 'jfif'],
    aliases: ['image/jpg', 'image/pjpeg'],
  },
  'image/png': { kind: 'picture', extensions: ['png'], aliases: ['image/x-png', 'image/apng'] },
  'image/gif': { kind: 'picture', extensions: ['gif'] },
  'image/webp': { kind: 'picture', extensions: ['webp'] },
  'image/avif': { kind: 'picture', extensions: ['avif'] },
  'image/heic': { kind: 'picture', extensions: ['heic', 'heif'], aliases: ['image/heif'] },
  'image/svg+xml': { kind: 'text', extensions: ['svg'], aliases: ['text/xml', 'application/xml'] },
  'application/pdf': { kind: 'document', extensions: ['pdf'], aliases: ['application/x-pdf'] },
  'application/zip': {
    kind: 'archive',
    extensions: ['zip'],
    aliases: ['application/x-zip-compressed', 'application/x-zip'],
  },
  'application/gzip': {
    kind: 'archive',
    extensions: ['gz', 'tgz'],
    aliases: ['application/x-gzip', 'application/x-compressed', 'application/x-compressed-tar'],
  },
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': {
    kind: 'document',
    extensions: ['docx'],
    aliases: ZIPPED,
  },
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': {
    kind: 'document',
    extensions: ['xlsx'],
    aliases: ZIPPED,
  },
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': {
    kind: 'document',
    extensions: ['pptx'],
    aliases: ZIPPED,
  },
  'application/vnd.oasis.opendocument.text': { kind: 'document', extensions: ['odt'], aliases: ZIPPED },
  'application/vnd.oasis.opendocument.spreadsheet': {
    kind: 'document',
    extensions: ['ods'],
    aliases: ZIPPED,
  },
  'application/epub+zip': { kind: 'document', extensions: ['epub'], aliases: ZIPPED },
  'text/plain': {
    kind: 'text',
    extensions: ['txt', 'text', 'log', 'md', 'csv', 'tsv', 'srt', 'vtt', 'ics', 'vcf', 'yaml', 'yml'],
    // Windows calls a .csv a sheet.
    aliases: [
      'text/csv',
      'text/markdown',
      'text/tab-separated-values',
      'application/vnd.ms-excel',
      'text/vtt',
      'text/calendar',
      'text/vcard',
      'text/x-vcard',
      'text/x-csv',
      'application/csv',
      // Android.
      'text/comma-separated-values',
      'text/x-markdown',
      'text/x-log',
      'text/yaml',
      'text/x-yaml',
      'application/yaml',
      'application/x-yaml',
      'application/x-subrip',
    ],
  },
  'application/json': { kind: 'text', extensions: ['json'], aliases: ['text/json', 'text/plain'] },
  'application/xml': {
    kind: 'text',
    extensions: ['xml', 'gpx', 'kml'],
    aliases: ['text/xml', 'text/plain', 'application/gpx+xml', 'application/vnd.google-earth.kml+xml'],
  },
  'audio/mpeg': { kind: 'sound', extensions: ['mp3'], aliases: ['audio/mp3', 'audio/x-mp3', 'audio/mpeg3'] },
  'audio/wav': {
    kind: 'sound',
    extensions: ['wav'],
    aliases: ['audio/x-wav', 'audio/wave', 'audio/vnd.wave'],
  },
  'audio/ogg': {
    kind: 'sound',
    extensions: ['ogg', 'oga', 'opus'],
    aliases: ['application/ogg', 'video/ogg', 'audio/opus', 'audio/x-vorbis+ogg', 'audio/x-opus+ogg'],
  },
  'audio/mp4': {
    kind: 'sound',
    extensions: ['m4a', 'm4b'],
    aliases: ['audio/x-m4a', 'audio/m4a', 'audio/x-m4b', 'video/mp4'],
  },
  'video/mp4': { kind: 'film', extensions: ['mp4', 'm4v'], aliases: ['video/x-m4v'] },
  'video/quicktime': { kind: 'film', extensions: ['mov', 'qt'] },
  'video/webm': { kind: 'film', extensions: ['webm'], aliases: ['audio/webm'] },
};

/** What senders say who do not know: no claim that could be wrong. */
const NO_CLAIM = new Set(['', 'application/octet-stream', 'binary/octet-stream', 'application/unknown']);

/** Types that are named by their fellows: a JPEG that somebody called .png is harmless under a new name. */
const FELLOWS: ReadonlySet<TypeKind> = new Set(['picture', 'sound', 'film']);

/** Whether a claim about the media type fits what was found. */
export function fitsDeclared(declared: string, found: string): boolean {
  const claim = (declared.split(';', 1)[0] as string).trim().toLowerCase();
  if (NO_CLAIM.has(claim) || claim === found) return true;
  const known = TYPES[found];
  if (known === undefined) return false;
  return known.aliases?.includes(claim) === true || sameFellows(known.kind, TYPES[claim]?.kind);
}

/** Whether a name's extension (lower case, no dot; empty for none) fits what was found. */
export function fitsExtension(extension: string, found: string): boolean {
  const known = TYPES[found];
  if (known === undefined) return false;
  if (extension === '' || known.extensions.includes(extension)) return true;
  const named = Object.values(TYPES).find(({ extensions }) => extensions.includes(extension));
  return sameFellows(known.kind, named?.kind);
}

function sameFellows(found: TypeKind, claimed: TypeKind | undefined): boolean {
  return found === claimed && FELLOWS.has(found);
}
