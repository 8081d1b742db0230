import {
  HEAD,
  LEAST_SLOTS,
  MOST_USES,
  SEGMENT_ROWS,
  SPACIOUS,
  SWEEP,
  TAKEN_AT_MOST,
  USES,
  WINDOW,
  WORD,
  distance,
  homeOf,
  isFull,
  next,
  usesOf,
  type Segment,
} from './table-layout.ts';

/**
 * Rows of one program in flat memory: open addressing with linear probing over doubles. A row is
 * `[fingerprint, life, column 1 … column n]` and lies in one or two cache lines; nothing per row is an object.
 *
 * The table is cut into segments that grow, shrink and drop their dead rows one by one, so that growing a table of a
 * million rows never stops the process for longer than one segment of some thousand rows takes.
 */

/** Rows of `columns` numbers by 53-bit fingerprint. Never holds more than `maxRows`. */
export class CounterTable {
  readonly columns: number;
  /** Rows held, dead ones that nobody has met yet included. */
  size = 0;
  /** Rows forgotten before their time because the table was full. */
  evicted = 0;
  /** Changes whenever offsets that were handed out may have moved. */
  version = 0;
  readonly #stride: number;
  readonly #maxRows: number;
  readonly #segments: Segment[];
  readonly #mask: number;
  /** The most slots that a segment ever needs: its share of the rows, five standard deviations and free room. */
  readonly #mostSlots: number;
  /** Regions for segments of one size, in one piece of memory that the system fills page by page as it is used. */
  #arena: Float64Array;
  #reach: number;
  #scratch: Float64Array;
  #handSegment = 0;
  #handSlot = 0;

  constructor(columns: number, maxRows: number) {
    this.columns = columns;
    this.#stride = HEAD + columns;
    this.#maxRows = maxRows;
    const parts = 2 ** Math.max(0, Math.ceil(Math.log2(maxRows / SEGMENT_ROWS)));
    const share = maxRows / parts;
    this.#mask = parts - 1;
    this.#mostSlots = Math.ceil((share + (parts === 1 ? 0 : 5 * Math.sqrt(share))) / TAKEN_AT_MOST) + 2;
    this.#reach = LEAST_SLOTS;
    this.#arena = new Float64Array(parts * this.#reach * this.#stride);
    this.#scratch = new Float64Array(LEAST_SLOTS * this.#stride);
    this.#segments = Array.from({ length: parts }, (_, i) => ({
      data: this.#arena,
      base: i * LEAST_SLOTS * this.#stride,
      slots: LEAST_SLOTS,
      reach: LEAST_SLOTS,
      used: 0,
    }));
  }

  /** Bytes set aside for the rows. */
  get bytes(): number {
    return this.#arena.byteLength + this.#scratch.byteLength;
  }

  /** The segment that a fingerprint belongs to: its upper bits; the lower ones choose the slot. */
  segment(fingerprint: number): Segment {
    return this.#segments[(fingerprint / WORD) & this.#mask] as Segment;
  }

  /** @returns the offset of the row's first column in `segment.data`, or -1 when there is no living row */
  find(segment: Segment, fingerprint: number, alive: number): number {
    const at = this.#probe(segment, fingerprint);
    const { data } = segment;
    return data[at] === fingerprint && (data[at + 1] as number) >= alive ? at + HEAD : -1;
  }

  /** Makes a row of zeros (or finds the living one). @returns the offset of its first column */
  claim(segment: Segment, fingerprint: number, alive: number): number {
    let at = this.#probe(segment, fingerprint);
    if (segment.data[at] !== fingerprint) {
      if (this.#makeRoom(segment, fingerprint, alive)) at = this.#probe(segment, fingerprint);
      segment.data[at] = fingerprint;
      segment.used++;
      this.size++;
    } else if ((segment.data[at + 1] as number) >= alive) {
      return at + HEAD;
    }
    segment.data.fill(0, at + 1, at + this.#stride);
    return at + HEAD;
  }

  /** Notes a write: the row now lives until `expiresAtMs` and was used once more. */
  renew(segment: Segment, row: number, expiresAtMs: number): void {
    const uses = usesOf(segment.data[row - 1] as number);
    segment.data[row - 1] = expiresAtMs * USES + (uses < MOST_USES ? uses + 1 : MOST_USES);
  }

  /** Notes a refusal: a row that refuses is the last to be forgotten, for that would open its gate. */
  keep(segment: Segment, row: number): void {
    const life = segment.data[row - 1] as number;
    segment.data[row - 1] = life - usesOf(life) + MOST_USES;
  }

  /** When the row is forgotten, milliseconds since the epoch. */
  expiresAtMs(segment: Segment, row: number): number {
    return Math.floor((segment.data[row - 1] as number) / USES);
  }

  /** Forgets a row. */
  remove(segment: Segment, row: number): void {
    const { data, base, slots } = segment;
    const stride = this.#stride;
    let hole = (row - HEAD - base) / stride;
    // Rows behind the hole move up where the probe for them would otherwise end at the hole.
    for (let slot = next(hole, slots); ; slot = next(slot, slots)) {
      const at = base + slot * stride;
      if (data[at] === 0) break;
      const home = homeOf(data[at] as number, slots);
      if (distance(home, slot, slots) < distance(hole, slot, slots)) continue;
      data.copyWithin(base + hole * stride, at, at + stride);
      hole = slot;
    }
    data.fill(0, base + hole * stride, base + (hole + 1) * stride);
    segment.used--;
    this.size--;
    this.version++;
  }

  #probe(segment: Segment, fingerprint: number): number {
    const { data, base, slots } = segment;
    const stride = this.#stride;
    const end = base + slots * stride;
    let at = base + homeOf(fingerprint, slots) * stride;
    for (;;) {
      const found = data[at];
      if (found === fingerprint || found === 0) return at;
      at += stride;
      if (at === end) at = base;
    }
  }

  /** @returns whether rows have moved */
  #makeRoom(segment: Segment, fingerprint: number, alive: number): boolean {
    const before = this.version;
    if (isFull(segment)) this.#rebuild(segment, alive);
    if (this.size >= this.#maxRows || isFull(segment)) this.#forgetOne(segment, fingerprint, alive);
    return this.version !== before;
  }

  /** Drops the segment's dead rows and gives the living ones room to grow. */
  #rebuild(segment: Segment, alive: number): void {
    const stride = this.#stride;
    const living = this.#setAside(segment, alive);
    const slots = Math.min(this.#mostSlots, Math.max(LEAST_SLOTS, Math.ceil((living + 1) * SPACIOUS)));
    if (slots > segment.reach) this.#move(segment, slots);
    const { data, base } = segment;
    for (let from = 0; from < living * stride; from += stride) {
      let slot = homeOf(this.#scratch[from] as number, slots);
      while (data[base + slot * stride] !== 0) slot = next(slot, slots);
      const to = base + slot * stride;
      for (let i = 0; i < stride; i++) data[to + i] = this.#scratch[from + i] as number;
    }
    this.size -= segment.used - living;
    this.version++;
    segment.slots = slots;
    segment.used = living;
  }

  /** Copies the living rows to the scratch and wipes the segment. @returns how many there are */
  #setAside(segment: Segment, alive: number): number {
    const { data, base, slots, used } = segment;
    const stride = this.#stride;
    if (this.#scratch.length < used * stride) this.#scratch = new Float64Array(2 * used * stride);
    const end = base + slots * stride;
    let to = 0;
    for (let at = base; at < end; at += stride) {
      if (data[at] === 0 || (data[at + 1] as number) < alive) continue;
      for (let i = 0; i < stride; i++) this.#scratch[to + i] = data[at + i] as number;
      to += stride;
    }
    data.fill(0, base, end);
    return to / stride;
  }

  /** Gives the segment a larger region; the old arena goes when the last segment has left it. */
  #move(segment: Segment, slots: number): void {
    if (this.#reach < slots) {
      this.#reach = Math.min(this.#mostSlots, Math.max(slots, 4 * this.#reach));
      this.#arena = new Float64Array(this.#segments.length * this.#reach * this.#stride);
    }
    segment.data = this.#arena;
    segment.base = this.#segments.indexOf(segment) * this.#reach * this.#stride;
    segment.reach = this.#reach;
  }

  /**
   * Forgets one row: a dead one if one is near where the new row will stand (nobody can aim: the hash is keyed) or where
   * the hand passes that goes round the table; else, of those nearby, the one that was used least, among equals the one
   * that expires first.
   */
  #forgetOne(near: Segment, fingerprint: number, alive: number): void {
    if (near.used === 0) return this.#forgetAnywhere(alive);
    const row = this.#lightest(near, homeOf(fingerprint, near.slots), alive);
    if ((near.data[row - 1] as number) < alive) return this.remove(near, row);
    if (!isFull(near) && this.#sweep(alive)) return;
    this.evicted++;
    this.remove(near, row);
  }

  /** For a new row whose own segment holds none: takes from the segment at the hand. */
  #forgetAnywhere(alive: number): void {
    let segment = this.#segments[this.#handSegment] as Segment;
    while (segment.used === 0) {
      this.#handSlot = 0;
      this.#handSegment = (this.#handSegment + 1) & this.#mask;
      segment = this.#segments[this.#handSegment] as Segment;
    }
    const row = this.#lightest(segment, 0, alive);
    if ((segment.data[row - 1] as number) >= alive) this.evicted++;
    this.remove(segment, row);
  }

  /** Moves the hand on by some slots, up to the next dead row. @returns whether it found one and removed it */
  #sweep(alive: number): boolean {
    for (let seen = 0; seen < SWEEP; seen++) {
      const segment = this.#segments[this.#handSegment] as Segment;
      if (this.#handSlot >= segment.slots) {
        this.#handSlot = 0;
        this.#handSegment = (this.#handSegment + 1) & this.#mask;
        continue;
      }
      const at = segment.base + this.#handSlot * this.#stride;
      if (segment.data[at] !== 0 && (segment.data[at + 1] as number) < alive) {
        this.remove(segment, at + HEAD);
        return true;
      }
      this.#handSlot++;
    }
    return false;
  }

  #lightest(segment: Segment, from: number, alive: number): number {
    const { data, base, slots } = segment;
    let best = -1;
    let bestUses = USES;
    let bestLife = 0;
    for (let seen = 0, slot = from; seen < WINDOW || best === -1; seen++, slot = next(slot, slots)) {
      const at = base + slot * this.#stride;
      if (data[at] === 0) continue;
      const life = data[at + 1] as number;
      if (life < alive) return at + HEAD;
      const uses = usesOf(life);
      if (uses > bestUses || (uses === bestUses && life >= bestLife)) continue;
      best = at + HEAD;
      bestUses = uses;
      bestLife = life;
    }
    return best;
  }
}
