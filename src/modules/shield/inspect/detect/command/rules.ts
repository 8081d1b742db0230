import { rulesOf } from '../rule.ts';

/** What makes a shell run more than it should. */
export const COMMAND_RULES = rulesOf('command', {
  'chained-program': [6, 'critical', 'A separator of the shell, and a program with what it would be given.'],
  'chained-word': [3, 'medium', 'A separator of the shell, and a word that is also a program.'],
  'chained-option': [5, 'high', 'A separator of the shell, and a word with an option behind it.'],
  'option-injection': [5, 'high', 'The value is an option that makes a program run another one.'],
  substitution: [6, 'critical', 'A program runs inside the value: $(…), `…`, <(…).'],
  'substitution-loose': [3, 'medium', 'Something is run inside the value that is no known program.'],
  'substitution-mention': [1, 'low', 'Backticks around a program in the middle of a text.'],
  'whole-command': [5, 'high', 'The value is a command with its arguments.'],
  'program-path': [5, 'high', 'A program of the system is called by its path.'],
  'hidden-word': [
    5,
    'high',
    'Quotes, backslashes, wildcards or empty variables hide the name of a program or file.',
  ],
  'hidden-space': [5, 'high', 'A variable stands for a space: ${IFS}, $IFS$9, {cat,/etc/passwd}.'],
  'reverse-shell': [6, 'critical', 'A shell is connected to a machine outside.'],
  redirect: [5, 'high', 'Output is sent into a file or a device of the system.'],
  'shell-function': [6, 'critical', 'The definition of a function that old shells run from a variable.'],
  'windows-shell': [5, 'high', 'A shell of Windows, or its language, is told what to run.'],
  'windows-command': [5, 'medium', 'Control words of the shell of Windows.'],
  'download-run': [6, 'critical', 'Something is loaded from elsewhere and run.'],
  'fork-bomb': [6, 'high', 'A function that calls itself until nothing else runs.'],
});
