import { randomBytes } from 'node:crypto';
import { S3Error } from './client.ts';
import type { S3Options, S3Ports } from './options.ts';
import { openBucket } from './s3.ts';
import { tagOf } from './xml.ts';

/** What is wrong with a bucket. */
export interface BucketFinding {
  readonly kind: 'unreachable' | 'refused' | 'public' | 'not-encrypted';
  /** For operators. */
  readonly text: string;
}

/**
 * Tries a bucket: writes a small object, reads it, deletes it, and asks whether strangers could read it. What the store does
 * not tell (stores other than AWS know no such question) is not held against it.
 * @throws OptionsError; RampartError `PACKAGE_MISSING`
 */
export async function checkBucket(given: S3Options, ports: S3Ports): Promise<readonly BucketFinding[]> {
  const bucket = await openBucket(given, ports);
  const key = bucket.keyOf('stage', `probe-${randomBytes(8).toString('hex')}`);
  const findings: BucketFinding[] = [];
  try {
    const mark = randomBytes(32);
    await bucket.put(key, mark);
    const head = await bucket.client.send({ method: 'HEAD', key });
    const isSealed = head.headers.get('x-amz-server-side-encryption') !== null;
    if (given.encryption !== false && !isSealed)
      findings.push({
        kind: 'not-encrypted',
        text: 'The store does not say that it encrypts what it keeps.',
      });
    const read = await bucket.reading(key, mark.byteLength).read(0, mark.byteLength);
    if (!mark.equals(read)) findings.push({ kind: 'refused', text: 'The store gave back something else.' });
    await bucket.drop(key);
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return [
      error.status === 0
        ? { kind: 'unreachable', text: `The store does not answer (${error.code}).` }
        : { kind: 'refused', text: `The store refused to write, read or delete (${error.code}).` },
    ];
  }
  const policy = await bucket.client.text({ method: 'GET', query: { policyStatus: '' } }).catch(() => '');
  if (tagOf(policy, 'IsPublic') === 'true')
    findings.push({ kind: 'public', text: 'The policy of the bucket lets everybody in.' });
  return findings;
}
