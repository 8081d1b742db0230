/**
 * Verifies an exported audit log with nothing but its public key. It imports one file, which imports none: both run by
 * themselves, in Node.js and in a browser page. They share no code with what writes the log, so that a mistake there is
 * seen here.
 */
import { canonical, join, pair, sha256, Spans, subtrees, Tree } from './verifier-tree.ts';

/** What was found. Times are microseconds since the epoch. */
export interface AuditReport {
  /** Nothing is wrong. Of an empty log that says it is one, nothing can be. */
  readonly ok: boolean;
  readonly origin: string | null;
  /** Place of the first event of the proof of a range; null for a whole log. */
  readonly from: number | null;
  readonly events: number;
  /** Events that a signed checkpoint covers, and its time. */
  readonly covered: number;
  readonly coveredAtUs: string | null;
  readonly checkpoints: number;
  /** Parts of events whose personal data were erased, as the log says, and parts that the bundle leaves out. */
  readonly erased: number;
  /** Parts of events that have expired, as the log says. */
  readonly expired: number;
  readonly withheld: number;
  /** The first event that is wrong. */
  readonly firstBad: number | null;
  /** Index of an event, or null where none is meant; where only a span is known, the one `before` which it lies. */
  readonly problems: readonly {
    readonly index: number | null;
    readonly before: number | null;
    readonly text: string;
  }[];
}

type Members = Readonly<Record<string, unknown>>;
interface Note {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
  readonly atUs: string;
}

/** Events that stand for themselves, and what stood beside them when the log was signed. */
interface Range {
  readonly from: number;
  readonly to: number;
  /** Roots of the whole subtrees behind the range. */
  readonly right: readonly Uint8Array[];
  readonly note: Note | null;
}

const encoder = new TextEncoder();

/** Takes a bundle a line at a time, checkpoints kept elsewhere first, and says what is wrong. */
export class AuditVerifier {
  readonly #keys: readonly Uint8Array[];
  readonly #notes = new Map<number, Note[]>();
  readonly #problems: AuditReport['problems'][number][] = [];
  /** Leaves as they were seen outside the database, and how many of them a checkpoint has proven. */
  readonly #seen: string[] = [];
  #proven = 0;
  readonly #seenTree = new Tree();
  #tree = new Tree();
  #range: Range | null = null;
  #headed = false;
  /** Events whose data are missing, by pseudonym; and where an erasure names it. */
  readonly #absent = new Map<string, number[]>();
  readonly #erased = new Map<string, number>();
  readonly #expired = new Spans();
  #origin: string | null = null;
  #declared: number | null = null;
  #payloads = true;
  /** Place of the next event, and until which place all is as it was signed. */
  #next = 0;
  #good = 0;
  #goodAtUs: string | null = null;
  #checkpoints = 0;
  #withheld = 0;
  #lastUs = 0n;
  #located = false;

  /** @param keys public keys that are trusted: `vkey` texts, or 32 bytes as base64 */
  constructor(keys: readonly string[]) {
    this.#keys = keys.map(keyOf);
  }

  /** Takes a line of a file of checkpoints that was kept outside of the database. All of them before the bundle. */
  async witness(line: string): Promise<void> {
    const given = parse(line);
    if (typeof given?.['note'] === 'string') {
      const note = await this.#note(given['note']);
      if (note === null || note.size !== this.#seenTree.size) return;
      if (base64(this.#seenTree.root()) === note.root) this.#proven = note.size;
    } else if (typeof given?.['leaves'] === 'string' && given['from'] === this.#seenTree.size) {
      const bytes = unbase64(given['leaves']);
      for (let i = 0; i + 32 <= bytes.length; i += 32) {
        const leaf = bytes.slice(i, i + 32);
        this.#seen.push(base64(leaf));
        this.#seenTree.append(leaf);
      }
    }
  }

  /** Takes a line of the bundle: its head, its checkpoints, its events in order. */
  async push(line: string): Promise<void> {
    if (line.trim() === '') return;
    const given = parse(line);
    if (given === null) return this.#bad(this.#next, null, 'a line that cannot be read');
    if (given['rampart'] === 'audit-bundle') return this.#head(given);
    if (given['rampart'] === 'audit-range') return this.#rangeHead(given);
    if (typeof given['note'] === 'string') return void (await this.#note(given['note']));
    this.#event(given);
  }

  finish(): AuditReport {
    const from = this.#range?.from ?? 0;
    if (this.#range === null) this.#endOfLog();
    else this.#endOfRange(this.#range);
    let [erased, expired] = [0, 0];
    for (const [tag, missing] of this.#absent) {
      const absent = missing.filter((index) => !this.#expired.has(index));
      expired += missing.length - absent.length;
      if (absent.length === 0) continue;
      if ((this.#erased.get(tag) ?? -1) > (absent.at(-1) ?? 0)) erased += absent.length;
      // Whether they were erased stands behind the range.
      else if (this.#range !== null) this.#withheld += absent.length;
      else {
        erased += absent.length;
        this.#bad(
          absent[0] ?? null,
          null,
          'its data are missing, and no erasure or expiry of them is in the log',
        );
      }
    }
    if (this.#checkpoints === 0 && (this.#declared !== 0 || this.#next > 0))
      this.#bad(null, null, 'no checkpoint was signed by a key that is trusted');
    const indices = this.#problems.flatMap(({ index }) => (index === null ? [] : [index]));
    return {
      ok: this.#problems.length === 0,
      origin: this.#origin,
      from: this.#range?.from ?? null,
      events: this.#next - from,
      covered: this.#good - from,
      coveredAtUs: this.#goodAtUs,
      checkpoints: this.#checkpoints,
      erased,
      expired,
      withheld: this.#withheld,
      firstBad: indices.length === 0 ? null : Math.min(...indices),
      problems: this.#problems,
    };
  }

  #endOfLog(): void {
    for (const { size } of [...this.#notes.values()].flat())
      if (size > this.#next) this.#bad(this.#next, null, `the log ends here, and ${size} events were signed`);
    if (this.#declared !== null && this.#next < this.#declared)
      this.#bad(this.#next, null, `the bundle ends here, and its head names ${this.#declared} events`);
  }

  /** Grows the tree to that which was signed, by roots of what stands behind the range. */
  #endOfRange({ to, right, note }: Range): void {
    if (this.#next <= to) return this.#bad(this.#next, null, `the range ends here, and not with event ${to}`);
    if (this.#located) return;
    if (note === null) return this.#bad(null, null, 'the range leads to no signed root');
    for (const root of right) {
      let span = 1;
      while (this.#tree.size % (span * 2) === 0 && this.#tree.size + span * 2 <= note.size) span *= 2;
      this.#tree.append(root, span);
    }
    if (this.#tree.size === note.size) this.#compare(note, this.#next);
    else this.#bad(null, null, 'the range does not lead to the signed root');
  }

  #bad(index: number | null, before: number | null, text: string): void {
    if (this.#problems.length < 100) this.#problems.push({ index, before, text });
  }

  /** @returns whether it stands where a head must */
  #begins(head: Members): boolean {
    if (this.#headed || this.#next > 0) this.#bad(null, null, 'a second head');
    if (head['version'] !== 1) this.#bad(null, null, 'a bundle of another version');
    const isFirst = !this.#headed && this.#next === 0;
    this.#headed = true;
    return isFirst && this.#isOfThisLog(head['origin']);
  }

  #head(head: Members): void {
    if (!this.#begins(head)) return;
    this.#declared = typeof head['size'] === 'number' ? head['size'] : null;
    this.#payloads = head['payloads'] !== false;
  }

  /** The proof of a range begins with the tree before it, which is as little believed as the events: the root decides. */
  async #rangeHead(head: Members): Promise<void> {
    if (!this.#begins(head)) return;
    const { from, to, note: signed } = head;
    const [left, right] = [hashesOf(head['left']), hashesOf(head['right'])];
    const note = typeof signed === 'string' ? await this.#note(signed) : null;
    const isRange = isPlace(from) && isPlace(to) && from <= to && left?.length === subtrees(from);
    if (!isRange || right === null || (note !== null && note.size <= to)) {
      this.#located = true;
      return this.#bad(null, null, 'a head of a range that is none');
    }
    this.#payloads = head['payloads'] !== false;
    this.#tree = new Tree(from, left);
    this.#next = this.#good = from;
    this.#range = { from, to, right, note };
  }

  #isOfThisLog(origin: unknown): boolean {
    this.#origin ??= typeof origin === 'string' ? origin : null;
    if (this.#origin === origin) return true;
    this.#bad(null, null, `a checkpoint of another log: ${String(origin).slice(0, 80)}`);
    return false;
  }

  async #note(text: string): Promise<Note | null> {
    const note = await openNote(text, this.#keys);
    if (note === null) {
      this.#bad(null, null, 'a checkpoint that no trusted key has signed');
      return null;
    }
    if (!this.#isOfThisLog(note.origin)) return null;
    if (note.size < this.#next) this.#bad(null, null, 'a checkpoint stands after its events');
    const known = this.#notes.get(note.size) ?? [];
    if (known.some(({ root }) => root === note.root)) return note;
    if (known.length > 0)
      this.#bad(null, null, `two checkpoints of ${note.size} events contradict each other`);
    this.#checkpoints += 1;
    this.#notes.set(note.size, [...known, note]);
    return note;
  }

  /** After the first event that is wrong nothing more is learnt from those behind it. */
  #event(line: Members): void {
    const index = this.#next;
    this.#next += 1;
    this.#claim(index, line['entry']);
    if (this.#located) return;
    const isBehind = this.#range !== null && index > this.#range.to;
    const fault = isBehind ? 'it stands behind the end of the range' : this.#faultOf(index, line);
    if (fault !== null) {
      this.#located = true;
      return this.#bad(index, null, fault);
    }
    this.#tree.append(unbase64(line['leaf'] as string));
    for (const note of this.#notes.get(this.#next) ?? []) this.#compare(note, note.size);
  }

  /** @param until place behind the last event that the note proves */
  #compare(note: Note, until: number): void {
    if (base64(this.#tree.root()) === note.root) {
      this.#good = until;
      this.#goodAtUs = note.atUs;
      return;
    }
    this.#located = true;
    // Where a whole range was proven already, it is what stands beside it that was changed.
    if (this.#good === until) return this.#bad(null, until, 'the range does not lead to the signed root');
    this.#bad(this.#good, until, `events ${this.#good} to ${until - 1} are not those that were signed`);
  }

  #faultOf(index: number, line: Members): string | null {
    const entry = line['entry'] as Members | undefined;
    const { seq, leaf: claimed } = line;
    if (entry === null || typeof entry !== 'object') return 'a line that is no event';
    if (seq !== index || entry['seq'] !== index) return `event ${String(seq)} stands in its place`;
    const text = canonical(entry);
    if (text === null) return 'it has no canonical form';
    const leaf = base64(sha256(join([0], encoder.encode(text))));
    if (leaf !== claimed) return 'it was changed: its hash is another';
    if (index < this.#proven && this.#seen[index] !== leaf) return 'another event was seen here before';
    const { sequencedUs: us } = entry;
    if (typeof us !== 'string' || !/^\d{1,20}$/.test(us)) return 'its time is no whole number';
    if (BigInt(us) < this.#lastUs) return 'it is older than the one before it';
    this.#lastUs = BigInt(us);
    const who = this.#partFault(index, entry['who'], line['who']);
    return who ?? this.#partFault(index, entry['what'], line['what']);
  }

  /** What an event says of data that are missing before it; also behind the first that is wrong, so that it is named alone. */
  #claim(index: number, entry: unknown): void {
    const { erases } = (entry ?? {}) as Members;
    if (typeof erases !== 'string' || erases === '') return;
    if (erases.startsWith('#')) this.#expired.add(erases, index);
    else this.#erased.set(erases, index);
  }

  #partFault(index: number, given: unknown, opening: unknown): string | null {
    const { tag, commit } = (given as Members | null) ?? {};
    if (typeof tag !== 'string' || typeof commit !== 'string') return 'a part of it is missing';
    if (opening === null || opening === undefined) {
      if (!this.#payloads) this.#withheld += 1;
      else if (this.#absent.get(tag)?.push(index) === undefined) this.#absent.set(tag, [index]);
      return null;
    }
    return openingFault(commit, opening);
  }
}

/** What is wrong with data that a commitment was made to; null where they fit, or are not there. */
function openingFault(commit: unknown, opening: unknown): string | null {
  if (opening === null || opening === undefined) return null;
  const { data, salt } = opening as Members;
  const text = canonical(data);
  if (text === null || typeof salt !== 'string') return 'its data have no canonical form';
  const opens = base64(sha256(join([2], unbase64(salt), encoder.encode(text))));
  return opens === base64(unbase64(String(commit))) ? null : 'its data were changed';
}

/** Verifies the receipt of one event. @returns null when it is right, else what is wrong */
export async function verifyReceipt(text: string, keys: readonly string[]): Promise<string | null> {
  const given = parse(text) ?? {};
  const { entry, path, note: signed } = given;
  const leafText = canonical(entry);
  if (leafText === null || !Array.isArray(path) || typeof signed !== 'string') return 'not a receipt';
  const note = await openNote(signed, keys.map(keyOf));
  if (note === null) return 'its checkpoint was signed by no key that is trusted';
  let hash = sha256(join([0], encoder.encode(leafText)));
  let at = Number((entry as Members)['seq']);
  let last = note.size - 1;
  if (!Number.isSafeInteger(at) || at < 0 || at > last) return 'its checkpoint does not cover the event';
  for (const one of path as readonly unknown[]) {
    const sibling = unbase64(String(one));
    if (last === 0) return 'its path is too long';
    if (at % 2 === 1 || at === last) {
      hash = pair(sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else hash = pair(hash, sibling);
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  if (last !== 0 || base64(hash) !== note.root) return 'its path does not lead to the signed root';
  const of = (part: string): unknown => ((entry as Members)[part] as Members | null)?.['commit'];
  return openingFault(of('who'), given['who']) ?? openingFault(of('what'), given['what']);
}

const isPlace = (given: unknown): given is number => Number.isSafeInteger(given) && (given as number) >= 0;

/** Hashes of the two sides of a range; null where they are none. */
function hashesOf(given: unknown): Uint8Array[] | null {
  if (!Array.isArray(given) || given.length > 128) return null;
  const hashes = given.map((one) => unbase64(String(one)));
  return hashes.every(({ length }) => length === 32) ? hashes : null;
}

function parse(line: string): Members | null {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === 'object' ? (value as Members) : null;
  } catch {
    return null;
  }
}

async function openNote(note: string, keys: readonly Uint8Array[]): Promise<Note | null> {
  const end = note.indexOf('\n\n');
  const body = note.slice(0, end + 1);
  const [, origin, size, root, atUs] =
    /^([^\n+ ]{1,200})\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\ntime (\d{1,20})\n$/.exec(body) ?? [];
  if (end < 0 || origin === undefined || root === undefined || atUs === undefined) return null;
  for (const line of note.slice(end + 2).split('\n')) {
    if (!line.startsWith(`— ${origin} `)) continue;
    const bytes = unbase64(line.slice(origin.length + 3));
    for (const key of keys) {
      const id = sha256(join(encoder.encode(`${origin}\n`), [1], key)).slice(0, 4);
      if (base64(id) !== base64(bytes.slice(0, 4))) continue;
      if (await isSigned(key, bytes.slice(4), encoder.encode(body)))
        return { origin, size: Number(size), root, atUs };
    }
  }
  return null;
}

async function isSigned(key: Uint8Array, signature: Uint8Array, body: Uint8Array): Promise<boolean> {
  const opened = await crypto.subtle.importKey('raw', new Uint8Array(key), 'Ed25519', false, ['verify']);
  return crypto.subtle.verify('Ed25519', opened, new Uint8Array(signature), new Uint8Array(body));
}

function keyOf(text: string): Uint8Array {
  const bytes = unbase64(/^[^+\s]+\+[0-9a-f]{8}\+(.+)$/.exec(text)?.[1] ?? text);
  const key = bytes.length === 33 && bytes[0] === 1 ? bytes.slice(1) : bytes;
  if (key.length !== 32) throw new TypeError('not a public key of Ed25519');
  return key;
}

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/** Both alphabets; nothing where it is none. */
function unbase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}
