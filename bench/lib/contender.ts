import type { Question, Sample } from './contest.ts';

/** What a contender's process does when it is asked. */
export interface Answers {
  /** Throws unless the contender really does the job. */
  prove(): Promise<void>;
  /** Brings it into the state that is measured. */
  prepare(): Promise<void>;
  /** Lays out what the next round works on; not measured. */
  layOut?(): void;
  /** One round of work. @returns how many pieces were done */
  round(): Promise<number>;
  /** Brings it into the state whose memory is measured. @returns how many things are held */
  hold?(): Promise<number>;
  /** Gives everything back. */
  end(): Promise<void>;
}

/** Bytes per thing that is held. */
export interface Memory {
  /** Heap and memory outside of it, after garbage collection. */
  readonly used: number;
  /** Of the whole process, as the system sees it. */
  readonly resident: number;
}

/** Serves the questions of a `Contestant` until it lets go. */
export function answerQuestions(answers: Answers): void {
  const answerOne: Record<Question, () => Promise<unknown>> = {
    prove: () => answers.prove(),
    prepare: () => answers.prepare(),
    round: () => measured(answers),
    memory: () => weighed(answers),
  };
  process.on('message', (question: Question) => {
    answerOne[question]().then(
      (answer) => process.send?.({ answer: answer ?? null }),
      (error: unknown) => process.send?.({ failed: error instanceof Error ? error.stack : String(error) }),
    );
  });
  process.once('disconnect', () => {
    void answers.end().finally(() => process.exit(0));
  });
}

async function measured(answers: Answers): Promise<Sample> {
  answers.layOut?.();
  const cpu = process.cpuUsage();
  const from = performance.now();
  const units = await answers.round();
  const seconds = (performance.now() - from) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  return { units, seconds, cpuUs: user + system };
}

async function weighed(answers: Answers): Promise<Memory> {
  const before = settled();
  const things = (await answers.hold?.()) ?? 1;
  const after = settled();
  return {
    used: (after.heapUsed + after.external - before.heapUsed - before.external) / things,
    resident: (after.rss - before.rss) / things,
  };
}

function settled(): NodeJS.MemoryUsage {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  return process.memoryUsage();
}
