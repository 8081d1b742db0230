import { isLetter, isName, isSpace, skipSpace, skipSpaceBack } from '../chars.ts';
import { HAS, textOf } from '../text.ts';
import type { Signals, Where } from '../../types.ts';
import { isGiven, judge, readCommand, type Command } from './read.ts';
import { COMMAND_RULES as R } from './rules.ts';
import { scanPhrases } from './phrases.ts';
import { PROGRAM } from './words.ts';

/** 1 for `;`, `|`, `&` and a line end. */
const SEPARATES = new Uint8Array(125);
for (const code of [59, 124, 38, 10]) SEPARATES[code] = 1;
const SEPARATORS = HAS.semicolon | HAS.pipe | HAS.ampersand | HAS.newline;
const RUNS = HAS.backtick | HAS.dollar | HAS.less | HAS.greater;
/** Up to this many plain words a value is a command rather than prose with a command in it. */
const TERSE = 4;
/** Commands are read at this many places of one value; a value with more separators is judged by these. */
const MAX_COMMANDS = 400;

/** Injection of commands: what a shell would run next to, inside or instead of the value. */
export function detectCommand(value: string, where: Where, out: Signals): void {
  const { has, lower, words } = textOf(value);
  if ((has & HAS.letter) === 0) return bombs(lower, out);
  const terse = words <= TERSE;
  if ((has & SEPARATORS) !== 0) chains(lower, has, terse, where, out);
  if ((has & RUNS) !== 0) substitutions(lower, words, out);
  if (where.place !== 'path' && where.place !== 'name') whole(lower, terse, out);
  scanPhrases(lower, has, terse, out);
  if ((has & HAS.brace) !== 0) bombs(lower, out);
}

const command: Command = { start: 0, end: 0, kind: 0, hidden: false, spaced: false, path: false };

/** What stands behind each `;`, `|`, `&`, and line end. */
function chains(lower: string, has: number, terse: boolean, where: Where, out: Signals): void {
  let left = MAX_COMMANDS;
  for (let i = 0; i < lower.length && left > 0; i++) {
    const code = lower.charCodeAt(i);
    if (code > 124 || SEPARATES[code] === 0) continue;
    const next = lower.charCodeAt(i + 1);
    if ((code === 124 || code === 38) && next === code) i++;
    left--;
    if (code === 10 && !terse) continue;
    if (code === 59 && endsEntity(lower, i)) continue;
    const behind = lower.charCodeAt(i + 1);
    const twice = lower.charCodeAt(i - 1) === code;
    const tight = !isSpace(behind) || (terse && behind === 32 && behindTarget(lower, i - (twice ? 2 : 1)));
    readCommand(lower, i + 1, command);
    chained(lower, judge(lower, command, tight && where.place !== 'header'), code, terse, out);
  }
}

/** An address, file or number stands before the separator, not a word: `127.0.0.1 && id`, `a.txt; id`. */
function behindTarget(lower: string, from: number): boolean {
  const last = skipSpaceBack(lower, from);
  if (last < 0 || !isLetter(lower.charCodeAt(last))) return true;
  const first = Math.max(0, last - 40);
  for (let at = last; at >= first && !isSpace(lower.charCodeAt(at)); at--)
    if (lower.charCodeAt(at) === 46 && at < last) return true;
  return false;
}

/** `&amp;`, `&#8222;`: the semicolon belongs to an entity. */
function endsEntity(lower: string, at: number): boolean {
  let i = at - 1;
  while (i > at - 10 && (isName(lower.charCodeAt(i)) || lower.charCodeAt(i) === 35)) i--;
  return lower.charCodeAt(i) === 38 && i < at - 1;
}

/** 0 nothing, 1 a word that is also a program, 2 a program and what it is given. */
function chained(lower: string, sure: number, separator: number, terse: boolean, out: Signals): void {
  if (sure === 0 && terse && separator !== 10 && command.kind === 0 && hasOption(lower))
    out.add(R['chained-option']);
  if (sure === 0 || (sure === 1 && !terse)) return;
  if (isGitAfterGit(lower)) return out.add(R['chained-word']);
  if (command.hidden) out.add(R['hidden-word']);
  const strong = sure === 2 && (terse || command.hidden || (command.path && separator !== 10));
  out.add(strong ? R['chained-program'] : R['chained-word']);
}

/** What developers tell each other to type: commands of git, and options, that run nothing else. */
const GIT =
  /^git (?:push|commit|status|add|merge|checkout|switch|stash|rebase)(?: (?:--(?:force-with-lease|force|all|amend|no-edit|abort|continue|tags)|-[abfmu]|[a-z\d][\w./~^@-]{0,60})){0,6}\s*$/;

/** `git rebase -i HEAD~3 && git push --force-with-lease`: talk about git, which begins with git. */
function isGitAfterGit(lower: string): boolean {
  if (command.hidden || !lower.startsWith('git ') || lower.length - command.start > 400) return false;
  return GIT.test(lower.slice(command.start));
}

/** `;flock -u`, `|perf --version`. */
function hasOption(lower: string): boolean {
  const { start, end } = command;
  if (end - start < 3 || lower.charCodeAt(end) !== 32 || lower.charCodeAt(end + 1) !== 45) return false;
  const from = lower.charCodeAt(end + 2) === 45 ? end + 3 : end + 2;
  return isLetter(lower.charCodeAt(from)) && lower.charCodeAt(from) < 128;
}

/** `$(…)`, `` `…` ``, `<(…)`, `>(…)`. */
function substitutions(lower: string, words: number, out: Signals): void {
  const terse = words <= TERSE;
  let left = MAX_COMMANDS;
  for (let i = 0; i < lower.length && left > 0; i++) {
    const code = lower.charCodeAt(i);
    const next = lower.charCodeAt(i + 1);
    const opens = (code === 36 || code === 60 || code === 62) && next === 40;
    if (!opens && code !== 96) continue;
    left--;
    readCommand(lower, opens ? i + 2 : i + 1, command);
    if (command.kind === 0 && !command.path && !(command.hidden && opens)) {
      if (code === 36 && isWord(lower, command) && terse && next === 40) out.add(R['substitution-loose']);
      continue;
    }
    if (opens) out.add(terse ? R.substitution : R['substitution-loose']);
    else ticked(lower, i, words, out);
  }
}

function isWord(lower: string, found: Command): boolean {
  return found.end > found.start && lower.charCodeAt(found.end) !== 46 && lower.charCodeAt(found.end) !== 39;
}

/** Markdown writes programs in backticks between words; an injection has nothing, or no space, around them. */
function ticked(lower: string, at: number, words: number, out: Signals): void {
  const terse = words <= TERSE;
  const close = lower.indexOf('`', at + 1);
  if (close < 0 || close - at > 400) return;
  const sure = judge(lower, command, true) === 2;
  if (terse && sure && !isNamed(lower, at, close, words)) return out.add(R.substitution);
  const tight =
    at > 0 &&
    !isSpace(lower.charCodeAt(at - 1)) &&
    close + 1 < lower.length &&
    !isSpace(lower.charCodeAt(close + 1));
  out.add(
    sure && tight && command.kind === PROGRAM.sure ? R['substitution-loose'] : R['substitution-mention'],
  );
}

/** The value itself is a command. */
function whole(lower: string, terse: boolean, out: Signals): void {
  if (!terse) return;
  readCommand(lower, 0, command);
  if (command.hidden && (command.kind !== 0 || command.path)) out.add(R['hidden-word']);
  if (command.path) return out.add(R['program-path']);
  if (command.kind === 0) return;
  const given = skipSpace(lower, command.end);
  if (given >= lower.length || (given === command.end && !command.spaced) || isSentence(lower)) return;
  if (isGiven(lower, command.end + 1, command.kind, false)) out.add(R['whole-command']);
}

/** A word that is also a program, in backticks, with blanks around it, behind words of a sentence: "avoid rest parameters in `fetch` (#12)". */
function isNamed(lower: string, at: number, close: number, words: number): boolean {
  if (words < 3 || command.kind === PROGRAM.sure || close - at > 24 || !isSpace(lower.charCodeAt(at - 1)))
    return false;
  for (let i = at + 1; i < close; i++) if (!isLetter(lower.charCodeAt(i))) return false;
  const last = skipSpaceBack(lower, at - 1);
  const sentence = last > 0 && isLetter(lower.charCodeAt(last)) && isLetter(lower.charCodeAt(last - 1));
  return sentence && (close + 1 >= lower.length || isSpace(lower.charCodeAt(close + 1)));
}

function isSentence(lower: string): boolean {
  const last = lower.charCodeAt(lower.length - 1);
  return last === 46 || last === 63;
}

/** `:(){ :|:& };:` under any name. */
function bombs(lower: string, out: Signals): void {
  const at = lower.indexOf('(){');
  const from = at >= 0 ? at : lower.indexOf('() {');
  if (from < 0) return;
  const body = lower.slice(from, from + 60);
  if (from === 0 && body.includes(':;')) return out.add(R['shell-function']);
  if (body.includes('|') && body.includes('&') && body.includes('}')) out.add(R['fork-bomb']);
  else if (/^\(\) ?\{ ?[\w.:]{1,20} ?& ?[\w.:]{1,20} ?;? ?\}/.test(body)) out.add(R['fork-bomb']);
}
