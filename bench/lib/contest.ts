import { fork, type ChildProcess } from 'node:child_process';
import { median } from './result.ts';

/** What one round of a contender took. */
export interface Sample {
  /** Pieces of work done. */
  readonly units: number;
  readonly seconds: number;
  /** User and system time of the process, microseconds. */
  readonly cpuUs: number;
}

/** Medians over the rounds. */
export interface Standing {
  readonly cpuUsPerUnit: number;
  readonly unitsPerSecond: number;
}

/** What a contender's process can be asked for. */
export type Question = 'prove' | 'prepare' | 'round' | 'memory';

/** A contender in a process of its own, so that nobody's garbage or machine code stands in another's way. */
export class Contestant {
  readonly name: string;
  readonly #child: ChildProcess;

  /** @param module file that calls `answerQuestions` (bench/lib/contender.ts) */
  constructor(name: string, module: URL, args: readonly string[]) {
    this.name = name;
    this.#child = fork(module, [...args], {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }

  /** @throws Error when the process ends or says that it failed */
  ask<T>(question: Question): Promise<T> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`${this.name} ended with ${code}`));
      this.#child.once('exit', ended);
      this.#child.once('message', (message) => {
        this.#child.off('exit', ended);
        const { answer, failed } = message as { answer?: T; failed?: string };
        if (failed === undefined) resolve(answer as T);
        else reject(new Error(`${this.name}: ${failed}`));
      });
      this.#child.send(question);
    });
  }

  /** Lets the process end. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || !this.#child.connected) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.disconnect();
    await gone;
  }
}

/** Runs A B C A B C … so that what disturbs the machine disturbs all alike. @returns medians by name */
export async function contest(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<Record<string, Standing>> {
  const samples = new Map(contestants.map(({ name }): [string, Sample[]] => [name, []]));
  for (const one of contestants) await one.ask('prepare');
  for (let round = 0; round < rounds; round++) {
    for (const one of contestants) samples.get(one.name)?.push(await one.ask<Sample>('round'));
  }
  return Object.fromEntries([...samples].map(([name, all]) => [name, standing(all)]));
}

function standing(samples: readonly Sample[]): Standing {
  return {
    cpuUsPerUnit: median(samples.map(({ cpuUs, units }) => cpuUs / units)),
    unitsPerSecond: median(samples.map(({ seconds, units }) => units / seconds)),
  };
}
