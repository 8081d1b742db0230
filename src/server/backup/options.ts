import type { Duration } from '../../core/duration.ts';
import { OptionsError } from '../../core/errors.ts';
import { custom, duration, type Fields, list, number, text } from '../../core/options.ts';

/** Backups that the server makes by itself. */
export interface BackupOptions {
  /** Time between two backups: 1h to 30d. Default 1d. */
  readonly every?: Duration;
  /** How many are kept: 1 to 10,000. Default 7. */
  readonly keep?: number;
  /** Folder of the backups, made when absent; best another disk. */
  readonly to: string;
  /** Public keys of age (`rampart backup --make-key FILE`): 1 to 20, each opens them alone. Identities never belong here. */
  readonly recipients: readonly string[];
  /** Schemas of the application's that are backed up too, at most 50. Default none. */
  readonly schemas?: readonly string[];
}

/** What {@link BackupOptions} became: durations in milliseconds. */
export interface ReadBackupOptions {
  readonly every: number;
  readonly keep: number;
  readonly to: string;
  readonly recipients: readonly string[];
  readonly schemas: readonly string[];
}

/** Whether a text is a public key of age: Bech32, classic or hybrid. */
export function isRecipient(value: string): boolean {
  return /^age1[a-z0-9]{20,4000}$/.test(value);
}

const ABOUT = 'public key of age, such as rampart backup --make-key prints';
/** Never shows what it found: that may be a secret key. */
const recipientField = custom(ABOUT, (value, path) => {
  if (typeof value !== 'string' || !isRecipient(value)) throw new OptionsError(path, `expected a ${ABOUT}`);
  return value;
});

/** Readers of {@link BackupOptions}. */
export const backupFields: Fields<ReadBackupOptions> = {
  every: duration({ min: '1h', max: '30d', default: '1d' }),
  keep: number({ min: 1, max: 10_000, default: 7 }),
  to: text({ max: 4_096, about: 'folder' }),
  recipients: custom('list of 1 to 20 public keys of age', (value, path) => {
    const recipients = list(recipientField, { atMost: 20 }).parse(value, path);
    if (recipients.length === 0) throw new OptionsError(path, 'expected at least one public key');
    return recipients;
  }),
  schemas: list(text({ max: 63, about: 'name of a schema' }), { atMost: 50, default: [] }),
};
