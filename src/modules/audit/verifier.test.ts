import { createHash, createHmac, randomFillSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hmacOf } from './hash.ts';
import { canonicalJson, type Json } from './canonical.ts';
import { holdersOf, personsOf, tagOf } from './leaf.ts';
import { localSigner, openNote, readKeyText, signNote } from './note.ts';
import { Frontier, inclusionRanges, leafHash, rangeRoot } from './tree.ts';
import { HOLDER, KEY, logOf, ORIGIN, row, signed, SIGNER } from './test-log.ts';
import { AuditVerifier, verifyReceipt } from './verifier.ts';

async function verified(lines: readonly string[]) {
  const verifier = new AuditVerifier([KEY]);
  for (const line of lines) await verifier.push(line);
  return verifier.finish();
}

describe('the verifier', () => {
  it('is two files that import nothing else, and need nothing of Node.js', () => {
    const [text, tree] = ['verifier.ts', 'verifier-tree.ts'].map((name) =>
      readFileSync(new URL(name, import.meta.url), 'utf8'),
    );
    const own = /^import \{[^}]*\} from '\.\/verifier-tree\.ts';$/m;
    expect(text).toMatch(own);
    for (const one of [text?.replace(own, ''), tree])
      expect(one).not.toMatch(/\bimport\b(?!s)|\brequire\b|\bprocess\b|\bBuffer\b/);
  });

  it('agrees with the writer on whatever an event may hold', async () => {
    const json = fc.letrec<{ json: Json }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: 'grapheme' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('json')),
        fc.dictionary(fc.string({ unit: 'grapheme' }), tie('json')),
      ),
    })).json;
    const text = fc.option(fc.string({ unit: 'grapheme' }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ details: json, actor: text, subject: text, route: text })),
        async (given) => {
          const { lines, tree } = logOf(given.map((more, n) => row(n, more)));
          const report = await verified([JSON.stringify({ note: await signed(tree) }), ...lines]);
          expect(report.problems).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('hashes as everybody does, at every length around a block', async () => {
    for (const length of [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 1_000]) {
      const details = { text: 'x'.repeat(length) };
      const { lines, tree } = logOf([row(0, { details })]);
      expect(
        (await verified([JSON.stringify({ note: await signed(tree) }), ...lines])).ok,
        String(length),
      ).toBe(true);
    }
  });

  it('takes missing data for erased only where the log says so afterwards', async () => {
    const erasure = row(9, { type: 'AUDIT_SUBJECT_ERASED', details: { holder: tagOf(HOLDER) } });
    const note = async (tree: Frontier): Promise<string> => JSON.stringify({ note: await signed(tree) });
    const told = logOf([row(0), row(1), erasure], new Set([0]));
    expect(await verified([await note(told.tree), ...told.lines])).toMatchObject({ ok: true, erased: 2 });
    const untold = logOf([row(0), row(1), row(2)], new Set([1]));
    expect(await verified([await note(untold.tree), ...untold.lines])).toMatchObject({
      ok: false,
      firstBad: 1,
    });
    const before = logOf([row(0), erasure, row(2)], new Set([2]));
    expect(await verified([await note(before.tree), ...before.lines])).toMatchObject({
      ok: false,
      firstBad: 2,
    });
  });

  it('finds a sequence of times that goes back, and two checkpoints that contradict each other', async () => {
    const { lines, tree } = logOf([row(0), row(1)]);
    const other = logOf([row(5), row(1)]);
    const notes = await Promise.all([tree, other.tree].map(signed));
    const report = await verified([...notes.map((note) => JSON.stringify({ note })), ...lines]);
    expect(report.problems.map(({ text }) => text).join()).toContain('contradict');
    const second = JSON.parse(lines[1] as string) as { entry: Record<string, unknown>; leaf: string };
    second.entry['sequencedUs'] = '1';
    second.leaf = createHash('sha256')
      .update('\0')
      .update(canonicalJson(second.entry as Json))
      .digest('base64');
    expect((await verified([lines[0] as string, JSON.stringify(second)])).firstBad).toBe(1);
  });

  it('checks receipts of every event at every size, and refuses changed ones', async () => {
    for (const size of [1, 2, 3, 7, 8, 13]) {
      const { lines, tree, leaves } = logOf(Array.from({ length: size }, (_, n) => row(n)));
      const note = await signed(tree);
      const read = (level: number, index: number): Promise<Uint8Array> => {
        const part = new Frontier();
        for (const leaf of leaves.slice(index * 2 ** level, (index + 1) * 2 ** level)) part.append(leaf);
        return Promise.resolve(part.root());
      };
      for (const [seq, line] of lines.entries()) {
        const roots = await Promise.all(inclusionRanges(seq, size).map((range) => rangeRoot(range, read)));
        const path = roots.map((root) => Buffer.from(root).toString('base64'));
        const opened = JSON.parse(line) as { entry: { type: string }; who: { salt: string; data: unknown } };
        const receipt = { ...opened, path, note };
        expect(await verifyReceipt(JSON.stringify(receipt), [KEY])).toBeNull();
        const entry = { ...receipt.entry, type: 'BLOCK_REMOVED' };
        const wrong = [
          { ...receipt, entry },
          { ...receipt, path: [...path, path[0] ?? ''] },
          { ...receipt, note: note.replace('time 1', 'time 2') },
          { ...receipt, path: 7 },
          { ...receipt, who: { ...receipt.who, data: { actor: 'usr_eve', address: null } } },
        ];
        for (const one of wrong) expect(await verifyReceipt(JSON.stringify(one), [KEY])).not.toBeNull();
      }
    }
    expect(await verifyReceipt('{', [KEY])).toBe('not a receipt');
  });

  it('takes no text for a key that is none', () => {
    for (const text of ['', 'AAAA', 'rampart/audit/x+00000000+AAAA'])
      expect(() => new AuditVerifier([text])).toThrow(TypeError);
  });
});

describe('canonical JSON', () => {
  it('is that of the examples of RFC 8785', () => {
    const given = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
    ) as Json;
    expect(canonicalJson(given)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    const names = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 };
    expect(Object.values(JSON.parse(canonicalJson(names)) as object)).toHaveLength(7);
    expect(canonicalJson(names)).toBe(
      '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1f600}":5,"\ufb33":3}',
    );
  });

  it('refuses what has none', () => {
    const deep = Array.from({ length: 40 }).reduce<Json>((inner) => [inner], null);
    for (const value of [Number.NaN, Infinity, '\ud800', { '\udc00': 1 }, deep])
      expect(() => canonicalJson(value)).toThrow(TypeError);
  });
});

describe('a note', () => {
  it('opens under the key that signed it alone', async () => {
    const checkpoint = { origin: ORIGIN, size: 5, root: leafHash('x'), atUs: '1795000000000001' };
    const note = await signNote(checkpoint, SIGNER);
    expect(openNote(note, [SIGNER.publicKey])).toEqual(checkpoint);
    expect(openNote(note, [localSigner(new Uint8Array(32).fill(3)).publicKey])).toBeUndefined();
    for (let at = 0; at < note.length - 1; at += 3) {
      const changed = note.slice(0, at) + (note[at] === 'A' ? 'B' : 'A') + note.slice(at + 1);
      expect(openNote(changed, [SIGNER.publicKey]), changed).toBeUndefined();
    }
  });

  it('has the key text of C2SP, which reads back', () => {
    expect(KEY).toMatch(/^rampart\/audit\/test\+[0-9a-f]{8}\+[A-Za-z0-9+/]+=*$/);
    expect(readKeyText('key', KEY)).toEqual(SIGNER.publicKey);
    expect(readKeyText('key', Buffer.from(SIGNER.publicKey).toString('base64'))).toEqual(SIGNER.publicKey);
    expect(() => readKeyText('key', 'nonsense')).toThrow('expected a public key');
  });

  it('is signed as RFC 8032 says', () => {
    const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
    const one = localSigner(seed);
    expect(Buffer.from(one.publicKey).toString('hex')).toBe(
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    );
    expect(Buffer.from(one.sign(new Uint8Array()) as Uint8Array).toString('hex')).toBe(
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    );
  });
});

describe('the keyed hash', () => {
  it('is HMAC-SHA-256', () => {
    for (const text of ['', 'a', '\u00e9'.repeat(200)]) {
      const key = randomFillSync(new Uint8Array(32));
      expect(hmacOf(key, text)).toEqual(createHmac('sha256', key).update(text).digest());
    }
  });
});

describe('holders', () => {
  it('are who did it and what it is about, and the other one where one is missing', () => {
    const erasure = { type: 'AUDIT_SUBJECT_ERASED', actor: 'a', subject: 'b' };
    expect(holdersOf(erasure)).toEqual({ who: '-', what: '-' });
    expect(holdersOf({ ...erasure, type: 'BLOCK_ADDED' })).toEqual({ who: 'a', what: 'b' });
    expect(personsOf({ actor: 'a', subject: 'b' })).toEqual({ who: 'a', what: 'b' });
    expect(personsOf({ actor: null, subject: 'b' })).toEqual({ who: 'b', what: 'b' });
    expect(personsOf({ actor: 'a', subject: null })).toEqual({ who: 'a', what: 'a' });
    expect(personsOf({ actor: null, subject: null })).toEqual({ who: '-', what: '-' });
  });
});
