import { refusedAs } from '../errors.ts';
import type { ImageOptions } from '../options.ts';
import { boxSize } from './boxes.ts';
import { afterEnd, broken, type PictureSize } from './broken.ts';
import { gifFrames } from './gif.ts';

/**
 * Measures a picture by its headers, before anybody decodes it, and refuses what is too large, cut off, or goes on after
 * its end: there another kind of file would begin.
 * @throws UploadRefused
 */
export function measurePicture(type: string, bytes: Buffer, options: Required<ImageOptions>): PictureSize {
  const size = SIZES[type]?.(bytes);
  if (size === undefined) throw broken('its size cannot be told');
  const pixels = size.width * size.height;
  if (pixels === 0) throw broken('it has no pixels');
  if (pixels > options.maxPixels)
    throw refusedAs('expands', 'pixels', 'The picture has more pixels than are accepted.', {
      width: size.width,
      height: size.height,
      maxPixels: options.maxPixels,
    });
  if (size.frames > options.maxFrames || size.frames * pixels > 10 * options.maxPixels)
    throw refusedAs('expands', 'frames', 'The animation has more pictures than are accepted.', {
      frames: size.frames,
      maxFrames: options.maxFrames,
    });
  return size;
}

const SIZES: Readonly<Record<string, (bytes: Buffer) => PictureSize | undefined>> = {
  'image/png': pngSize,
  'image/jpeg': jpegSize,
  'image/gif': gifFrames,
  'image/webp': webpSize,
  'image/avif': boxSize,
  'image/heic': boxSize,
};

function pngSize(bytes: Buffer): PictureSize {
  if (bytes.length < 33 || bytes.toString('latin1', 12, 16) !== 'IHDR') throw broken('it has no header');
  let frames = 1;
  for (let at = 8; ;) {
    if (at + 12 > bytes.length) throw broken('it ends too early');
    const length = bytes.readUInt32BE(at);
    const name = bytes.toString('latin1', at + 4, at + 8);
    if (name === 'acTL' && length >= 4) frames = bytes.readUInt32BE(at + 8);
    at += 12 + length;
    if (name !== 'IEND') continue;
    if (at !== bytes.length) throw afterEnd(bytes.length - at);
    return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), frames };
  }
}

/** Frame headers of all processes but those of hierarchical pictures. */
const FRAME = new Set([0xc0, 0xc1, 0xc2, 0xc3, 0xc9, 0xca, 0xcb]);

/** Cameras append films and smaller pictures, so that what follows a JPEG's end is not looked at here. */
function jpegSize(bytes: Buffer): PictureSize | undefined {
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) throw broken('a segment does not begin where it should');
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) return undefined;
    const length = bytes.readUInt16BE(at + 2);
    if (length < 2) throw broken('a segment has no length');
    if (FRAME.has(marker) && at + 9 <= bytes.length)
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7), frames: 1 };
    at += 2 + length;
  }
  return undefined;
}

function webpSize(bytes: Buffer): PictureSize | undefined {
  const end = 8 + bytes.readUInt32LE(4);
  if (end > bytes.length) throw broken('it ends too early');
  if (end + 1 < bytes.length) throw afterEnd(bytes.length - end);
  let size: { width: number; height: number } | undefined;
  let frames = 0;
  for (let at = 12; at + 8 <= end;) {
    const name = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    if (at + 8 + length > end) throw broken('a piece ends too late');
    size ??= webpChunk(name, bytes.subarray(at + 8, at + 8 + length));
    if (name === 'ANMF') frames += 1;
    at += 8 + length + (length % 2);
  }
  return size && { ...size, frames: Math.max(1, frames) };
}

function webpChunk(name: string, data: Buffer): { width: number; height: number } | undefined {
  if (name === 'VP8X' && data.length >= 10)
    return { width: 1 + data.readUIntLE(4, 3), height: 1 + data.readUIntLE(7, 3) };
  if (name === 'VP8 ' && data.length >= 10)
    return { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff };
  if (name !== 'VP8L' || data.length < 5) return undefined;
  const bits = data.readUInt32LE(1);
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}
