import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LOG_LEVELS, type LogLevel } from '../base/observe/index.ts';
import type { Stage } from '../base/database/environment-stamp.ts';
import { OptionsError } from '../core/errors.ts';
import type { WrappingEnvironment } from './keys/wrapper.ts';

/** Every variable that `rampart start` reads: docs/configuration.md is generated from this table. */
export const ENVIRONMENT = {
  RAMPART_PORT: { about: 'Port of the server.', default: '4600' },
  RAMPART_HOST: { about: 'Address that the server listens on.', default: '127.0.0.1' },
  RAMPART_DATA_DIR: {
    about: 'Folder of the embedded database, the journal and the operator key.',
    default: '.rampart',
  },
  RAMPART_CONFIG: { about: 'Configuration file.', default: 'rampart.config.ts, .js or .mjs where it stands' },
  RAMPART_PUBLIC_URL: {
    about: 'Address under which people reach the server; links are made from it, never from the Host header.',
    default: 'http://localhost:PORT',
  },
  DATABASE_URL: { about: 'PostgreSQL server. Absent: embedded PostgreSQL in the data folder.', default: '' },
  REDIS_URL: {
    about: 'Redis or Valkey for counters that several nodes share. Absent: memory of this process.',
    default: '',
  },
  RAMPART_SECRET: {
    about:
      'Secret of at least 32 characters that all nodes share; signs tokens. Absent: made once in the data folder.',
    default: '',
  },
  RAMPART_WRAPPING_KEY: {
    about:
      'Wraps the data keys that the database holds: 32 bytes as base64 or hexadecimal. Absent: a key derived from RAMPART_SECRET.',
    default: '',
  },
  RAMPART_KMS_URL: {
    about:
      'Key service that wraps them instead: vault+https://HOST:8200/MOUNT/KEY (with ?namespace=NAME) or aws-kms://REGION/KEY.',
    default: '',
  },
  RAMPART_KMS_OLDER_URL: {
    about:
      'Key service that wrapped keys before RAMPART_KMS_URL: opens them until `rampart keys rewrap` has wrapped them anew.',
    default: '',
  },
  RAMPART_KMS_OLDER_TOKEN: { about: 'Token for that one.', default: 'RAMPART_KMS_TOKEN' },
  RAMPART_AUDIT_KEY: {
    about:
      'Signs checkpoints of the audit log (Ed25519): 32 bytes as base64 or hexadecimal. Absent: a key derived from RAMPART_SECRET.',
    default: '',
  },
  RAMPART_KMS_TOKEN: { about: 'Token for Vault.', default: '' },
  AWS_ACCESS_KEY_ID: { about: 'Credentials for AWS KMS, with the two below.', default: '' },
  AWS_SECRET_ACCESS_KEY: { about: 'See AWS_ACCESS_KEY_ID.', default: '' },
  AWS_SESSION_TOKEN: { about: 'Of temporary credentials.', default: '' },
  RAMPART_ADMIN_EMAIL: {
    about: 'Mail address of the first administrator, made at the start while there is none.',
    default: '',
  },
  RAMPART_ADMIN_PASSWORD: {
    about: 'Password of the first administrator. In production only as RAMPART_ADMIN_PASSWORD_FILE.',
    default: '',
  },
  RAMPART_SMTP_URL: {
    about:
      'Server that takes mails, smtp://USER:PASSWORD@HOST:587 or smtps://. Absent: mails land in the mailbox of the console, in production nowhere.',
    default: '',
  },
  RAMPART_MAIL_FROM: { about: 'Sender of mails.', default: 'no-reply@ the host of RAMPART_PUBLIC_URL' },
  RAMPART_SMS_URL: {
    about: 'Twilio-compatible service that sends SMS, https://ACCOUNT:TOKEN@HOST. Absent: as for mails.',
    default: '',
  },
  RAMPART_SMS_FROM: { about: 'Number or messaging service that SMS come from.', default: '' },
  LOG_LEVEL: { about: `One of ${LOG_LEVELS.join(', ')}.`, default: 'info' },
  LOG_FORMAT: { about: 'json or pretty.', default: 'pretty on a terminal, else json' },
  RAMPART_NODES: {
    about:
      'How many nodes serve together, 1 to 10,000; with more than one, production demands what they share.',
    default: '1',
  },
  NODE_ENV: {
    about:
      'production hides stacks and demands stricter settings; test; anything else is development. The database is marked with it at the first start.',
    default: '',
  },
} as const satisfies Readonly<Record<string, { about: string; default: string }>>;

type Name = keyof typeof ENVIRONMENT;

/** What the environment says, read and checked. */
export interface ServerEnvironment {
  readonly port: number;
  readonly host: string;
  /** Absolute path. */
  readonly dataDir: string;
  readonly configFile: string | undefined;
  readonly publicUrl: string;
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  readonly secret: string | undefined;
  /** Signs checkpoints of the audit log; 32 bytes as text. */
  readonly auditKey: string | undefined;
  /** What wraps data keys. */
  readonly wrapping: WrappingEnvironment;
  /** The first administrator, where both are given. */
  readonly admin: { readonly email: string; readonly password: string } | undefined;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string | undefined;
  readonly smsUrl: string | undefined;
  readonly smsFrom: string | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: 'json' | 'pretty';
  readonly production: boolean;
  /** What the database must be marked for. */
  readonly stage: Stage;
  /** How many nodes serve together. */
  readonly nodes: number;
  /** Node.js was told to verify no certificate. */
  readonly trustsAnyCertificate: boolean;
}

/**
 * Reads the environment. Each variable may also be given as `NAME_FILE`, a path whose content is the value.
 * @throws OptionsError naming the variable
 */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): ServerEnvironment {
  const get = (name: Name): string | undefined => {
    const file = env[`${name}_FILE`];
    const value = file === undefined || file === '' ? env[name] : readSecretFile(name, file);
    return value === undefined || value === '' ? undefined : value;
  };
  const port = Number(get('RAMPART_PORT') ?? ENVIRONMENT.RAMPART_PORT.default);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new OptionsError('RAMPART_PORT', 'a whole number from 0 to 65535');
  const secret = get('RAMPART_SECRET');
  if (secret !== undefined && secret.length < 32) {
    throw new OptionsError(
      'RAMPART_SECRET',
      'expected at least 32 characters; make one with: openssl rand -base64 32',
    );
  }
  const mode = get('NODE_ENV');
  const production = mode === 'production';
  const nodes = Number(get('RAMPART_NODES') ?? ENVIRONMENT.RAMPART_NODES.default);
  if (!Number.isInteger(nodes) || nodes < 1 || nodes > 10_000)
    throw new OptionsError('RAMPART_NODES', 'a whole number from 1 to 10000');
  return {
    port,
    secret,
    auditKey: get('RAMPART_AUDIT_KEY'),
    wrapping: {
      wrappingKey: get('RAMPART_WRAPPING_KEY'),
      kmsUrl: get('RAMPART_KMS_URL'),
      kmsToken: get('RAMPART_KMS_TOKEN'),
      olderKmsUrl: get('RAMPART_KMS_OLDER_URL'),
      olderKmsToken: get('RAMPART_KMS_OLDER_TOKEN'),
      aws: readAws(get),
    },
    admin: readAdmin(get, env, production),
    smtpUrl: readUrl('RAMPART_SMTP_URL', get('RAMPART_SMTP_URL'), ['smtp:', 'smtps:']),
    mailFrom: get('RAMPART_MAIL_FROM'),
    smsUrl: readUrl('RAMPART_SMS_URL', get('RAMPART_SMS_URL'), ['https:', 'http:']),
    smsFrom: get('RAMPART_SMS_FROM'),
    host: get('RAMPART_HOST') ?? ENVIRONMENT.RAMPART_HOST.default,
    dataDir: resolve(get('RAMPART_DATA_DIR') ?? ENVIRONMENT.RAMPART_DATA_DIR.default),
    configFile: get('RAMPART_CONFIG'),
    publicUrl:
      readUrl('RAMPART_PUBLIC_URL', get('RAMPART_PUBLIC_URL'), ['http:', 'https:']) ??
      `http://localhost:${port}`,
    databaseUrl: readUrl('DATABASE_URL', get('DATABASE_URL'), ['postgres:', 'postgresql:']),
    redisUrl: readUrl('REDIS_URL', get('REDIS_URL'), ['redis:', 'rediss:']),
    logLevel: readWord('LOG_LEVEL', get('LOG_LEVEL'), LOG_LEVELS) ?? 'info',
    logFormat:
      readWord('LOG_FORMAT', get('LOG_FORMAT'), ['json', 'pretty']) ?? (isTerminal ? 'pretty' : 'json'),
    production,
    stage: production ? 'production' : mode === 'test' ? 'test' : 'development',
    nodes,
    trustsAnyCertificate: env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0',
  };
}

function readAws(get: (name: Name) => string | undefined): WrappingEnvironment['aws'] {
  const accessKeyId = get('AWS_ACCESS_KEY_ID');
  const secretAccessKey = get('AWS_SECRET_ACCESS_KEY');
  const sessionToken = get('AWS_SESSION_TOKEN');
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}

/** A password in a variable is seen by every process of the account and lands in crash reports: not in production. */
function readAdmin(
  get: (name: Name) => string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  production: boolean,
): ServerEnvironment['admin'] {
  const email = get('RAMPART_ADMIN_EMAIL');
  const password = get('RAMPART_ADMIN_PASSWORD');
  if (email === undefined && password === undefined) return undefined;
  if (email === undefined)
    throw new OptionsError('RAMPART_ADMIN_EMAIL', 'needed with RAMPART_ADMIN_PASSWORD');
  if (password === undefined)
    throw new OptionsError('RAMPART_ADMIN_PASSWORD', 'needed with RAMPART_ADMIN_EMAIL');
  if (production && (env['RAMPART_ADMIN_PASSWORD_FILE'] ?? '') === '') {
    throw new OptionsError(
      'RAMPART_ADMIN_PASSWORD',
      'not accepted in production; write it into a file and set RAMPART_ADMIN_PASSWORD_FILE',
    );
  }
  return { email, password };
}

function readSecretFile(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new OptionsError(
      `${name}_FILE`,
      `the file cannot be read (${(error as { code?: string }).code ?? 'unknown error'})`,
    );
  }
}

/** The value itself is never repeated: it may hold a password. */
function readUrl(name: string, value: string | undefined, protocols: readonly string[]): string | undefined {
  if (value === undefined) return undefined;
  if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
    throw new OptionsError(
      name,
      `expected a URL that starts with ${protocols.map((one) => `${one}//`).join(' or ')}`,
    );
  }
  return value;
}

function readWord<const T extends string>(
  name: string,
  value: string | undefined,
  words: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  if (!words.includes(value as T)) throw new OptionsError(name, `expected one of ${words.join(', ')}`);
  return value as T;
}
