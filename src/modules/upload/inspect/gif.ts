import { afterEnd, broken, type PictureSize } from './broken.ts';

/** Walks a GIF from its header to its trailer and counts its pictures. @throws UploadRefused */
export function gifFrames(bytes: Buffer): PictureSize {
  if (bytes.length < 14) throw broken('it ends too early');
  const flags = bytes[10] as number;
  let at = 13 + colours(flags);
  let frames = 0;
  let width = bytes.readUInt16LE(6);
  let height = bytes.readUInt16LE(8);
  for (;;) {
    const kind = bytes[at];
    if (kind === 0x3b) break;
    if (kind === 0x21) at = skipBlocks(bytes, at + 2);
    else if (kind === 0x2c && at + 10 < bytes.length) {
      frames += 1;
      // A picture may reach beyond the canvas; decoders make room for it.
      width = Math.max(width, bytes.readUInt16LE(at + 1) + bytes.readUInt16LE(at + 5));
      height = Math.max(height, bytes.readUInt16LE(at + 3) + bytes.readUInt16LE(at + 7));
      at = skipBlocks(bytes, at + 11 + colours(bytes[at + 9] as number));
    } else throw broken('a block is of no known kind');
  }
  // Some writers close with a few zeros.
  const rest = bytes.subarray(at + 1);
  if (rest.length > 16 || rest.some((byte) => byte !== 0)) throw afterEnd(rest.length);
  return { width, height, frames: Math.max(1, frames) };
}

function colours(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

function skipBlocks(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const length = bytes[at];
    if (length === undefined) throw broken('it ends too early');
    at += 1 + length;
    if (length === 0) return at;
  }
}
