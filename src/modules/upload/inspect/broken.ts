import { refusedAs } from '../errors.ts';

/** What a picture's own headers say. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
}

/** How a picture that cannot be right is refused. */
export function broken(what: string): Error {
  return refusedAs('mismatch', 'picture_broken', `The picture is broken: ${what}.`);
}

/** Something follows a picture's end. */
export function afterEnd(count: number): Error {
  return refusedAs('mismatch', 'after_end', 'Something follows the end of the picture.', { bytes: count });
}
