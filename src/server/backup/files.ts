import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';

const NAME = /^rampart-\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}-\d{3}Z\.age$/;

/** Name of a backup: sorts by time. */
export function backupName(atMs: number): string {
  return `rampart-${new Date(atMs).toISOString().replaceAll(/[:.]/g, '-')}.age`;
}

/** When a backup of that name was begun; `undefined` for any other file. */
export function timeOf(name: string): number | undefined {
  if (!NAME.test(name)) return undefined;
  const text = name.slice('rampart-'.length, -'.age'.length);
  return Date.parse(text.replace(/T(\d\d)-(\d\d)-(\d\d)-/, 'T$1:$2:$3.'));
}

/** Backups of a folder, the newest first. */
export async function listBackups(folder: string): Promise<readonly string[]> {
  return (await readdir(folder))
    .filter((name) => NAME.test(name))
    .toSorted()
    .toReversed();
}

/** Removes all but the newest. Files of other names are never touched. @returns the names that are gone */
export async function pruneBackups(folder: string, keep: number): Promise<readonly string[]> {
  const old = (await listBackups(folder)).slice(keep);
  for (const name of old) await rm(join(folder, name));
  return old;
}

/**
 * Makes a pair of keys: writes the identity, which opens backups, to a file of mode 0600 that must not exist yet.
 * @returns the recipient, which only makes them
 */
export async function makeKey(file: string): Promise<string> {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  await writeFile(file, `# public key: ${recipient}\n${identity}\n`, { mode: 0o600, flag: 'wx' });
  return recipient;
}

/** Identities of a file of age: one a line, `#` begins a comment. */
export function readIdentities(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
