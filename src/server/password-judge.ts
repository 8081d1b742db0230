import type { PasswordPolicy } from '../modules/identity/index.ts';
import type { JudgePassword } from '../modules/validate/fields/password.ts';

/** A policy of passwords as the ready field `password` and the rule set `register` ask it: the first fault, or none. */
export function judgeBy(passwords: Pick<PasswordPolicy, 'check'>): JudgePassword {
  return async (password, names = []) => {
    // Nobody who signs up has a second factor yet.
    const [fault] = await passwords.check(password, { names, secondFactor: false });
    return fault;
  };
}
