/** What a faulty twin does with the next calls. Held by the test, which changes it while the code under test runs. */
export interface FaultControl {
  /** Names of the calls that were made, in order; at most 1,000 are kept. */
  readonly calls: readonly string[];
  /** Every call fails with this, until `heal`. */
  alwaysThrow(error?: Error): void;
  /** Calls that fit fail: by name and by how often that name was called before (0 for the first). */
  throwWhen(fits: (call: string, before: number) => boolean, error?: Error): void;
  /** Asynchronous calls wait until `release`; synchronous ones are not held. */
  hold(): void;
  /** Lets held calls go on, in the order in which they came; later calls are not held any more. */
  release(): void;
  /** How many calls are held. */
  readonly held: number;
  /** Works like the healthy store again, and lets held calls go on. */
  heal(): void;
}

/** What a twin asks before each call. @internal */
export interface FaultGate extends FaultControl {
  /** Throws when the call is to fail. */
  pass(call: string): void;
  /** Waits while calls are held, then rejects when the call is to fail. */
  enter(call: string): Promise<void>;
}

const MAX_CALLS = 1_000;

/** A control that lets everything through until it is told otherwise. */
export function faultControl(): FaultGate {
  const calls: string[] = [];
  const counts = new Map<string, number>();
  let fault: { fits: (call: string, before: number) => boolean; error: Error } | undefined;
  let holding = false;
  let waiting: (() => void)[] = [];
  const note = (call: string): number => {
    const before = counts.get(call) ?? 0;
    counts.set(call, before + 1);
    if (calls.length < MAX_CALLS) calls.push(call);
    return before;
  };
  const fail = (call: string, before: number): void => {
    if (fault?.fits(call, before)) throw fault.error;
  };
  const release = (): void => {
    holding = false;
    const free = waiting;
    waiting = [];
    for (const go of free) go();
  };
  return {
    calls,
    get held() {
      return waiting.length;
    },
    alwaysThrow(error = new Error('the store is down')) {
      fault = { fits: () => true, error };
    },
    throwWhen(fits, error = new Error('the store failed')) {
      fault = { fits, error };
    },
    hold() {
      holding = true;
    },
    release,
    heal() {
      fault = undefined;
      release();
    },
    pass(call) {
      fail(call, note(call));
    },
    async enter(call) {
      const before = note(call);
      if (holding) await new Promise<void>((go) => void waiting.push(go));
      fail(call, before);
    },
  };
}
