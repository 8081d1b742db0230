import { isLetter, isName, isSpace, nameEnd } from '../chars.ts';
import { phrasesIn, sharedPhrases } from '../shared-phrases.ts';
import { HAS } from '../text.ts';
import type { Signals } from '../../types.ts';
import { WordTable, words } from '../word-table.ts';
import { CODE_RULES as R } from './rules.ts';

const PHP = new WordTable(
  words(
    1,
    `phpinfo passthru shell_exec proc_open popen pcntl_exec base64_decode gzinflate gzuncompress str_rot13 create_function
    call_user_func call_user_func_array preg_replace_callback file_get_contents file_put_contents fopen fwrite fputs
    readfile include_once require_once move_uploaded_file ini_set putenv var_dump print_r get_defined_functions
    get_defined_vars array_map array_filter usort unserialize chr_concat highlight_file show_source scandir
    phpversion php_uname getenv error_log extract parse_str curl_exec symlink posix_getpwuid opendir tmpfile bzopen
    gzopen fputcsv fsockopen assert system`,
  ),
);
const PHP_VARIABLES = [
  '$_get',
  '$_post',
  '$_request',
  '$_server',
  '$_cookie',
  '$_files',
  '$_session',
  '$_env',
  '$globals',
  '$http_',
];
const JAVA_RUN = [
  'java.lang.runtime',
  'java.lang.processbuilder',
  'getruntime',
  'processbuilder',
  'javax.script.scriptengine',
  'invokertransformer',
  'instantiatetransformer',
  'chainedtransformer',
  'prototypeclonefactory',
  'templatesimpl',
  'javax.naming',
  'groovyshell',
  'java.rmi',
  'java.net.urlclassloader',
  '#_memberaccess',
  '@ognl.',
  'xwork2',
  'org.apache.commons.collections',
  'class.forname',
  'unmarshaller',
  'methodclosure',
  'forclosure',
  'whileclosure',
  'class.module.classloader',
  'instantiatefactory',
  'prototypeserializationfactory',
];
const PYTHON = [
  '__import__(',
  'os.system(',
  'os.popen(',
  'subprocess.',
  'pickle.loads',
  'exec(open',
  'eval(compile',
  'import os',
  'import socket',
  'import subprocess',
  'builtins.',
];
const SERIALIZED = [
  '!!python/',
  '!ruby/object',
  '!!javax.',
  '!!java.',
  '!php/object',
  '!!js/function',
  '!!js/undefined',
  'ro0ab',
  'aced0005',
  'aaeaaad/////',
  'system.windows.data.objectdataprovider',
  '"$type":',
  'csystem\n',
  'cos\nsystem',
  'c__builtin__',
  'objectinputstream',
  'gasvkaaaaaaa',
  'h4siaaaaaaaaa',
];

const PHRASE = {
  java: sharedPhrases(JAVA_RUN),
  python: sharedPhrases(PYTHON),
  serialized: sharedPhrases(SERIALIZED),
  variable: sharedPhrases(PHP_VARIABLES),
  perl: sharedPhrases(['@{[', '%x(', '#{`']),
  jndi: sharedPhrases(['jndi:']),
  javaName: sharedPhrases(['java.', 'javax.']),
};

/** Code of other languages, serialised objects, lookups of loggers. */
export function scanOtherCode(value: string, lower: string, has: number, terse: boolean, out: Signals): void {
  const found = phrasesIn(lower);
  if ((has & HAS.less) !== 0) phpTags(lower, out);
  if ((has & HAS.paren) !== 0) phpCalls(lower, terse, out);
  if ((found & PHRASE.variable) !== 0 && PHP_VARIABLES.some((name) => usesVariable(lower, name)))
    out.add(R['php-variable']);
  if ((found & PHRASE.jndi) !== 0) out.add(R['jndi-lookup']);
  if ((has & HAS.dollar) !== 0 && (has & HAS.brace) !== 0) lookups(lower, out);
  if (terse && (found & PHRASE.java) !== 0) out.add(R['java-class']);
  else if ((found & PHRASE.javaName) !== 0) javaName(lower, terse, out);
  if (terse && (found & PHRASE.python) !== 0) out.add(R['python-call']);
  if ((found & PHRASE.perl) !== 0) out.add(R['perl-code']);
  if ((found & PHRASE.serialized) !== 0) out.add(R['serialized-object']);
  else if ((has & HAS.colon) !== 0) serializedPhp(value, out);
}

function usesVariable(lower: string, name: string): boolean {
  const at = lower.indexOf(name);
  return at >= 0 && (name.endsWith('_') || !isName(lower.charCodeAt(at + name.length)));
}

function phpTags(lower: string, out: Signals): void {
  for (let at = lower.indexOf('<?'); at >= 0; at = lower.indexOf('<?', at + 2)) {
    const next = lower.charCodeAt(at + 2);
    if (
      lower.startsWith('php', at + 2) ||
      next === 61 ||
      (isSpace(next) && /[$(;]/.test(lower.slice(at, at + 60)))
    )
      return out.add(R['php-tag']);
  }
}

function phpCalls(lower: string, terse: boolean, out: Signals): void {
  for (let at = lower.indexOf('('); at >= 0; at = lower.indexOf('(', at + 1)) {
    let end = at;
    while (end > 0 && at - end < 4 && isSpace(lower.charCodeAt(end - 1))) end--;
    let start = end;
    while (start > 0 && end - start < 30 && isName(lower.charCodeAt(start - 1))) start--;
    if (start === end || PHP.get(lower, start, end) === 0) continue;
    if (end < at && !terse) continue;
    if (terse && lower.charCodeAt(start - 1) !== 46) return out.add(R['php-call']);
  }
}

/** `${jndi:ldap://…}`, `${${lower:j}ndi`, `${::-j}`, `${env:x}`. */
function lookups(lower: string, out: Signals): void {
  for (let at = lower.indexOf('${'); at >= 0; at = lower.indexOf('${', at + 2)) {
    const part = lower.slice(at + 2, at + 34);
    if (
      /^(?:\$\{|[a-z]{0,8}:{1,2}-?[\w$]{0,12}-?[^\s}]{0,6}\}?\$?\{|(?:lower|upper|env|sys|date|ctx|main|java|hostname):|:{1,2}-?\w)/.test(
        part,
      )
    )
      return out.add(R['nested-lookup']);
  }
}

function javaName(lower: string, terse: boolean, out: Signals): void {
  const at = lower.indexOf('java');
  const dot = lower.charCodeAt(at + 4) === 120 ? at + 5 : at + 4;
  if (lower.charCodeAt(dot) !== 46 || !isLetter(lower.charCodeAt(dot + 1))) return;
  const next = nameEnd(lower, dot + 1);
  if (lower.charCodeAt(next) === 46 && isLetter(lower.charCodeAt(next + 1)))
    out.add(terse ? R['java-class'] : R['java-class-mention']);
}

/** `O:8:"stdClass":1:{`, `a:2:{i:0;`, and the marks of the others. */
function serializedPhp(value: string, out: Signals): void {
  for (let at = value.indexOf('O:'); at >= 0; at = value.indexOf('O:', at + 2)) {
    if (/^O:\+?\d{1,4}:["\\]/.test(value.slice(at, at + 12))) return out.add(R['serialized-object']);
  }
  if (/^[aCs]:\d{1,5}:[{"]/.test(value.slice(0, 10)) && value.includes(';')) out.add(R['serialized-object']);
}
