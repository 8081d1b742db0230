import type { Clock, Timers } from '../../core/clock.ts';
import type { EventSink } from '../../core/events.ts';
import type { CounterAnswer, CounterStep, CounterStore, LentAnswer } from '../../ports/counter.ts';
import { ARG } from './algorithms/algorithm.ts';
import { FIXED } from './algorithms/fixed.ts';
import { Deadlines } from './deadline.ts';

/** Time between two heartbeats, by which nodes know of each other. */
const HEARTBEAT_MS = 10_000;
/** A probe may take longer than a decision. */
const PROBE_BUDGET_MS = 1_000;
/** Answers of the store are waited for together in one promise chain per call; more calls than this are not begun. */
const MAX_IN_FLIGHT = 20_000;

/** What the gate is told. */
export interface GateOptions {
  readonly budgetMs: number;
  readonly failuresToOpen: number;
  readonly probeEveryMs: number;
  /** This node's name among those that share the store. */
  readonly node: string;
}

/** What the gate stands on. */
export interface GatePorts {
  readonly store: CounterStore;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly events: EventSink;
}

/**
 * The way to the shared store: waits no longer than the budget, stops asking after repeated failures, probes until the
 * store writes again, and says so once per switch. A call that was not answered is `null`: what that means is the
 * policy's decision.
 */
export class StoreGate {
  readonly store: CounterStore;
  readonly #options: GateOptions;
  readonly #ports: GatePorts;
  readonly #calls: Deadlines<CounterAnswer>;
  readonly #probes: Deadlines<CounterAnswer>;
  #state: 'shared' | 'local' = 'shared';
  #sinceMs: number;
  #nodes = 1;
  #failures = 0;
  #inFlight = 0;
  #cancelProbe: (() => void) | null = null;
  #cancelBeat: (() => void) | null = null;
  #closed = false;

  constructor(options: GateOptions, ports: GatePorts) {
    this.store = ports.store;
    this.#options = options;
    this.#ports = ports;
    this.#sinceMs = ports.clock.now();
    this.#calls = new Deadlines(options.budgetMs, ports.clock, ports.timers);
    this.#probes = new Deadlines(Math.max(PROBE_BUDGET_MS, options.budgetMs), ports.clock, ports.timers);
    if (ports.store.kind !== 'memory') this.#beat();
  }

  /** `shared`: the store is asked; `local`: it failed and is only probed. */
  get state(): 'shared' | 'local' {
    return this.#state;
  }
  /** When the state last changed, milliseconds since the epoch. */
  get sinceMs(): number {
    return this.#sinceMs;
  }
  /** Nodes that shared the store when it last told; at least 1. */
  get nodes(): number {
    return this.#nodes;
  }

  /** Seconds after which a caller who was refused for want of the store may try again. */
  get retrySeconds(): number {
    return Math.max(1, Math.ceil(this.#options.probeEveryMs / 1000));
  }

  /** Runs the steps. Answers at once where the store does; never throws and never rejects. */
  run(
    steps: readonly CounterStep[],
    nowMs: number,
    lent?: LentAnswer,
  ): CounterAnswer | null | Promise<CounterAnswer | null> {
    if (this.#state === 'local' || this.#inFlight >= MAX_IN_FLIGHT) return null;
    let answer: CounterAnswer | Promise<CounterAnswer>;
    try {
      answer = this.store.run(steps, nowMs, lent);
    } catch (error) {
      this.#ended(error);
      return null;
    }
    if (!(answer instanceof Promise)) {
      this.#failures = 0;
      return answer;
    }
    this.#inFlight++;
    return this.#calls.wait(answer, this.#callEnded);
  }

  /** Gives back timers. The store itself is its owner's to close. */
  close(): void {
    this.#closed = true;
    this.#cancelProbe?.();
    this.#cancelBeat?.();
    this.#calls.close();
    this.#probes.close();
  }

  readonly #callEnded = (error: unknown): void => {
    this.#inFlight--;
    this.#ended(error);
  };

  #ended(error: unknown): void {
    if (error === null) {
      this.#failures = 0;
      return;
    }
    this.#failures++;
    if (this.#failures >= this.#options.failuresToOpen && this.#state === 'shared') this.#open(error);
  }

  #open(error: unknown): void {
    if (this.#closed) return;
    this.#switch('local');
    const message = error instanceof Error ? error.message : 'unknown error';
    this.#ports.events.emit('LIMIT_STORE_DEGRADED', {
      outcome: 'failure',
      details: { store: this.store.kind, error: message.slice(0, 200), nodes: this.#nodes },
    });
    this.#probeLater();
  }

  #switch(state: 'shared' | 'local'): void {
    this.#state = state;
    this.#failures = 0;
    this.#sinceMs = this.#ports.clock.now();
  }

  #probeLater(): void {
    this.#cancelProbe = this.#ports.timers.after(this.#options.probeEveryMs, () => void this.#probe());
  }

  /** A probe writes a row: a replica and a store without memory answer a ping, but cannot count. */
  async #probe(): Promise<void> {
    const args: number[] = [];
    args[ARG.max] = 1e12;
    args[ARG.window] = 60_000;
    args[ARG.cost] = 1;
    args[ARG.extra] = 0;
    args[ARG.flags] = 0;
    const step: CounterStep = {
      program: FIXED.program,
      key: `~probe|${this.#options.node.slice(0, 80)}`,
      args,
    };
    let answer: CounterAnswer | null = null;
    try {
      const running = this.store.run([step], this.#ports.clock.now());
      answer = running instanceof Promise ? await this.#probes.wait(running, ignore) : running;
    } catch {
      // Not back yet.
    }
    if (this.#closed) return;
    if (answer === null) {
      this.#probeLater();
      return;
    }
    const downMs = this.#ports.clock.now() - this.#sinceMs;
    this.#switch('shared');
    this.#ports.events.emit('LIMIT_STORE_RECOVERED', {
      outcome: 'success',
      details: { store: this.store.kind, downMs },
    });
  }

  /** Says that this node is there and learns how many are; a store that does not answer leaves the last number. */
  #beat(): void {
    if (this.#closed) return;
    const count =
      this.#state === 'shared' ? this.store.nodeCount(this.#options.node) : Promise.resolve(this.#nodes);
    count.then(
      (nodes) => {
        if (nodes >= 1) this.#nodes = Math.floor(nodes);
      },
      () => {},
    );
    this.#cancelBeat = this.#ports.timers.after(HEARTBEAT_MS, () => this.#beat());
  }
}

function ignore(): void {}
