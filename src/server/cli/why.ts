import { Command } from 'commander';
import { isId } from '../../core/id.ts';
import type { Reason, Remedy } from '../../core/verdict.ts';
import type { FalseAlarm } from '../api/shield-types.ts';
import type { DecisionAnswer } from '../api/types.ts';
import { readEnvironment } from '../environment.ts';
import { askServer } from './operator.ts';

/** `rampart why ID`: the whole story of a decision, from the running server. */
export function whyCommand(): Command {
  return new Command('why')
    .description('explain a decision: who asked, which guard said what, and what would make it pass')
    .argument('<id>', 'decision id, as in the header X-Rampart-Decision')
    .option('--json', 'print the whole record as JSON')
    .option('--report <note>', 'report that it should have passed; the note says why')
    .addHelpText(
      'after',
      '\nExamples:\n  $ rampart why dec_06f1s4c8x2e4q0b7m5kz9a3tdn\n  $ rampart why dec_06f1s4c8x2e4q0b7m5kz9a3tdn --report "a customer searched for a song"',
    )
    .action(async (id: string, options: { json?: boolean; report?: string }, command: Command) => {
      if (!isId('dec', id))
        command.error(
          `error: '${id.slice(0, 60)}' is not a decision id; it starts with dec_ and is 30 characters long`,
          { exitCode: 2 },
        );
      const { dataDir } = readEnvironment(process.env, false);
      if (options.report !== undefined) {
        const given = { decision: id, note: options.report };
        const report = await askServer<FalseAlarm>(dataDir, 'POST', '/admin/shield/reports', given);
        process.stdout.write(options.json === true ? `${JSON.stringify(report, null, 2)}\n` : told(report));
        return;
      }
      const decision = await askServer<DecisionAnswer>(dataDir, 'GET', `/admin/decisions/${id}`);
      process.stdout.write(
        options.json === true ? `${JSON.stringify(decision, null, 2)}\n` : explain(decision),
      );
    });
}

function told({ id, state, reportedBy, atMs }: FalseAlarm): string {
  return `Reported as ${id} by ${reportedBy} at ${new Date(atMs).toISOString()}; it is ${state}. See the console, Shield, False alarms.\n`;
}

/** A decision in words, for a terminal. */
export function explain(decision: DecisionAnswer): string {
  const lines = [
    decision.sentence,
    '',
    `  when      ${new Date(decision.atMs).toISOString()}   on node ${decision.node}, policy ${decision.policy.slice(0, 12)}`,
    `  request   ${decision.method} ${decision.path}   (route ${decision.route})`,
    `  from      ${decision.address}${decision.principal === null ? '' : ` as ${decision.principal}`}`,
    `  answered  ${decision.status} after ${decision.durationMs} ms${decision.code === null ? '' : `, ${decision.code}`}`,
  ];
  if (decision.remedies.length > 0)
    lines.push('', 'What would make it pass', ...decision.remedies.map((text) => `  ${text}`));
  lines.push('', 'The corridor');
  for (const step of decision.steps) {
    const replay =
      step.replayed === null
        ? ''
        : step.replayed
          ? ', computed again: same verdict'
          : ', computed again: ANOTHER verdict';
    lines.push(
      `  ${step.verdict.padEnd(9)} ${step.guard}${step.mode === 'shadow' ? ' (shadow)' : ''}${replay}`,
    );
    if (step.reason) lines.push(...tree(step.reason, '    '));
  }
  if (decision.verdict === 'deny' || decision.verdict === 'challenge' || decision.wouldRefuse.length > 0)
    lines.push('', 'If it should have passed', `  rampart why ${decision.id} --report "what the caller did"`);
  return `${lines.join('\n')}\n`;
}

function tree(reason: Reason, indent: string): string[] {
  const values = Object.entries(reason.values ?? {}).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const remedy = reason.remedy === undefined ? '' : `  → ${remedyText(reason.remedy)}`;
  return [
    `${indent}${reason.text} [${reason.code}]${values.length > 0 ? `  ${values.join(' ')}` : ''}${remedy}`,
    ...(reason.because ?? []).flatMap((child) => tree(child, `${indent}  `)),
  ];
}

function remedyText(remedy: Remedy): string {
  switch (remedy.do) {
    case 'wait':
      return `wait ${remedy.seconds} s`;
    case 'sign-in':
      return 'sign in';
    case 'change':
      return `change ${remedy.what}`;
    case 'ask':
      return `ask ${remedy.whom} for ${remedy.what}`;
    case 'nothing':
      return 'nothing would';
  }
}
