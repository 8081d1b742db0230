import { RampartError } from '../../core/errors.ts';
import type { UploadPorts, UploadRow, UploadState } from './ports.ts';
import type { Scanner } from './scan/scanner.ts';

/** What a round of scans came to. */
export interface Rescanned {
  readonly released: number;
  readonly infected: number;
  /** Still held: the scanner does not answer, or did not reach them. */
  readonly waiting: number;
}

/** A scanner that failed on so many files of a round is down. */
const MAX_FAILED = 3;

/** What a round stands on. */
export interface RescanPorts extends Pick<UploadPorts, 'store' | 'records' | 'clock' | 'events'> {
  readonly scanner: Scanner | undefined;
}

/**
 * Scans what is held, oldest first, and stops once the scanner failed on several: one file that breaks it must not keep the
 * others waiting. Several nodes may do so at
 * the same time: a file is moved once, and its row changed by whoever moved it.
 */
export async function rescan(upload: string, atMost: number, ports: RescanPorts): Promise<Rescanned> {
  const { records, scanner } = ports;
  const held = await records.list({ upload, states: ['held'], limit: atMost, order: 'oldest' });
  let released = 0;
  let infected = 0;
  let failed = 0;
  for (const row of held) {
    const became = scanner === undefined ? 'held' : await orUnreadable(scanOne(row, scanner, ports));
    // It waits for whoever looks into it, and keeps no other waiting.
    if (became === 'unreadable') continue;
    if (became === 'kept') released += 1;
    else if (became !== 'held') infected += 1;
    else if (++failed >= MAX_FAILED) break;
  }
  return { released, infected, waiting: held.length - released - infected };
}

/** A file that was changed where it lies, or whose key is gone. */
async function orUnreadable(scanning: Promise<UploadState>): Promise<UploadState | 'unreadable'> {
  try {
    return await scanning;
  } catch (error) {
    if (error instanceof RampartError && error.code === 'SECRET_UNREADABLE') return 'unreadable';
    throw error;
  }
}

async function scanOne(row: UploadRow, scanner: Scanner, ports: RescanPorts): Promise<UploadState> {
  const { store } = ports;
  const file = await store.open('held', row.id);
  // Somebody ended between moving the file and changing its row.
  if (file === undefined) return settle(row, (await movedTo(row.id, ports)) ?? 'refused', null, ports);
  let verdict;
  try {
    verdict = await scanner.scan(file);
  } finally {
    await file.close();
  }
  if (verdict.kind === 'down') return 'held';
  const clean = verdict.kind === 'clean';
  await store.move('held', row.id, clean ? 'kept' : 'quarantine');
  const signature = verdict.kind === 'infected' ? verdict.signature : null;
  return settle(row, clean ? 'kept' : 'infected', signature, ports);
}

async function movedTo(id: string, { store }: RescanPorts): Promise<'kept' | 'infected' | undefined> {
  for (const [zone, state] of [
    ['kept', 'kept'],
    ['quarantine', 'infected'],
  ] as const) {
    const found = await store.open(zone, id);
    await found?.close();
    if (found !== undefined) return state;
  }
  return undefined;
}

async function settle(
  row: UploadRow,
  state: UploadState,
  signature: string | null,
  { records, clock, events }: RescanPorts,
): Promise<UploadState> {
  const reason = state === 'kept' ? null : state === 'infected' ? 'upload.infected' : 'upload.lost';
  const change = { state, reason, signature, changedBy: 'scanner' };
  if (!(await records.change(row.id, 'held', change, clock.now()))) return state;
  const type =
    state === 'kept' ? 'UPLOAD_RELEASED' : state === 'infected' ? 'FILE_INFECTED' : 'UPLOAD_FAILED';
  events.emit(type, {
    subject: row.id,
    outcome: state === 'kept' ? 'success' : 'failure',
    ...(row.owner === null ? {} : { actor: row.owner }),
    details: {
      upload: row.upload,
      type: row.type,
      bytes: row.bytes,
      ...(signature === null ? {} : { signature }),
    },
  });
  return state;
}
