import { styleText } from 'node:util';
import { Command } from 'commander';
import { systemClock } from '../../core/clock.ts';
import { type Examined, examine } from './doctor/examine.ts';
import type { Finding } from './doctor/finding.ts';
import { endingOnWrongUsage } from './usage.ts';

/** `rampart doctor`: looks at everything that a server started here would stand on. */
export function doctorCommand(): Command {
  const command = new Command('doctor')
    .description('check configuration, accounts, stores, folders and settings, and say what to do')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      `
Reads the same environment and configuration as 'rampart start', and changes nothing. Where accounts are on it hashes
for about a second to see how strong passwords can be kept here, and signs in to the mail server without sending.
Exit code 1 when there is a problem; notes and warnings alone end with 0.

Examples:
  $ rampart doctor
  $ NODE_ENV=production DATABASE_URL=postgres://db.internal/rampart rampart doctor --json`,
    )
    .action(doctor);
  return endingOnWrongUsage(command);
}

async function doctor(options: { json?: boolean }): Promise<void> {
  const examined = await examine(process.env, process.cwd(), systemClock.now());
  const count = (level: Finding['level']): number =>
    examined.flatMap(({ findings }) => findings).filter((one) => one.level === level).length;
  const problems = count('error');
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify({ problems, warnings: count('warning'), checks: examined.map(asData) }, null, 2)}\n`
      : `${tableOf(examined)}\n\n${counted(problems, 'problem')}, ${counted(count('warning'), 'warning')}, ${counted(count('info'), 'note')}\n`,
  );
  process.exitCode = problems > 0 ? 1 : 0;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

function asData({ check, fine, findings }: Examined): unknown {
  return { check, state: worstOf(findings), text: findings.length === 0 ? fine : null, findings };
}

const WORDS = { ok: 'ok', info: 'note', warning: 'warning', error: 'PROBLEM' } as const;
const STYLES = { ok: 'green', info: 'cyan', warning: 'yellow', error: 'red' } as const;
type State = keyof typeof WORDS;
const STATE_WIDTH = 7;

function worstOf(findings: readonly Finding[]): State {
  const levels = new Set(findings.map(({ level }) => level));
  return (['error', 'warning', 'info'] as const).find((level) => levels.has(level)) ?? 'ok';
}

/** A line per finding, each with its remedy below; colours where a terminal shows them and NO_COLOR is not set. */
function tableOf(examined: readonly Examined[]): string {
  const width = Math.max(...examined.map(({ check }) => check.length));
  const row = (state: State, check: string, text: string): string => {
    const word = styleText(STYLES[state], WORDS[state].padEnd(STATE_WIDTH), { stream: process.stdout });
    return `${word}  ${check.padEnd(width)}  ${text}`;
  };
  const indent = ' '.repeat(STATE_WIDTH + width + 4);
  return examined
    .flatMap(({ check, fine, findings }) =>
      findings.length === 0
        ? [row('ok', check, fine)]
        : findings.flatMap(({ level, text, remedy }) => [row(level, check, text), `${indent}→ ${remedy}`]),
    )
    .join('\n');
}
