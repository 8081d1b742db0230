import { fixedRing, type Signer, signer } from '../../../base/secrets/index.ts';
import type { Clock } from '../../../core/clock.ts';
import { newSecret } from '../../../core/id.ts';
import type { Puzzle } from './proof.ts';

/** A challenge as it is given out. */
export interface Issued extends Puzzle {
  /** To be handed back with the proof. */
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAtMs: number;
}

/** What became of a token. */
export type ReadToken =
  | { readonly ok: true; readonly puzzle: Puzzle; readonly expiresAtMs: number }
  /** `expired`: was good for this client; `forged`: never was, or for another one. */
  | { readonly ok: false; readonly why: 'expired' | 'forged' };

const TOKEN = /^([A-Za-z0-9_-]{22})\.(\d{1,2})\.(\d{1,2})\.(rs1\.\S{1,100})$/;
const CLEARANCE = /^([A-Za-z0-9_-]{22})\.(rs1\.\S{1,100})$/;
const MAX_CHARACTERS = 250;

/** Challenges and clearances: signed, for one client, for a time. Nothing about them is kept here. */
export class Tokens {
  readonly #challenges: Signer;
  readonly #clearances: Signer;
  readonly #solveWithinMs: number;

  /** @param keys the first signs, all verify; at least 32 bytes each */
  constructor(keys: readonly Uint8Array[], solveWithinMs: number, clearForMs: number, clock: Clock) {
    const ring = fixedRing(
      'hmac',
      keys.map((key, i) => ({ id: `c${keys.length - i}`, key })),
    );
    this.#solveWithinMs = solveWithinMs;
    this.#challenges = signer({ ring, about: 'rampart challenge', toleranceMs: solveWithinMs, clock });
    this.#clearances = signer({ ring, about: 'rampart clearance', toleranceMs: clearForMs, clock });
  }

  /** A challenge for a client. */
  issue(client: string, bits: number, puzzles: number, nowMs: number): Issued {
    const seed = newSecret(16);
    const head = `${seed}.${bits}.${puzzles}`;
    const token = `${head}.${this.#challenges.sign(`${head}\n${client}`)}`;
    return { seed, bits, puzzles, token, expiresAtMs: nowMs + this.#solveWithinMs };
  }

  /** Reads a challenge that a client hands back. */
  read(token: string, client: string): ReadToken {
    const [, seed, bits, puzzles, signature] =
      (token.length <= MAX_CHARACTERS ? TOKEN.exec(token) : null) ?? [];
    if (seed === undefined || signature === undefined) return { ok: false, why: 'forged' };
    const verdict = this.#challenges.verify(`${seed}.${bits}.${puzzles}\n${client}`, signature);
    if (!verdict.valid) return { ok: false, why: verdict.reason === 'time' ? 'expired' : 'forged' };
    const puzzle = { seed, bits: Number(bits), puzzles: Number(puzzles) };
    return { ok: true, puzzle, expiresAtMs: verdict.atMs + this.#solveWithinMs };
  }

  /** A clearance for a client. */
  clear(client: string): string {
    const id = newSecret(16);
    return `${id}.${this.#clearances.sign(`${id}\n${client}`)}`;
  }

  /** Whether a clearance is ours, for this client, and not too old. Constant time over the signature. */
  isCleared(clearance: string, client: string): boolean {
    const [, id, signature] = (clearance.length <= MAX_CHARACTERS ? CLEARANCE.exec(clearance) : null) ?? [];
    if (id === undefined || signature === undefined) return false;
    return this.#clearances.verify(`${id}\n${client}`, signature).valid;
  }
}
