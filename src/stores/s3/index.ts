export { checkBucket, type BucketFinding } from './check.ts';
export { S3Error } from './client.ts';
export {
  readS3Options,
  type S3Credentials,
  type S3Encryption,
  type S3Options,
  type S3Ports,
} from './options.ts';
export { s3Files } from './s3.ts';
