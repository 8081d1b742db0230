import { Command } from 'commander';
import { readEnvironment } from '../environment.ts';
import { askServer } from './operator.ts';

/** `rampart link`: a new single-use sign-in link for the console of the running server. */
export function linkCommand(): Command {
  return new Command('link')
    .description('print a new single-use link that signs in to the console of the running server')
    .action(async () => {
      const { dataDir } = readEnvironment(process.env, false);
      const { url } = await askServer<{ url: string }>(dataDir, 'POST', '/admin/setup-links', {});
      process.stdout.write(`${url}\n`);
    });
}
