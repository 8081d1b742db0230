import { Command } from 'commander';
import { OptionsError } from '../../core/errors.ts';
import type { HoldEntry, HoldsAnswer } from '../api/audit-types.ts';
import { readEnvironment } from '../environment.ts';
import { moment } from './event-filters.ts';
import { askServer } from './operator.ts';
import { textTable } from './table.ts';
import { date, plain } from './text.ts';
import { endingOnWrongUsage } from './usage.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const PATH = '/admin/events/holds';

/** `rampart events hold`: what must be kept, whatever the retention says. */
export function holdCommand(): Command {
  const command = new Command('hold')
    .description('place, list and lift legal holds: what fits one is neither deleted nor erased')
    .addHelpText(
      'after',
      `
Examples:
  $ rampart events hold add --who user:acc_… --reason "case 4711"
  $ rampart events hold add --type DATA_EXPORTED --from 2026-01-01 --to 2026-02-01 --reason "audit 2026"
  $ rampart events hold list
  $ rampart events hold remove hld_…`,
    );
  command
    .command('add')
    .description('keep the events that fit all that is given')
    .option('--who <id>', 'who did it, or what or whom it is about, as events name them')
    .option('--type <type>', 'a type of the catalogue')
    .option('--from <time>', 'not before: 2026-01-31, 2026-01-31T08:00:00Z', moment)
    .option('--to <time>', 'before this time', moment)
    .requiredOption('--reason <text>', 'why, 3 to 500 characters')
    .action(add);
  command
    .command('list')
    .description('list holds, those in force first')
    .option('--json', 'for programs')
    .action(list);
  command.command('remove').description('lift a hold').argument('<id>', 'such as hld_…').action(remove);
  for (const one of command.commands) endingOnWrongUsage(one);
  return endingOnWrongUsage(command);
}

function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  return askServer<T>(readEnvironment(process.env, false).dataDir, method, path, body);
}

interface NewHoldFlags {
  readonly who?: string;
  readonly type?: string;
  readonly from?: number;
  readonly to?: number;
  readonly reason: string;
}

async function add({ who, type, from, to, reason }: NewHoldFlags): Promise<void> {
  if ([who, type, from, to].every((one) => one === undefined))
    throw new OptionsError('--who', 'a hold on everything is none: give --who, --type, --from or --to');
  const given = { holder: who, type, fromMs: from, toMs: to, reason };
  const hold = await ask<HoldEntry>('POST', PATH, given);
  say(`${hold.id}: in force. Lift it with: rampart events hold remove ${hold.id}`);
}

async function list({ json }: { readonly json?: boolean }): Promise<void> {
  const answer = await ask<HoldsAnswer>('GET', PATH);
  if (json === true) return say(JSON.stringify(answer, null, 2));
  if (answer.holds.length === 0) return say('There are none.');
  const rows = answer.holds.map((one) => [
    one.id,
    one.liftedAtMs === null ? 'in force' : `lifted ${date(one.liftedAtMs)}`,
    plain(one.holder ?? 'everybody'),
    plain(one.type ?? 'all types'),
    `${one.fromMs === null ? '' : date(one.fromMs)} - ${one.toMs === null ? '' : date(one.toMs)}`,
    plain(`${one.placedBy}, ${date(one.placedAtMs)}`),
    plain(one.reason),
  ]);
  say(textTable([['hold', 'state', 'who', 'event', 'time', 'placed by', 'reason'], ...rows]));
}

async function remove(id: string): Promise<void> {
  const hold = await ask<HoldEntry>('POST', `${PATH}/${encodeURIComponent(id)}/lift`, {});
  say(`${hold.id}: lifted`);
}
