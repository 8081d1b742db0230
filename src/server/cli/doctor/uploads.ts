import { OptionsError, RampartError } from '../../../core/errors.ts';
import { type BucketFinding, checkBucket } from '../../../stores/s3/index.ts';
import type { ReadConfig } from '../../config.ts';
import type { ServerEnvironment } from '../../environment.ts';
import { bucketKeys } from '../../uploads/place.ts';
import { type Examined, type Finding, problem, warn } from './finding.ts';

const REMEDIES: Readonly<Record<BucketFinding['kind'], string>> = {
  unreachable: 'Look at uploadStore.s3.endpoint, and whether this machine reaches it.',
  refused: 'Let the key read, write, list and delete under uploadStore.s3.prefix.',
  public: "Block public access of the bucket: what people send is theirs and the application's.",
  'not-encrypted': 'Switch encryption on in the store, or say uploadStore.s3.encryption: false where it is.',
};

/** The bucket of uploads; nothing where files lie in the data folder. */
export async function examineUploadStore(
  { wrapping }: ServerEnvironment,
  config: ReadConfig | undefined,
): Promise<readonly Examined[]> {
  const s3 = config?.uploadStore.s3;
  if (s3 === undefined) return [];
  const fine = `bucket ${s3.bucket}, private`;
  return [{ check: 'files of uploads', fine, findings: await findingsOf(s3, wrapping.aws) }];
}

async function findingsOf(
  s3: NonNullable<ReadConfig['uploadStore']['s3']>,
  aws: ServerEnvironment['wrapping']['aws'],
): Promise<readonly Finding[]> {
  try {
    const found = await checkBucket({ ...s3, withinMs: 3_000 }, { credentials: bucketKeys(aws) });
    return found.map(({ kind, text }) => (kind === 'not-encrypted' ? warn : problem)(text, REMEDIES[kind]));
  } catch (error) {
    if (!(error instanceof OptionsError || error instanceof RampartError)) throw error;
    return [problem(error.message, 'Set what is named there, or install it.')];
  }
}
