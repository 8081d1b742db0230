import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { styleText } from 'node:util';
import { Command } from 'commander';
import { insertLines, unifiedDiff } from './init/insertion.ts';
import { type Change, type Plan, planFor } from './init/plan.ts';
import { openParser } from './init/tree.ts';
import { endingOnWrongUsage } from './usage.ts';

interface Options {
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

/** `rampart init`: adds Rampart to an application that stands already. */
export function initCommand(): Command {
  const command = new Command('init')
    .description('add Rampart to an Express, Fastify or Hono application')
    .argument('[dir]', 'folder of the application', '.')
    .option('-y, --yes', 'write without asking')
    .option('--dry-run', 'only show what would be written')
    .addHelpText(
      'after',
      `
Shows the changes as a diff and asks before it writes. Running it again changes nothing.

Examples:
  $ rampart init
  $ rampart init services/orders --dry-run`,
    )
    .action(init);
  return endingOnWrongUsage(command);
}

async function init(dir: string, options: Options): Promise<void> {
  const folder = resolve(dir);
  const parse = await openParser();
  const plan = parse
    ? planFor(folder, parse)
    : "rampart init reads your sources with the package 'oxc-parser': npm install --no-save oxc-parser";
  if (typeof plan === 'string') {
    process.stderr.write(`${plan}\n`);
    process.exitCode = 1;
    return;
  }
  if (plan.changes.length === 0 && plan.paste.length === 0) {
    process.stdout.write('Rampart is already there: nothing to change.\n');
    return;
  }
  for (const change of plan.changes) process.stdout.write(coloured(diffOf(change)));
  if (plan.changes.length > 0 && (await mayWrite(options))) {
    write(folder, plan.changes);
    process.stdout.write(`\nWritten. Next: npm install, then start the application as always.\n`);
  }
  process.stdout.write(advice(plan));
}

/** Asks where somebody can answer. */
async function mayWrite(options: Options): Promise<boolean> {
  if (options.dryRun === true) {
    process.stdout.write('\nNothing was written (--dry-run).\n');
    return false;
  }
  if (options.yes === true) return true;
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    process.stdout.write('\nNothing was written: nobody can be asked here. Run it with --yes to write.\n');
    return false;
  }
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await lines.question('\nWrite these changes? [y/N] ').finally(() => lines.close());
  const agreed = /^y(es)?$/i.test(answer.trim());
  if (!agreed) process.stdout.write('Nothing was written.\n');
  return agreed;
}

function diffOf({ path, text, insertions }: Change): string {
  return unifiedDiff(path, text, insertions);
}

/** Writes what was shown, and nothing when a file changed since. */
function write(folder: string, changes: readonly Change[]): void {
  const moved = changes.find(
    ({ path, text }) => text !== undefined && readFileSync(join(folder, path), 'utf8') !== text,
  );
  if (moved) throw new Error(`${moved.path} changed meanwhile; run rampart init again.`);
  for (const { path, text, insertions } of changes) {
    writeFileSync(join(folder, path), insertLines(text ?? '', insertions), {
      flag: text === undefined ? 'wx' : 'w',
    });
  }
}

function advice(plan: Plan): string {
  const lines = [...plan.notes, ...plan.paste.map((line) => `    ${line.trim()}`)];
  return lines.length === 0 ? '' : `\n${lines.join('\n')}\n`;
}

/** Green and red where a terminal shows them; NO_COLOR is heard. */
function coloured(diff: string): string {
  const paint = (line: string): string => {
    const style = line.startsWith('+') ? 'green' : line.startsWith('@@') ? 'cyan' : undefined;
    return style === undefined ? line : styleText(style, line, { stream: process.stdout });
  };
  return diff.split('\n').map(paint).join('\n');
}
