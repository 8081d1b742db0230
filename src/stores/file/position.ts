import { closeSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

/** How far the journal was taken. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

const NAME = 'position';

/** Reads the position. @returns `undefined` when there is none or it is damaged: everything there is is given again */
export function readPosition(dir: string): Position | undefined {
  let text: string;
  try {
    text = readFileSync(join(dir, NAME), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const match = /^(\d{1,15}) (\d{1,15}) ([0-9a-f]{1,8})\n$/.exec(text);
  if (!match || checksum(`${match[1]} ${match[2]}`) !== match[3]) return undefined;
  return { segment: Number(match[1]), offset: Number(match[2]) };
}

/** Writes the position beside its place and renames it there: at any moment the old or the new one can be read. */
export function writePosition(dir: string, position: Position): void {
  const body = `${position.segment} ${position.offset}`;
  const draft = join(dir, `${NAME}.new`);
  const file = openSync(draft, 'w', 0o600);
  try {
    writeSync(file, `${body} ${checksum(body)}\n`);
  } finally {
    closeSync(file);
  }
  renameSync(draft, join(dir, NAME));
}

function checksum(text: string): string {
  return crc32(text).toString(16);
}
