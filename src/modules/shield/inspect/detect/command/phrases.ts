import { isLetter, isSpace, skipSpace } from '../chars.ts';
import { phrasesIn, sharedPhrases } from '../shared-phrases.ts';
import { HAS } from '../text.ts';
import type { Signals } from '../../types.ts';
import { COMMAND_RULES as R } from './rules.ts';

/** Texts that hardly occur but in commands, each with its rule. */
const REVERSE = [
  '/dev/tcp/',
  '/dev/udp/',
  'bash -i',
  'sh -i',
  'nc -e',
  'nc -l',
  'ncat -e',
  '-e /bin/',
  'exec:/bin',
  'socket.socket(',
  'fsockopen(',
  'pty.spawn',
  'tcpsocket.open',
  'io.popen(',
];
const POWERSHELL = [
  'invoke-expression',
  'invoke-webrequest',
  'invoke-command',
  'invoke-restmethod',
  'new-object',
  'downloadstring',
  'downloadfile',
  'start-process',
  '-encodedcommand',
  'frombase64string',
  'set-executionpolicy',
  '-executionpolicy',
  'powershell -',
  'powershell.exe',
  'cmd /c',
  'cmd.exe',
  'cmd /r',
  'certutil -',
  'bitsadmin /',
  'wmic process',
  'iex(',
  'iex (',
  '|iex',
  '| iex',
  'net user ',
  '; net user',
  ';net user',
  '|net user',
  '&net user',
  'reg add ',
  'reg query ',
  'start-bitstransfer',
  'get-wmiobject',
  'get-content ',
  'get-childitem ',
  '%comspec%',
  'set /a ',
  '%programfiles%',
  '%systemroot%',
  'vssadmin delete',
  'rundll32 ',
];
const FILES = [
  '>/dev/null',
  '> /dev/null',
  '>/tmp/',
  '> /tmp/',
  '>/etc/',
  '> /etc/',
  '>>/etc',
  '>>/root',
  '>/var/www',
  '> /var/www',
  '2>&1',
  '>&/dev',
  '>&1',
  '</etc/',
  '< /etc/',
];
const SCRIPTS = [
  'python -c',
  'python3 -c',
  'python2 -c',
  'perl -e',
  'ruby -e',
  'php -r',
  'node -e',
  'bash -c',
  'sh -c',
  'ruby -rsocket',
  'perl -mio',
  'lua -e',
  "awk 'begin",
  'awk "begin',
  '-exec ',
  'xargs sh',
  'base64 -d',
  'base64 --decode',
];

/** Options by which tar, git, ssh, curl and others run programs or write files. */
const OPTIONS = [
  '--exec=',
  '--use-askpass',
  '--checkpoint-action',
  '--upload-pack',
  '--output=',
  '--to-command',
  '--rsh=',
  '--config=',
  '--post-file',
  '--receive-pack',
  '--ext-diff',
  '-oproxycommand',
  '-oprog',
  '--open-files-in-pager',
  '--use-compress-program',
];

const PHRASE = {
  reverse: sharedPhrases(REVERSE),
  powershell: sharedPhrases(POWERSHELL),
  files: sharedPhrases(FILES),
  scripts: sharedPhrases(SCRIPTS),
};
const ALL = PHRASE.reverse | PHRASE.powershell | PHRASE.files | PHRASE.scripts;

/** Phrases of shells of Unix and Windows. */
export function scanPhrases(lower: string, has: number, terse: boolean, out: Signals): void {
  if ((has & HAS.dollar) !== 0) spaces(lower, out);
  if ((has & HAS.brace) !== 0 && lower.includes(',')) braces(lower, out);
  const found = phrasesIn(lower) & ALL;
  if (found !== 0) phrases(lower, found, terse, out);
  if ((has & (HAS.slash | HAS.brace)) !== 0) wildcards(lower, out);
  if ((has & HAS.space) !== 0) windows(lower, has, terse, out);
  if ((has & HAS.pipe) !== 0) piped(lower, out);
  if (lower.startsWith('-') && OPTIONS.some((one) => lower.startsWith(one))) out.add(R['option-injection']);
}

function phrases(lower: string, found: number, terse: boolean, out: Signals): void {
  if ((found & PHRASE.reverse) !== 0 && (terse || lower.includes('/dev/tcp/'))) out.add(R['reverse-shell']);
  if ((found & PHRASE.scripts) !== 0 && terse) out.add(R['download-run']);
  if ((found & PHRASE.powershell) !== 0 && terse) out.add(R['windows-shell']);
  if ((found & PHRASE.files) !== 0) out.add(R.redirect);
}

/** `$ifs`, `${ifs}`, `$ifs$9`; alone they stand in honest shell scripts as an assignment. */
function spaces(lower: string, out: Signals): void {
  for (let at = lower.indexOf('$'); at >= 0; at = lower.indexOf('$', at + 1)) {
    const from = lower.charCodeAt(at + 1) === 123 ? at + 2 : at + 1;
    if (!lower.startsWith('ifs', from)) continue;
    const before = lower.charCodeAt(at - 1);
    if (at > 0 && !isSpace(before) && before !== 34) return out.add(R['hidden-space']);
  }
}

/** `{cat,/etc/passwd}`: letters, a comma without a space, and something of a path or an option. */
function braces(lower: string, out: Signals): void {
  for (let at = lower.indexOf('{'); at >= 0; at = lower.indexOf('{', at + 1)) {
    let end = at + 1;
    while (isLetter(lower.charCodeAt(end)) && end - at < 14) end++;
    if (end < at + 3 || lower.charCodeAt(end) !== 44) continue;
    const close = lower.indexOf('}', end);
    if (close < 0) return;
    if (end === at + 1) continue;
    const given = lower.slice(end + 1, Math.min(close, end + 80));
    if (/^(?:[-/]|https?:|[\w.]{1,40}[,/])/.test(given) && !/[\s:]/.test(given))
      return out.add(R['hidden-space']);
  }
}

/** `/???/c?t`, `/e??/p*`, `/bin/c[a]t`, `/etc/pass''wd`, `/etc/passw$@d`. */
function wildcards(lower: string, out: Signals): void {
  for (let at = lower.indexOf('/'); at >= 0; at = lower.indexOf('/', at + 1)) {
    const part = lower.slice(at, at + 24);
    if (isMasked(part)) return out.add(R['hidden-word']);
    const known =
      /^\/(?:etc|bin|usr|dev|tmp|home|var|proc)\/[a-z/]{0,8}(?:\?|\[|\*[a-z]|''|""|\$[@*1-9{]|\\[a-z])/.test(
        part,
      );
    if (known) return out.add(R['hidden-word']);
  }
}

const MASKED = ['bin/', 'etc/', 'usr/', 'dev/', 'tmp/', 'var/', 'sbin/', 'proc/'];

function fits(mask: string, name: string): boolean {
  for (let i = 0; i < mask.length; i++) if (mask[i] !== '?' && mask[i] !== name[i]) return false;
  return true;
}

/** `/???/`, `/b?n/`: a folder of the system under wildcards. */
function isMasked(part: string): boolean {
  const end = part.indexOf('/', 1);
  if (end < 3 || end > 5) return false;
  const mask = part.slice(1, end + 1);
  if (!mask.includes('?')) return false;
  return MASKED.some((name) => name.length === mask.length && fits(mask, name));
}

/** `for /f … in (…) do`, `if exist x cmd`, `if 1==1 echo`. */
function windows(lower: string, has: number, terse: boolean, out: Signals): void {
  for (let at = lower.indexOf('for '); at >= 0; at = lower.indexOf('for ', at + 4)) {
    if (at > 0 && isLetter(lower.charCodeAt(at - 1))) continue;
    const rest = lower.slice(skipSpace(lower, at + 4), at + 160);
    if (!/^(?:\/[dflr]\b|%)/.test(rest)) continue;
    if (rest.includes(' in ') && rest.includes('(') && rest.includes('do'))
      return out.add(R['windows-shell']);
  }
  if (!terse) return;
  if (
    !lower.startsWith('if ') &&
    !lower.startsWith('if/') &&
    !lower.includes('&if ') &&
    !lower.includes('& if ')
  )
    return;
  const compares =
    lower.includes('==') ||
    lower.includes(' equ ') ||
    lower.includes(' neq ') ||
    lower.includes(' gtr ') ||
    lower.includes(' leq ') ||
    lower.includes(' geq ');
  const tests =
    lower.includes('exist ') ||
    lower.includes('defined ') ||
    lower.includes('errorlevel') ||
    lower.includes('cmdextversion');
  if ((compares || (tests && (has & (HAS.percent | HAS.doubleQuote)) !== 0)) && !lower.includes('{'))
    out.add(R['windows-command']);
}

/** `| sh`, `|bash`, behind a program that loads or prints. */
function piped(lower: string, out: Signals): void {
  for (let at = lower.indexOf('|'); at >= 0; at = lower.indexOf('|', at + 1)) {
    const from = skipSpace(lower, at + 1);
    if (from - at > 8) continue;
    const rest = lower.slice(from, from + 12);
    if (/^(?:ba|z|k|da|)sh(?:$|[\s;&|#'"`)])/.test(rest) && at > 3) return out.add(R['download-run']);
  }
}
