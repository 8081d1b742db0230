import { RampartClientError } from '@rampart/client';
import type { Speech } from '../words/speech.ts';
import type { WordKey } from '../words/en.ts';
import { EN } from '../words/en.ts';

/** What is wrong with one field. */
export interface FieldProblem {
  /** Name of the input. */
  readonly field: string;
  readonly key: WordKey;
}
/** Why something did not work, ready to be said. */
export interface Problem {
  /** The whole of it; null where the fields say it all. */
  readonly key: WordKey | null;
  readonly fields: readonly FieldProblem[];
  /** Seconds to wait; null where waiting does not help. */
  readonly waitSeconds: number | null;
}

const isKey = (key: string): key is WordKey => Object.hasOwn(EN, key);

/** What an error means to the person. @param fields names of the form's inputs */
export function problemOf(error: unknown, fields: readonly string[] = []): Problem {
  const plain = (key: WordKey): Problem => ({ key, fields: [], waitSeconds: null });
  if (!(error instanceof RampartClientError)) return plain('error.other');
  if (error.status === 429)
    return { key: 'error.wait', fields: [], waitSeconds: error.retryAfterSeconds ?? 30 };
  const found = error.faults.flatMap((fault) => fieldProblem(fault.field, fault.code, fields));
  if (found.length > 0) return { key: null, fields: found, waitSeconds: null };
  const wrong = wrongProof(error.code, fields);
  if (wrong) return { key: null, fields: [wrong], waitSeconds: null };
  const key = `error.${error.code}`;
  if (isKey(key)) return plain(key);
  return plain(
    error.status === 0 ? 'error.offline' : error.status === 401 ? 'error.SESSION_ENDED' : 'error.other',
  );
}

/** Where one proof alone was asked for, the refusal belongs to its field; at sign-in nobody is told which part was wrong. */
function wrongProof(code: string, fields: readonly string[]): FieldProblem | undefined {
  if ((code !== 'INVALID_CODE' && code !== 'INVALID_CREDENTIALS') || fields.includes('email'))
    return undefined;
  const password = fields.find((one) => one === 'password' || one === 'currentPassword');
  if (password !== undefined) return { field: password, key: 'fault.wrongPassword' };
  return fields.includes('code') ? { field: 'code', key: 'error.INVALID_CODE' } : undefined;
}

/** Faults of a password belong to the field that holds a new one, whatever the server calls it. */
function fieldProblem(name: string, code: string, fields: readonly string[]): readonly FieldProblem[] {
  const last = name.split('.').at(-1) ?? name;
  const field = fields.includes(last)
    ? last
    : code.startsWith('PASSWORD_')
      ? fields.find((one) => /password/i.test(one) && one !== 'currentPassword')
      : undefined;
  if (field === undefined) return [];
  const byCode = `fault.${code}`;
  const byField = `fault.${field}`;
  return [{ field, key: isKey(byCode) ? byCode : isKey(byField) ? byField : 'fault.field' }];
}

/** Fields that were left empty, or cannot be what they should be. */
export function missing(
  ...found: readonly (readonly [field: string, key: WordKey, isWrong: boolean])[]
): Problem | null {
  const fields = found.flatMap(([field, key, isWrong]) => (isWrong ? [{ field, key }] : []));
  return fields.length === 0 ? null : { key: null, fields, waitSeconds: null };
}

/** Says a problem in one line, for places without a form. */
export function sayProblem(error: unknown, { t, wait }: Speech): string {
  const { key, waitSeconds } = problemOf(error);
  return t(key ?? 'error.other', waitSeconds === null ? {} : { time: wait(waitSeconds) });
}
