import { type Baseline, boundOf, learn, pressureOf, UNKNOWN_BASELINE } from './baseline.ts';
import type { Sensitivity } from './options.ts';
import {
  harder,
  NORMAL,
  POSTURE_LEVELS,
  type PostureLevel,
  type PostureState,
  stepPosture,
} from './posture.ts';

/** The posture as it is shown. */
export interface PostureView {
  readonly level: PostureLevel;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  /** Level that this node alone would have. */
  readonly own: PostureLevel;
  /** Nodes that are pressed, this one included. */
  readonly nodes: number;
  /** Requests per second of this node, smoothed over ten seconds. */
  readonly rate: number;
  /** What is usual here; null while it is being learnt. */
  readonly usual: number | null;
  /** Requests per second from which on this node is pressed; null while that is being learnt, or is not looked at. */
  readonly bound: number | null;
}

/** A change of the posture. */
export interface PostureChange {
  readonly from: PostureLevel;
  readonly to: PostureLevel;
  readonly view: PostureView;
}

/** What the keeper is told. */
export interface KeeperOptions {
  readonly sensitivity: Sensitivity | 'off';
  readonly warmUpMs: number;
  /** Told of every change of the posture that holds here. Must not throw. */
  readonly onChange: (change: PostureChange) => void;
  /** Told of the level of this node: at each change, and every 20 s while it is not normal. Must not throw. */
  readonly onOwn?: (level: PostureLevel) => void;
}

const TELL_EVERY_SECONDS = 20;
/** A node that is pressed and falls silent presses the others no longer than this. */
const PEER_MS = 60_000;
const MAX_PEERS = 256;
/** Seconds that are computed one by one when nobody asked for longer; what lies before them was silence. */
const MAX_SECONDS = 3_600;
const BLOCKS_MS = 60_000;
const MAX_BLOCKS = 32;

/** Counts the seconds of a node, and keeps its posture and that of the others. Needs no timer: seconds are made up when asked. */
export class PostureKeeper {
  readonly #options: KeeperOptions;
  #state: PostureState = NORMAL;
  #baseline: Baseline = UNKNOWN_BASELINE;
  #level: PostureLevel = 'normal';
  #sinceMs: number;
  #second: number;
  #count = 0;
  #toldSecond = 0;
  readonly #blocks: number[] = [];
  readonly #peers = new Map<string, { readonly level: PostureLevel; readonly untilMs: number }>();

  /** @param steadyMs of a clock that never steps back */
  constructor(options: KeeperOptions, nowMs: number, steadyMs: number) {
    this.#options = options;
    this.#sinceMs = nowMs;
    this.#second = Math.floor(steadyMs / 1_000);
  }

  /** Counts a request. */
  count(nowMs: number, steadyMs: number): void {
    if (Math.floor(steadyMs / 1_000) !== this.#second) this.#catchUp(nowMs, steadyMs);
    this.#count++;
  }

  /** Counts a client that was blocked for its traffic. */
  blocked(steadyMs: number): void {
    if (this.#blocks.length >= MAX_BLOCKS) this.#blocks.shift();
    this.#blocks.push(steadyMs);
  }

  /** Takes over what another node says of itself. */
  heard(node: string, level: PostureLevel, nowMs: number, steadyMs: number): void {
    this.#peers.delete(node);
    if (level !== 'normal' && this.#peers.size < MAX_PEERS)
      this.#peers.set(node, { level, untilMs: steadyMs + PEER_MS });
    this.#settle(nowMs, steadyMs);
  }

  /** The level that holds now, of this node and the others. */
  get level(): PostureLevel {
    return this.#level;
  }

  /** Makes up for the seconds since it was last asked. @returns the posture as it is shown */
  view(nowMs: number, steadyMs: number): PostureView {
    if (Math.floor(steadyMs / 1_000) !== this.#second) this.#catchUp(nowMs, steadyMs);
    this.#settle(nowMs, steadyMs);
    return this.#shown();
  }

  #shown(): PostureView {
    const { sensitivity, warmUpMs } = this.#options;
    const known = this.#baseline.seconds * 1_000 >= warmUpMs;
    return {
      level: this.#level,
      sinceMs: this.#sinceMs,
      own: this.#state.level,
      nodes: this.#peers.size + (this.#state.level === 'normal' ? 0 : 1),
      rate: this.#baseline.recent,
      usual: known ? this.#baseline.mean : null,
      bound: known && sensitivity !== 'off' ? boundOf(this.#baseline, sensitivity) : null,
    };
  }

  #catchUp(nowMs: number, steadyMs: number): void {
    const now = Math.floor(steadyMs / 1_000);
    const first = Math.max(this.#second, now - MAX_SECONDS);
    let requests = first === this.#second ? this.#count : 0;
    for (let second = first; second < now; second++) {
      this.#endSecond(requests, (second + 1) * 1_000);
      requests = 0;
    }
    this.#second = now;
    this.#count = 0;
    this.#settle(nowMs, steadyMs);
  }

  #endSecond(requests: number, steadyMs: number): void {
    const { sensitivity, warmUpMs, onOwn } = this.#options;
    const before = this.#state.level;
    const pressure =
      sensitivity === 'off' ? 'calm' : pressureOf(this.#baseline, sensitivity, warmUpMs / 1_000);
    while (this.#blocks.length > 0 && steadyMs - (this.#blocks[0] as number) >= BLOCKS_MS)
      this.#blocks.shift();
    this.#state = stepPosture(this.#state, { pressure, blocked: this.#blocks.length });
    this.#learn(requests, pressure === 'high' || pressure === 'extreme');
    const { level } = this.#state;
    const second = steadyMs / 1_000;
    if (level === before && (level === 'normal' || second - this.#toldSecond < TELL_EVERY_SECONDS)) return;
    this.#toldSecond = second;
    onOwn?.(level);
  }

  #learn(requests: number, isPressed: boolean): void {
    const { sensitivity, warmUpMs } = this.#options;
    const isKnown = this.#baseline.seconds * 1_000 >= warmUpMs;
    const atMost = boundOf(this.#baseline, sensitivity === 'off' ? 'medium' : sensitivity);
    const slowly = isKnown && (isPressed || requests > atMost || this.#state.level !== 'normal');
    this.#baseline = learn(this.#baseline, requests, slowly, isKnown ? atMost : Infinity);
  }

  #settle(nowMs: number, steadyMs: number): void {
    let level = this.#state.level;
    for (const [node, peer] of this.#peers) {
      if (peer.untilMs <= steadyMs) this.#peers.delete(node);
      else level = harder(level, peer.level);
    }
    if (level === this.#level) return;
    const from = this.#level;
    this.#level = level;
    this.#sinceMs = nowMs;
    this.#options.onChange({ from, to: level, view: this.#shown() });
  }
}

/** Reads a level that another node sent. */
export function readLevel(text: unknown): PostureLevel | undefined {
  return POSTURE_LEVELS.find((level) => level === text);
}
