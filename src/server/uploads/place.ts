import { OptionsError } from '../../core/errors.ts';
import type { Clock, Timers } from '../../core/clock.ts';
import type { FileStore } from '../../ports/files.ts';
import { diskFiles } from '../../stores/disk/index.ts';
import { s3Files, type S3Credentials, type S3Ports } from '../../stores/s3/index.ts';
import type { UploadStoreOptions } from './options.ts';

/** Where files may lie. */
export interface PlaceParts {
  /** Folder where no store is configured: an absolute path. */
  readonly dir: string;
  readonly uploadStore: UploadStoreOptions;
  readonly aws: S3Credentials | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
}

/**
 * The keys of a bucket, from the environment alone: a configuration file is no place for them.
 * @throws OptionsError naming the variable
 */
export function bucketKeys(aws: S3Credentials | undefined): S3Ports['credentials'] {
  if (aws === undefined)
    throw new OptionsError('AWS_ACCESS_KEY_ID', 'needed with AWS_SECRET_ACCESS_KEY for uploadStore.s3');
  return () => aws;
}

/** Opens the store of files of a configuration. @throws OptionsError; RampartError `PACKAGE_MISSING` */
export function openPlace({ dir, uploadStore, aws, clock, timers }: PlaceParts): Promise<FileStore> {
  const { s3 } = uploadStore;
  if (s3 === undefined) return diskFiles({ dir, clock });
  return s3Files(s3, { credentials: bucketKeys(aws), clock, timers });
}
