import type { RampartEvent } from '../../core/events.ts';
import { type Sent, SinkError } from './driver.ts';

/** What became of a batch. */
export interface Delivered {
  /** Events from the first on that were taken or refused: the cursor may move behind them. */
  readonly handled: number;
  /** Those of them that were taken. */
  readonly sent: number;
  /** Those of them that were refused for what they are, by their place in the batch. */
  readonly refused: ReadonlyMap<number, string>;
  /** Refused by a receiver that does not say which. */
  readonly unnamed: number;
  /** Whether anything at all was taken: a receiver that takes nothing may be at fault itself. */
  readonly wasTaken: boolean;
  /** Why it ended early; null where it did not. */
  readonly failure: SinkError | null;
}

/** Sends of one batch at most. Narrowing 500 events down to one takes ten. */
const MAX_SENDS = 48;

type State = 'sent' | { readonly refused: string } | undefined;

/**
 * Sends a batch. Where it is refused for what it holds, it is halved until the event that is at fault stands alone; the
 * others are sent. Ends at the first failure that says nothing about the events.
 * @param send rejects with SinkError
 * @param mayGoOn asked before each send; ends early where it says no
 */
export async function deliver(
  events: readonly RampartEvent[],
  send: (events: readonly RampartEvent[]) => Promise<Sent>,
  mayGoOn: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<Delivered> {
  const states: State[] = Array.from({ length: events.length });
  const todo: (readonly [from: number, to: number])[] = [[0, events.length]];
  let failure: SinkError | null = null;
  let unnamed = 0;
  for (let sends = 0; sends < MAX_SENDS && failure === null; sends += 1) {
    const next = todo.shift();
    if (next === undefined || !(await mayGoOn())) break;
    const [from, to] = next;
    try {
      const answer = await send(events.slice(from, to));
      unnamed += answer.unnamed;
      failure = settle(states, from, to, answer);
    } catch (error) {
      const known = asSinkError(error);
      if (known.kind !== 'refused') failure = known;
      else if (to - from === 1) states[from] = { refused: known.message };
      else {
        const middle = (from + to) >> 1;
        todo.unshift([from, middle], [middle, to]);
      }
    }
  }
  return summary(states, unnamed, failure);
}

/** @returns the failure, where the receiver wants some of them again */
function settle(states: State[], from: number, to: number, { refused, again }: Sent): SinkError | null {
  for (let i = from; i < to; i += 1) {
    const reason = refused.get(i - from);
    if (reason !== undefined) states[i] = { refused: reason };
    else if (again?.places.has(i - from) !== true) states[i] = 'sent';
  }
  return again === null ? null : new SinkError('down', again.reason, again.afterMs);
}

function summary(states: readonly State[], unnamed: number, failure: SinkError | null): Delivered {
  const open = states.indexOf(undefined);
  const handled = open === -1 ? states.length : open;
  const refused = new Map<number, string>();
  states.slice(0, handled).forEach((state, i) => {
    if (typeof state === 'object') refused.set(i, state.refused);
  });
  return {
    handled,
    sent: Math.max(0, handled - refused.size - unnamed),
    refused,
    unnamed,
    wasTaken: states.includes('sent'),
    failure,
  };
}

function asSinkError(error: unknown): SinkError {
  // Of what nobody expected the words may hold anything: they are not shown.
  return error instanceof SinkError ? error : new SinkError('down', 'It could not be sent.');
}
