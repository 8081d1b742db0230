import type { UploadEntry } from '../../api/uploads.ts';

const WORDS: Readonly<Record<string, string>> = {
  'upload.type': 'Files of this type are not on the list',
  'upload.claim': 'The content is not what its name or type says',
  'upload.polyglot': 'The file is of two types at once',
  'upload.after_end': 'Something follows the end of the picture',
  'upload.picture_broken': 'The picture is broken',
  'upload.pixels': 'More pixels than are accepted',
  'upload.frames': 'An animation with too many pictures',
  'upload.ratio': 'Packed more tightly than honest files',
  'upload.unpacked': 'Too large once it is unpacked',
  'upload.nested': 'An archive within an archive',
  'upload.zip_broken': 'The archive is broken, or lies about itself',
  'upload.zip_overlap': 'Files of the archive share their bytes',
  'upload.zip_encrypted': 'The archive is encrypted',
  'upload.active_content': 'The document holds something that acts',
  'upload.svg_active': 'The drawing holds something that acts',
  'upload.xml_entity': 'The text defines entities',
  'upload.name_path': 'The name is a path',
  'upload.name_acts': 'The name has an extension that servers run',
  'upload.name_control': 'The name holds a control character',
  'upload.file_bytes': 'Larger than a file may be',
  'upload.total': 'Larger than all files together may be',
  'upload.idle': 'Stopped coming',
  'upload.within': 'Took too long',
  'upload.scanner': 'Waits for the virus scanner',
  'upload.busy': 'Too many at the same time',
  'upload.store': 'The store did not take it',
  'upload.truncated': 'Ended too early',
};

/** Why a file is in its state, in a few words. */
export function reasonWords({ reason, signature, state, changedBy }: UploadEntry): string {
  if (signature !== null)
    return state === 'kept' ? `${signature}, released by ${changedBy ?? 'somebody'}` : signature;
  if (reason === null) return changedBy === null ? '' : `Released by ${changedBy}`;
  return WORDS[reason] ?? reason.replace(/^upload\./, '').replaceAll('_', ' ');
}

/** What a file is called; what was refused has no name that could be shown. */
export function nameOf({ displayName, type }: UploadEntry): string {
  return displayName === '' ? (type ?? 'Not a known file') : displayName;
}
