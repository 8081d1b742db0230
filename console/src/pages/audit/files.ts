import { bundlePage, proofOf, rangePage } from '../../api/audit.ts';
import type { BundlePage } from '../../api/audit.ts';
import { withFreshProof } from '../../state/step-up.ts';
import { MAX_EXPORTED } from './bounds.ts';
import type { Range } from './range.ts';

/** Keeps the proof of one event. */
export async function saveProof(id: string): Promise<void> {
  save(`rampart-proof-${id}.json`, [JSON.stringify(await proofOf(id)), '\n']);
}

/**
 * Keeps the whole log with its checkpoints, as `rampart audit verify` and the offline verifier take it. Personal data are
 * given out after a fresh proof alone.
 */
export async function saveLog(payloads: boolean, onProgress: (events: number) => void): Promise<number> {
  const read = (at: number): Promise<BundlePage> =>
    payloads ? withFreshProof(() => bundlePage(at, true)) : bundlePage(at, false);
  return savePages('rampart-audit-log.jsonl', read, 0, onProgress);
}

/** Keeps the proof of a range; personal data as with the whole log. */
export async function saveRange(
  { payloads, ...range }: Range & { readonly payloads: boolean },
  onProgress: (events: number) => void,
): Promise<number> {
  const read = (at: number): Promise<BundlePage> =>
    payloads ? withFreshProof(() => rangePage(range, at, true)) : rangePage(range, at, false);
  const name = `rampart-audit-proof-${range.from}-${range.to}.jsonl`;
  return savePages(name, read, range.from, onProgress);
}

async function savePages(
  name: string,
  read: (at: number) => Promise<BundlePage>,
  start: number,
  onProgress: (events: number) => void,
): Promise<number> {
  const lines: string[] = [];
  let events = 0;
  for (let at: number | null = start; at !== null;) {
    const page: BundlePage = await read(at);
    for (const line of page.lines) lines.push(`${line}\n`);
    events += page.events;
    // A file that ends too early would look like a log whose tail was cut off.
    if (events > MAX_EXPORTED)
      throw new Error('The log is too long for a browser. Use rampart audit export.');
    onProgress(events);
    at = page.next;
  }
  save(name, lines);
  return events;
}

function save(name: string, parts: string[]): void {
  const url = URL.createObjectURL(new Blob(parts, { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the file over by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
