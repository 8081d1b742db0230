import type { FileReading } from '../../../ports/files.ts';

/** What a virus scanner says of a file. */
export type ScanVerdict =
  | { readonly kind: 'clean' }
  /** `signature` is cut at 200 characters of plain text. */
  | { readonly kind: 'infected'; readonly signature: string }
  /** The scanner does not take a file of this size. */
  | { readonly kind: 'too-large' }
  /** It does not answer, or not in words that are known. */
  | { readonly kind: 'down'; readonly why: string };

/** Scans a file. Never rejects for what the scanner does: that is a verdict. */
export interface Scanner {
  scan(file: Pick<FileReading, 'bytes' | 'stream'>): Promise<ScanVerdict>;
}
