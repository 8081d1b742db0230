import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { OptionsError } from '../../core/errors.ts';
import { bundleLines, type RangeFilter } from '../../modules/audit/index.ts';
import { withAuditSource } from '../audit/source.ts';
import { readEnvironment } from '../environment.ts';
import { writeLines } from './audit-lines.ts';

/** Adds `rampart audit proof`: the receipt of one event, or the proof of a range. */
export function addProof(command: Command): void {
  command
    .command('proof')
    .description('prove one event, or all events of a range with what leads them to a signed checkpoint')
    .argument('[id]', 'such as evt_…')
    .option('--from <place>', 'place of the first event of a range', placeOf('--from'))
    .option('--to <place>', 'place of its last event', placeOf('--to'))
    .option('--type <type>', 'open personal data of events of this type alone')
    .option('--actor <id>', 'of this actor alone')
    .option('--subject <id>', 'about this subject alone')
    .option('--no-payloads', 'leave out all personal data; all else stays provable')
    .option('--out <file>', 'a new file; absent: standard output')
    .action(proof);
}

interface ProofFlags extends RangeFilter {
  readonly from?: number;
  readonly to?: number;
  readonly payloads: boolean;
  readonly out?: string;
}

async function proof(id: string | undefined, flags: ProofFlags): Promise<void> {
  const { from, to, out, ...which } = flags;
  if (out !== undefined && existsSync(out)) throw new OptionsError('--out', 'there is a file of this name');
  if (id !== undefined) return receiptOf(id, flags);
  if (from === undefined || to === undefined)
    throw new OptionsError('<id>', 'expected the id of an event, or a range with --from and --to');
  if (to < from) throw new OptionsError('--to', 'must not lie before --from');
  await writeLines(out, 'proven', (source, onProgress) =>
    bundleLines((at) => source.range({ ...which, from, to, at }), onProgress, from),
  );
}

async function receiptOf(id: string, { from, to, payloads, out, ...filter }: ProofFlags): Promise<void> {
  if (from !== undefined || to !== undefined || !payloads || Object.keys(filter).length > 0)
    throw new OptionsError('<id>', 'is the only event of its proof: leave out what chooses from a range');
  if (!/^evt_[0-9a-z]{26}$/.test(id)) throw new OptionsError('<id>', 'expected the id of an event');
  const receipt = `${JSON.stringify(await withAuditSource(readEnvironment(process.env, false), (source) => source.proof(id)))}\n`;
  if (out === undefined) process.stdout.write(receipt);
  else await writeFile(out, receipt, { flag: 'wx', mode: 0o600 });
}

function placeOf(option: string): (text: string) => number {
  return (text) => {
    const place = Number(text);
    if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(place))
      throw new OptionsError(option, 'expected the place of an event in the log, a whole number from 0');
    return place;
  };
}
