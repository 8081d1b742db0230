import {
  type AwsCredentials,
  awsKmsWrapper,
  type KeyWrapper,
  localWrapper,
  readKeyText,
  vaultWrapper,
} from '../../base/secrets/index.ts';
import { OptionsError } from '../../core/errors.ts';
import { deriveKey } from '../data-dir.ts';

/** What the environment says of what wraps keys. */
export interface WrappingEnvironment {
  readonly wrappingKey: string | undefined;
  readonly kmsUrl: string | undefined;
  readonly kmsToken: string | undefined;
  /** Key service that wrapped keys before: unwraps only. */
  readonly olderKmsUrl?: string | undefined;
  /** Absent: the token above. */
  readonly olderKmsToken?: string | undefined;
  readonly aws: AwsCredentials | undefined;
}

/** What wraps new keys, and all that may have wrapped older ones. */
export interface Wrappers {
  readonly wrapper: KeyWrapper;
  readonly older: readonly KeyWrapper[];
}

/**
 * Chooses what wraps keys: a key service where one is named, else a wrapping key, else a key of the house's secret. Those
 * that were in use before stay able to unwrap, so that one can be exchanged for another.
 * @throws OptionsError naming the variable
 */
export function wrappersOf(environment: WrappingEnvironment, secret: Uint8Array): Wrappers {
  const all: KeyWrapper[] = [];
  if (environment.kmsUrl !== undefined)
    all.push(serviceOf('RAMPART_KMS_URL', environment.kmsUrl, environment));
  if (environment.wrappingKey !== undefined)
    all.push(localWrapper(readKeyText('RAMPART_WRAPPING_KEY', environment.wrappingKey), 'wrapping key'));
  all.push(localWrapper(deriveKey(secret, 'key wrapping'), 'secret'));
  if (environment.olderKmsUrl !== undefined) {
    const { olderKmsUrl, olderKmsToken = environment.kmsToken } = environment;
    all.push(serviceOf('RAMPART_KMS_OLDER_URL', olderKmsUrl, { ...environment, kmsToken: olderKmsToken }));
  }
  const [wrapper, ...older] = all as [KeyWrapper, ...KeyWrapper[]];
  return { wrapper, older };
}

const FORMS = 'vault+https://HOST:8200/MOUNT/KEY, or aws-kms://REGION/KEY';

/** `vault+https://vault.internal:8200/transit/rampart?namespace=team`, `aws-kms://eu-central-1/alias/rampart` */
function serviceOf(variable: string, text: string, environment: WrappingEnvironment): KeyWrapper {
  if (!URL.canParse(text)) throw new OptionsError(variable, `expected ${FORMS}`);
  const url = new URL(text);
  const endpoint = url.searchParams.get('endpoint');
  if (/^vault\+https?:$/.test(url.protocol)) return vaultOf(variable, url, environment.kmsToken);
  if (url.protocol !== 'aws-kms:') throw new OptionsError(variable, `expected ${FORMS}`);
  if (environment.aws === undefined)
    throw new OptionsError('AWS_ACCESS_KEY_ID', `needed with AWS_SECRET_ACCESS_KEY for ${variable}`);
  return awsKmsWrapper({
    region: url.hostname,
    keyId: decodeURIComponent(url.pathname.slice(1)),
    credentials: environment.aws,
    ...(endpoint === null ? {} : { endpoint }),
  });
}

function vaultOf(variable: string, url: URL, token: string | undefined): KeyWrapper {
  if (token === undefined) throw new OptionsError('RAMPART_KMS_TOKEN', `needed for ${variable}`);
  const parts = url.pathname.split('/').filter(Boolean);
  const key = parts.pop();
  if (key === undefined || parts.length === 0) throw new OptionsError(variable, `expected ${FORMS}`);
  const namespace = url.searchParams.get('namespace');
  return vaultWrapper({
    url: `${url.protocol.slice('vault+'.length)}//${url.host}`,
    mount: parts.join('/'),
    key,
    token,
    ...(namespace === null ? {} : { namespace }),
  });
}
