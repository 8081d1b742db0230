import { GrowingBytes } from './growing-bytes.ts';

/** Bytes of the fields and heads of a form that are kept: 3 MiB. */
export const MAX_KEPT_FIELDS = 3 * 1024 * 1024;
/** Bytes of a form's files that are kept, all together: 1 MiB. */
export const MAX_KEPT_FILES = 1024 * 1024;
/** Parts of a form that are told apart. */
export const MAX_FORM_PARTS = 1_000;
/** Bytes of one part's head. */
export const MAX_PART_HEAD = 8 * 1024;

interface Part {
  readonly names: readonly string[];
  readonly isFile: boolean;
  readonly content: GrowingBytes;
}

const HEAD_END = '\r\n\r\n';
const NONE = Buffer.alloc(0);

/**
 * The parts of a form as its bytes come by. Fields are kept wherever they stand, so that nothing can be pushed out of sight
 * by what comes before it; of files only the beginning is.
 */
export class FormParts {
  readonly #mark: Buffer;
  readonly #parts: Part[] = [];
  #part: Part | undefined = partOf('');
  #rest: Buffer = NONE;
  #atStart = true;
  #fieldBytes = 0;
  #fileBytes = 0;
  #cutFields = false;
  #cutFiles = false;
  #irregular = false;
  #lost = false;

  constructor(boundary: string) {
    this.#mark = Buffer.from(`--${boundary}`);
    this.#parts.push(this.#part as Part);
  }

  /** Bytes that are kept now. */
  get keptBytes(): number {
    return this.#fieldBytes + this.#fileBytes + this.#rest.byteLength;
  }

  /** Parts, and their names with them, came that are not known: too many, or with too long a head. */
  get lostParts(): boolean {
    return this.#lost;
  }

  /** Some of what fields hold is not known. Where a mark stands that two readers read differently, a file may be a field. */
  get lostFields(): boolean {
    return this.#lost || this.#cutFields || (this.#irregular && this.#cutFiles);
  }

  /** Takes nothing more in. */
  stop(): void {
    this.#lost = true;
    this.#rest = NONE;
  }

  add(bytes: Uint8Array): void {
    if (this.#lost) return;
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const data = this.#rest.byteLength === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (;;) {
      const next: number =
        this.#part === undefined ? this.#head(data, at) : this.#content(data, at, this.#part);
      if (next < 0) return;
      this.#rest = NONE;
      at = next;
    }
  }

  /** Of each part what its head names, and what it holds. */
  texts(): readonly (readonly string[])[] {
    const rest = this.#rest.toString();
    const all = this.#parts.map((part) => [
      ...part.names,
      part.content.text() + (part === this.#part ? rest : ''),
    ]);
    return this.#part === undefined && rest !== '' ? [...all, [rest]] : all;
  }

  /** What may be the beginning of a head or mark is kept until more has come. @returns -1 */
  #wait(data: Buffer, from: number): -1 {
    // A copy, since a few bytes would hold on to all that came with them.
    this.#rest = Buffer.from(data.subarray(from));
    return -1;
  }

  #head(data: Buffer, at: number): number {
    const near = data.subarray(at, at + MAX_PART_HEAD + HEAD_END.length);
    const end = near.indexOf(HEAD_END);
    const mark = near.indexOf(this.#mark);
    const isMany = this.#parts.length >= MAX_FORM_PARTS || this.#fieldBytes > MAX_KEPT_FIELDS;
    if (isMany || (end < 0 && mark < 0 && near.byteLength > MAX_PART_HEAD)) {
      this.stop();
      return -1;
    }
    if (mark >= 0 && (end < 0 || mark < end)) {
      this.#irregular = true;
      return this.#open('', at + mark, near.subarray(0, mark));
    }
    if (end < 0) return this.#wait(data, at);
    return this.#open(near.toString('utf8', 0, end), at + end + HEAD_END.length);
  }

  #open(head: string, next: number, content?: Buffer): number {
    this.#part = partOf(head);
    this.#parts.push(this.#part);
    this.#fieldBytes += head.length;
    if (content !== undefined) this.#keep(this.#part, content);
    return next;
  }

  #content(data: Buffer, at: number, part: Part): number {
    const mark = data.indexOf(this.#mark, at);
    const after = mark + this.#mark.byteLength;
    if (mark < 0 || after + 2 > data.byteLength) {
      // The mark's first bytes, and the end of the line before it.
      const from = mark < 0 ? data.byteLength - this.#mark.byteLength - 1 : mark - 2;
      const end = Math.max(at, from);
      this.#keep(part, data.subarray(at, end));
      return this.#wait(data, end);
    }
    const ownLine = mark - 2 >= at && data.toString('latin1', mark - 2, mark) === '\r\n';
    const isFirst = this.#atStart && mark === at;
    const follows = data.toString('latin1', after, after + 2);
    const isLast = follows === '--';
    if (!(ownLine || isFirst) || !(isLast || follows === '\r\n')) this.#irregular = true;
    this.#keep(part, data.subarray(at, ownLine ? mark - 2 : mark));
    this.#atStart = false;
    this.#part = undefined;
    return isLast ? this.#open('', after + 2) : after;
  }

  #keep(part: Part, bytes: Buffer): void {
    if (bytes.byteLength === 0) return;
    this.#atStart = false;
    const room = part.isFile ? MAX_KEPT_FILES - this.#fileBytes : MAX_KEPT_FIELDS - this.#fieldBytes;
    const kept = bytes.subarray(0, Math.max(0, room));
    part.content.add(kept);
    if (part.isFile) this.#fileBytes += kept.byteLength;
    else this.#fieldBytes += kept.byteLength;
    if (kept.byteLength === bytes.byteLength) return;
    if (part.isFile) this.#cutFiles = true;
    else this.#cutFields = true;
  }
}

function partOf(head: string): Part {
  return { names: namesOf(head), isFile: isFile(head), content: new GrowingBytes() };
}

/** Only where no reader could take it for a field: one disposition, no escapes or odd line ends, a name of a file outside of quotes. */
function isFile(head: string): boolean {
  if (/\\|(?<!\r)\n|\r(?!\n)/.test(head)) return false;
  const dispositions = head.split('\r\n').filter((line) => /^content-disposition\s*:/i.test(line));
  if (dispositions.length !== 1) return false;
  return /;\s*filename\*?\s*=/i.test((dispositions[0] as string).replaceAll(/"[^"]*"/g, '""'));
}

/** Values of a head's parameters: quoted, with and without their escapes, plain, and of `name*=utf-8''…` what follows. */
function namesOf(head: string): readonly string[] {
  const names: string[] = [];
  for (const [, quoted, plain] of head.matchAll(/=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";][^\r\n;]*))/g)) {
    const name = quoted ?? plain ?? '';
    names.push(name);
    if (name.includes('\\')) names.push(name.replaceAll(/\\(.)/g, '$1'));
    const extended = /^[\w-]+'[\w-]*'(.*)$/.exec(name)?.[1];
    if (quoted === undefined && extended !== undefined) names.push(extended);
  }
  return names;
}
