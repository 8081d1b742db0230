import type { PictureSize } from './broken.ts';

const MAX_BOXES = 1_000;
/** Boxes that hold boxes on the way to a picture's size; `meta` has four bytes of its own before them. */
const WAY: Readonly<Record<string, number>> = { meta: 4, iprp: 0, ipco: 0 };

/**
 * Size of an AVIF or HEIC picture: the largest that any of its properties names (ISO/IEC 23008-12, `ispe`). Tiles make up
 * a larger one, whose size is a property too.
 */
export function boxSize(bytes: Buffer): PictureSize | undefined {
  let best: PictureSize | undefined;
  let seen = 0;
  const walk = (from: number, to: number): void => {
    for (let at = from; at + 8 <= to;) {
      if (++seen > MAX_BOXES) return;
      const name = bytes.toString('latin1', at + 4, at + 8);
      const given = bytes.readUInt32BE(at);
      const length = given === 0 ? to - at : given;
      if (length < 8 || at + length > to) return;
      if (name === 'ispe' && length >= 20) {
        const size = { width: bytes.readUInt32BE(at + 12), height: bytes.readUInt32BE(at + 16), frames: 1 };
        if (best === undefined || size.width * size.height > best.width * best.height) best = size;
      }
      const skip = WAY[name];
      if (skip !== undefined) walk(at + 8 + skip, at + length);
      at += length;
    }
  };
  walk(0, bytes.length);
  return best;
}
