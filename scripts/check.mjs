/** npm run check: format, lint and types, all of them even when one fails. */
import { existsSync } from 'node:fs';
import { ensureInstalled } from './lib/install.mjs';
import { inRecentNode, inRoot, ROOT, toolEnvironment } from './lib/project.mjs';
import { runQuietly } from './lib/run.mjs';

await ensureInstalled();
await inRecentNode();

const TSC = 'node_modules/typescript/bin/tsc';
const steps = [
  {
    name: 'format (prettier)',
    command: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  },
  { name: 'lint (oxlint)', command: ['node_modules/oxlint/bin/oxlint', '--type-aware'] },
  { name: 'types (tsc)', command: [TSC, '-p', 'tsconfig.json'] },
];
steps.push({ name: 'docs that are written from the code', command: ['scripts/docs.mjs', '--check'] });
steps.push({
  name: 'types of the browser package (tsc)',
  command: [TSC, '-p', 'client/tsconfig.json', '--noEmit'],
});
if (existsSync(inRoot('console/tsconfig.json'))) {
  steps.push({ name: 'types of the console (tsc)', command: [TSC, '-p', 'console/tsconfig.json'] });
}

let failed = 0;
for (const { name, command } of steps) {
  const started = Date.now();
  const { code, output } = await runQuietly(process.execPath, command, { cwd: ROOT, env: toolEnvironment() });
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}, ${seconds} s`);
  if (code === 0) continue;
  failed += 1;
  console.log(output.trim());
}
process.exit(failed === 0 ? 0 : 1);
