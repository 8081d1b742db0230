import { Command } from 'commander';
import type { ResponseEntry, ResponsesAnswer } from '../api/response-types.ts';
import { readEnvironment } from '../environment.ts';
import { askServer } from './operator.ts';
import { textTable } from './table.ts';
import { endingOnWrongUsage } from './usage.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** `rampart respond`: what is done about attacks, with the operator key of this machine. */
export function respondCommand(): Command {
  const command = new Command('respond')
    .description('list automatic responses, undo one, agree to one')
    .addHelpText(
      'after',
      `
Speaks to the running server with its operator key, which also opens a house whose administrators are closed out.

Examples:
  $ rampart respond list
  $ rampart respond undo rsp_01kxyz...
  $ rampart respond approve rsp_01kxyz...
  $ rampart respond break-glass rsp_01kxyz... --reason "cards are being tested, nobody else is awake"`,
    );
  command
    .command('list')
    .description('list what acts or waits, then the newest that have ended')
    .option('--json', 'print them as JSON')
    .action(list);
  for (const [verb, about] of ACTS)
    command
      .command(verb)
      .description(about)
      .argument('<id>', 'of `rampart respond list`')
      .action((id: string) => act(verb, id));
  command
    .command('break-glass')
    .description('have a response that waits act without the second person; written down as CRITICAL')
    .argument('<id>', 'of `rampart respond list`')
    .requiredOption('--reason <text>', 'why, 10 to 500 characters')
    .action((id: string, { reason }: { readonly reason: string }) => act('break-glass', id, { reason }));
  for (const one of command.commands) endingOnWrongUsage(one);
  return endingOnWrongUsage(command);
}

const ACTS = [
  ['undo', 'undo a response, or end its waiting'],
  ['approve', 'agree to a response that waits'],
  ['refuse', 'refuse a response that waits'],
] as const;

function dataDir(): string {
  return readEnvironment(process.env, false).dataDir;
}

async function list({ json }: { readonly json?: boolean }): Promise<void> {
  const answer = await askServer<ResponsesAnswer>(dataDir(), 'GET', '/admin/responses?limit=20');
  if (json === true) return say(JSON.stringify(answer, null, 2));
  if (answer.responses.length === 0) return say(`Nothing was done so far (mode ${answer.mode}).`);
  const rows = answer.responses.map((one) => [
    one.id,
    one.state,
    one.responder,
    one.target,
    one.startedBy,
    new Date(one.endedAtMs ?? one.expiresAtMs).toISOString().slice(0, 19),
  ]);
  say(textTable([['id', 'state', 'responder', 'target', 'started by', 'ends or ended (UTC)'], ...rows]));
}

async function act(verb: string, id: string, body?: object): Promise<void> {
  const path = `/admin/responses/${encodeURIComponent(id)}/${verb}`;
  const entry = await askServer<ResponseEntry>(dataDir(), 'POST', path, body);
  const of = `${entry.responder} of ${entry.target}: ${entry.state}`;
  const missing = entry.approvalsNeeded - entry.approvedBy.length;
  say(entry.state === 'waiting' ? `${of}, ${missing} more to agree` : of);
}
