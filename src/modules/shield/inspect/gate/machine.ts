import { Class } from './classes.ts';
import { START, type State, step } from './states.ts';

const CLASS_COUNT = 64;
const MOST_STATES = 1_024;
/** Of an entry: what was told; the rest is where the next row begins. */
export const TOLD_BITS = 63;
/** Of an entry: where the row of the next state begins. */
export const ROW_BITS = 0xffff & ~TOLD_BITS;

function machine(states: States): Uint16Array {
  const table = new Uint16Array(MOST_STATES * CLASS_COUNT);
  states.indexOf(START);
  /** Rows by all but the place in a word: behind signs they are the same. */
  const alike = new Map<string, number>();
  for (let at = 0; at < states.all.length; at++) {
    const state = states.all[at] as State;
    const row = at * CLASS_COUNT;
    const kind = kindOf(state);
    const known = alike.get(kind);
    if (known === undefined) alike.set(kind, row);
    else table.copyWithin(row, known, known + CLASS_COUNT);
    const last = known === undefined ? CLASS_COUNT - 1 : Class.underscore;
    for (let given = 0; given <= last; given++) {
      const { told, next } = step(state, given);
      table[row + given] = (states.indexOf(next) * CLASS_COUNT) | told;
    }
  }
  return table.slice(0, states.all.length * CLASS_COUNT);
}

/** All states that were met, each once. */
class States {
  readonly all: State[] = [];
  readonly #words: number[] = [];
  readonly #others = new Map<string, number>();

  indexOf(state: State): number {
    const { last, node } = state;
    if (last !== 'letter' && last !== 'digit') return this.#of(kindOf(state), state);
    const place = 2 * ((node?.id ?? -1) + 1) + (last === 'digit' ? 1 : 0);
    return (this.#words[place] ??= this.#add(state));
  }

  #of(kind: string, state: State): number {
    let index = this.#others.get(kind);
    if (index === undefined) this.#others.set(kind, (index = this.#add(state)));
    return index;
  }

  #add(state: State): number {
    if (this.all.length === MOST_STATES) throw new RangeError('The quick look has too many states.');
    return this.all.push(state) - 1;
  }
}

function kindOf({ last, node, operand, joined }: State): string {
  return `${last}|${node?.marks ?? 0}|${operand}|${joined}`;
}

const STATES = new States();

/**
 * The quick look as one table: entry `row | class` tells what is to be told of a byte of that class, and the row that comes
 * next. The first row is that of a value's start.
 */
export const MACHINE: Uint16Array = machine(STATES);

/** Rows within a word that no list knows, behind a letter and behind a digit: letters and digits tell nothing there. */
export const UNKNOWN_WORD = {
  letter: rowOf('letter'),
  digit: rowOf('digit'),
} as const;

function rowOf(last: 'letter' | 'digit'): number {
  return STATES.indexOf({ ...START, last }) * CLASS_COUNT;
}
