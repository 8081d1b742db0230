import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  consistencyRanges,
  Frontier,
  inclusionRanges,
  isConsistent,
  leafHash,
  type LeafRange,
  nodeHash,
  rangeRoot,
  rootFromInclusion,
} from './tree.ts';

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

/** The definition of RFC 6962 2.1, word by word. */
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return new Uint8Array(createHash('sha256').digest());
  if (leaves.length === 1) return leaves[0] as Uint8Array;
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return nodeHash(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

function naivePath(index: number, leaves: readonly Uint8Array[]): readonly Uint8Array[] {
  if (leaves.length <= 1) return [];
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return index < k
    ? [...naivePath(index, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naivePath(index - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
}

function naiveConsistency(
  before: number,
  leaves: readonly Uint8Array[],
  whole = true,
): readonly Uint8Array[] {
  if (before === leaves.length) return whole ? [] : [naiveRoot(leaves)];
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return before <= k
    ? [...naiveConsistency(before, leaves.slice(0, k), whole), naiveRoot(leaves.slice(k))]
    : [...naiveConsistency(before - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))];
}

const leavesOf = (count: number): readonly Uint8Array[] =>
  Array.from({ length: count }, (_, i) => leafHash(`leaf ${i}`));

function treeOf(leaves: readonly Uint8Array[]) {
  const frontier = new Frontier();
  const nodes = new Map<string, Uint8Array>();
  for (const [i, leaf] of leaves.entries()) {
    nodes.set(`0 ${i}`, leaf);
    frontier.append(leaf, (level, index, hash) => nodes.set(`${level} ${index}`, hash));
  }
  const read = (level: number, index: number): Promise<Uint8Array> => {
    const found = nodes.get(`${level} ${index}`);
    return found ? Promise.resolve(found) : Promise.reject(new Error(`no node ${level} ${index}`));
  };
  const roots = (ranges: readonly LeafRange[]): Promise<readonly Uint8Array[]> =>
    Promise.all(ranges.map((range) => rangeRoot(range, read)));
  return { frontier, roots };
}

/** Inputs and roots of the reference implementation of RFC 6962. */
const INPUTS = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('the tree', () => {
  it('has the roots of the vectors of RFC 6962', () => {
    const frontier = new Frontier();
    expect(hex(frontier.root())).toBe(EMPTY);
    const roots = INPUTS.map((input) => {
      frontier.append(leafHash(Buffer.from(input, 'hex')));
      return hex(frontier.root());
    });
    expect(roots).toEqual(ROOTS);
  });

  it('tells a leaf from a node of the same bytes', () => {
    const [a, b] = leavesOf(2) as [Uint8Array, Uint8Array];
    expect(hex(leafHash(Buffer.concat([a, b])))).not.toBe(hex(nodeHash(a, b)));
  });

  it('has the root of the definition at every size', () => {
    const leaves = leavesOf(70);
    const frontier = new Frontier();
    for (const [i, leaf] of leaves.entries()) {
      frontier.append(leaf);
      expect(hex(frontier.root())).toBe(hex(naiveRoot(leaves.slice(0, i + 1))));
    }
  });

  it('goes on from its written edge as if it had never been put away', () => {
    fc.assert(
      fc.property(fc.nat({ max: 80 }), fc.nat({ max: 40 }), (before, more) => {
        const leaves = leavesOf(before + more);
        const first = treeOf(leaves.slice(0, before)).frontier;
        const again = Frontier.decode(before, first.encode());
        for (const leaf of leaves.slice(before)) again.append(leaf);
        expect(hex(again.root())).toBe(hex(naiveRoot(leaves)));
      }),
    );
  });

  it('takes no edge of another size', () => {
    const { frontier } = treeOf(leavesOf(5));
    expect(() => Frontier.decode(7, frontier.encode())).toThrow(RangeError);
    expect(() => Frontier.decode(5, frontier.encode().subarray(1))).toThrow(RangeError);
    expect(() => Frontier.decode(-1, new Uint8Array())).toThrow(RangeError);
  });
});

const sizes = fc.integer({ min: 1, max: 130 });

describe('inclusion proofs', () => {
  it('are those of the definition, and lead to the root', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (size, any) => {
        const leaves = leavesOf(size);
        const index = any % size;
        const { frontier, roots } = treeOf(leaves);
        const path = await roots(inclusionRanges(index, size));
        expect(path.map(hex)).toEqual(naivePath(index, leaves).map(hex));
        expect(hex(rootFromInclusion(leaves[index] as Uint8Array, index, size, path))).toBe(
          hex(frontier.root()),
        );
      }),
    );
  });

  it('lead nowhere once anything was changed', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, any, what) => {
        const leaves = leavesOf(size);
        const index = any % size;
        const { frontier, roots } = treeOf(leaves);
        const path = [...(await roots(inclusionRanges(index, size)))];
        const leaf = leaves[index] as Uint8Array;
        const root = hex(frontier.root());
        const end = (...args: Parameters<typeof rootFromInclusion>): string =>
          hex(rootFromInclusion(...args));
        expect(end(leafHash('another'), index, size, path)).not.toBe(root);
        expect(end(leaf, index, size, [...path, leaf])).not.toBe(root);
        expect(end(leaf, size, size, path)).not.toBe(root);
        if (path.length > 0) {
          expect(end(leaf, index, size, path.slice(1))).not.toBe(root);
          path[what % path.length] = leafHash('another');
          expect(end(leaf, index, size, path)).not.toBe(root);
        }
      }),
    );
  });
});

describe('consistency proofs', () => {
  it('are those of the definition, and join both roots', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (size, any) => {
        const leaves = leavesOf(size);
        const before = 1 + (any % size);
        const { frontier, roots } = treeOf(leaves);
        const path = await roots(consistencyRanges(before, size));
        expect(path.map(hex)).toEqual(naiveConsistency(before, leaves).map(hex));
        expect(isConsistent(before, size, naiveRoot(leaves.slice(0, before)), frontier.root(), path)).toBe(
          true,
        );
      }),
    );
  });

  it('join nothing when the older tree was another', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, any, at) => {
        const leaves = leavesOf(size);
        const before = 1 + (any % size);
        const { frontier, roots } = treeOf(leaves);
        const path = await roots(consistencyRanges(before, size));
        const other = leaves.slice(0, before);
        other[at % before] = leafHash('another');
        expect(isConsistent(before, size, naiveRoot(other), frontier.root(), path)).toBe(false);
        expect(
          isConsistent(before, size, naiveRoot(leaves.slice(0, before)), leafHash('another'), path),
        ).toBe(false);
        expect(isConsistent(size + 1, size, frontier.root(), frontier.root(), path)).toBe(false);
      }),
    );
  });
});
