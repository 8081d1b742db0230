import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Command } from 'commander';
import { OptionsError } from '../../core/errors.ts';
import {
  type AuditReport,
  bundleLines,
  keyText,
  readKeyText,
  verifyBundle,
  verifyReceipt,
} from '../../modules/audit/index.ts';
import { readLines } from '../../stores/file/index.ts';
import { ownTrust, withAuditSource } from '../audit/source.ts';
import { VERIFIER_FILE, verifierPage } from '../audit/verifier-page.ts';
import { readEnvironment } from '../environment.ts';
import { progressLine, writeLines } from './audit-lines.ts';
import { addProof } from './audit-proof.ts';
import { endingOnWrongUsage } from './usage.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const environment = () => readEnvironment(process.env, false);

/** `rampart audit`: proves what the audit log says, and takes it elsewhere. */
export function auditCommand(): Command {
  const command = new Command('audit')
    .description('verify and export the audit log, prove events, sign checkpoints, erase somebody')
    .addHelpText(
      'after',
      `
Exit code 0: done, and all is well; 1: something is wrong; 2: wrong usage.

Examples:
  $ rampart audit verify                                        the log where it lies, with this machine's key
  $ rampart audit export --to audit.jsonl
  $ rampart audit verify audit.jsonl --key rampart/audit/…      anywhere, with the public key alone
  $ rampart audit verifier --out verifier.html                  the same in a browser page
  $ rampart audit proof evt_… > receipt.json
  $ rampart audit proof --from 1200 --to 1450 --out proof.jsonl  of all events of a range
  $ rampart audit checkpoint                                    signs now, and prints the public key`,
    );
  command
    .command('verify')
    .description('find any event that was changed, deleted, added or reordered, and name the first one')
    .argument('[file]', 'a bundle or a receipt; absent: the log where it lies')
    .option('--key <key>', 'public key that is trusted; several may be given', collect, [])
    .option('--checkpoints <file>', 'checkpoints kept outside of the database; several', collect, [])
    .option('--json', 'print the report as JSON')
    .action(verify);
  command
    .command('export')
    .description('write the whole log with its checkpoints, as lines of JSON')
    .option('--to <file>', 'a new file; absent: standard output')
    .option('--no-payloads', 'leave out personal data; all else stays provable')
    .action(exportLog);
  addProof(command);
  command
    .command('verifier')
    .description('write the verifier as one HTML file, which runs in a browser without any network')
    .option('--out <file>', 'a new file', VERIFIER_FILE)
    .action(writeVerifier);
  command
    .command('checkpoint')
    .description('sign a checkpoint now, and print it with the public key')
    .option('--accept-restored', 'after a backup was put back: believe the database as it stands')
    .action(checkpoint);
  command
    .command('erase')
    .description('erase for ever what the log holds of somebody; proofs stand')
    .requiredOption('--subject <id>', 'as events name them, such as user:usr_…')
    .option('-y, --yes', 'do not ask')
    .action(erase);
  for (const one of command.commands) endingOnWrongUsage(one);
  return endingOnWrongUsage(command);
}

function collect(value: string, known: readonly string[]): readonly string[] {
  return [...known, value];
}

interface VerifyFlags {
  readonly key: readonly string[];
  readonly checkpoints: readonly string[];
  readonly json?: boolean;
}

async function verify(path: string | undefined, flags: VerifyFlags): Promise<void> {
  for (const key of flags.key) readKeyText('--key', key);
  for (const file of [...flags.checkpoints, ...(path === undefined ? [] : [path])])
    if (!existsSync(file)) throw new OptionsError(file, 'there is no such file');
  if (path !== undefined && (await isReceipt(path))) return verifyReceiptFile(path, trusted(flags));
  const report =
    path === undefined
      ? await verifyHere(flags)
      : await verifyBundle(
          readLines(path),
          trusted(flags),
          flags.checkpoints.map((file) => readLines(file)),
        );
  say(flags.json === true ? JSON.stringify(report, null, 2) : wordsOf(report));
  process.exitCode = report.ok ? 0 : 1;
}

/** Keys that are given, else the one of this machine's data folder, where there is one. */
function trusted({ key }: VerifyFlags): readonly string[] {
  if (key.length > 0) return key;
  const here = environment();
  if (!existsSync(here.dataDir))
    throw new OptionsError('--key', 'expected the public key that rampart audit checkpoint prints');
  return [keyText('rampart/audit', ownTrust(here).signer.publicKey)];
}

async function verifyHere(flags: VerifyFlags): Promise<AuditReport> {
  const here = environment();
  const { file } = ownTrust(here);
  const files = [...flags.checkpoints, ...(existsSync(file) ? [file] : [])];
  return withAuditSource(here, async (source) => {
    const lines = bundleLines((from) => source.page(from, true), progressLine('verified'));
    return verifyBundle(
      lines,
      trusted(flags),
      files.map((one) => readLines(one)),
    );
  });
}

/** One line of JSON with a path; a bundle has more lines. */
async function isReceipt(path: string): Promise<boolean> {
  for await (const line of readLines(path)) return line.includes('"path"') && line.includes('"note"');
  return false;
}

async function verifyReceiptFile(path: string, keys: readonly string[]): Promise<void> {
  const fault = await verifyReceipt(await readFile(path, 'utf8'), keys);
  say(fault === null ? 'The receipt is right: the event is in the log.' : `The receipt is wrong: ${fault}.`);
  process.exitCode = fault === null ? 0 : 1;
}

function wordsOf(report: AuditReport): string {
  const { ok, from, events, covered, coveredAtUs, checkpoints, erased, expired, withheld } = report;
  const at = coveredAtUs === null ? '' : ` until ${new Date(Number(coveredAtUs) / 1_000).toISOString()}`;
  const lines = [
    `${events} events, ${covered} of them covered by ${checkpoints} signed checkpoints${at}.`,
    ...(erased > 0 ? [`${erased} parts of events were erased, as the log says.`] : []),
    ...(expired > 0 ? [`${expired} parts of events have expired, as the log says.`] : []),
    ...(withheld > 0 ? [`${withheld} parts of events were left out of the bundle.`] : []),
  ];
  if (ok && events === 0) return 'The log is empty.';
  const what = from === null ? 'The log is' : `Events ${from} to ${from + events - 1} are`;
  if (ok) return [...lines, `${what} what was signed.`].join('\n');
  const first = report.firstBad === null ? '' : ` The first event that is wrong: ${report.firstBad}.`;
  const problems = report.problems.map(
    ({ index, text }) => `  ${index === null ? '' : `event ${index}: `}${text}`,
  );
  return [...lines, `${what.toUpperCase()} NOT WHAT WAS SIGNED.${first}`, ...problems].join('\n');
}

async function exportLog({ to, payloads }: { to?: string; payloads: boolean }): Promise<void> {
  if (to !== undefined && existsSync(to)) throw new OptionsError('--to', 'there is a file of this name');
  await writeLines(to, 'exported', (source, onProgress) =>
    bundleLines((from) => source.page(from, payloads), onProgress),
  );
}

async function writeVerifier({ out }: { out: string }): Promise<void> {
  if (existsSync(out)) throw new OptionsError('--out', 'there is a file of this name');
  await writeFile(out, await verifierPage(), { flag: 'wx' });
  say(`${out}: open it in a browser, and give it an export and the public key.`);
}

async function checkpoint({ acceptRestored }: { acceptRestored?: boolean }): Promise<void> {
  await withAuditSource(environment(), async (source) => {
    const made = await source.checkpoint(acceptRestored === true);
    const { key } = await source.status();
    if (made === null) return say('There is no audit event yet.');
    say(`${made.note}\nPublic key, to be kept elsewhere:\n${key ?? ''}`);
  });
}

async function erase({ subject, yes }: { subject: string; yes?: boolean }): Promise<void> {
  if (yes !== true && !(await agreed(subject))) return;
  const erased = await withAuditSource(environment(), (source) => source.erase(subject));
  say(
    erased === null
      ? 'The log holds nothing of them.'
      : `${erased.events} events: their data are gone, and the log says so under the pseudonym ${erased.holder}.`,
  );
  process.exitCode = erased === null ? 1 : 0;
}

async function agreed(subject: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new OptionsError('--yes', 'nobody can be asked here');
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const text = `Erase for ever what the audit log holds of ${subject}? [y/N] `;
  const answer = await lines.question(text).finally(() => lines.close());
  return /^y(es)?$/i.test(answer.trim());
}
