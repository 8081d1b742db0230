import type { UploadState } from '../../modules/upload/index.ts';

export type { UploadState } from '../../modules/upload/index.ts';

/** A file that somebody sent, and what became of it. */
export interface UploadEntry {
  readonly id: string;
  /** Which upload of the configuration. */
  readonly upload: string;
  /** Principal's id; null for nobody. */
  readonly owner: string | null;
  readonly state: UploadState;
  /** Why it was refused or held, dotted. */
  readonly reason: string | null;
  /** What the scanner found. */
  readonly signature: string | null;
  /** Media type by content; null where that was not found out. */
  readonly type: string | null;
  /** Empty for what was refused. */
  readonly displayName: string;
  readonly bytes: number;
  readonly sha256: string | null;
  readonly flags: readonly string[];
  readonly width: number | null;
  readonly height: number | null;
  readonly address: string | null;
  /** Id under which it can be explained. */
  readonly decision: string | null;
  readonly atMs: number;
  /** Who changed its state since, and when. */
  readonly changedBy: string | null;
  readonly changedAtMs: number | null;
}

/** Answer of GET /admin/uploads and GET /admin/quarantine. */
export interface UploadsAnswer {
  /** Newest first. */
  readonly uploads: readonly UploadEntry[];
  readonly nextCursor: string | null;
  /** How many there are of each state. */
  readonly counts: Readonly<Record<UploadState, number>>;
  /** Names of the configured uploads, and whether each is scanned. */
  readonly kinds: readonly { readonly name: string; readonly scanned: boolean }[];
}
