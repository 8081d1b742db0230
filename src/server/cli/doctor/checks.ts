import { type Finding, note, problem, warn } from './finding.ts';

/** The process and its machine. */
export interface RuntimeFacts {
  /** As `process.versions.node`. */
  readonly nodeVersion: string;
  /** Memory that this process may use, mebibytes: the machine's, or its container's. */
  readonly memoryLimitMb: number;
  /** Memory that is free, mebibytes. */
  readonly memoryFreeMb: number;
}

/** Least versions: Node.js reads TypeScript by itself from here on. */
const LEAST_NODE: readonly [number, number] = [22, 18];
const LEAST_MEMORY_MB = 384;

/** Whether Node.js is new enough and memory is there. */
export function runtimeFindings(facts: RuntimeFacts): readonly Finding[] {
  const [major = 0, minor = 0] = facts.nodeVersion.split('.').map(Number);
  const findings: Finding[] = [];
  if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])) {
    const least = LEAST_NODE.join('.');
    findings.push(
      problem(`Node.js ${facts.nodeVersion} is older than ${least}.`, `Install Node.js ${least} or later.`),
    );
  }
  if (facts.memoryLimitMb < LEAST_MEMORY_MB) {
    findings.push(
      warn(
        `This process may use ${Math.round(facts.memoryLimitMb)} MiB; the embedded database alone wants half of ${LEAST_MEMORY_MB}.`,
        'Give it more memory, or set DATABASE_URL to a PostgreSQL server.',
      ),
    );
  } else if (facts.memoryFreeMb < 128) {
    findings.push(
      warn(
        `Only ${Math.round(facts.memoryFreeMb)} MiB of memory are free.`,
        'Stop what is not needed, or add memory.',
      ),
    );
  }
  return findings;
}

/** The configuration file. */
export interface ConfigurationFacts {
  /** Absolute path, or `undefined` where there is none. */
  readonly file: string | undefined;
  /** What reading it said, with the path of the mistake. */
  readonly error: string | undefined;
}

/** Whether the configuration can be read and is valid. */
export function configurationFindings({ file, error }: ConfigurationFacts): readonly Finding[] {
  if (error !== undefined) return [problem(error, `Mend it in ${file ?? 'the configuration'}.`)];
  if (file !== undefined) return [];
  return [
    note(
      'There is no rampart.config file here: the built-in settings apply.',
      'Run rampart init in an application, or write rampart.config.ts.',
    ),
  ];
}

/** Who holds a folder. */
export interface LockFacts {
  /** `journal` or `database`. */
  readonly folder: string;
  readonly pid: number;
  readonly host: string;
  /** `running`: a process of this machine; `gone`: it was one; `elsewhere`: another machine's. */
  readonly holder: 'running' | 'gone' | 'elsewhere';
}

/** The data folder. */
export interface DataFolderFacts {
  readonly path: string;
  readonly exists: boolean;
  /** Whether it, or where it would be made, can be written. */
  readonly writable: boolean;
  /** Permission bits of the folder and of its secret; `undefined` where there is none or the system has no such bits. */
  readonly mode: number | undefined;
  readonly secretMode: number | undefined;
  readonly locks: readonly LockFacts[];
  /** Whether a server that answers uses it. */
  readonly served: boolean;
}

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, '0');

/** Whether the folder can be written, who may look into it, and who holds it. */
export function dataFolderFindings(facts: DataFolderFacts): readonly Finding[] {
  if (!facts.writable)
    return [
      problem(
        `${facts.path} cannot be written by this user.`,
        'Make it writable, or name another folder in RAMPART_DATA_DIR.',
      ),
    ];
  if (!facts.exists) return [note(`${facts.path} is not there yet.`, 'It is made at the first start.')];
  const findings: Finding[] = [];
  if (facts.mode !== undefined && (facts.mode & 0o077) !== 0)
    findings.push(
      warn(`Others can look into ${facts.path} (mode ${octal(facts.mode)}).`, `chmod 700 ${facts.path}`),
    );
  if (facts.secretMode !== undefined && (facts.secretMode & 0o077) !== 0)
    findings.push(
      problem(
        `Others can read the secret of this installation (mode ${octal(facts.secretMode)}).`,
        `chmod 600 ${facts.path}/secret.key`,
      ),
    );
  return [...findings, ...facts.locks.flatMap((lock) => lockFindings(lock, facts.served))];
}

function lockFindings(lock: LockFacts, served: boolean): readonly Finding[] {
  const who = `process ${lock.pid} on ${lock.host}`;
  switch (lock.holder) {
    case 'gone':
      return [note(`The ${lock.folder} was left by ${who}, which is gone.`, 'The next start takes it over.')];
    case 'elsewhere':
      return [
        warn(
          `The ${lock.folder} is held by ${who}, another machine.`,
          'Give each node a data folder of its own, on its own disk.',
        ),
      ];
    case 'running':
      return served
        ? []
        : [
            warn(
              `The ${lock.folder} is held by ${who}, which does not answer.`,
              'It may be starting. Else stop that process; the next start takes the folder over.',
            ),
          ];
  }
}

/** The port. */
export interface PortFacts {
  readonly host: string;
  readonly port: number;
  /** `ours`: the server of this data folder listens there. */
  readonly state: 'free' | 'ours' | 'taken' | 'forbidden' | 'no-address';
}

/** Whether the server could listen, or does. */
export function portFindings({ host, port, state }: PortFacts): readonly Finding[] {
  switch (state) {
    case 'free':
    case 'ours':
      return [];
    case 'taken':
      return [
        problem(
          `Another process listens on ${host}:${port}.`,
          'Stop it, or choose another port in RAMPART_PORT.',
        ),
      ];
    case 'forbidden':
      return [
        problem(
          `This user may not listen on port ${port}.`,
          'Choose one above 1023 and put a proxy in front.',
        ),
      ];
    case 'no-address':
      return [problem(`${host} is no address of this machine.`, 'Mend RAMPART_HOST.')];
  }
}
