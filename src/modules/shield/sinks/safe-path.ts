import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { EventSink } from '../../../core/events.ts';
import { PathError, segmentsOf } from './path-text.ts';

/** Who hears of it. */
export interface PathPorts {
  /** Hears `PATH_ESCAPE_BLOCKED`. */
  readonly events?: EventSink;
}

/** How a file is opened: read, write over, write anew only, append. */
export type OpenMode = 'r' | 'w' | 'wx' | 'a';

/** Without O_TRUNC: nothing is emptied before it is known to be inside. */
const FLAGS: Readonly<Record<OpenMode, number>> = {
  r: constants.O_RDONLY,
  w: constants.O_WRONLY | constants.O_CREAT,
  wx: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
  a: constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND,
};

/**
 * The absolute path that a caller's relative one leads to, links resolved, if it stays in `root`. What does not exist yet
 * may be named; its deepest existing parent is what must lie inside.
 *
 * Between this answer and its use somebody who can write in `root` may put a link there: use `openInside` for that.
 * @throws PathError `PATH_ESCAPE_BLOCKED`; errors of the file system, such as a `root` that is not there
 */
export async function safePath(root: string, userPath: string, ports: PathPorts = {}): Promise<string> {
  try {
    const base = await realpath(root);
    const path = join(base, ...segmentsOf(userPath));
    await assertInside(base, path);
    return path;
  } catch (error) {
    throw told(error, ports);
  }
}

/**
 * Opens a plain file inside `root`: the last part is no link, and what was opened is looked at once more before it is
 * handed over or emptied. Devices, pipes and folders are refused, without waiting for them.
 * @throws PathError `PATH_ESCAPE_BLOCKED`; errors of the file system, such as `ENOENT`
 */
export async function openInside(
  root: string,
  userPath: string,
  mode: OpenMode = 'r',
  ports: PathPorts = {},
): Promise<FileHandle> {
  const path = await safePath(root, userPath, ports);
  let file: FileHandle | undefined;
  try {
    file = await open(path, FLAGS[mode] | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0), 0o600);
    await assertSame(await realpath(root), path, await file.stat());
    if (mode === 'w') await file.truncate(0);
    return file;
  } catch (error) {
    await file?.close();
    const isLink = (error as NodeJS.ErrnoException).code === 'ELOOP';
    throw told(isLink ? new PathError('link', { cause: error }) : error, ports);
  }
}

/** The file that was opened is the one that stands inside now. */
async function assertSame(base: string, path: string, opened: Stats): Promise<void> {
  if (!opened.isFile()) throw new PathError('kind');
  const real = await realpath(path);
  const there = await stat(real);
  if (!isInside(base, real) || there.ino !== opened.ino || there.dev !== opened.dev)
    throw new PathError('link');
}

async function assertInside(base: string, path: string): Promise<void> {
  for (let at = path; ; at = dirname(at)) {
    const real = await realpath(at).catch(absent);
    if (real !== undefined) {
      if (!isInside(base, real)) throw new PathError('link');
      return;
    }
    // A link that leads nowhere: what is written to it would come into being outside.
    if ((await lstat(at).catch(absent)) !== undefined) throw new PathError('link');
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return;
  throw error.code === 'ELOOP' || error.code === 'ENOTDIR' ? new PathError('link', { cause: error }) : error;
}

function isInside(base: string, path: string): boolean {
  return path === base || path.startsWith(base.endsWith(sep) ? base : base + sep);
}

/** Never the path itself: it may hold a name of somebody. */
function told(error: unknown, { events }: PathPorts): unknown {
  if (error instanceof PathError)
    events?.emit('PATH_ESCAPE_BLOCKED', { outcome: 'refused', details: { reason: error.reason } });
  return error;
}
