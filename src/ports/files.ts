/**
 * Where a file lies: `kept` may be handed out, `held` waits for a scan, `quarantine` was found to be infected. Nothing is
 * ever handed out from the latter two.
 */
export type FileZone = 'kept' | 'held' | 'quarantine';

/** Reads parts of a file that is not written any more. */
export interface FileReading {
  readonly bytes: number;
  /** The bytes from `startByte` up to, not with, `endByte`; fewer at the end of the file. */
  read(startByte: number, endByte: number): Promise<Uint8Array>;
  /** The whole file, piece by piece. To be ended by the loop's own `break`, or read to the end. */
  stream(): AsyncIterable<Uint8Array>;
  /** Gives back what was opened. May be called twice. */
  close(): Promise<void>;
}

/** A file that is being written and that nobody else can see. */
export interface StagedFile {
  /** Adds bytes; one call at a time. @throws the driver's error, such as a full disk */
  write(chunk: Uint8Array): Promise<void>;
  /** Ends the writing: nothing can be added from here on. */
  seal(): Promise<FileReading>;
  /**
   * Moves it to its place in one step, once its bytes are safe: whoever looks sees the whole file or none.
   * @param key 1 to 100 of `a-z0-9_-`; an existing file of that key is never replaced: then it rejects with code `EEXIST`
   */
  keep(zone: FileZone, key: string): Promise<void>;
  /** Removes it. Does nothing after `keep`; may be called twice. */
  discard(): Promise<void>;
}

/** Keeps files. Keys are ours, never a name that somebody sent. */
export interface FileStore {
  /** Begins a file. */
  stage(): Promise<StagedFile>;
  /** Opens a file, or nothing where there is none. The caller closes it. */
  open(zone: FileZone, key: string): Promise<FileReading | undefined>;
  /** Moves a file in one step. @returns false where there is none */
  move(from: FileZone, key: string, to: FileZone): Promise<boolean>;
  /** @returns whether there was one */
  remove(zone: FileZone, key: string): Promise<boolean>;
  /** Removes what was begun longer ago than this and never kept: a process ended in between. @returns how many */
  sweep(olderThanMs: number): Promise<number>;
}
