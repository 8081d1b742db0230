import { bundlePage, proofOf } from '../../api/audit.ts';
import { withFreshProof } from '../../state/step-up.ts';

/** More events than a page of a browser should hold; the command line has no such bound. */
export const MAX_EXPORTED = 200_000;

/** Keeps the proof of one event. */
export async function saveProof(id: string): Promise<void> {
  save(`rampart-proof-${id}.json`, [JSON.stringify(await proofOf(id)), '\n']);
}

/**
 * Keeps the whole log with its checkpoints, as `rampart audit verify` and the offline verifier take it. Personal data are
 * given out after a fresh proof alone.
 */
export async function saveLog(payloads: boolean, onProgress: (events: number) => void): Promise<number> {
  const lines: string[] = [];
  let events = 0;
  for (let from: number | null = 0; from !== null;) {
    const at: number = from;
    const page = await (payloads ? withFreshProof(() => bundlePage(at, true)) : bundlePage(at, false));
    for (const line of page.lines) lines.push(`${line}\n`);
    events += page.events;
    // A file that ends too early would look like a log whose tail was cut off.
    if (events > MAX_EXPORTED)
      throw new Error('The log is too long for a browser. Use rampart audit export.');
    onProgress(events);
    from = page.next;
  }
  save('rampart-audit-log.jsonl', lines);
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
