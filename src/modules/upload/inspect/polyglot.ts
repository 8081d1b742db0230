import { refusedAs } from '../errors.ts';

/**
 * Words that begin something which acts. Short ones turn up among compressed bytes by chance (`<svg>` in one of 3,000
 * photos of 5 MB), so that text has to follow them.
 */
const WORDS =
  /<\?php(?=[\s!-~]{3})|<script[\s/>]|<!doctype html|<html[\s/>]|<svg[\s/>](?=[\s!-~]{6})|<%@ ?page|<jsp:[a-z]{3}/i;
const END_OF_ZIP = Buffer.from('PK\u0005\u0006', 'latin1');
const PDF = Buffer.from('%PDF-');
/** Readers of PDF look for its beginning this far. */
const PDF_WITHIN = 1_024;
/** A ZIP is read from its end: its last record has 22 bytes and a comment of at most 65,535. */
const ZIP_WITHIN = 65_557;
const PIECE_BYTES = 1_048_576;
const OVERLAP_BYTES = 32;

/**
 * Refuses what is something else, too: a picture that is also a page, a script, a PDF or an archive. Descriptions inside
 * of pictures are XMP, which uses none of these words.
 * @throws UploadRefused
 */
export function refusePolyglot(bytes: Buffer): void {
  if (bytes.subarray(0, PDF_WITHIN).indexOf(PDF, 1) >= 0) throw polyglot('pdf');
  if (bytes.subarray(Math.max(0, bytes.length - ZIP_WITHIN)).includes(END_OF_ZIP)) throw polyglot('zip');
  // Piece by piece: a text of the whole would take its size a second time.
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    if (WORDS.test(bytes.toString('latin1', at, at + PIECE_BYTES + OVERLAP_BYTES))) throw polyglot('text');
  }
}

function polyglot(also: string): Error {
  return refusedAs('mismatch', 'polyglot', 'The file is of two types at once.', { also });
}
