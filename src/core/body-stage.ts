import type { RequestContext } from './context.ts';
import type { Guard } from './guard.ts';
import { PASS, type Verdict } from './verdict.ts';

/** How a guard looks at the body of one request, before the application does. */
export interface BodyInspection {
  /**
   * Bytes that are held back from the application at most. What goes beyond is shown while it passes: a verdict then
   * breaks the request off, rather than keeping it from the application. It may become 0 while the body comes, when the
   * guard knows that the rest is of no interest.
   */
  readonly holdBytes: number;
  /** The body is answered while it comes: none of it is held back from anybody, and all is shown while it passes. */
  readonly streams?: boolean;
  /** Takes the next bytes, which it must not change. */
  write(chunk: Uint8Array): Verdict;
  /** The body is whole. */
  end(): Verdict;
  /** Somebody has read the body before: looks at what they made of it, a plain object or a list. */
  parsed?(value: object): Verdict;
}

/** What the corridor does with what guards say of a body. */
export interface BodyJudge {
  /** Takes a verdict down. @returns whether the request's way ends here */
  note(guard: Guard, verdict: Verdict): boolean;
  /** Makes a verdict of a crash. */
  failed(guard: Guard, error: unknown): Verdict;
  /** Makes a verdict of a lack of room for what has to be held. */
  full(guard: Guard): Verdict;
  /** Takes down that a body was read before the guards could. @param isSeen what was made of it was looked at */
  taken(isSeen: boolean): void;
}

/** Memory for bodies that are held back, all requests together, unless told otherwise: 256 MiB. */
export const MAX_HELD_BYTES = 268_435_456;

/** The room that all bodies which are held back share. */
export class HeldRoom {
  readonly maxBytes: number;
  /** Taken just now. */
  bytes = 0;

  constructor(maxBytes: number = MAX_HELD_BYTES) {
    this.maxBytes = maxBytes;
  }
}

interface Station {
  readonly guard: Guard;
  readonly inspection: BodyInspection;
}

/** A body on its way past the guards that asked to see it. */
export class BodyWalk {
  readonly #judge: BodyJudge;
  readonly #room: HeldRoom;
  #heldBytes = 0;
  #stations: readonly Station[];
  /** The request was refused: nothing of it is for the application any more. */
  refused = false;

  constructor(stations: readonly Station[], judge: BodyJudge, room: HeldRoom) {
    this.#stations = stations;
    this.#judge = judge;
    this.#room = room;
  }

  /** Whether nothing may be held back, since the body is answered while it comes. */
  get streams(): boolean {
    return this.#stations.some(({ inspection }) => inspection.streams === true);
  }

  /** Bytes that are held back at most, for whoever still wants to see some. */
  get holdBytes(): number {
    if (this.streams) return 0;
    let most = 0;
    for (const { inspection } of this.#stations) most = Math.max(most, inspection.holdBytes);
    return most;
  }

  /** Shows the next bytes. @returns whether the request is refused; its reply is in its context then */
  write(chunk: Uint8Array): boolean {
    return this.#ask(chunk);
  }

  /** Says that the body is whole. @returns whether the request is refused */
  end(): boolean {
    return this.#ask(null);
  }

  /**
   * Shows what somebody made of a body that they have read before: bytes, a text, a plain object or a list. Anything else
   * goes on unseen.
   * @returns whether the request is refused
   */
  taken(value: unknown): boolean {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    const isSeen = typeof bytes === 'object' && bytes !== null;
    this.#judge.taken(isSeen);
    if (!isSeen) return false;
    if (bytes instanceof Uint8Array) return this.write(bytes) || this.end();
    return this.#ask(bytes);
  }

  /**
   * Takes room for bytes that are held. Where there is none left, the guards have broken down: by their `onError`.
   * @returns whether there was room; without it `refused` says whether the request goes on, unseen
   */
  hold(bytes: number): boolean {
    const room = this.#room;
    this.#heldBytes += bytes;
    room.bytes += bytes;
    if (room.bytes <= room.maxBytes) return true;
    for (const { guard } of this.#stations) {
      if (this.refused) break;
      this.refused = this.#judge.note(guard, this.#judge.full(guard));
    }
    this.#stations = [];
    return false;
  }

  /** Gives the room back: nothing is held any more. */
  letGo(): void {
    this.#room.bytes -= this.#heldBytes;
    this.#heldBytes = 0;
  }

  /** @param shown bytes, what somebody made of them, or null for the end */
  #ask(shown: object | null): boolean {
    const stations = this.#stations;
    for (let i = 0; i < stations.length && !this.refused; i++) {
      const station = stations[i] as Station;
      let verdict: Verdict;
      try {
        verdict = show(station.inspection, shown);
      } catch (error) {
        verdict = this.#judge.failed(station.guard, error);
      }
      if (verdict === PASS) continue;
      this.refused = this.#judge.note(station.guard, verdict);
      // It has said its word, in shadow or by its onError: it is not asked again.
      this.#stations = this.#stations.filter((one) => one !== station);
    }
    return this.refused;
  }
}

function show(inspection: BodyInspection, shown: object | null): Verdict {
  if (shown === null) return inspection.end();
  return shown instanceof Uint8Array ? inspection.write(shown) : (inspection.parsed?.(shown) ?? PASS);
}

/** Opens the body's way past the guards that want to see it; null where none does. */
export function openWalk(
  context: RequestContext,
  guards: readonly Guard[],
  judge: BodyJudge,
  room: HeldRoom,
): BodyWalk | null {
  let stations: Station[] | null = null;
  for (let i = 0; i < guards.length; i++) {
    const guard = guards[i] as Guard;
    let inspection: BodyInspection | null | undefined;
    try {
      inspection = guard.openBody?.(context);
    } catch (error) {
      if (judge.note(guard, judge.failed(guard, error))) return null;
    }
    if (inspection !== null && inspection !== undefined) (stations ??= []).push({ guard, inspection });
  }
  if (stations === null) return null;
  const walk = new BodyWalk(stations, judge, room);
  // Full already: answered before the body is read.
  if (walk.hold(room.bytes < room.maxBytes ? 0 : 1)) return walk;
  walk.letGo();
  return null;
}
