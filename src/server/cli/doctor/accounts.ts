import { type Finding, note, problem, warn } from './finding.ts';

/** One password hash may take this long: people notice half a second, and a queue of them is felt sooner. */
export const HASH_TARGET_MS = 250;

/** Argon2id on this machine. */
export interface HashFacts {
  /** As configured. */
  readonly configured: { readonly memoryKib: number; readonly passes: number };
  /** The strongest that stay within the target here, and their time in milliseconds. */
  readonly strongest: {
    readonly memoryKib: number;
    readonly passes: number;
    readonly measuredMs: number;
    readonly withinTarget: boolean;
  };
}

const work = ({ memoryKib, passes }: HashFacts['configured']): number => memoryKib * passes;
const words = ({ memoryKib, passes }: HashFacts['configured']): string =>
  `${Math.round(memoryKib / 1024)} MiB, ${passes} ${passes === 1 ? 'pass' : 'passes'}`;

/** Milliseconds of one configured hash: time grows with memory times passes. */
export function hashMs({ configured, strongest }: HashFacts): number {
  return (strongest.measuredMs * work(configured)) / work(strongest);
}

/** Such as `Argon2id with 19 MiB, 2 passes takes about 24 ms`. */
export function hashWords(facts: HashFacts): string {
  return `Argon2id with ${words(facts.configured)} takes about ${Math.round(hashMs(facts))} ms`;
}

/** Whether a hash takes too long here, or could be stronger at no one's cost. */
export function hashFindings(facts: HashFacts): readonly Finding[] {
  const { strongest } = facts;
  const inOptions = `passwords.hash to { memoryKib: ${strongest.memoryKib}, passes: ${strongest.passes} }`;
  const figure = `about ${Math.round(strongest.measuredMs)} ms`;
  if (!strongest.withinTarget)
    return [
      warn(
        `Even the weakest hash that OWASP allows takes ${figure} here: sign-ins will wait for each other.`,
        'Give this process more or faster cores. Do not weaken the hash.',
      ),
    ];
  if (hashMs(facts) > HASH_TARGET_MS)
    return [
      warn(
        `${hashWords(facts)}, more than ${HASH_TARGET_MS} ms: sign-ins will wait for each other.`,
        `Set ${inOptions} (${figure}), or give this process more cores.`,
      ),
    ];
  if (work(strongest) <= work(facts.configured)) return [];
  return [
    note(
      `${hashWords(facts)}; this machine has time for ${words(strongest)} (${figure}).`,
      `Set ${inOptions}, if there is memory for as many at once as there are cores, at most four. Old hashes are renewed as people sign in.`,
    ),
  ];
}

/** The server that takes mails. */
export interface MailFacts {
  readonly configured: boolean;
  /** Host and port, without user and password. */
  readonly host: string;
  /** Why it does not take us: a code such as `ECONNREFUSED`, or the number of its answer. */
  readonly error: string | undefined;
}

/** Whether mails could be handed over. */
export function mailFindings({ configured, host, error }: MailFacts): readonly Finding[] {
  if (!configured || error === undefined) return [];
  return [
    problem(
      `The mail server at ${host} does not take us: ${error}.`,
      error === 'EAUTH' || /^53\d$/.test(error)
        ? 'Mend user and password in RAMPART_SMTP_URL; both must be percent-encoded.'
        : error === 'ETLS'
          ? 'It must offer TLS with a valid certificate: smtps:// for port 465, STARTTLS for 587.'
          : 'Mend host and port of RAMPART_SMTP_URL, and let the firewall pass it.',
    ),
  ];
}

/** This machine's time. */
export interface ClockFacts {
  readonly nowMs: number;
  /** When the newest file of the data folder was written; `undefined` for none. */
  readonly newestFileMs: number | undefined;
}

/** No machine that runs this version can be before it. */
const EARLIEST_MS = Date.UTC(2026, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);
const MAX_STEP_BACK_MS = 60_000;

/** Whether the clock can be right: codes of authenticator apps and ends of sessions hang on it. */
export function clockFindings({ nowMs, newestFileMs }: ClockFacts): readonly Finding[] {
  const remedy = "Let NTP set this machine's clock.";
  const said = new Date(nowMs).toISOString().slice(0, 16).replace('T', ' ');
  if (nowMs < EARLIEST_MS || nowMs > LATEST_MS)
    return [
      problem(
        `The clock says ${said} UTC, which cannot be: codes of authenticator apps and sessions would be wrong.`,
        remedy,
      ),
    ];
  if (newestFileMs !== undefined && newestFileMs > nowMs + MAX_STEP_BACK_MS)
    return [
      warn(
        `The clock says ${said} UTC, and the data folder was written ${Math.round((newestFileMs - nowMs) / 60_000)} minutes later: the clock went back.`,
        `${remedy} Until it has caught up, sessions live longer and codes may be refused.`,
      ),
    ];
  return [];
}
