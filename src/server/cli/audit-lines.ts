import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { systemClock } from '../../core/clock.ts';
import type { OnAuditProgress } from '../../modules/audit/index.ts';
import { type AuditSource, withAuditSource } from '../audit/source.ts';
import { readEnvironment } from '../environment.ts';

const LINE_MS = 1_000;

/** Writes lines to a new file, or to standard output. */
export async function writeLines(
  file: string | undefined,
  what: string,
  linesOf: (source: AuditSource, onProgress: OnAuditProgress) => AsyncIterable<string>,
): Promise<void> {
  let out: Writable = process.stdout;
  let events = 0;
  const told = progressLine(what);
  await withAuditSource(readEnvironment(process.env, false), async (source) => {
    for await (const line of linesOf(source, (done) => told((events = done)))) {
      // Only now: what could not be read leaves no empty file.
      if (out === process.stdout && file !== undefined)
        out = createWriteStream(file, { flags: 'wx', mode: 0o600 });
      if (!out.write(`${line}\n`)) await once(out, 'drain');
    }
  });
  if (out === process.stdout) return;
  out.end();
  await finished(out);
  process.stdout.write(`${file}: ${events} events\n`);
}

/** At most a line a second, to stderr: stdout says what came of it. */
export function progressLine(what: string): OnAuditProgress {
  let nextMs = systemClock.monotonic() + LINE_MS;
  return (events) => {
    if (systemClock.monotonic() < nextMs) return;
    nextMs = systemClock.monotonic() + LINE_MS;
    process.stderr.write(`${events} events ${what}\n`);
  };
}
