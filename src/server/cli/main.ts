#!/usr/bin/env node
import { Command } from 'commander';
import { OptionsError, RampartError } from '../../core/errors.ts';
import { VERSION } from '../version.ts';
import { alertsCommand } from './alerts.ts';
import { auditCommand } from './audit.ts';
import { backupCommand } from './backup.ts';
import { detectCommand } from './detect.ts';
import { doctorCommand } from './doctor.ts';
import { eventsCommand } from './events.ts';
import { feedsCommand } from './feeds.ts';
import { initCommand } from './init.ts';
import { keysCommand } from './keys.ts';
import { linkCommand } from './link.ts';
import { migrateCommand } from './migrate.ts';
import { respondCommand } from './respond.ts';
import { restoreCommand } from './restore.ts';
import { simulateCommand } from './simulate.ts';
import { sinksCommand } from './sinks.ts';
import { startCommand } from './start.ts';
import { whyCommand } from './why.ts';

const program = new Command('rampart')
  .description('The security and performance layer for TypeScript backends.')
  .version(VERSION)
  .showHelpAfterError('(run with --help for what it takes)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .addCommand(startCommand())
  .addCommand(initCommand())
  .addCommand(detectCommand())
  .addCommand(eventsCommand())
  .addCommand(alertsCommand())
  .addCommand(sinksCommand())
  .addCommand(respondCommand())
  .addCommand(doctorCommand())
  .addCommand(linkCommand())
  .addCommand(keysCommand())
  .addCommand(feedsCommand())
  .addCommand(whyCommand())
  .addCommand(migrateCommand())
  .addCommand(auditCommand())
  .addCommand(backupCommand())
  .addCommand(restoreCommand())
  .addCommand(simulateCommand());
// Wrong usage is exit code 2 and a word about --help, of every command alike.
for (const command of program.commands) command.copyInheritedSettings(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof RampartError || error instanceof OptionsError)) throw error;
  process.stderr.write(`rampart: ${error.message}\n`);
  process.exitCode = error instanceof OptionsError ? 2 : 1;
}
