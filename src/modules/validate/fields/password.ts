import { field, type FieldRefusal, NO_TEXT, type ReadyField, misfit } from './field.ts';

/**
 * Says what is wrong with a new password; undefined where nothing is. An application with accounts has one:
 * `guard.accounts.judgePassword`.
 * @param names what the password must not be little more than: its owner's name and address
 */
export type JudgePassword = (
  password: string,
  names?: readonly string[],
) => FieldRefusal | undefined | Promise<FieldRefusal | undefined>;

/** A new password, judged by a policy that is handed in; never trimmed, never normalized. */
export function password(judge: JudgePassword): ReadyField<string> {
  return field({ type: 'string', 'x-rampart-holds': 'secret' }, (given) => {
    if (typeof given !== 'string') return NO_TEXT;
    if (given === '' || given.length > 256 || !given.isWellFormed())
      return misfit('PASSWORD_INVALID', 'Must be 1 to 256 characters long.');
    const fault = judge(given);
    return fault instanceof Promise
      ? fault.then((one) => one ?? { value: given })
      : (fault ?? { value: given });
  });
}
