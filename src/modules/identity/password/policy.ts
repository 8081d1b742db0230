import { OptionsError } from '../../../core/errors.ts';
import type { PasswordFault, PasswordPolicy } from '../contract.ts';
import { breachedLookup, type BreachedPorts } from './breached.ts';
import { commonPasswords } from './common.ts';
import { isName } from './names.ts';
import type { PasswordSettings } from './options.ts';
import { lacking, missingLength, PROFILES, type ProfileRules } from './profiles.ts';
import { MAX_CODE_POINTS, readPassword } from './text.ts';

/** What the policy stands on; `fetch` is needed where breached passwords are asked for. */
export type PolicyPorts = Omit<BreachedPorts, 'fetch'> & { readonly fetch?: typeof fetch };

/**
 * Judges new passwords by the profile of the options, the list of common passwords, names, and the list of breached ones
 * where that is switched on. It is asked last, and only about what passes everything else.
 * @throws OptionsError when `breached` is set and there is no `fetch`
 */
export function createPasswordPolicy(settings: PasswordSettings, ports: PolicyPorts): PasswordPolicy {
  const rules = PROFILES[settings.profile];
  const isBreached = lookupOf(settings, ports);
  return {
    rules: {
      minLength: rules.minLength,
      minLengthWithSecondFactor: rules.minLengthWithSecondFactor,
      maxLength: MAX_CODE_POINTS,
    },
    async check(password, context) {
      const read = readPassword(password);
      if (!read.ok) return [unreadable(read.why, rules, context.secondFactor)];
      const faults = formFaults(rules, read.nfc, context.secondFactor);
      if ((await commonPasswords()).has(read.nfc)) faults.push(COMMON);
      if (isName(read.nfc, [...context.names, ...settings.names])) faults.push(NAME);
      if (faults.length === 0 && (await isBreached(read.nfc))) faults.push(BREACHED);
      return faults;
    },
  };
}

const COMMON: PasswordFault = {
  code: 'PASSWORD_COMMON',
  message:
    'Many people use this password, so it is tried first; choose another, such as several unrelated words.',
};
const NAME: PasswordFault = {
  code: 'PASSWORD_CONTEXT',
  message: 'This is little more than your name, your address or our name; choose something unrelated.',
};
const BREACHED: PasswordFault = {
  code: 'PASSWORD_BREACHED',
  message: 'This password is known from a data breach elsewhere; choose one that you use nowhere else.',
};

function lookupOf(settings: PasswordSettings, ports: PolicyPorts): (nfc: string) => Promise<boolean> {
  if (settings.breached === undefined) return () => Promise.resolve(false);
  if (ports.fetch === undefined) throw new OptionsError('breached', 'needs a fetch');
  return breachedLookup(settings.breached, { ...ports, fetch: ports.fetch });
}

function unreadable(
  why: 'empty' | 'too-long' | 'invalid',
  rules: ProfileRules,
  secondFactor: boolean,
): PasswordFault {
  if (why === 'empty') return tooShort(rules, secondFactor);
  if (why === 'too-long') {
    return { code: 'PASSWORD_TOO_LONG', message: `Use at most ${MAX_CODE_POINTS} characters.` };
  }
  return {
    code: 'PASSWORD_INVALID',
    message: 'The password holds a character that cannot be used; type it again without it.',
  };
}

function formFaults(rules: ProfileRules, nfc: string, secondFactor: boolean): PasswordFault[] {
  const faults: PasswordFault[] = [];
  if (missingLength(rules, nfc, secondFactor) > 0) faults.push(tooShort(rules, secondFactor));
  const missing = lacking(rules, nfc);
  if (missing.length > 0) {
    faults.push({ code: 'PASSWORD_COMPOSITION', message: `Add ${inWords(missing)}.` });
  }
  return faults;
}

function tooShort(rules: ProfileRules, secondFactor: boolean): PasswordFault {
  const least = secondFactor ? rules.minLengthWithSecondFactor : rules.minLength;
  const message = `Use at least ${least} characters; a few unrelated words are easy to remember.`;
  return { code: 'PASSWORD_TOO_SHORT', message };
}

function inWords(words: readonly string[]): string {
  return words.length === 1 ? (words[0] as string) : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
