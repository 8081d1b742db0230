import { isName, isSpace } from '../chars.ts';
import { HAS, textOf } from '../text.ts';
import type { Signals, Where } from '../../types.ts';
import { LDAP_RULES as R } from './rules.ts';

const ATTRIBUTES = new Set(
  'objectclass uid cn sn ou dc mail givenname userpassword samaccountname member memberof dn userprincipalname o c l uidnumber homedirectory department telephonenumber description name user username password'.split(
    ' ',
  ),
);

/** Injection into filters of directories: `*)(uid=*))(|(uid=*`. */
export function detectLdap(value: string, _where: Where, out: Signals): void {
  const { has, lower, words } = textOf(value);
  if ((has & HAS.paren) !== 0) brackets(lower, out);
  if ((has & HAS.colon) !== 0 && matchRule(lower)) out.add(R['match-rule']);
  if (
    (has & HAS.equals) !== 0 &&
    words <= 2 &&
    /^\(?(?:objectclass|uid|cn|samaccountname)=\*/.test(lower.slice(0, 30))
  )
    out.add(R['wild-attribute']);
}

function brackets(lower: string, out: Signals): void {
  for (let at = lower.indexOf('('); at >= 0; at = lower.indexOf('(', at + 1)) {
    const next = lower.charCodeAt(at + 1);
    const closed = closedBefore(lower, at);
    if (next === 38 || next === 124 || next === 33) {
      const inner = lower.charCodeAt(at + 2);
      if (closed) return out.add(R['filter-breakout']);
      if (inner === 40 && isComparison(lower, at + 3)) return out.add(R['filter-whole']);
      continue;
    }
    if (closed && isComparison(lower, at + 1)) return out.add(R['filter-breakout']);
  }
  if (/\)\(\|$|\)\)\(\||\*\)\)?%00|\*\)\)\)|\)\(&\)/.test(lower.slice(-40))) out.add(R['filter-breakout']);
}

/** `)` right before, where something stood in front of it: `*)(`, `x)(`. */
function closedBefore(lower: string, at: number): boolean {
  let i = at - 1;
  while (i >= 0 && isSpace(lower.charCodeAt(i)) && at - i < 4) i--;
  return lower.charCodeAt(i) === 41;
}

/** `uid=`, `cn>=`, `objectClass~=`, `userPassword:2.5.13.18:=`. */
function isComparison(lower: string, from: number): boolean {
  let end = from;
  while (
    end < lower.length &&
    end - from < 40 &&
    (isName(lower.charCodeAt(end)) || lower.charCodeAt(end) === 45)
  )
    end++;
  if (end === from) return false;
  const next = lower.charCodeAt(end);
  const known = ATTRIBUTES.has(lower.slice(from, end));
  if (next === 61) return known || lower.charCodeAt(end + 1) === 42;
  return (
    (next === 58 || next === 126 || next === 62 || next === 60) && (known || lower.charCodeAt(end + 1) === 61)
  );
}

/** `:2.5.13.18:=`, `:1.2.840.113556.1.4.803:=`. */
function matchRule(lower: string): boolean {
  const end = lower.indexOf(':=');
  if (end < 4) return false;
  let at = end - 1;
  while (
    at > 0 &&
    end - at < 40 &&
    ((lower.charCodeAt(at) >= 48 && lower.charCodeAt(at) <= 57) || lower.charCodeAt(at) === 46)
  )
    at--;
  return lower.charCodeAt(at) === 58 && end - at > 5;
}
