import { RampartError } from '../../core/errors.ts';
import { UploadRefused } from './errors.ts';

/** A picture that was written anew. */
export interface Reencoded {
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Writes a picture anew, as the same type: upright, without metadata, and without whatever else was in the file. */
export type Reencode = (bytes: Uint8Array, type: string, maxPixels: number) => Promise<Reencoded>;

/** Types that can be written; others are refused where pictures are to be written anew. */
export const WRITABLE: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/gif',
  'image/avif',
]);

const SECONDS = 20;

/**
 * Reencodes with the package `sharp`, loaded now.
 * @throws RampartError `PACKAGE_MISSING` when it is not installed
 */
export async function sharpReencode(): Promise<Reencode> {
  const { default: sharp } = await import('sharp').catch((error: unknown) => {
    throw new RampartError('PACKAGE_MISSING', 'Pictures are written anew by sharp: npm install sharp', {
      cause: error,
    });
  });
  return async (bytes, type, maxPixels) => {
    try {
      const animated = type === 'image/gif' || type === 'image/webp';
      const input = sharp(bytes, {
        limitInputPixels: maxPixels * (animated ? 10 : 1),
        failOn: 'error',
        animated,
      });
      const turned = animated ? input : input.autoOrient();
      const { data, info } = await turned
        .toFormat(type.slice('image/'.length) as 'png', type === 'image/avif' ? { effort: 2 } : {})
        .timeout({ seconds: SECONDS })
        .toBuffer({ resolveWithObject: true });
      return { bytes: data, width: info.width, height: info.pageHeight ?? info.height };
    } catch (error) {
      throw new UploadRefused('mismatch', 'picture_broken', 'The picture cannot be decoded.', {}, error);
    }
  };
}
