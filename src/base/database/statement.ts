import { normalizeSql } from './sink/normal.ts';
import { type SqlTokens, TOKEN, tokenizeSql } from './sink/tokens.ts';

/** What a statement's text tells of it; nothing of its values is in here. */
export interface StatementFacts {
  /** One line without comments and values; at most 2,000 characters. */
  readonly shape: string;
  /** First word in capitals, such as `SELECT`; empty for none. */
  readonly verb: string;
  /** Every bare or quoted word, in capitals. */
  readonly words: ReadonlySet<string>;
  /** Reads and changes nothing as far as its text tells: a replica may answer it. */
  readonly readOnly: boolean;
}

const READERS: ReadonlySet<string> = new Set(['SELECT', 'VALUES', 'TABLE', 'WITH', 'SHOW', 'EXPLAIN']);
/** Words that change something, take a lock, or mean something only at the primary. */
const WRITERS =
  /^(?:INSERT|UPDATE|DELETE|MERGE|TRUNCATE|INTO|ANALYZE|SHARE|SET_CONFIG|NEXTVAL|SETVAL|CURRVAL|LASTVAL|PG_NOTIFY|PG_(?:TRY_)?ADVISORY_.*|PG_CURRENT_WAL_.*|TXID_CURRENT|PG_CURRENT_XACT_ID|LO_.*)$/;

/** Reads a statement's text. */
export function readStatement(text: string): StatementFacts {
  const tokens = tokenizeSql(text);
  const { verb, words } = wordsOf(tokens);
  return {
    shape: normalizeSql(tokens),
    verb,
    words,
    readOnly: READERS.has(verb) && ![...words].some((word) => WRITERS.test(word)),
  };
}

function wordsOf({ text, kinds, starts }: SqlTokens): {
  readonly verb: string;
  readonly words: ReadonlySet<string>;
} {
  const words = new Set<string>();
  let verb: string | undefined;
  for (let i = 0; i < kinds.length; i += 1) {
    const kind = kinds[i];
    if (kind === TOKEN.space || kind === TOKEN.lineComment || kind === TOKEN.blockComment) continue;
    const part = text.slice(starts[i], starts[i + 1]);
    const word = kind === TOKEN.word ? part : kind === TOKEN.quotedWord ? unquoted(part) : undefined;
    if (word !== undefined) words.add(word.toUpperCase());
    if (part !== '(') verb ??= kind === TOKEN.word ? part.toUpperCase() : '';
  }
  return { verb: verb ?? '', words };
}

function unquoted(part: string): string {
  return part.startsWith('"') ? part.slice(1, -1) : part;
}

/** Facts of statements by their text, each read once; the oldest of more than `max` texts is forgotten. */
export class StatementCache {
  readonly #max: number;
  readonly #facts = new Map<string, StatementFacts>();

  constructor(max = 2_000) {
    this.#max = max;
  }

  read(text: string): StatementFacts {
    const known = this.#facts.get(text);
    if (known !== undefined) return known;
    const facts = readStatement(text);
    // Long texts are mostly put together from values and come once.
    if (text.length <= 20_000) {
      if (this.#facts.size >= this.#max) this.#facts.delete(this.#facts.keys().next().value as string);
      this.#facts.set(text, facts);
    }
    return facts;
  }

  get size(): number {
    return this.#facts.size;
  }
}
