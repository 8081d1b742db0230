/**
 * Writes the list of common passwords: node scripts/common-passwords.mjs LIST
 *
 * LIST is text, one password a line, the most common first; the one in use is 10_million_password_list_top_1M.txt of OWASP
 * SecLists. Taken are the first 100,000 that have at least 8 code points without case, all that have at least 15, and
 * what people make of short ones where 15 are asked for: one letter again and again, rows of the keyboard, a common
 * password written until it is long enough.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { inRecentNode, inRoot } from './lib/project.mjs';

await inRecentNode();
const { prefixOf } = await import('../src/modules/identity/password/common.ts');
const { foldPassword } = await import('../src/modules/identity/password/fold.ts');

const MOST = 100_000;
const SHORTEST = 8;
const LONG = 15;
const LONGEST_REPEAT = 64;
const REPEATED_WORDS = 5_000;
const ROWS = [
  '1234567890',
  '0123456789',
  '0987654321',
  '9876543210',
  'abcdefghijklmnopqrstuvwxyz',
  'zyxwvutsrqponmlkjihgfedcba',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  '1q2w3e4r5t6y7u8i9o0p',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol',
  'qazwsxedcrfvtgbyhnujmikolp',
];

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('Which list? node scripts/common-passwords.mjs LIST');
  process.exit(1);
}

const length = (text) => [...text].length;
const all = readFileSync(file, 'utf8').split(/\r?\n/).map(foldPassword).filter(Boolean);
const taken = new Set();
for (const word of all) {
  if (taken.size >= MOST) break;
  if (length(word) >= SHORTEST) taken.add(word);
}
for (const word of all) if (length(word) >= LONG) taken.add(word);
for (let code = 0x20; code < 0x7f; code++) {
  const letter = foldPassword(String.fromCharCode(code));
  for (let count = SHORTEST; count <= LONGEST_REPEAT; count++) taken.add(letter.repeat(count));
}
for (const row of ROWS) {
  const twice = row.repeat(Math.ceil(LONGEST_REPEAT / row.length));
  for (let count = SHORTEST; count <= LONGEST_REPEAT; count++) taken.add(twice.slice(0, count));
}
for (const word of all.slice(0, REPEATED_WORDS)) {
  for (const least of [SHORTEST, LONG]) taken.add(word.repeat(Math.max(2, Math.ceil(least / length(word)))));
}

const prefixes = [...new Set([...taken].map((word) => prefixOf(word).toString('hex')))].toSorted((a, b) =>
  a < b ? -1 : 1,
);
writeFileSync(
  inRoot('src/modules/identity/password/common.bin'),
  Buffer.concat(prefixes.map((hex) => Buffer.from(hex, 'hex'))),
);
console.log(`${prefixes.length} common passwords.`);
