import type { FileReading } from '../../../ports/files.ts';
import { refusedAs } from '../errors.ts';
import { TYPES } from '../types.ts';
import { type Look, type LookOptions, whole, WHOLE_BYTES } from './facts.ts';
import { inflateWithin, Room } from './inflate.ts';
import { lookThroughSvg, lookThroughXml } from './marked.ts';
import { lookThroughPdf } from './pdf.ts';
import { measurePicture } from './picture.ts';
import { refusePolyglot } from './polyglot.ts';
import { HEAD_BYTES, isPlain, isUtf16, isWideText, sniff, textOf } from './sniff.ts';
import { lookThroughZip } from './zip.ts';

/** What may be found in a document and acts by itself. */
const ACTIVE = new Set(['pdf.action', 'pdf.hidden', 'office.macros']);

/** Refuses by the first bytes what could not be accepted whatever follows. @throws UploadRefused */
export async function refuseByHead(head: Buffer, options: LookOptions): Promise<void> {
  const found = await sniff(head);
  if (found === 'text' || found === 'zip') return;
  if (found === undefined || !options.types.has(found)) throw notAccepted(found);
}

/**
 * Looks through a file that has arrived whole: what it is, and whether it is that alone. Work is bounded by the options,
 * whatever the file claims.
 * @throws UploadRefused
 */
export async function lookThrough(file: FileReading, options: LookOptions): Promise<Look> {
  if (file.bytes === 0) throw refusedAs('malformed', 'empty', 'The file is empty.');
  const head = Buffer.from(await file.read(0, HEAD_BYTES));
  const found = await sniff(head);
  const { maxUnpackedBytes, maxRatio } = options.archives;
  const room = new Room(maxUnpackedBytes, maxRatio);
  const look = await lookBy(found, file, options, room);
  if (!options.types.has(look.type)) throw notAccepted(look.type);
  const acting = look.flags?.find((flag) => ACTIVE.has(flag));
  if (acting !== undefined && options.activeContent === 'refuse')
    throw refusedAs('unsafe', 'active_content', 'The document holds something that acts by itself.', {
      found: acting,
    });
  return look;
}

async function lookBy(
  found: string | undefined,
  file: FileReading,
  options: LookOptions,
  room: Room,
): Promise<Look> {
  if (found === 'zip') {
    const state = { options: options.archives, room, flags: new Set<string>(), entries: 0 };
    return lookThroughZip(file, state);
  }
  if (found === 'text') return lookThroughText(file, options);
  if (found === undefined || !options.types.has(found)) throw notAccepted(found);
  if (found === 'application/gzip') return lookThroughGzip(file, room);
  const kind = TYPES[found]?.kind;
  if (kind === 'sound' || kind === 'film') return { type: found };
  const bytes = await readWhole(file);
  if (found === 'application/pdf') return { type: found, ...(await lookThroughPdf(bytes, room)) };
  if (found === 'application/xml') lookThroughXml(bytes);
  if (found === 'image/svg+xml') return { type: found, ...lookThroughSvg(bytes) };
  if (kind !== 'picture') return { type: found };
  const { width, height } = measurePicture(found, bytes, options.images);
  refusePolyglot(bytes);
  return { type: found, width, height };
}

function notAccepted(found: string | undefined): Error {
  return refusedAs('type', 'type', 'Files of this type are not accepted here.', {
    found: found === undefined ? null : found.slice(0, 100),
  });
}

async function readWhole(file: FileReading): Promise<Buffer> {
  if (file.bytes > WHOLE_BYTES)
    throw refusedAs('fileTooLarge', 'too_large_to_look', 'The file is too large to be looked through.', {
      maxBytes: WHOLE_BYTES,
    });
  return whole(file);
}

async function lookThroughText(file: FileReading, options: LookOptions): Promise<Look> {
  if (options.extension === 'json') {
    try {
      JSON.parse(textOf(await readWhole(file)).replace(/^\uFEFF/, ''));
      return { type: 'application/json' };
    } catch (error) {
      if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    }
  }
  const noText = (): Error => notAccepted('application/octet-stream');
  if (isUtf16(await file.read(0, 2))) {
    if (!isWideText(await readWhole(file))) throw noText();
    return { type: 'text/plain' };
  }
  for await (const chunk of file.stream()) if (!isPlain(chunk)) throw noText();
  return { type: 'text/plain' };
}

async function lookThroughGzip(file: FileReading, room: Room): Promise<Look> {
  const { head, whole: complete } = await inflateWithin(file.stream(), 'gzip', room, true);
  if (!complete) throw refusedAs('mismatch', 'gzip_broken', 'The compressed file is broken.');
  const inner = await sniff(head);
  if (
    inner === 'zip' ||
    inner === 'application/gzip' ||
    /x-(7z|bzip2|xz|rar|lzip|compress)|zstd/.test(inner ?? '')
  )
    throw refusedAs('expands', 'nested', 'An archive inside of a compressed file is not looked into.');
  return { type: 'application/gzip' };
}
