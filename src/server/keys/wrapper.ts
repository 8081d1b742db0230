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
  if (environment.kmsUrl !== undefined) all.push(serviceOf(environment.kmsUrl, environment));
  if (environment.wrappingKey !== undefined)
    all.push(localWrapper(readKeyText('RAMPART_WRAPPING_KEY', environment.wrappingKey), 'wrapping key'));
  all.push(localWrapper(deriveKey(secret, 'key wrapping'), 'secret'));
  const [wrapper, ...older] = all as [KeyWrapper, ...KeyWrapper[]];
  return { wrapper, older };
}

const VARIABLE = 'RAMPART_KMS_URL';
const FORMS = 'vault+https://HOST:8200/MOUNT/KEY, or aws-kms://REGION/KEY';

/** `vault+https://vault.internal:8200/transit/rampart?namespace=team`, `aws-kms://eu-central-1/alias/rampart` */
function serviceOf(text: string, environment: WrappingEnvironment): KeyWrapper {
  if (!URL.canParse(text)) throw new OptionsError(VARIABLE, `expected ${FORMS}`);
  const url = new URL(text);
  const endpoint = url.searchParams.get('endpoint');
  if (/^vault\+https?:$/.test(url.protocol)) return vaultOf(url, environment.kmsToken);
  if (url.protocol !== 'aws-kms:') throw new OptionsError(VARIABLE, `expected ${FORMS}`);
  if (environment.aws === undefined)
    throw new OptionsError('AWS_ACCESS_KEY_ID', `needed with AWS_SECRET_ACCESS_KEY for ${VARIABLE}`);
  return awsKmsWrapper({
    region: url.hostname,
    keyId: decodeURIComponent(url.pathname.slice(1)),
    credentials: environment.aws,
    ...(endpoint === null ? {} : { endpoint }),
  });
}

function vaultOf(url: URL, token: string | undefined): KeyWrapper {
  if (token === undefined) throw new OptionsError('RAMPART_KMS_TOKEN', `needed for ${VARIABLE}`);
  const parts = url.pathname.split('/').filter(Boolean);
  const key = parts.pop();
  if (key === undefined || parts.length === 0) throw new OptionsError(VARIABLE, `expected ${FORMS}`);
  const namespace = url.searchParams.get('namespace');
  return vaultWrapper({
    url: `${url.protocol.slice('vault+'.length)}//${url.host}`,
    mount: parts.join('/'),
    key,
    token,
    ...(namespace === null ? {} : { namespace }),
  });
}
