import type { Command } from 'commander';

/** Lets a command end with 2 when it was used wrongly, and with 0 after `--help`. */
export function endingOnWrongUsage(command: Command): Command {
  return command
    .showHelpAfterError('(run with --help for what it takes)')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}
