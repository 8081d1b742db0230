import { Class, CLASSES } from './classes.ts';

/** What a word of a tree says: bits. */
export const Mark = {
  /** Looked at wherever it stands. */
  hit: 1,
  /** Of SQL or a shell, and of prose. */
  word: 2,
  /** Joins two conditions. */
  joint: 4,
  /** Looked at before a colon. */
  scheme: 8,
  /** `http`, `https`. */
  web: 16,
} as const;

/** Where one stands within the words that are looked for. Equal ends of words share their nodes. */
export interface WordNode {
  readonly id: number;
  /** Of `Mark`: what it says if the word ends here. */
  readonly marks: number;
  /** What comes next, by class. */
  readonly next: ReadonlyMap<number, WordNode>;
}

interface Draft {
  marks: number;
  readonly next: Map<number, Draft>;
}

/** Makes trees of words; what their words have in common at the end is there once. */
export class WordTrees {
  readonly #known = new Map<string, WordNode>();

  /** A tree of words, and what each says. */
  tree(words: Iterable<readonly [word: string, mark: number]>): WordNode {
    const root: Draft = { marks: 0, next: new Map() };
    for (const [word, mark] of words) {
      let at = root;
      for (let i = 0; i < word.length; i++) {
        const letter = CLASSES[word.charCodeAt(i)] ?? Class.strong;
        let next = at.next.get(letter);
        if (next === undefined) at.next.set(letter, (next = { marks: 0, next: new Map() }));
        at = next;
      }
      at.marks |= mark;
    }
    return this.#settle(root);
  }

  #settle(draft: Draft): WordNode {
    const next = new Map<number, WordNode>();
    for (const [letter, child] of [...draft.next].toSorted(([a], [b]) => a - b))
      next.set(letter, this.#settle(child));
    const key = `${draft.marks}|${[...next].map(([letter, { id }]) => `${letter}:${id}`).join()}`;
    let node = this.#known.get(key);
    if (node === undefined) this.#known.set(key, (node = { id: this.#known.size, marks: draft.marks, next }));
    return node;
  }
}
