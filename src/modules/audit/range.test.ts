import { describe, expect, it } from 'vitest';
import { localSigner, signNote } from './note.ts';
import { KEY, logOf, ORIGIN, row, signed, SIGNER } from './test-log.ts';
import { Frontier, rangeParts } from './tree.ts';
import { type AuditReport, AuditVerifier } from './verifier.ts';

const rootOf = (leaves: readonly Uint8Array[]): string => {
  const tree = new Frontier();
  for (const leaf of leaves) tree.append(leaf);
  return Buffer.from(tree.root()).toString('base64');
};
/** Roots of the whole subtrees of a range, from the leaves alone. */
const roots = (leaves: readonly Uint8Array[], from: number, to: number): readonly string[] =>
  rangeParts({ from, to }).map(({ level, index }) =>
    rootOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)),
  );

interface Head {
  readonly from: number;
  readonly to: number;
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly note: string;
  readonly [name: string]: unknown;
}

/** The proof of the events of a log from one place to another, both of them in it. */
async function proofOf(size: number, from: number, to: number) {
  const log = logOf(Array.from({ length: size }, (_, n) => row(n)));
  const head: Head = {
    rampart: 'audit-range',
    version: 1,
    origin: ORIGIN,
    from,
    to,
    payloads: true,
    left: roots(log.leaves, 0, from),
    right: roots(log.leaves, to + 1, size),
    note: await signed(log.tree),
  };
  return { head, events: log.lines.slice(from, to + 1), log };
}

async function verified(
  head: object,
  events: readonly string[],
  witness: readonly string[] = [],
): Promise<AuditReport> {
  const verifier = new AuditVerifier([KEY]);
  for (const line of witness) await verifier.witness(line);
  for (const line of [JSON.stringify(head), ...events]) await verifier.push(line);
  return verifier.finish();
}

describe('the proof of a range', () => {
  it('is right for every range of every log up to nine events', async () => {
    for (let size = 1; size <= 9; size++)
      for (let from = 0; from < size; from++)
        for (let to = from; to < size; to++) {
          const { head, events } = await proofOf(size, from, to);
          const count = to - from + 1;
          expect(await verified(head, events), `${from} to ${to} of ${size}`).toMatchObject({
            ok: true,
            from,
            events: count,
            covered: count,
            firstBad: null,
            problems: [],
          });
        }
  });

  it.each<[string, (events: readonly string[]) => readonly string[], number]>([
    ['changed', (events) => events.with(2, (events[2] ?? '').replace('BLOCK_ADDED', 'BLOCK_MOVED')), 7],
    ['deleted', (events) => events.toSpliced(2, 1), 7],
    ['deleted at the front', (events) => events.slice(1), 5],
    ['deleted at the end', (events) => events.slice(0, -1), 9],
    ['inserted', (events) => events.toSpliced(3, 0, events[0] ?? ''), 8],
    ['added at the end', (events) => [...events, events[0] ?? ''], 10],
    ['reordered', (events) => events.with(1, events[2] ?? '').with(2, events[1] ?? ''), 6],
    ['given other data', (events) => events.with(4, (events[4] ?? '').replace('usr_ada', 'usr_eve')), 9],
  ])('A73: names the first event of a range that was %s', async (_, tampered, firstBad) => {
    const { head, events } = await proofOf(13, 5, 9);
    expect((await verified(head, events)).ok).toBe(true);
    expect(await verified(head, tampered(events))).toMatchObject({ ok: false, firstBad });
  });

  it('A73: finds what was hashed anew, by the root, by a checkpoint within, and by leaves kept elsewhere', async () => {
    const { head, events, log } = await proofOf(13, 4, 11);
    const forged = logOf(Array.from({ length: 13 }, (_, n) => row(n, n === 9 ? { severity: 'LOW' } : {})));
    const lines = forged.lines.slice(4, 12);
    expect(await verified(head, lines)).toMatchObject({ ok: false, covered: 0, firstBad: 4 });
    const first = new Frontier();
    for (const leaf of log.leaves.slice(0, 8)) first.append(leaf);
    const within = JSON.stringify({ note: await signed(first) });
    expect(await verified(head, [within, ...lines])).toMatchObject({ ok: false, covered: 4, firstBad: 8 });
    const witness = [
      JSON.stringify({ from: 0, leaves: Buffer.concat(log.leaves).toString('base64') }),
      JSON.stringify({ note: head.note }),
    ];
    expect(await verified(head, lines, witness)).toMatchObject({ ok: false, firstBad: 9 });
    expect((await verified(head, [within, ...events], witness)).ok).toBe(true);
  });

  it('A73: believes nothing that stands beside the range', async () => {
    const { head, events, log } = await proofOf(13, 5, 9);
    const other = rootOf([log.leaves[0] as Uint8Array]);
    const shorter = new Frontier();
    for (const leaf of log.leaves.slice(0, 8)) shorter.append(leaf);
    const foreign = await signNote(
      { origin: ORIGIN, size: 13, root: log.tree.root(), atUs: '1' },
      localSigner(new Uint8Array(32).fill(9)),
    );
    const elsewhere = await signNote(
      { origin: 'rampart/audit/other', size: 13, root: log.tree.root(), atUs: '1' },
      SIGNER,
    );
    const wrong: readonly (readonly [string, object])[] = [
      ['another tree before it', { ...head, left: head.left.with(0, other) }],
      ['too little before it', { ...head, left: head.left.slice(1) }],
      ['another tree behind it', { ...head, right: head.right.with(0, other) }],
      ['too little behind it', { ...head, right: head.right.slice(1) }],
      ['too much behind it', { ...head, right: [...head.right, other] }],
      ['sides that are none', { ...head, left: 'x', right: [7] }],
      ['another first place', { ...head, from: 4 }],
      ['a last place before the first', { ...head, to: 3 }],
      ['no number', { ...head, from: '5' }],
      ['a checkpoint from before it', { ...head, note: await signed(shorter) }],
      ['a checkpoint of nobody', { ...head, note: foreign }],
      ['a checkpoint of another log', { ...head, note: elsewhere }],
      ['no checkpoint', { ...head, note: null }],
      ['another version', { ...head, version: 2 }],
    ];
    for (const [what, one] of wrong) expect((await verified(one, events)).ok, what).toBe(false);
    // A checkpoint that is kept elsewhere proves nothing of a range that names none.
    const witness = [JSON.stringify({ note: head.note })];
    expect((await verified({ ...head, note: null }, events, witness)).ok).toBe(false);
  });

  it('takes one head alone, before all events', async () => {
    const { head, events } = await proofOf(6, 2, 4);
    const line = JSON.stringify(head);
    expect((await verified(head, [line, ...events])).ok).toBe(false);
    expect((await verified(head, [...events, line])).ok).toBe(false);
    const bundle = JSON.stringify({ rampart: 'audit-bundle', version: 1, origin: ORIGIN, size: 3 });
    expect((await verified(head, [bundle, ...events])).ok).toBe(false);
  });

  it('counts what is closed in it as left out, since an erasure may stand behind it', async () => {
    const { head, events } = await proofOf(9, 3, 5);
    const closed = events.with(
      1,
      JSON.stringify({ ...(JSON.parse(events[1] ?? '') as object), who: null, what: null }),
    );
    expect(await verified(head, closed)).toMatchObject({ ok: true, withheld: 2, erased: 0 });
  });
});
