import type { Logger } from '../../base/observe/index.ts';
import { type SecretBox, sealedFiles } from '../../base/secrets/index.ts';
import type { EventSink } from '../../core/events.ts';
import {
  sharpReencode,
  Turns,
  upload,
  type Uploader,
  type UploadOptions,
} from '../../modules/upload/index.ts';
import type { FileStore } from '../../ports/files.ts';
import type { SqlStore } from '../../ports/sql.ts';
import { sqlFileKeys } from './file-keys.ts';
import { openPlace, type PlaceParts } from './place.ts';
import { UploadKeeper } from './keeper.ts';
import { UploadStore } from './records.ts';

/** What uploads are opened on. */
export interface UploadParts extends PlaceParts {
  readonly sql: SqlStore;
  /** Seals the keys of files that are held or infected; absent where nothing is scanned. */
  readonly box: SecretBox | undefined;
  readonly events: EventSink;
  readonly log: Logger;
}

/** Uploads, opened. */
export interface OpenedUploads {
  readonly store: FileStore;
  readonly records: UploadStore;
  /** By name. */
  readonly uploaders: ReadonlyMap<string, Uploader>;
  /** Scans what is held, and forgets what is old. */
  readonly keeper: UploadKeeper;
}

/** Pictures and documents that are looked through at the same time. */
const AT_ONCE = 2;

/**
 * Opens the uploads of a configuration.
 * @throws OptionsError; RampartError `PACKAGE_MISSING`; the driver's error
 */
export async function openUploads(
  given: Readonly<Record<string, UploadOptions>>,
  parts: UploadParts,
): Promise<OpenedUploads> {
  const { clock, timers, events, log } = parts;
  const place = await openPlace(parts);
  const keys = sqlFileKeys(parts.sql);
  const store = parts.box === undefined ? place : await sealedFiles(place, { box: parts.box, keys });
  const records = new UploadStore(parts.sql);
  const writes = Object.values(given).some(({ images }) => images?.reencode === true);
  const reencode = writes ? await sharpReencode() : undefined;
  const ports = {
    store,
    records,
    clock,
    timers,
    events,
    turns: new Turns(AT_ONCE),
    ...(reencode === undefined ? {} : { reencode }),
  };
  const uploaders = new Map(
    Object.entries(given).map(([name, options]) => [name, upload(name, options, ports)]),
  );
  const keeper = new UploadKeeper({ uploaders: [...uploaders.values()], store, records, clock, timers, log });
  return { store, records, uploaders, keeper };
}
