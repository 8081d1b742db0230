import { RampartError } from '../../core/errors.ts';
import { newId } from '../../core/id.ts';
import type { FileStore } from '../../ports/files.ts';
import { S3Bucket } from './bucket.ts';
import { S3Client } from './client.ts';
import { readS3Options, readS3Ports, type S3Options, type S3Ports } from './options.ts';
import { StagedObject } from './staged.ts';
import { elementsOf, tagOf } from './xml.ts';

/** Pages of a list that one sweep goes through. */
const MAX_PAGES = 100;

/**
 * Files in a bucket of an object store that speaks the API of S3. Nothing in it is ever made public, and no address of it is
 * handed out: files go through the application, which says who may have them.
 * @throws OptionsError naming the option; RampartError `PACKAGE_MISSING` without the package aws4fetch
 */
export async function s3Files(given: S3Options, ports: S3Ports): Promise<FileStore> {
  const { clock } = readS3Ports(ports);
  return storeOf(await openBucket(given, ports), () => clock.now());
}

/** The bucket itself. @param copyBytes for tests */
export async function openBucket(given: S3Options, ports: S3Ports, copyBytes?: number): Promise<S3Bucket> {
  const options = readS3Options(given);
  const { AwsClient } = await import('aws4fetch').catch((error: unknown) => {
    throw new RampartError(
      'PACKAGE_MISSING',
      'Files in an object store need a package: npm install aws4fetch',
      {
        cause: error,
      },
    );
  });
  return new S3Bucket(new S3Client(options, readS3Ports(ports), AwsClient), options, copyBytes);
}

/** A store of files on a bucket. */
export function storeOf(bucket: S3Bucket, now: () => number): FileStore {
  return {
    stage: () => Promise.resolve(new StagedObject(bucket, bucket.keyOf('stage', newId('stg', now())))),
    async open(zone, key) {
      const at = bucket.keyOf(zone, key);
      const bytes = await bucket.sizeOf(at);
      return bytes === undefined ? undefined : bucket.reading(at, bytes);
    },
    async move(from, key, to) {
      const [source, target] = [bucket.keyOf(from, key), bucket.keyOf(to, key)];
      const bytes = await bucket.sizeOf(source);
      if (bytes === undefined) return false;
      await bucket.copy(source, bytes, target);
      await bucket.drop(source);
      return true;
    },
    async remove(zone, key) {
      const at = bucket.keyOf(zone, key);
      if ((await bucket.sizeOf(at)) === undefined) return false;
      await bucket.drop(at);
      return true;
    },
    sweep: (olderThanMs) => sweep(bucket, now() - olderThanMs),
  };
}

/** Parts whose upload never ended cost room until they are given up. */
async function sweep(bucket: S3Bucket, beforeMs: number): Promise<number> {
  const { client } = bucket;
  // Any key serves to find the folder in which files are begun.
  const prefix = bucket.keyOf('stage', 'x').slice(0, -1);
  let removed = 0;
  for await (const page of pages(
    bucket,
    { 'list-type': '2', prefix },
    'continuation-token',
    'NextContinuationToken',
  ))
    for (const one of elementsOf(page, 'Contents')) {
      const key = tagOf(one, 'Key') ?? '';
      if (!key.startsWith(prefix) || !isBefore(tagOf(one, 'LastModified'), beforeMs)) continue;
      await bucket.drop(key);
      removed += 1;
    }
  const uploads = await client.text({ method: 'GET', query: { uploads: '', prefix } });
  for (const one of elementsOf(uploads, 'Upload')) {
    const [key = '', id = ''] = [tagOf(one, 'Key'), tagOf(one, 'UploadId')];
    if (!key.startsWith(prefix) || !isBefore(tagOf(one, 'Initiated'), beforeMs)) continue;
    await bucket.abortParts(key, id);
    removed += 1;
  }
  return removed;
}

async function* pages(
  { client }: S3Bucket,
  query: Readonly<Record<string, string>>,
  parameter: string,
  next: string,
): AsyncGenerator<string> {
  let token: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const more = token === undefined ? {} : { [parameter]: token };
    const text = await client.text({ method: 'GET', query: { ...query, ...more } });
    yield text;
    token = tagOf(text, next);
    if (token === undefined) return;
  }
}

function isBefore(text: string | undefined, beforeMs: number): boolean {
  return text !== undefined && Date.parse(text) < beforeMs;
}
