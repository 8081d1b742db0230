import { type AuditRow, commitOf, entryHash, entryOf, erasedTagOf, openingOf, tagOf } from './leaf.ts';
import { keyText, localSigner, signNote } from './note.ts';
import { Frontier } from './tree.ts';

/** Name of a log that stands in no database. */
export const ORIGIN = 'rampart/audit/test';
export const SIGNER = localSigner(new Uint8Array(32).fill(1));
/** The public key that signs it, as text. */
export const KEY = keyText(ORIGIN, SIGNER.publicKey);
export const HOLDER = new Uint8Array(32).fill(2);

/** An audit event. */
export const row = (n: number, more: Partial<AuditRow> = {}): AuditRow => ({
  id: `evt_${n}`,
  type: 'BLOCK_ADDED',
  severity: 'MEDIUM',
  class: 'audit',
  atMs: 1_795_000_000_000 + n,
  node: 'one',
  about: 'An address or range was blocked.',
  actor: 'usr_ada',
  subject: null,
  address: null,
  route: null,
  decision: null,
  outcome: 'success',
  details: {},
  ...more,
});

/** A log of such events: its lines, its tree, its leaves. */
export function logOf(rows: readonly AuditRow[], erased: ReadonlySet<number> = new Set()) {
  const tree = new Frontier();
  const leaves: Uint8Array[] = [];
  const lines = rows.map((event, seq) => {
    const who = openingOf('who', event, HOLDER);
    const what = openingOf('what', event, HOLDER);
    const tag = tagOf(HOLDER);
    const parts = {
      who: { tag, commit: commitOf(who) },
      what: { tag, commit: commitOf(what) },
      erases: erasedTagOf(event),
    };
    const entry = entryOf(event, { seq, sequencedUs: '1795000000000000' }, parts);
    const leaf = entryHash(entry);
    leaves.push(leaf);
    tree.append(leaf);
    const open = erased.has(seq) ? { who: null, what: null } : { who, what };
    return JSON.stringify({ seq, leaf: Buffer.from(leaf).toString('base64'), entry, ...open });
  });
  return { lines, tree, leaves };
}

/** A checkpoint of the whole tree. */
export const signed = (tree: Frontier): Promise<string> =>
  signNote({ origin: ORIGIN, size: tree.size, root: tree.root(), atUs: '1' }, SIGNER);
