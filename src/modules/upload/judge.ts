import { createHash } from 'node:crypto';
import type { FileReading, FileZone, StagedFile } from '../../ports/files.ts';
import { refusedAs, UploadRefused } from './errors.ts';
import { type Look, whole } from './inspect/facts.ts';
import { lookThrough } from './inspect/look.ts';
import type { ReadUploadOptions } from './options.ts';
import type { UploadPorts } from './ports.ts';
import { type Arrived, type Arriving, fromStore } from './receive/arrive.ts';
import { WRITABLE } from './reencode.ts';
import type { Scanner } from './scan/scanner.ts';
import { fitsDeclared, fitsExtension } from './types.ts';

/** A file on which everything has been said. */
export interface Judged {
  readonly arrived: Arrived;
  readonly look: Look;
  readonly zone: Exclude<FileZone, 'quarantine'>;
  /** What is kept: the file itself, or the picture that was written anew. */
  readonly staged: StagedFile;
  readonly bytes: number;
  readonly sha256: string;
}

/** A file in which the scanner found something. */
export class Infected extends UploadRefused {
  readonly arrived: Arrived;
  readonly look: Look;
  readonly signature: string;

  constructor(arrived: Arrived, look: Look, signature: string) {
    super('infected', 'infected', 'The virus scanner found something.', { signature });
    this.arrived = arrived;
    this.look = look;
    this.signature = signature;
  }
}

/** What a file is judged by. */
export interface JudgePorts extends Pick<UploadPorts, 'store' | 'events' | 'reencode'> {
  readonly scanner: Scanner | undefined;
}

/**
 * Looks a file through, compares it with what was said about it, has it scanned, and writes it anew where that is wished.
 * @throws UploadRefused; Infected
 */
export async function judge(
  arrived: Arrived,
  options: ReadUploadOptions,
  ports: JudgePorts,
  into: Arriving,
): Promise<Judged> {
  const file = await fromStore(arrived.staged.seal());
  const { extension } = arrived.name;
  const look = await fromStore(lookThrough(file, { ...options, extension }));
  if (!fitsExtension(extension, look.type) || !fitsDeclared(arrived.declared, look.type))
    throw refusedAs('mismatch', 'claim', 'The content is not what the name or the type says.', {
      found: look.type,
      extension: extension.slice(0, 20),
    });
  const zone = await scanned(file, arrived, look, options, ports);
  const judged = {
    arrived,
    look,
    zone,
    staged: arrived.staged,
    bytes: arrived.bytes,
    sha256: arrived.sha256,
  };
  return options.images.reencode && look.type.startsWith('image/')
    ? writtenAnew(judged, file, options, ports, into)
    : judged;
}

async function scanned(
  file: FileReading,
  arrived: Arrived,
  look: Look,
  options: ReadUploadOptions,
  { scanner, events }: JudgePorts,
): Promise<'kept' | 'held'> {
  if (scanner === undefined) return 'kept';
  const verdict = await scanner.scan(file);
  if (verdict.kind === 'clean') return 'kept';
  if (verdict.kind === 'infected') throw new Infected(arrived, look, verdict.signature);
  if (verdict.kind === 'too-large')
    throw refusedAs('fileTooLarge', 'too_large_to_scan', 'The file is larger than the scanner takes.');
  events.emit('UPLOAD_SCANNER_DOWN', { outcome: 'failure', details: { why: verdict.why } });
  if (options.scan?.onDown === 'hold') return 'held';
  throw refusedAs('scanner', 'scanner', 'The virus scanner does not answer.', { why: verdict.why });
}

async function writtenAnew(
  judged: Judged,
  file: FileReading,
  options: ReadUploadOptions,
  { store, reencode }: JudgePorts,
  into: Arriving,
): Promise<Judged> {
  const { type } = judged.look;
  if (reencode === undefined || !WRITABLE.has(type))
    throw refusedAs('type', 'not_writable', 'Pictures of this type cannot be written anew.', { found: type });
  const made = await reencode(await fromStore(whole(file)), type, options.images.maxPixels);
  const staged = await fromStore(store.stage());
  into.staged.push(staged);
  await fromStore(staged.write(made.bytes));
  await fromStore(staged.seal());
  return {
    ...judged,
    staged,
    look: { ...judged.look, width: made.width, height: made.height },
    bytes: made.bytes.byteLength,
    sha256: createHash('sha256').update(made.bytes).digest('hex'),
  };
}
