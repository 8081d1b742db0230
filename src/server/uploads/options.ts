import { OptionsError } from '../../core/errors.ts';
import { custom, record } from '../../core/options.ts';
import { readUploadOptions, type UploadOptions } from '../../modules/upload/options.ts';
import { readS3Options, type S3Options } from '../../stores/s3/options.ts';

/** Where files are kept that people send. */
export interface UploadStoreOptions {
  /** A bucket; its keys are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the environment. Absent: the data folder. */
  readonly s3?: S3Options;
}

type Uploads = Readonly<Record<string, UploadOptions>>;

/** @throws OptionsError naming the path and the reason */
export function readUploads(value: unknown, path: string): Uploads {
  const any = custom('options of an upload', (one) => one as UploadOptions);
  const found = record(any, { default: {} }).parse(value, path);
  for (const [name, options] of Object.entries(found)) readUploadOptions(name, options);
  return found;
}

/** @throws OptionsError naming the path and the reason */
export function readUploadStore(value: unknown, path: string): UploadStoreOptions {
  if (value === undefined) return {};
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [''];
  const strange = keys.find((key) => key !== 's3');
  if (strange !== undefined) throw new OptionsError(path, 'expected { s3: { bucket, region } }');
  const { s3 } = value as UploadStoreOptions;
  if (s3 === undefined) return {};
  readS3Options(s3, `${path}.s3`);
  return { s3 };
}
