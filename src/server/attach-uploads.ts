import { join } from 'node:path';
import type { Logger } from '../base/observe/index.ts';
import type { SecretBox } from '../base/secrets/index.ts';
import { systemClock, systemTimers } from '../core/clock.ts';
import { type Opened, openUpload, type UploadOptions, type UploadRecords } from '../modules/upload/index.ts';
import type { AttachOptions } from './attach.ts';
import type { Kept } from './attach-stores.ts';
import { applicationFolder } from './attach-ground.ts';
import { readEnvironment } from './environment.ts';
import type { House } from './house.ts';
import { type OpenedUploads, openUploads } from './uploads/open.ts';

/** What uploads inside an application are opened on. */
export interface AttachedUploadParts {
  readonly house: House;
  readonly log: Logger;
  readonly options: AttachOptions;
  readonly ground: Pick<Kept, 'sql'>;
  /** Seals the keys of what is held; absent where nothing is scanned. */
  readonly box: SecretBox | undefined;
  /** Called in the opposite order when the application ends. */
  readonly closers: (() => Promise<void>)[];
}

/** Files that people sent, for the application: whose they are and who may have them is for it to say. */
export interface AttachedUploads {
  /** What is known of them. */
  readonly records: Pick<UploadRecords, 'get' | 'list'>;
  /** Opens a file that may be handed out, with the headers to do so; `file` is to be closed. */
  open(id: string): Promise<Opened | undefined>;
  /** Deletes a file that is kept or held. @returns whether there was one */
  remove(id: string): Promise<boolean>;
}

/** Opens uploads inside an application. @throws OptionsError; RampartError of a store that cannot be opened */
export async function openAttachedUploads(
  given: Readonly<Record<string, UploadOptions>>,
  { house, log, options, ground, box, closers }: AttachedUploadParts,
): Promise<OpenedUploads> {
  const opened = await openUploads(given, {
    dir: join(applicationFolder(options).path, 'uploads'),
    uploadStore: house.config.uploadStore,
    aws: readEnvironment(process.env, false).wrapping.aws,
    sql: ground.sql,
    box,
    clock: systemClock,
    timers: systemTimers,
    events: house.events,
    log,
  });
  opened.keeper.start();
  closers.push(() => opened.keeper.stop());
  return opened;
}

/** What the application is handed of them. */
export function attachedUploads({ store, records }: OpenedUploads): AttachedUploads {
  return {
    records,
    open: (id) => openUpload({ store, records }, id),
    async remove(id) {
      const row = await records.get(id);
      if (row === undefined || !(await records.remove(id, ['kept', 'held']))) return false;
      await store.remove(row.state === 'held' ? 'held' : 'kept', id);
      return true;
    },
  };
}
