import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, readlinkSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemTimers, type Timers } from '../../core/clock.ts';
import { RampartError } from '../../core/errors.ts';

/** Who holds a folder, as written into its lock file. */
export interface LockOwner {
  readonly pid: number;
  readonly host: string;
  /** When the lock was taken, ISO 8601. */
  readonly since: string;
  /** Boot of the machine and namespace of process ids: within one such place, pid and start name a process exactly. */
  readonly place: string;
  /** When the process started, in the kernel's ticks since boot: pids are used again. Empty where unknown. */
  readonly started: string;
  /** Random: tells two locks of one process apart. */
  readonly nonce: string;
}

/** A held lock. */
export interface FolderLock {
  readonly owner: LockOwner;
  /** Looks at the file: a process that was stopped for long finds out before it writes, not with its next sign of life. */
  isHeld(): boolean;
  /** Gives the folder back. */
  release(): void;
}

/** How to take a lock. */
export interface LockRequest {
  readonly folder: string;
  /** Code of the error when another process holds the folder. */
  readonly code: string;
  /** What the folder is, for the message: 'The embedded database'. */
  readonly what: string;
  /** Called when the lock was lost to another process: stop writing at once. */
  readonly onLost?: () => void;
  readonly timers?: Timers;
}

/** The owner says that it lives by touching the file this often. */
const HEARTBEAT_MS = 4_000;
/** An owner elsewhere (another container, another machine) that has not touched its file for so long is dead. */
const SILENT_MS = 20_000;
const WATCH_MS = 1_000;
const MAX_VANISHED = 100;

/**
 * Takes a folder for this process alone. Makes the folder when it is absent. A lock whose process is dead is taken over
 * at once; where that cannot be known (another machine or container) the owner is watched, and taken over after 20 s
 * without a sign of life.
 * @throws RampartError with the given code, naming the owner
 */
export async function lockFolder(request: LockRequest): Promise<FolderLock> {
  const timers = request.timers ?? systemTimers;
  mkdirSync(request.folder, { recursive: true, mode: 0o700 });
  const path = join(request.folder, 'lock.json');
  const mine = ownOwner();
  let vanished = 0;
  let watched: { touchedMs: number; silentMs: number } | undefined;
  for (;;) {
    if (create(path, mine)) return hold(path, mine, request, timers);
    const found = read(path);
    if (!found) {
      // Given back between the two looks; a name that can neither be made nor read is no lock of ours.
      if (++vanished > MAX_VANISHED)
        throw new RampartError(request.code, `${path} cannot be created or read.`);
      continue;
    }
    const state = found.owner === undefined ? 'dead' : stateOf(found.owner, mine);
    if (state === 'alive') throw lockedError(request, found.owner as LockOwner);
    if (state === 'dead') {
      takeAway(path, found.text);
      continue;
    }
    if (watched && watched.touchedMs !== found.touchedMs)
      throw lockedError(request, found.owner as LockOwner);
    watched ??= { touchedMs: found.touchedMs, silentMs: 0 };
    if (watched.silentMs >= SILENT_MS) takeAway(path, found.text);
    else await new Promise<void>((resolve) => void timers.after(WATCH_MS, resolve));
    watched.silentMs += WATCH_MS;
  }
}

function ownOwner(): LockOwner {
  return {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    place: placeOf(),
    started: startOf(process.pid),
    nonce: randomBytes(8).toString('hex'),
  };
}

function placeOf(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return '';
  }
}

/** The 22nd field of /proc/PID/stat; the second one is a name in parentheses that may hold anything. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

/** Whether the owner lives. `unknown` where only its heartbeat can tell. */
function stateOf(owner: LockOwner, mine: LockOwner): 'alive' | 'dead' | 'unknown' {
  if (owner.place === '' || owner.place !== mine.place) {
    // Without /proc a dead pid on this machine is still a certain answer.
    if (owner.place !== '' || owner.host !== mine.host) return 'unknown';
    return exists(owner.pid) ? 'unknown' : 'dead';
  }
  return exists(owner.pid) && startOf(owner.pid) === owner.started ? 'alive' : 'dead';
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Creates the file with its content in one step: nobody ever reads half a lock. */
function create(path: string, owner: LockOwner): boolean {
  const draft = `${path}.${owner.nonce}`;
  writeFileSync(draft, JSON.stringify(owner), { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code === 'EPERM' || code === 'ENOSYS' || code === 'ENOTSUP') return createPlain(path, owner);
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** For file systems without hard links: another process may read an empty lock for a moment, and take it for dead. */
function createPlain(path: string, owner: LockOwner): boolean {
  try {
    writeFileSync(path, JSON.stringify(owner), { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function read(
  path: string,
): { readonly text: string; readonly owner: LockOwner | undefined; readonly touchedMs: number } | undefined {
  try {
    const text = readFileSync(path, 'utf8');
    return { text, owner: parse(text), touchedMs: statSync(path).mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(text: string): LockOwner | undefined {
  try {
    const owner = JSON.parse(text) as Partial<LockOwner>;
    return typeof owner.pid === 'number' && typeof owner.place === 'string' && typeof owner.nonce === 'string'
      ? (owner as LockOwner)
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Removes a dead lock. Renaming gives it to exactly one process; if in between somebody else had already replaced the
 * dead lock by a living one, that one is put back.
 */
function takeAway(path: string, text: string): void {
  const aside = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    if (readFileSync(aside, 'utf8') !== text) linkSync(aside, path);
  } finally {
    rmSync(aside, { force: true });
  }
}

function hold(path: string, owner: LockOwner, request: LockRequest, timers: Timers): FolderLock {
  let held = true;
  let cancel = (): void => undefined;
  const isMine = (): boolean => read(path)?.owner?.nonce === owner.nonce;
  const isHeld = (): boolean => {
    if (held && !isMine()) {
      held = false;
      request.onLost?.();
    }
    return held;
  };
  const beat = (): void => {
    if (!isHeld()) return;
    const now = new Date();
    utimesSync(path, now, now);
    cancel = timers.after(HEARTBEAT_MS, beat);
  };
  cancel = timers.after(HEARTBEAT_MS, beat);
  return {
    owner,
    isHeld,
    release() {
      cancel();
      if (held && isMine()) rmSync(path, { force: true });
      held = false;
    },
  };
}

function lockedError(request: LockRequest, owner: LockOwner): RampartError {
  return new RampartError(
    request.code,
    `${request.what} in ${request.folder} is in use by process ${owner.pid} on ${owner.host} since ${owner.since}. ` +
      'Only one process may open it: stop that one, or give this one a folder of its own.',
  );
}
